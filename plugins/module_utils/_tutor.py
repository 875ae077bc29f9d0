# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection. It can have breaking changes at any time.

"""The Tutor command line. Each start of it takes most of a second, so what its files say is read from them."""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import time
from typing import Any

from ansible_collections.mitodl.openedx.plugins.module_utils import _files
from ansible_collections.mitodl.openedx.plugins.module_utils._compose import project_of
from ansible_collections.mitodl.openedx.plugins.module_utils._docker_engine import at_engine
from ansible_collections.mitodl.openedx.plugins.module_utils._long_command import secrets_of
from ansible_collections.mitodl.openedx.plugins.module_utils._printable import printable
from ansible_collections.mitodl.openedx.plugins.module_utils._secrets import masked
from ansible_collections.mitodl.openedx.plugins.module_utils._sentences import ended

# A word, or an address, that YAML takes for a text and for nothing else.
_PLAIN = re.compile(
    r"(?!(?:y|n|yes|no|on|off|true|false|null)$)[A-Za-z][\w./:+@=~<>,-]*(?<!:)|\d+(?:\.\d+){3}", re.IGNORECASE
)
_KEY = re.compile(r"([A-Za-z_]\w*):(?:[ ]+(.*))?")
# What LMS_HOST is by itself: in a new configuration, and when Tutor's questions are answered for a laptop; today and in
# releases whose configuration is still about.
NOT_ASKED = "www.myopenedx.com"
DEFAULT_HOSTS = ("local.openedx.io", "local.edly.io", "local.overhang.io", NOT_ASKED)

# What a terminal takes for colours and the like.
_ESCAPE = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07]*\x07|.)")
# Runs in the container of the LMS: for how many seconds its server runs, which Django's reloader starts anew within the
# container, and for how many the container.
_AGES = """
import os
def age(pid):
    with open("/proc/%s/stat" % pid) as stat:
        ticks = int(stat.read().rpartition(")")[2].split()[19])
    return float(open("/proc/uptime").read().split()[0]) - ticks / os.sysconf("SC_CLK_TCK")
ages = {"container": age("1")}
for pid in filter(str.isdigit, os.listdir("/proc")):
    try:
        with open("/proc/%s/cmdline" % pid, "rb") as words:
            # A word of its own: this text is on a command line, too.
            if b"runserver" in words.read().split(b"\\0"):
                ages["server"] = min(age(pid), ages.get("server", age(pid)))
    except OSError:
        pass
for name in ages:
    print("%s-age=%.2f" % (name, ages[name]))
"""


def cleaned(text):
    """What a command printed, without what is for terminals."""
    return _ESCAPE.sub("", text).replace("\r\n", "\n")


def path_in(text):
    """The directory that a command printed, whatever plugins printed around it, and how many lines are before it.

    It may be one that Tutor has still to make. None where there is no path.
    """
    lines = [line.strip() for line in cleaned(text).strip().splitlines()]
    paths = [number for number, line in enumerate(lines) if os.path.isabs(line)]
    if not paths:
        return None, 0
    there = [number for number in paths if os.path.isdir(lines[number])]
    found = paths[-1] if paths[-1] == len(lines) - 1 else (there or paths)[-1]
    return lines[found], found


class Tutor:
    """The Tutor that runs a target of type tutor_dev, tutor_local or tutor_k8s."""

    def __init__(self, module, target, root=None, plugins_root=None):
        self.module, self.target = module, target
        given = target.get("root")
        self.executable = os.path.expanduser(os.path.expandvars(target["tutor"]))
        self.argv = at_engine(target, [self.executable, *(["--root", given] if given else [])])
        self.mode = target["type"].replace("tutor_", "", 1)
        self._root = os.path.realpath(given) if given else root or None
        self._plugins_root, self._config = plugins_root or None, None
        self.secrets: list[str] = []  # what was to be set
        # What plugins print at each start of Tutor, before its answer.
        self._noise: list[str] | None = None

    def command(self, *words):
        return [*self.argv, *words]

    def run(self, *words):
        """Status, output and errors of a command of Tutor; 127 where there is no Tutor."""
        try:
            return self.module.run_command(self.command(*words), handle_exceptions=False, expand_user_and_vars=False)
        except OSError as error:
            return 127, "", f"{self.executable}: {error.strerror}"

    def ask(self, *words):
        """The output of a command of Tutor that has to succeed."""
        code, out, err = self.run(*words)
        if code:
            self.fail(words, code, out, err)
        return cleaned(out).strip()

    def hidden(self, text):
        """A text without the secrets of Tutor's configuration."""
        return masked(text, {*self.secrets, *secrets_of(self.text)})

    def fail(self, words, code, out, err, more=""):
        said = "\n".join((cleaned(err).strip() or cleaned(out).strip()).splitlines()[-6:])
        said = f" It said: {ended(printable(self.hidden(said)))}" if said else ""
        how = f"failed with status {code}" if code else "did not say it"
        self.module.fail_json(
            msg=f"`{shlex.join(self.command(*words))}` {how}.{said}\n"
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
            self.fail(asked[0][1], 127, "", f"{self.executable}: {error.strerror}")
        # Both end before one of them fails the module.
        said = [process.communicate() for process in started]
        for (name, words), process, (out, err) in zip(asked, started, said):
            if process.returncode:
                self.fail(words, process.returncode, out, err)
            setattr(self, name, self._path(words, out, err))

    def _path(self, words, out, err):
        """The directory that a command printed; what is before it is what plugins print each time."""
        path, before = path_in(out)
        if path is None:
            self.fail(words, 0, out, err, "It was to print the path of a directory. Mend what keeps it from that.")
        self._noise = [line.rstrip() for line in cleaned(out).strip().splitlines()][:before]
        return path

    def _value(self, out):
        """What a command printed after what plugins print each time."""
        lines = [line.rstrip() for line in cleaned(out).strip().splitlines()]
        if len(lines) > 1 and self._noise is None:
            self._ask_for_path("config", "printroot")
        noise = self._noise or []
        size = len(noise)
        return "\n".join(lines[size:] if lines[:size] == noise else lines[-1:]).strip()

    def _ask_for_path(self, *words):
        code, out, err = self.run(*words)
        if code:
            self.fail(words, code, out, err)
        return self._path(words, out, err)

    @property
    def root(self):
        if self._root is None:
            self._root = self._ask_for_path("config", "printroot")
        return self._root

    @property
    def plugins_root(self):
        """The directory of the plugins that are single files."""
        if self._plugins_root is None:
            self._plugins_root = self._ask_for_path("plugins", "printroot")
        return self._plugins_root

    @property
    def env(self):
        """The directory of what Tutor renders."""
        return os.path.join(self.root, "env")

    @property
    def rendered(self):
        """The directories of what the LMS reads of that when it starts."""
        return [os.path.join(self.env, "apps/openedx", folder) for folder in ("settings/lms", "config")]

    @property
    def text(self):
        """The text of config.yml, nothing where there is none, or where the root is not known yet."""
        try:
            text = _files.read(os.path.join(self._root, "config.yml")) if self._root else ""
        except _files.FileError as error:
            # Tutor itself would end with a traceback.
            self.module.fail_json(msg=f"{error} No setting of Tutor was changed.")
        return (text or "").encode("utf-8", "surrogateescape").decode("utf-8", "replace")

    @property
    def config(self):
        """What config.yml says plainly; see plain_values."""
        if self._config is None:
            self._config = plain_values(self.text if self.root else "")
        return self._config

    def says(self, key):
        """Where a value is set that is not Tutor's own: in the environment, in config.yml; or nowhere."""
        if f"TUTOR_{key}" in os.environ:
            return f"the environment variable TUTOR_{key}"
        path = os.path.join(self.root, "config.yml")
        return path if re.search(rf"^{key}:", self.text, re.MULTILINE) else ""

    @property
    def restart_due(self):
        """The note that Tutor has not rendered its configuration, or that the LMS has not read it."""
        return os.path.join(self.root, "config.yml.restart~")

    def save(self, values):
        """Set values and have Tutor render everything. They are in config.yml before, and on no command line."""
        path = os.path.join(self.root, "config.yml")
        files = _files.Files(self.module)
        files.write_first(self.restart_due, "The LMS has not read config.yml.\n")
        before = files.read(path)
        text = with_values(before or "", values)
        self.secrets = [*secrets_of(text), *(value for value in values.values() if isinstance(value, str) and value)]
        files.write(path, text, show=False, mode=0o600)
        files.apply()
        words = ("config", "save")
        code, out, err = self.run(*words)
        if code:
            again = _files.Files(self.module)
            if before is None:
                again.remove(path, show=False)
            else:
                again.write(path, before, show=False)
            # One that an earlier run has left goes on to say so.
            if files.first:
                again.remove(self.restart_due, show=False)
            again.apply()
            self.fail(words, code, out, err)
        self.forget()
        self.give_back()

    def give_back(self):
        """What Tutor, run by root, wrote into somebody's project root is theirs, so that they can go on with it."""
        owner = os.stat(self.root) if os.path.isdir(self.root) and not os.geteuid() else None
        if not owner or not owner.st_uid:
            return
        for folder, folders, names in os.walk(self.root):
            if folder == self.root and "data" in folders:
                folders.remove("data")  # the containers'
            for path in (os.path.join(folder, name) for name in (*folders, *names)):
                if not os.lstat(path).st_uid:
                    os.lchown(path, owner.st_uid, owner.st_gid)

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
        return None if code else self._value(out)

    @property
    def release(self):
        """The number of Tutor's release, 0 where it does not say."""
        found = re.findall(r"\bversion v?([0-9]+)\.[0-9]", self.ask("--version"))
        return int(found[-1]) if found else 0

    def image(self, name):
        """The name of an image with its tag; nothing where Tutor does not say."""
        code, out, _err = self.run("images", "printtag", name)
        return "" if code else self._value(out).rpartition("\n")[2]

    def compose_project(self, services):
        """The compose project of some services and what they need, or of all, empty where Tutor does not say; and what
        is said instead.
        """
        code, out, err = self.run(self.mode, "dc", "config", "--format", "json", *services)
        said = [line for line in cleaned(err).splitlines() if not line.startswith("Error: Command failed")]
        # Tutor prints the command before.
        found = re.search(r"^\{.*", cleaned(out), re.MULTILINE | re.DOTALL)
        try:
            project = project_of(json.loads(found[0])) if found and not code else {}
        except ValueError:
            project = {}
        return project, "\n".join(said) if code else ""

    def has_reread(self, folders):
        """Whether the LMS was started after the last file of some folders was written: with a container that was
        recreated, or by Django's own reloader.

        A restart then would begin the start once more; a server that does not listen to signals yet is killed after
        ten seconds.
        """
        now = time.time()
        code, out, _err = self.run(self.mode, "exec", "-T", "lms", "python", "-c", _AGES)
        ages = dict(re.findall(r"^(\w+)-age=([0-9.]+)$", cleaned(out), re.MULTILINE))
        age = ages.get("server" if self.mode == "dev" else "container")
        return not code and age is not None and now - float(age) > newest(folders)

    def is_enabled(self, plugin):
        if "PLUGINS" in self.config and "TUTOR_PLUGINS" not in os.environ:
            return plugin in self.config["PLUGINS"]
        return bool(re.search(rf"^{plugin}\s", self.ask("plugins", "list", "--enabled"), re.MULTILINE))


def newest(folders):
    """When the last file of some folders was written or removed, Python's own apart; the future without any."""
    found = [
        os.path.getmtime(os.path.join(place, name))
        for folder in folders
        for place, _folders, names in os.walk(folder)
        if os.path.basename(place) != "__pycache__"
        for name in (".", *names)
    ]
    return max(found, default=float("inf"))


def with_values(text, values):
    """The text of a config.yml with values set: their lines go, and come back at the end, in JSON, which is YAML."""
    kept, is_ours = [], False
    for line in text.splitlines(keepends=True):
        named = re.match(r"[\"']?([A-Za-z_]\w*)[\"']?:", line)
        is_comment = line.startswith("#")
        if named or not (is_comment or re.match(r"[\s-]", line)):
            is_ours = named is not None and named[1] in values
        if is_comment or not is_ours:
            kept.append(line)
    if kept and not kept[-1].endswith("\n"):
        kept[-1] += "\n"
    return "".join([*kept, *(f"{name_in_yaml(key)}: {in_yaml(value)}\n" for key, value in values.items())])


def name_in_yaml(name):
    """A name as a key of YAML, for which some words are no text.

    >>> name_in_yaml("LMS_HOST"), name_in_yaml("NO")
    ('LMS_HOST', '"NO"')
    """
    return in_yaml(name) if re.fullmatch(r"(?i)y|n|yes|no|on|off|true|false|null", name) else name


def in_yaml(value):
    """JSON that YAML reads alike: there, a character beyond the first 65536 is one escape and not two."""

    def escaped(match):
        code = ord(match.group())
        return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"

    if isinstance(value, float):
        # To YAML, 1e-05 is a text.
        text = str(value)
        return text if "." in text else text.replace("e", ".0e") if "e" in text else f"{text[:-3]}.{text[-3:]}"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{in_yaml(str(name))}: {in_yaml(part)}" for name, part in value.items()) + "}"
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(map(in_yaml, value)) + "]"
    return re.sub(r"[^\x20-\x7e]", escaped, json.dumps(value, ensure_ascii=False))


def contradictions(tutor, wanted, given, unknown=()):
    """What would be overwritten though somebody set it: names with where they are set, what they are and would be.

    :param wanted: what follows from the address; the hosts below LMS_HOST, which go along with it, are added.
    :param given: what the inventory says of Tutor's configuration, which may be overwritten.
    :param unknown: names that do not resolve yet. One of them is rather mistyped than wanted in place of a laptop's.
    """
    found = []
    is_known = wanted["LMS_HOST"] in DEFAULT_HOSTS or wanted["LMS_HOST"] not in unknown
    for key, default in (("LMS_HOST", DEFAULT_HOSTS if is_known else (NOT_ASKED,)), ("ENABLE_HTTPS", ("false",))):
        value, where = tutor.value(key), tutor.says(key)
        if value is None or key in given or not where:
            continue
        if not agrees(key, value, wanted[key]) and value not in default:
            found.append((key, where, value, printed(wanted[key])))
    old, new = tutor.value("LMS_HOST"), wanted["LMS_HOST"]
    if old is None or agrees("LMS_HOST", old, new):
        return found
    for key in hosts_set(tutor.text):
        value, where = tutor.value(key) or "", tutor.says(key)
        if key in wanted:
            continue
        for parent in (old, *DEFAULT_HOSTS):
            if value.endswith(f".{parent}"):
                wanted[key] = f"{value[: -len(parent)]}{new}"
                break
        else:
            if key == "CMS_HOST" and not value.endswith(f".{new}"):
                found.append((key, where, value, f"studio.{new}"))
    return found


def agrees(key, value, wanted):
    """Whether a value, as Tutor prints it, is the wanted one; the name of a host is the same in any case.

    >>> agrees("LMS_HOST", "LMS.example.org", "lms.example.org"), agrees("PLATFORM_NAME", "LMS", "lms")
    (True, False)
    """
    text = printed(wanted)
    return value == text or (key.endswith("_HOST") and (value or "").lower() == text.lower())


def hosts_set(text):
    """The names of hosts that a config.yml sets besides LMS_HOST."""
    return [key for key in re.findall(r"^([A-Z][A-Z0-9_]*_HOST):", text, re.MULTILINE) if key != "LMS_HOST"]


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
