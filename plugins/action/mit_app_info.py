# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Looks at the machine of an app before anything is decided: what its .env says, whether it answers,
and what would keep a run from bringing it up."""

from __future__ import annotations

from ansible.plugins.action import ActionBase
from ansible.utils.display import Display
from ansible_collections.mitodl.openedx.plugins.module_utils._compose import profiles_in
from ansible_collections.mitodl.openedx.plugins.plugin_utils._declared import Declarations
from ansible_collections.mitodl.openedx.plugins.plugin_utils._integration import inventory
from ansible_collections.mitodl.openedx.plugins.plugin_utils._integration.app_env import is_outside
from ansible_collections.mitodl.openedx.plugins.plugin_utils._integration.inventory import InventoryError
from ansible_collections.mitodl.openedx.plugins.plugin_utils._long_step import say
from ansible_collections.mitodl.openedx.plugins.plugin_utils._made import UNTOUCHED, truthful
from ansible_collections.mitodl.openedx.plugins.plugin_utils._play import unknown_tags
from ansible_collections.mitodl.openedx.plugins.plugin_utils._private import execute
from ansible_collections.mitodl.openedx.plugins.plugin_utils._session_id import session_id

COMPOSE = "community.docker.docker_compose_v2"
GATEWAY, GATEWAY_INFO = "mitodl.openedx.docker_network_gateway", "mitodl.openedx.docker_network_gateway_info"

display = Display()


class ActionModule(ActionBase):
    def run(self, tmp=None, task_vars=None):
        result = super().run(tmp, task_vars)
        if problem := unknown_tags(self._task, task_vars):
            return {**result, "failed": True, "msg": problem}
        declarations = Declarations(task_vars, self._templar.template)
        host = declarations.host
        try:
            declarations.check_names(host)
            declarations.check_types(host)
            app, lms, given = declarations.app(host)
            declarations.check_names(lms.host)
            declarations.check_places(host, lms.host)
            for line in (*declarations.old_names(host), *declarations.old_names(lms.host)):
                display.deprecated(line, version="2.0.0", collection_name="mitodl.openedx")
        except InventoryError as error:
            return {**result, "failed": True, "msg": truthful(f"{error}\n{UNTOUCHED}", task_vars)}
        # What is in the .env are secrets.
        seen = execute(
            self,
            "mitodl.openedx.mit_app_info",
            {
                "dir": app.dir or None,
                "dotenv": app.dotenv,
                "url": app.base_url,
                "names": [lms.name, app.domain, *app.api_gateway_hosts],
                "hosts_file": app.hosts_file,
                "manage_hosts": app.manage_hosts,
                "starts_by": app.starts_by,
                "restart_argv": app.restart_argv if app.starts_by == "command" else [],
                "port": app.port,
                # The services of a gateway may be in profiles that a run writes into the .env.
                "api_gateway": app.api_gateway,
                "profiles": profiles_in(str(app.env.get("COMPOSE_PROFILES", ""))) if app.api_gateway else [],
                "ca_path": app.ca_path or None,
                "validate_certs": app.validate_certs,
                "target": None
                if is_outside(app.facts())
                else {**app.target, "session": session_id() if given.get("mit_app_session", True) else None},
                # The whole run waits for the start of its Django.
                "lms": {
                    "url": lms.base_url,
                    "target": {**lms.target, "session": session_id()},
                    "ca_path": lms.ca_path or None,
                    "validate_certs": lms.validate_certs,
                }
                if declarations.begins_lms(host, lms.host)
                else None,
            },
            task_vars,
        )
        if seen.get("failed"):
            return {**result, **seen, "msg": truthful(seen["msg"], task_vars)}
        for image in seen.get("absent_images", []) if not seen["obstacle"] else []:
            say(host, "Image", f"not on this machine: {image}.", cut=False)
        if app.starts_by == "compose" and not self._has(COMPOSE):
            seen["obstacle"] = (
                f"Ansible does not find {COMPOSE}, which brings the app up. Run: ansible-galaxy collection install "
                "community.docker"
            )
        if app.network_mode == "gateway":
            network = given.get("mit_app_network") or inventory.default_network(app.dir, seen.get("project") or "")
            engine = {"docker_host": "docker_host", "docker_context": "cli_context"}
            args = {"name": network, **{engine[name]: app.target[name] for name in engine if app.target.get(name)}}
            if app.manage_network:
                args.update(
                    subnet=given.get("mit_app_network_subnets") or [],
                    gateway=given.get("mit_app_network_gateways") or [],
                    labels=app.network_labels,
                )
            gateway = self._look_at_network(args, app.manage_network, task_vars)
            if gateway.get("failed"):
                seen["obstacle"] = seen.get("obstacle") or gateway["msg"]
            elif gateway["address"] is None and gateway.get("operation") != "create":
                seen["obstacle"] = f"{gateway['reason']}. Name another network in mit_app_network."
            seen["gateway"] = gateway.get("address")
        return {**result, **seen}

    def _look_at_network(self, args, is_made, task_vars):
        """What is known of the app's network; where a run makes it, as it will be, or why it cannot be made."""
        if not is_made:
            return self._execute_module(GATEWAY_INFO, args, task_vars=task_vars)
        is_check, self._task.check_mode = self._task.check_mode, True
        try:
            return self._execute_module(GATEWAY, args, task_vars=task_vars)
        finally:
            self._task.check_mode = is_check

    def _has(self, module):
        """Whether this Ansible finds a module of another collection."""
        return self._shared_loader_obj.module_loader.find_plugin_with_context(module).resolved
