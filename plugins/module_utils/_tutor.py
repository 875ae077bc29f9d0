# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to the collection: no stable interface.
"""The Tutor command line. Each start of it takes most of a second, so what its files say is read from them."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
from typing import Any

# A word, or an address, that YAML takes for a text and for nothing else.
_PLAIN = re.compile(
    r"(?!(?:y|n|yes|no|on|off|true|false|null)$)[A-Za-z][\w./:+@=~<>,-]*(?<!:)|\d+(?:\.\d+){3}", re.IGNORECASE
)
_KEY = re.compile(r"([A-Za-z_]\w*):(?:[ ]+(.*))?")


class Tutor:
    """The Tutor that runs a target of type tutor_dev or tutor_local."""

    def __init__(self, module, target, root=None, plugins_root=None):
        self.module, self.target = module, target
        given = target.get("root")
        executable = os.path.expanduser(os.path.expandvars(target["tutor"]))
        self.argv = [executable, *(["--root", given] if given else [])]
        self.mode = target["type"].replace("tutor_", "", 1)
        self._root = os.path.realpath(given) if given else root or None
        self._plugins_root, self._config = plugins_root or None, None

    def command(self, *words):
        return [*self.argv, *words]

    def run(self, *words):
        """Status, output and errors of a command of Tutor; 127 where there is no Tutor."""
        try:
            return self.module.run_command(self.command(*words), handle_exceptions=False)
        except OSError as error:
            return 127, "", f"{self.argv[0]}: {error.strerror}"

    def ask(self, *words):
        """The output of a command of Tutor that has to succeed."""
        code, out, err = self.run(*words)
        if code:
            self.fail(words, code, out, err)
        return out.strip()

    def fail(self, words, code, out, err, more=""):
        said = "\n".join((err.strip() or out.strip()).splitlines()[-6:])
        said = f" It said: {said}" if said else ""
        self.module.fail_json(
            msg=f"`{shlex.join(self.command(*words))}` failed with status {code}.{said}\n"
            f"{more or 'Run it by hand on this machine and mend what it complains of.'}"
        )

    def ask_for_roots(self):
        """Ask for both directories at the same time, which takes half as long."""
        asked = [
            (name, words)
            for name, words in (("_root", ("config", "printroot")), ("_plugins_root", ("plugins", "printroot")))
            if getattr(self, name) is None
        ]
        pipe: dict[str, Any] = {
            "stdin": subprocess.DEVNULL,
            "stdout": subprocess.PIPE,
            "stderr": subprocess.PIPE,
            "text": True,
        }
        try:
            started = [subprocess.Popen(self.command(*words), **pipe) for _name, words in asked]
        except OSError as error:
            self.fail(asked[0][1], 127, "", f"{self.argv[0]}: {error.strerror}")
        # Both end before one of them fails the module.
        said = [process.communicate() for process in started]
        for (name, words), process, (out, err) in zip(asked, started, said):
            if process.returncode:
                self.fail(words, process.returncode, out, err)
            setattr(self, name, out.strip())

    @property
    def root(self):
        if self._root is None:
            self._root = self.ask("config", "printroot")
        return self._root

    @property
    def plugins_root(self):
        """The directory of the plugins that are single files."""
        if self._plugins_root is None:
            self._plugins_root = self.ask("plugins", "printroot")
        return self._plugins_root

    @property
    def env(self):
        """The directory of what Tutor renders."""
        return os.path.join(self.root, "env")

    @property
    def config(self):
        """What config.yml says plainly; see plain_values."""
        if self._config is None:
            try:
                with open(os.path.join(self.root, "config.yml"), encoding="utf-8", errors="replace") as file:
                    self._config = plain_values(file.read())
            except OSError:
                self._config = {}
        return self._config

    def forget(self):
        """Read config.yml again, which a command changed."""
        self._config = None

    def value(self, key):
        """The text of a value as Tutor prints it, None where it has none."""
        # Then Tutor knows no value, and says so only after its start.
        if not os.path.exists(os.path.join(self.root, "config.yml")):
            return None
        if key in self.config and f"TUTOR_{key}" not in os.environ:
            return printed(self.config[key])
        code, out, _err = self.run("config", "printvalue", key)
        return None if code else out.strip()

    def is_enabled(self, plugin):
        if "PLUGINS" in self.config and "TUTOR_PLUGINS" not in os.environ:
            return plugin in self.config["PLUGINS"]
        return bool(re.search(rf"^{plugin}\s", self.ask("plugins", "list", "--enabled"), re.MULTILINE))


def printed(value):
    """A value as `tutor config printvalue` prints it."""
    return str(value).lower() if isinstance(value, bool) else "null" if value is None else str(value)


def plain_values(text):
    """The values of a config.yml that need neither a YAML parser nor Tutor: words, numbers, booleans, lists of them.

    Everything else is left out, such as what Tutor has to render: it is asked for that.
    """
    found: dict[str, Any] = {}
    key = ""
    for line in text.splitlines():
        named = _KEY.fullmatch(line)
        entry = re.fullmatch(r"(?:  )?- (.*)", line)
        if named:
            key = named[1]
            found[key] = () if named[2] == "[]" else _scalar(named[2]) if named[2] else []
        elif entry and isinstance(found.get(key), list):
            found[key].append(_scalar(entry[1]))
        elif line.strip() and not line.startswith("#"):
            # The value goes on in a way that is not plain.
            found[key] = None
    return {
        name: list(value) if isinstance(value, tuple) else value
        for name, value in found.items()
        # A key with nothing behind it is null, and not an empty list.
        if value is not None and value != [] and not (isinstance(value, list) and None in value)
    }


def _scalar(text):
    """A plain or quoted value on one line, None where it is anything else."""
    text = text.strip()
    quoted = re.fullmatch(r"'((?:[^']|'')*)'|\"([^\"\\\\]*)\"", text)
    if quoted:
        value = quoted[2] if quoted[1] is None else quoted[1].replace("''", "'")
        return None if re.search(r"\{[{%#]", value) else value
    if text in ("true", "false"):
        return text == "true"
    if re.fullmatch(r"0|[1-9][0-9]*", text):
        return int(text)
    return text if _PLAIN.fullmatch(text) else None
