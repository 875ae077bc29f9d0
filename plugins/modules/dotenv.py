#!/usr/bin/python
# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: dotenv
short_description: Set keys in a .env file and leave the rest alone
description:
  - Edits the keys of an environment file as Docker Compose and python-dotenv read it (C(.env)). Only the named keys
    are touched; comments, order, unknown lines, quoting, line endings, a missing final newline and C(export) stay.
  - A key is changed where it stands. A key that is not there is appended. A line that is commented out is a comment
    and stays one.
  - A key is compared by the value that Docker Compose reads, so V(KEY="x") and V(KEY=x) are the same and nothing is
    written. A value that depends on another variable (V(KEY=${OTHER})) never counts as right and is replaced.
  - Where a key has several lines, Docker Compose takes the last and other readers the first. The last line is set and
    the others are removed.
  - Values are written so that Docker Compose v2 and python-dotenv both read back exactly the given string, never
    interpolated. They stay bare where that is safe and are quoted where it is not. Where there is a choice,
    django-environ reads the same too. What cannot be written so is refused before anything is changed. These are line
    breaks and other control characters, V(${...}), and a V($) together with certain backslashes and quotes.
  - The file is replaced in one step by a temporary file from the same directory that only its owner can read. A
    symbolic link is followed and stays a link. Of runs at the same time, each sees what the others wrote.
  - Owner, group, mode and attributes of the file are kept. A new one, its O(record) and its backups belong to the owner
    of the file, or of its directory. Where they cannot be kept, and where the file has several names (hard links), it
    is refused.
  - A file that is not UTF-8 is edited byte for byte as long as what is written is ASCII. UTF-16 is refused.
options:
  path:
    description:
      - The file to edit.
    type: path
    required: true
    aliases: [dest, name]
  values:
    description:
      - Keys and what they shall be. Numbers and booleans are written as Python writes them, V(true) as V(True); quote
        them in the playbook for another spelling.
      - The old and the new value are shown in a diff, unless the name of the key sounds like a secret; it is treated
        like one of O(secrets) then. A name with C(PASSWORD), C(PASSPHRASE), C(SECRET), C(TOKEN), C(KEY) or
        C(CREDENTIAL) in it does, unless it ends as that of an address, a path or a span of time does, such as
        C(ACCESS_TOKEN_URL), C(PRIVATE_KEY_FILE) and C(TOKEN_EXPIRE_SECONDS).
    type: dict
    default: {}
  secrets:
    description:
      - Like O(values), for what nobody may see. A diff shows V((secret, old\)) and V((secret, new\)), the result only
        names the keys.
    type: dict
    default: {}
  defaults:
    description:
      - Like O(values), but a key is set only where it is missing or empty.
      - A key without C(=), which is passed through from the environment, counts as set.
    type: dict
    default: {}
  public:
    description:
      - Values that everybody knows, such as the placeholders of an example, for keys whose other values are secrets. A
        diff shows such a key where it has exactly this value, before or after; nothing is set by this.
    type: dict
    default: {}
  absent:
    description:
      - Keys to remove, with all their lines. Their values are not shown, because they may be secrets.
    type: list
    elements: str
    default: []
  record:
    description:
      - A file that keeps, for every key that this task names, the lines that it had before the first change, and where
        they were. It is written together with the first change, and only the owner of O(path) can read it, because it
        may hold secrets.
    type: path
  restore:
    description:
      - Keys to bring back to what O(record) says, line by line, and with them every other key that O(record) has. A key
        that it does not name is left alone. Where there is no record at all, nothing is known of before, and the key is
        removed. After it, the record is empty.
      - Where only these keys were changed since, the file is again what it was, byte for byte. One that was not there
        before the first change, and that nothing is left in, is removed with its record.
      - A key that would be missing or empty then gets its value from O(defaults), if it has one there.
      - A diff shows the old and the new value as for O(values), and as for O(secrets) where the name of the key sounds
        like a secret, where O(restore_secrets) has it, and where it is in O(record) alone.
      - Goes with O(record), O(restore_secrets), O(keep), O(defaults) and O(public) only.
    type: list
    elements: str
  keep:
    description: Keys that O(restore) leaves as they are, although O(record) has them.
    type: list
    elements: str
    default: []
  restore_secrets:
    description: Those of O(restore) whose values nobody may see although their names do not sound like secrets.
    type: list
    elements: str
    default: []
  create:
    description:
      - Whether a missing file is created. Else it is an error.
    type: bool
    default: true
  example:
    description:
      - A file whose text a missing O(path) begins with, such as C(.env.example). Ignored where it is not there, and
        never read when O(path) exists.
    type: path
  backup:
    description:
      - Whether the old file is kept beside the new one when something changes. Only its owner can read the backup.
    type: bool
    default: false
  git_exclude:
    description:
      - Whether git ignores the file, its O(record) where it is in the same directory, and its backups, by the
        checkout's own C(info/exclude), which is never committed. The lines are added before anything else is written.
      - Nothing is done where there is no git or no checkout. Where git refuses one of another owner, that is a warning.
    type: bool
    default: false
  restart_due:
    description:
      - A note that whoever reads the file has to be restarted. It is there from before the file changes until
        M(mitodl.openedx.app_restart) has done that, so that a run that was killed in between does not count as done;
        RV(file_changed) is true as long as it is there.
    type: path
  mode:
    description:
      - The permissions of the file, as for M(ansible.builtin.file). When omitted, those of the file are kept, and a new
        file can be read and written by its owner only (V(0600)).
    type: raw
extends_documentation_fragment:
  - mitodl.openedx.attributes
  - ansible.builtin.files
attributes:
  check_mode:
    support: full
  diff_mode:
    support: full
    details:
      - One line for each changed key and never the rest of the file, which may hold secrets.
      - With O(git_exclude), also git's C(info/exclude).
  idempotent:
    support: full
notes:
  - Docker Compose gives the keys to the containers when it creates them, so a change needs C(docker compose up), not
    C(docker compose restart).
  - A backup holds the same secrets as the file; O(git_exclude) keeps it out of git.
seealso:
  - plugin: mitodl.openedx.from_dotenv
    plugin_type: filter
author:
  - MIT Open Learning contributors (@mitodl)
"""

EXAMPLES = r"""
- name: Point the app to its Open edX
  mitodl.openedx.dotenv:
    path: ~/src/mitxpro/.env
    values:
      OPENEDX_API_BASE_URL: http://local.openedx.io:8000
      OPENEDX_API_CLIENT_ID: "{{ client_id }}"
    secrets:
      OPENEDX_API_CLIENT_SECRET: "{{ client_secret }}"
    backup: true
    git_exclude: true
  register: app_env

- name: Recreate the containers when the file changed
  ansible.builtin.command:
    cmd: docker compose up -d
    chdir: ~/src/mitxpro
  when: app_env.file_changed
  changed_when: true

- name: Fill in what the app needs to start, without touching what somebody chose
  mitodl.openedx.dotenv:
    path: ~/src/mitxpro/.env
    defaults:
      MAILGUN_KEY: fake_mailgun_key
      MAILGUN_SENDER_DOMAIN: localhost

- name: Begin with the example of the checkout, where there is no file yet
  mitodl.openedx.dotenv:
    path: ~/src/mitxpro/.env
    example: ~/src/mitxpro/.env.example
    values:
      OPENEDX_API_BASE_URL: http://local.openedx.io:8000

- name: Set keys, and remember what they were
  mitodl.openedx.dotenv:
    path: ~/src/mitxpro/.env
    record: ~/src/mitxpro/.env.before
    values:
      LOGOUT_REDIRECT_URL: http://local.openedx.io:8000/logout

- name: Bring them back
  mitodl.openedx.dotenv:
    path: ~/src/mitxpro/.env
    record: ~/src/mitxpro/.env.before
    restore:
      - LOGOUT_REDIRECT_URL

- name: Remove keys that are no longer read
  mitodl.openedx.dotenv:
    path: ~/src/mitxpro/.env
    absent:
      - OPENEDX_IP
    create: false
"""

RETURN = r"""
path:
  description: The file that was edited; the target where O(path) is a symbolic link.
  type: str
  returned: success
  sample: ~/src/mitxpro/.env
changes:
  description: What was done, or would be done in check mode, in the order of the options.
  type: list
  elements: dict
  returned: success
  contains:
    key:
      description: The key.
      type: str
    operation:
      description:
        - V(set) when it got its value, V(unset) when it was removed, V(deduplicate) when its value was right and only
          earlier lines of the same key were removed, V(restore) when it got its recorded lines back.
      type: str
    secret:
      description: Whether it was given in O(secrets), or its name sounds like it.
      type: bool
  sample:
    - key: OPENEDX_API_CLIENT_SECRET
      operation: set
      secret: true
kept:
  description: The keys of the options that needed no change.
  type: list
  elements: str
  returned: success
placeholders:
  description:
    - The keys that have the value of O(defaults) after that, and had not before the first change, as far as O(record)
      says.
  type: list
  elements: str
  returned: when O(restore) is given
  sample: [MAILGUN_KEY]
file_changed:
  description:
    - Whether the file itself, or its permissions, changed; with O(restart_due) also whether it did in a run that was
      killed before the restart. RV(ignore:changed) counts C(info/exclude), and not that.
  type: bool
  returned: success
values_changed:
  description:
    - Whether Docker Compose reads other values from the file after it, or would in check mode, so that it recreates
      the containers with this environment.
  type: bool
  returned: success
git_excluded:
  description: The lines that were added to git's C(info/exclude), or would be in check mode.
  type: list
  elements: str
  returned: success
  sample: [.env, .env.before, .env.*~]
example:
  description: The file that the new one begins with.
  type: str
  returned: when O(example) is used
  sample: ~/src/mitxpro/.env.example
copied:
  description: Whether a copy of the old file is kept as a backup, or would be in check mode.
  type: bool
  returned: success
backup_file:
  description: The backup.
  type: str
  returned: when O(backup) is set and the file was there and was changed
  sample: ~/src/mitxpro/.env.4711.2026-03-01@12:00:00~
"""

import json
import os
import time

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.mitodl.openedx.plugins.module_utils import _dotenv as dotenv
from ansible_collections.mitodl.openedx.plugins.module_utils import _files as files
from ansible_collections.mitodl.openedx.plugins.module_utils._printable import printable
from ansible_collections.mitodl.openedx.plugins.module_utils._secrets import is_secret


def take_secrets(module):
    """Take the secrets out of the module's reach and switch off the censorship of its output.

    AnsibleModule replaces every no_log value wherever it occurs in the result: with the secret "a" each "a" of a path,
    a key or a message would turn into asterisks. Nothing this module returns is made from a secret, except the
    "invocation" that Ansible adds from the parameters; with markers in there, the censor has nothing left to do.
    """
    given = dict(module.params)
    for option in ("values", "secrets", "defaults"):
        module.params[option] = {
            key: dotenv.SECRET if option == "secrets" or is_secret(key) else value
            for key, value in given[option].items()
        }
    module.no_log_values.clear()
    return given


def read_file(module, path):
    """The text of the file, None where there is none."""
    text = files.read(path)
    if text is None and not module.params["create"] and not is_half_removed(module):
        module.fail_json(msg=f"{path} does not exist; create it, or set create to true.")
    problem = files.unsafe_encoding(text or "")
    if problem:
        module.fail_json(msg=f"{path} {problem}")
    return text


def read_record(module):
    """What keys were before the first change, None where nobody wrote it down."""
    path = module.params["record"]
    text = files.read(path) if path else None
    if text is None:
        return None
    try:
        record = json.loads(text)
    except ValueError:
        record = None
    if not dotenv.is_record(record):
        module.fail_json(msg=f"{path} is not a record that this module can read; remove it, or name another file.")
    return record


def is_half_removed(module):
    """Whether a file that is not there was made by a run, and removed by one that was killed before it removed this."""
    return bool(module.params["restore"]) and dotenv.is_made_by_us(read_record(module))


def plan(given, start, before, record):
    """The edit that the options ask for, and what the record has to say after it, None where there is to be none."""
    named = [*given["values"], *given["secrets"], *given["defaults"], *given["absent"]]
    if not given["restore"]:
        edit = dotenv.edit(
            start or "", given["values"], given["secrets"], given["defaults"], given["absent"], given["public"]
        )
        return edit, dotenv.recorded(start, named, record or {}) if given["record"] else None
    defaults = {key: dotenv.to_text(key, value) for key, value in given["defaults"].items()}
    # What was written for a declaration of another day goes, too: after this, nobody knows what was there before it.
    wanted = [*given["restore"], *(key for key in record or () if key != dotenv.PLACES)]
    keys = [key for key in dict.fromkeys(wanted) if key not in given["keep"]]
    # Nobody says any more whether those are secrets.
    hidden = [*given["restore_secrets"], *(key for key in keys if key not in given["restore"])]
    edit = dotenv.restore(before or "", keys, record, defaults, hidden, given["public"])
    return edit, None if record is None else {}


class GitExclude:
    """The checkout's own file of what git ignores, with the lines that it lacks."""

    def __init__(self, module, path):
        self.module, self.path, self.before, self.after, self.added = module, "", "", "", []
        folder, name = os.path.split(os.path.abspath(path))
        git = module.get_bin_path("git")
        # Where the directory is missing, run_command would ask git about another one.
        if not git or not os.path.isdir(folder):
            return
        asked = [git, "rev-parse", "--git-path", "info/exclude"]
        code, out, err = module.run_command(asked, cwd=folder, expand_user_and_vars=False)
        if "dubious ownership" in err:
            module.warn(
                f"{path} is not kept out of git, which refuses the checkout for its dubious ownership: it does not "
                f"belong to {files.name_of(os.geteuid())}. Run the play as its owner; or run "
                f"`git config --global --add safe.directory {folder}`, and this again."
            )
        if code:
            return
        self.path = os.path.realpath(os.path.join(folder, out.rstrip("\n")))
        record = os.path.split(os.path.abspath(module.params["record"] or ""))
        names = [name, record[1]] if record[0] == folder and record[1] else [name]
        self.names = names
        self.look()

    def look(self):
        self.before = files.read(self.path) or ""
        self.after, self.added = dotenv.git_exclude(self.before, self.names)

    @property
    def diff(self):
        return {
            "before_header": self.path,
            "after_header": self.path,
            # The bytes of other encodings are kept in the file and cannot be shown.
            "before": self.before.encode("utf-8", "replace").decode(),
            "after": self.after.encode("utf-8", "replace").decode(),
        }

    def apply(self):
        folder = os.path.dirname(self.path)
        try:
            files.make_folder(folder)
            # Another .env of the same checkout may be written meanwhile.
            with files.locked(folder):
                files.tidy(folder)
                self.look()
                replacement = files.Replacement()
                replacement.add(self.path, self.after, mode=0o644)
                replacement.apply()
        except OSError as error:
            raise files.cannot(self.path, "written", error) from error


def add_note(module, replacement, path):
    """Before all else: who reads the file has to be restarted."""
    if module.params["restart_due"]:
        replacement.add(module.params["restart_due"], f"{path} has changed since it was read.\n", beside=path)


def apply(module, path, before, text, record):
    """Write the file, its record and its backup, or none of them; the name of the backup, where there is one.

    The record of a first change is written before the file and emptied after it, so that a run that is cut off in
    between never loses what was before.
    """
    noted = (module.params["record"], json.dumps(record, indent=2, sort_keys=True) + "\n")
    copy = None
    replacement = files.Replacement(module.params["unsafe_writes"])
    add_note(module, replacement, path)
    if module.params["backup"] and before is not None:
        copy = f"{path}.{os.getpid()}.{time.strftime('%Y-%m-%d@%H:%M:%S')}~"
        replacement.add(copy, before, beside=path)
    if record:
        replacement.add(*noted, beside=path)
    replacement.add(path, text)
    if record == {}:
        replacement.add(*noted, beside=path)
    replacement.apply()
    return copy


def remove(module, path):
    """Remove a file that a run had made, and what was noted of it."""
    replacement = files.Replacement()
    add_note(module, replacement, path)
    replacement.apply()
    for name in (path, module.params["record"]):
        try:
            os.unlink(name)
        except FileNotFoundError:
            pass
        except OSError as error:
            raise files.cannot(name, "removed", error) from error


def converge(module, given, named_path):
    """Do it, and return what the module returns."""
    params, path = module.params, module.params["path"]
    before = read_file(module, path)
    example = files.read(params["example"]) if before is None and params["example"] else None
    # A file that somebody removed takes what was noted of it along.
    record = read_record(module) if before is not None or is_half_removed(module) else None
    start = before if before is not None else example
    try:
        edit, known = plan(given, start, before, record)
    except dotenv.DotenvError as error:
        module.fail_json(msg=f"{path}: {error}")
    problem = files.mixture(before or "", edit.text)
    if problem:
        module.fail_json(msg=f"{path} {problem}")
    for number, why in dotenv.unreadable(edit.text).items():
        module.warn(f"{path}: Docker Compose cannot read line {number} ({why}); it was left as it is.")

    touched = {change["key"] for change in edit.changes}
    named = [*params["values"], *params["secrets"], *params["defaults"], *params["absent"], *(params["restore"] or [])]
    is_removed = bool(params["restore"] and before != "" and not edit.text and dotenv.is_made_by_us(record))
    # A run was killed between the file and its record.
    is_unfinished = bool(params["restore"] and record)
    result = {
        "changed": edit.text != (start or "") or example is not None or is_unfinished,
        "values_changed": dotenv.read(edit.text) != dotenv.read(before or ""),
        "path": path,
        "changes": edit.changes,
        "kept": [key for key in dict.fromkeys(named) if key not in touched],
    }
    if params["restore"]:
        result["placeholders"] = dotenv.placeholders(edit.text, given["defaults"], record or {})
    if example is not None:
        result["example"] = params["example"]
    problem = files.obstacle(path) if result["changed"] and not params["unsafe_writes"] else ""
    if problem:
        module.fail_json(msg=problem)
    exclude = GitExclude(module, named_path) if params["git_exclude"] else None
    if exclude and exclude.added and not module.check_mode:
        exclude.apply()
    result["copied"] = bool(result["changed"] and params["backup"] and before is not None and not is_removed)
    if result["changed"] and not module.check_mode:
        copy = None
        if is_removed:
            remove(module, path)
        else:
            copy = apply(module, path, before, edit.text, known)
        if copy:
            result["backup_file"] = copy
    attributes: dict = {}
    if not is_removed and (before is not None or result["changed"]):
        result["changed"] = module.set_fs_attributes_if_different(
            module.load_file_common_arguments(params), result["changed"], diff=attributes
        )
    lines = {"before": edit.before, "after": edit.after}
    result["diff"] = [{side: "".join(f"{printable(line)}\n" for line in lines[side]) for side in lines}]
    result["diff"][0].update(before_header=path, after_header=f"{path} (removed)" if is_removed else path)
    if example is not None:
        result["diff"][0]["after_header"] = f"{path} (begun with {params['example']})"
    if attributes:
        result["diff"].append(attributes)
    result["file_changed"] = result["changed"] or bool(params["restart_due"] and os.path.exists(params["restart_due"]))
    result["git_excluded"] = exclude.added if exclude else []
    if exclude and exclude.added:
        result["changed"] = True
        result["diff"].append(exclude.diff)
    return result


def main():
    module = AnsibleModule(
        argument_spec={
            "path": {"type": "path", "required": True, "aliases": ["dest", "name"]},
            "values": {"type": "dict", "default": {}},
            "secrets": {"type": "dict", "default": {}, "no_log": True},
            "defaults": {"type": "dict", "default": {}},
            "public": {"type": "dict", "default": {}, "no_log": False},
            "absent": {"type": "list", "elements": "str", "default": []},
            "record": {"type": "path"},
            "restore": {"type": "list", "elements": "str"},
            "restore_secrets": {"type": "list", "elements": "str", "default": [], "no_log": False},
            "keep": {"type": "list", "elements": "str", "default": []},
            "create": {"type": "bool", "default": True},
            "example": {"type": "path"},
            "backup": {"type": "bool", "default": False},
            "git_exclude": {"type": "bool", "default": False},
            "restart_due": {"type": "path"},
        },
        add_file_common_args=True,
        required_by={"restore": ["record"]},
        supports_check_mode=True,
    )
    given = take_secrets(module)
    params = module.params
    if params["restore"] and (params["values"] or params["secrets"] or params["absent"]):
        module.fail_json(msg="restore goes with defaults only; set or remove other keys in a task of its own.")
    named_path = params["path"]
    path = params["path"] = os.path.realpath(named_path)
    try:
        if module.check_mode:
            result = converge(module, given, named_path)
        else:
            folder = os.path.dirname(path)
            # What is read has to be what is replaced.
            with files.locked(folder):
                files.tidy(folder)
                result = converge(module, given, named_path)
    except files.FileError as error:
        module.fail_json(msg=str(error))
    module.exit_json(**result)


if __name__ == "__main__":
    main()
