# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Has the module of the same name look at Tutor and its LMS, and runs the long steps that it names, each with a log."""

from __future__ import annotations

from ansible.module_utils.parsing.convert_bool import boolean
from ansible.plugins.action import ActionBase
from ansible_collections.mitodl.openedx.plugins.plugin_utils._integration.lms_settings import mapped_hosts
from ansible_collections.mitodl.openedx.plugins.plugin_utils._integration.requirements import lacking
from ansible_collections.mitodl.openedx.plugins.plugin_utils._long_step import LongStep, say
from ansible_collections.mitodl.openedx.plugins.plugin_utils._made import truthful
from ansible_collections.mitodl.openedx.plugins.plugin_utils._private import unsaid

# What is between the module and this plugin only.
INTERNAL = ("absent_images", "steps", "image", "down", "configured", "reconfigured", "waits")


class ActionModule(ActionBase):
    def run(self, tmp=None, task_vars=None):
        result = super().run(tmp, task_vars)
        self._vars, self._changed, self._boots = task_vars, False, 0
        self._diffs: list = []
        self._host = self._task.delegate_to or (task_vars or {}).get("inventory_hostname")
        progress: dict = {"done": []}
        found = self._look(progress)
        if boolean(self._task.args.get("preflight", False), strict=False):
            kept = ("failed", "msg", "lms_answers", "warnings", "deprecations", "exception")
            return {**result, "changed": False, **{name: found[name] for name in kept if name in found}}
        for image in found.get("absent_images", []):
            say(self._host, "Image", image, cut=False)
        while not found.get("failed"):
            if "waits" in found:
                progress["waited"] = found["waits"]["waited"]
                say(self._host, "LMS", f"not there yet, {progress['waited']} s ({found['waits']['reason']})")
                found = self._look(progress)
                continue
            build = self._build(found, progress)
            steps = [build] if build else found["steps"]
            if not steps:
                break
            self._changed = True
            if self._task.check_mode:
                for step in steps:
                    self._long(step).foretell()
            else:
                ran = self._long(steps[0]).run()
                if ran.get("failed"):
                    found = ran
                    break
            if self._task.check_mode and not build:
                break
            progress["done"].append(steps[0]["name"])
            found = self._look(progress)
        if self._task.check_mode and not found.get("lms_answers", True):
            found["msg"] = (
                "The LMS does not run. A run would start it; what comes after that can only be checked when it runs."
            )
            say(self._host, "Dry run", found["msg"])
        result.update({name: value for name, value in found.items() if name not in INTERNAL})
        result["changed"] = self._changed or found.get("changed", False)
        result["diff"], result["boots"] = self._diffs, self._boots
        return result

    def _look(self, progress):
        """One look of the module; what later looks have to know of it is kept."""
        args = {**self._task.args, "progress": progress, "mapped_hosts": self._mapped_hosts()}
        # Among the values of Tutor's configuration are passwords.
        with unsaid(self, bool(args.get("config"))):
            found = self._execute_module(module_args=args, task_vars=self._vars)
        if found.get("failed"):
            found["msg"] = truthful(found["msg"], self._vars)
        self._diffs += found.pop("diff", None) or []
        self._changed |= found.get("changed", False)
        self._boots += found.get("boots", 0)
        for name in ("down", "configured", "reconfigured", "image", "root", "plugins_root"):
            if name in found:
                progress.setdefault(name, found[name])
        return found

    def _mapped_hosts(self):
        """The lines for the apps of the run that their names will need in the container of the LMS."""
        args = self._task.args
        by_plugin = boolean(args.get("plugins_root", False), strict=False)
        if not by_plugin or not boolean(args.get("extra_hosts", True), strict=False):
            return {}
        hostvars = (self._vars or {}).get("hostvars", {})
        apps = [hostvars[host]["mit_app_facts"]["app"] for host in args.get("apps") or []]
        return mapped_hosts(apps, args["target"].get("type"))

    def _build(self, found, progress):
        """The build of the image, where packages are to be in it and it is allowed; said where it is not."""
        image = progress.get("image")
        if not image or "build" in progress["done"]:
            return None
        lacks = lacking(image["wanted"], image["packages"])
        found["image_lacks"] = lacks
        if boolean(self._task.args.get("build_images"), strict=False) and (lacks or image["list_changed"]):
            progress["reconfigured"] = True
            return image["build"]
        if lacks and not progress.get("told"):
            progress["told"] = True
            say(
                self._host,
                "Image",
                f"{image['tag']} lacks {', '.join(lacks)}. Build it, which takes long: `{image['by_hand']}`.",
                cut=False,
            )
        return None

    def _long(self, step):
        return LongStep(self, {**step, "period": self._task.args.get("period", 10)}, self._vars)
