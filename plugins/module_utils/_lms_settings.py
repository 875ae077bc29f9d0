# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection. It can have breaking changes at any time.

"""The settings of the LMS for the MIT applications: where the files belong, what differs, who has to read them."""

from __future__ import annotations

import contextlib
import glob
import json
import os
import shlex
from typing import Any

from ansible_collections.mitodl.openedx.plugins.module_utils import _http
from ansible_collections.mitodl.openedx.plugins.module_utils._engine.command import TARGET_SPEC
from ansible_collections.mitodl.openedx.plugins.module_utils._engine.session import drop
from ansible_collections.mitodl.openedx.plugins.module_utils._files import Files, block_of, read, with_block
from ansible_collections.mitodl.openedx.plugins.module_utils._printable import printable
from ansible_collections.mitodl.openedx.plugins.module_utils._rollout import Rollout, RolloutError
from ansible_collections.mitodl.openedx.plugins.module_utils._sentences import ended
from ansible_collections.mitodl.openedx.plugins.module_utils._tutor import Tutor

PLUGIN, PACKAGE = "mitodl_openedx", "mit_apps"
SUITE = "test_sso.py"
APPS, COMPANION = f"{PACKAGE}/apps.d", f"{PACKAGE}/companion_auth.json"
APP_KEYS = ("backend_name", "host", "hostname", "logout_uri")
BEGIN, END = "# BEGIN mitodl.openedx", "# END mitodl.openedx"
BLOCK = "from lms.envs import mit_apps as _mit_apps\n\n_mit_apps.configure_private(globals())\n"
# The files that Tutor hands to docker compose last, for users to write. Compose merges them, so the first that nobody
# else has is ours. On Kubernetes there is no compose.
OVERRIDES: dict[str, list[str]] = {
    "dev": ["dev/docker-compose.override.yml", "local/docker-compose.override.yml"],
    "local": ["local/docker-compose.override.yml", "local/docker-compose.prod.override.yml"],
    "k8s": [],
}
OURS = "Managed by mitodl.openedx"
# What the files of the package have in their first lines.
OWNER = "mitodl.openedx"


ARGUMENT_SPEC: dict[str, Any] = {
    "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
    "strategy": {"type": "str", "choices": ["tutor_plugin", "private_py"], "default": "tutor_plugin"},
    "target": TARGET_SPEC,
    "lms_base_url": {"type": "str", "required": True},
    "expected_names": {"type": "list", "elements": "str", "default": []},
    "apps": {"type": "list", "elements": "dict", "required": True},
    "envs_dir": {"type": "path"},
    "tutor_root": {"type": "path"},
    "plugins_root": {"type": "path"},
    "restart_argv": {"type": "list", "elements": "str", "default": []},
    "extra_hosts": {"type": "bool", "default": True},
    "settings": {"type": "dict", "default": {}},
    "companion_auth": {"type": "str"},
    "wait": {"type": "int", "default": 600},
    "period": {"type": "int", "default": 15},
    "progress": {"type": "dict", "default": {}},
    "mapped_hosts": {"type": "dict", "default": {}},
    "files": {"type": "dict", "default": {}},
    **_http.TLS_SPEC,
}


class PrivatePy:
    """The package beside lms/envs/private.py of a mounted edx-platform, and a block in that file."""

    switch = logs = rollout = None
    plugin = ""

    def __init__(self, module, target, files):
        self.module, self.files = module, files
        self.tutor: Any = None
        if target["type"] in ("tutor_dev", "tutor_local"):
            self.tutor = Tutor(module, target, module.params["tutor_root"], module.params["plugins_root"])
            self.logs = self.tutor.command(self.tutor.mode, "logs", "--tail=50", "lms")
        self.home = module.params["envs_dir"] or ""
        if not os.path.isdir(self.home):
            module.fail_json(msg=f"{no_envs_dir(self.home)} No setting of the LMS was changed.")
        self.private = os.path.join(self.home, "private.py")

    @property
    def restart_due(self):
        """The note that a restart is due, beside all that may be removed."""
        return os.path.join(self.home, f"{PACKAGE}.restart~")

    def present(self, texts, mapped):
        """Plan what there is besides the package; the apps that it concerns, None for all, and those to be rendered."""
        # At the end: what the user sets above it is the start for what the package adds.
        text = with_block(self.files.read(self.private), BEGIN, END, texts["private.py"])
        return None if self.files.write(self.private, text, show=shown_of_private) else ()

    def remove(self, name):
        """Plan to remove a file of the package."""
        self.files.remove(os.path.join(self.home, name))

    def shrink(self):
        """Plan what goes besides the files of the apps while other apps stay: nothing."""

    def clear(self):
        """Plan that nothing stays."""
        text = with_block(self.files.read(self.private), BEGIN, END, None)
        if text is None:
            self.files.remove(self.private, show=shown_of_private)
        else:
            self.files.write(self.private, text, show=shown_of_private)
        self.files.remove(os.path.join(self.home, PACKAGE))

    def apply(self, is_stale):
        if is_stale and not (self.module.params["restart_argv"] or self.tutor):
            self.module.fail_json(
                msg="edx_restart_argv is empty, and no Tutor runs the LMS: give the command that restarts it. "
                "No setting of the LMS was changed."
            )
        self.files.apply()

    def restart(self, run):
        """Make the LMS read it."""
        given = self.module.params["restart_argv"]
        if given:
            run(given)
        elif not self.tutor.has_reread([self.home]):
            run(self.tutor.command(self.tutor.mode, "restart", "lms"))


class TutorPlugin:
    """A Tutor plugin, which renders the package beside Tutor's own settings."""

    def __init__(self, module, target, files):
        self.module, self.files = module, files
        self.tutor = Tutor(module, target, module.params["tutor_root"], module.params["plugins_root"])
        self.tutor.ask_for_roots()
        self.home = os.path.join(self.tutor.plugins_root, PLUGIN)
        self.plugin = f"{self.home}.py"
        self.rendered = os.path.join(self.tutor.env, "apps/openedx/settings/lms")
        self.logs = self.tutor.command(self.tutor.mode, "logs", "--tail=50", "lms")
        self.switch = None
        self.rollout = Rollout(module, target) if self.tutor.mode == "k8s" else None
        if problem := self.rollout.context_problem() if self.rollout else "":
            module.fail_json(msg=f"{problem} No setting of the LMS was changed.")
        self.overrides = {path: files.read(os.path.join(self.tutor.env, path)) for path in OVERRIDES[self.tutor.mode]}
        self.free = free_of(self.overrides)

    @property
    def restart_due(self):
        return f"{self.home}.restart~"

    def present(self, texts, mapped):
        concerned: set[str] = set()
        if mapped:
            if problem := no_override(self.tutor.env, self.tutor.mode, mapped.values()):
                self.module.fail_json(msg=f"{problem} No setting of the LMS was changed.")
            if self.files.write(os.path.join(self.home, self.free), texts["docker-compose.override.yml"]):
                concerned |= set(mapped)
        count = len(self.files.steps)
        self.files.write(self.plugin, texts[f"{PLUGIN}.py"])
        self.shrink()
        if self.switch or len(self.files.steps) > count:
            return None
        # Written by an earlier run that ended before Tutor rendered it, or lost since.
        there = self.overrides.get(self.free) or ""
        concerned |= {host for host, line in mapped.items() if line not in there}
        for name, text in self._package(texts).items():
            if self.files.read(os.path.join(self.rendered, name)) != text:
                concerned.add(owner(name))
        return None if "" in concerned else concerned

    def remove(self, name):
        self.files.remove(os.path.join(self.home, name))
        self.files.remove(os.path.join(self.rendered, name), show=False)

    def shrink(self):
        """Take an override away that is no longer used, and see that the plugin is enabled."""
        for path, text in self.overrides.items():
            if path != self.free:
                self.files.remove(os.path.join(self.home, path))
                self._remove_override(path, text)
        if not self.tutor.is_enabled(PLUGIN):
            self._switch("enable")

    def clear(self):
        if self.tutor.is_enabled(PLUGIN):
            self._switch("disable")
        if self.files.remove(self.plugin):
            # What Python has made of it when Tutor loaded it.
            for path in glob.glob(os.path.join(glob.escape(self.tutor.plugins_root), "__pycache__", f"{PLUGIN}.*.pyc")):
                self.files.remove(path, show=False)
        self.files.remove(self.home)
        self.files.remove(os.path.join(self.rendered, PACKAGE), show=False)
        for path, text in self.overrides.items():
            self._remove_override(path, text)

    def apply(self, is_stale):
        if self.switch == "disable":
            self._tutor("plugins", "disable", PLUGIN)
        self.files.apply()
        # Each of the two renders everything, so that both would render every patch twice.
        if self.switch == "enable":
            self._render("plugins", "enable", PLUGIN)
        elif is_stale and os.path.exists(self.plugin):
            self._render("config", "save")

    def restart(self, run):
        given, mode = self.module.params["restart_argv"], self.tutor.mode
        if given:
            run(given)
            return
        if self.rollout:
            # The ConfigMaps of its settings have the name openedx. Nothing else is applied along with it.
            self.rollout.renew(run, self.tutor.command(mode, "start", "openedx", self.rollout.service))
            return
        # Compose makes the container of the LMS anew where the names of the apps changed, and only a restart makes it
        # read its settings where they did not; in development Django has often seen to that.
        run(self.tutor.command(mode, "start", "--detach", "lms"))
        if not self.tutor.has_reread(self.tutor.rendered):
            run(self.tutor.command(mode, "restart", "lms"))

    def _package(self, texts):
        """The package as Tutor has to render it: what this run wants, and the files of other apps as they are."""
        wanted = {name: text for name, text in texts.items() if name.startswith(f"{PACKAGE}/")}
        for folder in (PACKAGE, APPS):
            for name in json_files(os.path.join(self.home, folder)):
                wanted.setdefault(f"{folder}/{name}", self.files.read(os.path.join(self.home, folder, name)))
        return wanted

    def _switch(self, verb):
        self.switch = verb
        states = ("disabled", "enabled") if verb == "enable" else ("enabled", "disabled")
        self.files.diff.append(
            {
                "before_header": "tutor plugins",
                "after_header": "tutor plugins",
                "before": f"{PLUGIN}: {states[0]}\n",
                "after": f"{PLUGIN}: {states[1]}\n",
            }
        )

    def _tutor(self, *words):
        code, out, err = self.tutor.run(*words)
        self.tutor.give_back()
        if code:
            self.tutor.fail(words, code, out, err)
        return err.strip()

    def _render(self, *words):
        said = self._tutor(*words)
        # Tutor only warns of a plugin that it could not load.
        package = os.path.join(self.rendered, PACKAGE)
        if f"'{PLUGIN}'" in said or not os.path.exists(os.path.join(package, "__init__.py")):
            self.module.fail_json(
                msg=f"Tutor did not render the plugin {self.plugin} to {package}. It said: "
                f"{ended(said or 'nothing about it')}\nMend what it complains of and run this again."
            )

    def _remove_override(self, path, text):
        """Plan to remove what Tutor rendered of an override of ours, which it never does itself."""
        if OURS in (text or ""):
            self.files.remove(os.path.join(self.tutor.env, path), show=False)


STRATEGIES: dict[str, Any] = {"private_py": PrivatePy, "tutor_plugin": TutorPlugin}


def shown_of_private(text):
    """What is shown of private.py: the lines around the block are the user's, and the guide has a secret there."""
    return block_of(text, BEGIN, END, BLOCK.splitlines())


def no_envs_dir(path):
    """Why a directory will not do for the strategy private_py."""
    return (
        f"edx_envs_dir is {path or 'empty'}, which is no directory. Give the directory lms/envs of the edx-platform "
        "that the LMS runs: where it runs in a container, of the one that is mounted there."
    )


def free_of(overrides):
    """The first of Tutor's files for users that nobody else has, by their texts; nothing where all are somebody's."""
    return next((path for path, text in overrides.items() if text is None or OURS in text), "")


def no_override(env, mode, lines):
    """Why lines for extra_hosts have no place in the directory of what Tutor renders; nothing where they have one."""
    if not lines:
        return ""
    texts = {os.path.join(env, path): read(os.path.join(env, path)) for path in OVERRIDES[mode]}
    if free_of(texts):
        return ""
    return (
        f"{' and '.join(texts)} are there and not ours, and Tutor hands no other file to docker compose. Either move "
        f"what is in one of them to the other; or add {', '.join(lines)} to extra_hosts of the service lms yourself "
        "and set edx_private_settings_extra_hosts to false."
    )


def not_usable(home, plugin, hosts):
    """Why the package cannot be used as it will be in a directory: what is there is not ours, or broken; or nothing.

    :param plugin: the file of Tutor's plugin; nothing where there is none.
    :param hosts: the apps whose files are written.
    """
    for path in filter(None, (plugin, os.path.join(home, PACKAGE, "__init__.py"))):
        if OWNER not in ((read(path) or "").strip() or OWNER):
            return f"{path} is not of this collection, which would replace it. Move it away, or call it otherwise."
    for name in json_files(os.path.join(home, APPS)):
        path, app = os.path.join(home, APPS, name), os.path.splitext(name)[0]
        try:
            data = {} if app in hosts else json.loads(read(path) or "")
            problem = "" if app in hosts else ", ".join(f"no {key}" for key in APP_KEYS if key not in data)
        except (ValueError, TypeError) as error:
            problem = f"{type(error).__name__}: {error}"
        if problem:
            whom = "Tutor cannot load the plugin" if plugin else "The LMS cannot start"
            return (
                f"{path}: {problem}. {whom} with it. Run the playbook of that app; or delete the file, where there is "
                "no such app."
            )
    return ""


def json_files(folder):
    """The names of the JSON files of a directory, none where there is no directory."""
    try:
        return sorted(name for name in os.listdir(folder) if name.endswith(".json"))
    except OSError:
        return []


def owner(name):
    """The app that a file of the package belongs to, by its inventory host; nothing where all of them need it."""
    folder, file = os.path.split(name)
    return file[: -len(".json")] if folder == APPS else ""


class Settings:
    """All of it, for the apps that were named."""

    def __init__(self, module):
        self.module, self.params = module, module.params
        self.target = self.params["target"]
        self.base_url, self.trust = self.params["lms_base_url"], _http.trust_of(self.params)
        self.is_present = self.params["state"] == "present"
        self.texts = self.params["files"]
        self.apps = {app["host"]: app["backend_name"] for app in self.params["apps"]}
        self.boots = 0
        self.files = Files(module)
        self.strategy = STRATEGIES[self.params["strategy"]](module, self.target, self.files)

    def converge(self):
        """Do it, and return what the module returns."""
        if self.params["progress"]:
            return {"changed": True, **self._answering(self.params["progress"]["companion"])}
        before = self._ask_backends() if self.is_present else {}
        concerned = self._plan_present() if self.is_present else self._plan_absent()
        companion = self._plan_companion()
        unknown = [name for name, status in before.items() if status == 404]
        # Nobody but Tutor's test runner reads that one.
        changes = [path for path in self.files.written + self.files.removed if os.path.basename(path) != SUITE]
        is_due = os.path.exists(self.strategy.restart_due)
        is_stale = bool(changes or concerned or unknown or self.strategy.switch or is_due)
        result = {
            "changed": bool(self.files or is_stale),
            "restarted": is_stale,
            "written": self.files.written,
            "removed": self.files.removed,
            "diff": self.files.diff,
            "backends": before,
            "companion_auth": companion,
            "apps": {
                host: {"changed": host in concerned, "backend_status": before.get(name, 0)}
                for host, name in self.apps.items()
            },
        }
        if is_stale:
            result["msg"] = self._reason(changes or self.strategy.switch, unknown, is_due)
        if self.module.check_mode:
            return result
        if changes or concerned or self.strategy.switch:
            self.files.write_first(self.strategy.restart_due, "The LMS has not read the settings of mitodl.openedx.\n")
        self.strategy.apply(is_stale)
        if is_stale:
            self._restart()
            return {**result, **self._answering(companion), "boots": self.boots}
        if companion:
            self._check_admin()
        return {**result, "boots": self.boots}

    def _answering(self, companion):
        """Whether the LMS answers after its restart. One look waits for a period; the action plugin asks for more."""
        waited = self.params["progress"].get("waited", 0)
        if waits := self._rolling(waited):
            return {"waits": {**waits, "companion": companion}}
        # Any answer will do: with openedx-companion-auth on, it is a redirect.
        answer, waits = _http.look(self.base_url, waited, self.params, self.trust)
        if waits:
            return {"waits": {**waits, "companion": companion}}
        if answer.is_silent:
            self.module.fail_json(
                msg=f"The LMS was restarted and does not answer at {self.base_url} within "
                f"{self.params['wait']} seconds ({answer.reason}). {self._look()}"
            )
        found = {"backends": self._check_backends()} if self.is_present else {}
        if companion:
            self._check_admin()
        return found

    def _rolling(self, waited):
        """What the next look goes on from while pods of before can still answer; None where there are none."""
        rollout = self.strategy.rollout
        if not rollout:
            return None
        old = self.params["progress"].get("old", rollout.old)
        try:
            waits = rollout.look(old, waited, self.params)
        except RolloutError as error:
            self.module.fail_json(
                msg=f"The settings of the LMS are applied, and its new pods have not replaced the old ones: {error}. "
                f"What keeps a pod from starting: `{shlex.join(rollout.description)}`. {self._look()}"
            )
        return {**waits, "old": old} if waits else None

    # -- what is to be -------------------------------------------------------------------------------------------------

    def _path(self, name):
        return os.path.join(self.strategy.home, name)

    def _plan_present(self):
        """Plan all files; the hosts whose settings are not what they should be."""
        if problem := not_usable(self.strategy.home, self.strategy.plugin, self.apps):
            self.module.fail_json(msg=f"{problem} No setting of the LMS was changed.")
        concerned: set[str] = set()
        for name, text in self.texts.items():
            if name.startswith(f"{PACKAGE}/") and name != COMPANION and self.files.write(self._path(name), text):
                concerned.add(owner(name))
        if SUITE in self.texts:
            self.files.write(self._path(SUITE), self.texts[SUITE])
        found = self.strategy.present(self.texts, self.params["mapped_hosts"])
        if found is None or "" in concerned:
            return set(self.apps)
        return concerned | set(found)

    def _plan_absent(self):
        """Plan to remove the files of the apps, and everything with the last of them; the hosts that it concerns."""
        ours = sorted(f"{host}.json" for host in self.apps)
        if set(ours).issuperset(json_files(self._path(APPS))):
            self.strategy.clear()
        else:
            for name in ours:
                self.strategy.remove(f"{APPS}/{name}")
            # With it, every anonymous page of the LMS would go to an app that is taken away.
            companion = self.files.read(self._path(COMPANION)) or ""
            if any(f"/auth/login/{name}/" in companion for name in self.apps.values()):
                self.strategy.remove(COMPANION)
            self.strategy.shrink()
        return set(self.apps) if self.files or self.strategy.switch else set()

    def _plan_companion(self):
        """Plan openedx-companion-auth where that is asked for; whether it will be on."""
        if COMPANION in self.texts:
            self.files.write(self._path(COMPANION), self.texts[COMPANION])
            return True
        if self.params["companion_auth"] == "":
            self.strategy.remove(COMPANION)
        return self.files.read(self._path(COMPANION)) is not None and not self.files.will_remove(self._path(COMPANION))

    # -- the running LMS -----------------------------------------------------------------------------------------------

    def _ask_backends(self):
        """The status that the login of each app has."""
        return {
            name: _http.ask(f"{self.base_url}/auth/login/{name}/?auth_entry=login", **self.trust).status
            for name in self.apps.values()
        }

    def _reason(self, changed, unknown, is_due):
        whom = "The LMS would be restarted" if self.module.check_mode else "The LMS was restarted"
        if changed:
            return f"{whom}: its settings changed."
        if unknown:
            return f"{whom}: it did not know {', '.join(unknown)}."
        if is_due:
            return f"{whom}: a run that changed its settings had ended before it did so."
        return f"{whom}: Tutor had not rendered its settings."

    def _run(self, argv):
        try:
            code, out, err = self.module.run_command(argv, handle_exceptions=False, expand_user_and_vars=False)
        except OSError as error:
            code, out, err = 127, "", f"{argv[0]}: {error.strerror}"
        if code:
            said = "\n".join((err.strip() or out.strip()).splitlines()[-6:])
            said = self.strategy.tutor.hidden(said) if self.strategy.tutor else said
            self.module.fail_json(
                msg=f"The settings of the LMS are written, but `{shlex.join(argv)}` failed with status {code}: "
                f"{ended(printable(said))}\nRestart the LMS by hand, or correct edx_restart_argv and run this again."
            )
        return out

    def _restart(self):
        self.strategy.restart(self._run)
        with contextlib.suppress(FileNotFoundError):
            os.unlink(self.strategy.restart_due)
        # What it has started has the settings of before.
        self.boots += drop(self.target)

    def _check_backends(self):
        known = self._ask_backends()
        lacking = [name for name, status in known.items() if status == 404]
        if lacking and _http.ask(f"{self.base_url}/auth/inactive", **self.trust).status == 404:
            self.module.fail_json(
                msg=f"The LMS at {self.base_url} was restarted and has no address below /auth/: "
                f"ENABLE_THIRD_PARTY_AUTH is off, though {self._path(PACKAGE)} switches it on. Take it out of what is "
                f"read later: lines below the block in private.py, or another Tutor plugin. {self._look()}"
            )
        if lacking:
            self.module.fail_json(
                msg=f"The LMS at {self.base_url} was restarted and still does not know {', '.join(lacking)}: it did "
                f"not read {self._path(PACKAGE)}. {self._look()}"
            )
        return known

    def _check_admin(self):
        # The admin has a form of its own, or leads to the LMS's own login, depending on the release.
        answer = _http.ask(f"{self.base_url}/admin/login/", **self.trust)
        if "/auth/login/" in answer.location or answer.status not in (200, 301, 302):
            told = f"leads to {answer.location}" if answer.location else f"answers {answer.status}"
            self.module.fail_json(
                msg=f"{self.base_url}/admin/login/ {told}: no local superuser can log in any more. Switch "
                "openedx-companion-auth off: edx_companion_auth: ''."
            )

    def _look(self):
        if self.strategy.logs:
            return f"See its log: {shlex.join(self.strategy.logs)}"
        return f"See its log, and whether it runs from the edx-platform with {self.strategy.home}."
