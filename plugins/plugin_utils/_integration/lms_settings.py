# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection. It can have breaking changes at any time.

"""The settings of an LMS for its apps: what they need, and the texts of the files that hold them.

The files themselves are those of the role edx_private_settings; what is computed here is the data beside them.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ansible_collections.mitodl.openedx.plugins.module_utils._addresses import host_of
from ansible_collections.mitodl.openedx.plugins.module_utils._lms_settings import BLOCK

PACKAGE = ("mit_apps/__init__.py", "mit_apps/backends.py")
PRIVATE = ("mit_apps/late.py",)
PLUGIN = ("mitodl_openedx.py", "test_sso.py", "docker-compose.override.yml.j2")
COMPANION = "mit_apps/companion_auth.json"

# The variables of the role that are no settings of the LMS.
NO_SETTINGS = ("state", "lms", "apps", "project", "extra_hosts")
PREFIX = "edx_private_settings_"


def setting_specs(options: Mapping[str, Mapping[str, Any]]) -> dict[str, dict[str, Any]]:
    """What the settings of the whole LMS may be, by their names: the role's argument_specs declare them."""
    names = {option.removeprefix(PREFIX): option for option in options}
    return {
        name: {key: value for key, value in options[option].items() if key != "description"}
        for name, option in names.items()
        if name not in NO_SETTINGS
    }


def problem(lms: Mapping[str, Any]) -> str:
    """What the strategy of an LMS lacks, with the fix; empty where it has all that it needs."""
    strategy, kind = lms.get("settings_strategy") or "tutor_plugin", lms["target"].get("type") or "command"
    if strategy == "private_py" and not lms.get("envs_dir"):
        return "edx_envs_dir is empty. The strategy private_py needs the directory lms/envs of a mounted edx-platform."
    if strategy == "private_py" and kind in ("tutor_local", "tutor_k8s"):
        return (
            f"edx_settings_strategy is private_py, but `tutor {kind.replace('tutor_', '')}` does not read private.py. "
            "Use the strategy tutor_plugin."
        )
    if strategy == "tutor_plugin" and not is_run_by_tutor(kind):
        return (
            f"edx_settings_strategy is tutor_plugin, but no Tutor runs a target of type {kind}. Use the strategy "
            "private_py."
        )
    if not is_run_by_tutor(kind) and not lms.get("restart_argv"):
        return (
            f"edx_restart_argv is empty. Give the command that restarts the LMS: a target of type {kind} has none of "
            "its own."
        )
    return ""


def is_run_by_tutor(kind: str) -> bool:
    """Whether the command line of Tutor starts, restarts and configures a target of this type."""
    return kind.startswith("tutor_")


def mapped_hosts(apps: Sequence[Mapping[str, Any]], kind: str = "") -> dict[str, str]:
    """The lines of extra_hosts for the apps whose name has to mean the host inside the LMS container.

    In the network mode ``gateway`` the LMS uses an address, and addresses need no name. The pods of a cluster have no
    host to lead to.
    """
    if kind == "tutor_k8s":
        return {}
    return {
        app["host"]: f"{app['domain']}:host-gateway"
        for app in apps
        if app["server_base_url"] == app["base_url"]
        and app.get("network_mode") != "gateway"
        and not re.match(r"[0-9.]+$|localhost$", app["domain"])
    }


def files(
    strategy: str,
    apps: Sequence[Mapping[str, Any]],
    shared: Mapping[str, Any],
    mapped: Mapping[str, str],
    companion: Mapping[str, Any] | None,
    read: Callable[[str], str],
) -> dict[str, str]:
    """The texts of all files, by their path in the directory of the plugin or in lms/envs.

    ``read`` gives the text of a file of the role, ``companion`` is the app that anonymous pages are sent to.
    """
    texts = {name: read(name) for name in PACKAGE}
    texts["mit_apps/shared.json"] = as_json(shared)
    for app in apps:
        texts[f"mit_apps/apps.d/{app['host']}.json"] = as_json(data_of(app, app["host"] in mapped))
    if companion:
        texts[COMPANION] = as_json(companion_settings(companion))
    if strategy == "tutor_plugin":
        texts.update({name.removesuffix(".j2"): read(name) for name in PLUGIN})
    else:
        texts.update({name: read(name) for name in PRIVATE})
        texts["private.py"] = BLOCK
    return texts


def data_of(app: Mapping[str, Any], is_mapped: bool) -> dict[str, Any]:
    """What the package has to know of an app."""
    return {
        "name": app["name"],
        "backend_name": app["backend_name"],
        "host": host_of(app["base_url"]),
        "hostname": app["domain"] if is_mapped else "",
        "logout_uri": app["logout_uri"],
        # Only where it is so: what is not said changes no file of an LMS that has it already.
        **({"own_backend": True} if app.get("own_backend") else {}),
    }


def companion_settings(app: Mapping[str, Any]) -> dict[str, Any]:
    """The settings of openedx-companion-auth that send anonymous pages to an app."""
    return {
        "MITX_REDIRECT_ENABLED": True,
        # What the package allows, and what the LMS's own login needs: without it a local superuser could not log in.
        "MITX_REDIRECT_ALLOW_RE_LIST": [
            "^/(admin|auth|login|logout|register|api|oauth2|user_api)",
            "^/(csrf|heartbeat|media|robots.txt|static|theming|user_authn)",
        ],
        "MITX_REDIRECT_LOGIN_URL": f"/auth/login/{app['backend_name']}/?auth_entry=login",
    }


def as_json(data: Mapping[str, Any]) -> str:
    return json.dumps(data, indent=4, sort_keys=True) + "\n"
