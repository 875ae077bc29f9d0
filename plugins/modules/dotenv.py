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
    symbolic link is followed and stays a link.
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
      - The old and the new value are shown in a diff.
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
  absent:
    description:
      - Keys to remove, with all their lines. Their values are not shown, because they may be secrets.
    type: list
    elements: str
    default: []
  record:
    description:
      - A file that keeps, for every key that this task names, the lines that it had before the first change. It is
        written together with the first change, and only its owner can read it, because it may hold secrets.
    type: path
  restore:
    description:
      - Keys to bring back to what O(record) says, line by line. A key that it does not name is left alone. Where there
        is no record at all, nothing is known of before, and the key is removed. After it, the record is empty.
      - A key that would be missing or empty then gets its value from O(defaults), if it has one there.
      - Goes with O(record) and O(defaults) only.
    type: list
    elements: str
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
      - Nothing is done where there is no git or no checkout, or where git refuses one of another owner.
    type: bool
    default: false
  mode:
    description:
      - The permissions of the file, as for M(ansible.builtin.file). When omitted, those of the file are kept, and a new
        file can be read and written by its owner only (V(0600)).
    type: raw
extends_documentation_fragment:
  - ansible.builtin.action_common_attributes
  - ansible.builtin.files
attributes:
  check_mode:
    support: full
  diff_mode:
    support: full
    details:
      - One line for each changed key and never the rest of the file, which may hold secrets.
      - With O(git_exclude), also git's C(info/exclude).
  platform:
    platforms: posix
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
      description: Whether it was given in O(secrets).
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
file_changed:
  description: Whether the file itself, or its permissions, changed. RV(ignore:changed) counts C(info/exclude) too.
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
backup_file:
  description: The backup.
  type: str
  returned: when O(backup) is set and the file was there and was changed
  sample: ~/src/mitxpro/.env.4711.2026-03-01@12:00:00~
"""

import json
import os
import tempfile

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.mitodl.openedx.plugins.module_utils import _dotenv as dotenv


def take_secrets(module):
    """Take the secrets out of the module's reach and switch off the censorship of its output.

    AnsibleModule replaces every no_log value wherever it occurs in the result: with the secret "a" each "a" of a path,
    a key or a message would turn into asterisks. Nothing this module returns is made from a secret, except the
    "invocation" that Ansible adds from the parameters; with markers in there, the censor has nothing left to do.
    """
    secrets = module.params["secrets"]
    module.params["secrets"] = dict.fromkeys(secrets, dotenv.SECRET)
    module.no_log_values.clear()
    return secrets


def read(module, path):
    """The text of the file, None where there is none."""
    if os.path.isdir(path):
        module.fail_json(msg=f"{path} is a directory; name the .env file in it.")
    try:
        return dotenv.read_text(path)
    except FileNotFoundError:
        if module.params["create"]:
            return None
        module.fail_json(msg=f"{path} does not exist; create it, or set create to true.")
    except OSError as error:
        module.fail_json(msg=f"{path} cannot be read: {error.strerror}; run the task as the owner of the file.")


def read_example(module):
    """The text that a missing file begins with, None where there is none."""
    path = module.params["example"]
    try:
        return dotenv.read_text(path) if path else None
    except FileNotFoundError:
        return None
    except OSError as error:
        module.fail_json(msg=f"{path} cannot be read: {error.strerror}; name the example of the .env file.")


def read_record(module):
    """What keys were before the first change, None where nobody wrote it down."""
    path = module.params["record"]
    if not path or not os.path.exists(path):
        return None
    try:
        with open(path, encoding="utf-8", errors="surrogateescape") as file:
            record = json.load(file)
    except (OSError, ValueError):
        record = None
    if not isinstance(record, dict) or not all(isinstance(lines, str) for lines in record.values()):
        module.fail_json(msg=f"{path} is not a record that this module can read; remove it, or name another file.")
    return record


def plan(module, text, secrets, record):
    """The edit that the options ask for, and what the record has to say after it, None where there is to be none."""
    params = module.params
    named = [*params["values"], *secrets, *params["defaults"], *params["absent"]]
    if not params["restore"]:
        edit = dotenv.edit(text, params["values"], secrets, params["defaults"], params["absent"])
        return edit, dotenv.recorded(text, named, record or {}) if params["record"] else None
    defaults = {key: dotenv.to_text(key, value) for key, value in params["defaults"].items()}
    return dotenv.restore(text, params["restore"], record, defaults), None if record is None else {}


class GitExclude:
    """The checkout's own file of what git ignores, with the lines that it lacks."""

    def __init__(self, module, path):
        self.module, self.path, self.before, self.after, self.added = module, "", "", "", []
        folder, name = os.path.split(os.path.abspath(path))
        git = module.get_bin_path("git")
        # Where the directory is missing, run_command would ask git about another one.
        if not git or not os.path.isdir(folder):
            return
        code, out, _err = module.run_command([git, "rev-parse", "--git-path", "info/exclude"], cwd=folder)
        if code:
            return
        self.path = os.path.realpath(os.path.join(folder, out.rstrip("\n")))
        record = os.path.split(os.path.abspath(module.params["record"] or ""))
        names = [name, record[1]] if record[0] == folder and record[1] else [name]
        try:
            self.before = dotenv.read_text(self.path)
        except FileNotFoundError:
            pass
        except OSError as error:
            self._fail(error)
        self.after, self.added = dotenv.git_exclude(self.before, names)

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
        try:
            os.makedirs(os.path.dirname(self.path), exist_ok=True)
            write(self.module, self.path, self.after)
        except OSError as error:
            self._fail(error)

    def _fail(self, error):
        self.module.fail_json(
            msg=f"{self.path}: {error.strerror}; see that the user may change it, or set git_exclude to false."
        )


def backup(module, path):
    """A copy beside the file that only its owner can read; its name, None where there was no file."""
    copy = module.backup_local(path)
    if copy:
        os.chmod(copy, 0o600)
    return copy


def write(module, path, text):
    """Replace a file in one step."""
    temporary = None
    try:
        descriptor, temporary = tempfile.mkstemp(prefix=".env.", dir=os.path.dirname(path))
        with os.fdopen(descriptor, "wb") as file:
            file.write(text.encode("utf-8", "surrogateescape"))
        module.atomic_move(temporary, path, unsafe_writes=module.params["unsafe_writes"])
    finally:
        if temporary:
            module.cleanup(temporary)


def apply(module, path, text, record):
    """Write the file and its record, so that one that is cut off in between never loses what was before."""
    files = [(path, text)]
    if record is not None:
        noted = (os.path.realpath(module.params["record"]), json.dumps(record, indent=2, sort_keys=True) + "\n")
        files.insert(0 if record else 1, noted)
    umask = os.umask(0o077)  # neither the new files nor the backup are readable for others at any time
    try:
        copy = backup(module, path) if module.params["backup"] else None
        for name, content in files:
            write(module, name, content)
    except OSError as error:
        module.fail_json(
            msg=f"{path} cannot be written: {error.strerror}; see that its directory exists and is writable "
            "for the user of the task."
        )
    finally:
        os.umask(umask)
    return copy


def main():
    module = AnsibleModule(
        argument_spec={
            "path": {"type": "path", "required": True, "aliases": ["dest", "name"]},
            "values": {"type": "dict", "default": {}},
            "secrets": {"type": "dict", "default": {}, "no_log": True},
            "defaults": {"type": "dict", "default": {}},
            "absent": {"type": "list", "elements": "str", "default": []},
            "record": {"type": "path"},
            "restore": {"type": "list", "elements": "str"},
            "create": {"type": "bool", "default": True},
            "example": {"type": "path"},
            "backup": {"type": "bool", "default": False},
            "git_exclude": {"type": "bool", "default": False},
        },
        add_file_common_args=True,
        required_by={"restore": ["record"]},
        supports_check_mode=True,
    )
    secrets = take_secrets(module)
    params = module.params
    if params["restore"] and (params["values"] or secrets or params["absent"]):
        module.fail_json(msg="restore goes with defaults only; set or remove other keys in a task of its own.")
    named_path = params["path"]
    path = params["path"] = os.path.realpath(named_path)
    before = read(module, path)
    example = read_example(module) if before is None else None
    # A file that somebody removed takes what was noted of it along.
    record = read_record(module) if before is not None else None
    try:
        edit, known = plan(module, before or example or "", secrets, record)
    except dotenv.DotenvError as error:
        module.fail_json(msg=f"{path}: {error}")
    for number in dotenv.unreadable(edit.text):
        module.warn(f"{path}: Docker Compose cannot read line {number}; it was left as it is.")

    touched = {change["key"] for change in edit.changes}
    named = [*params["values"], *secrets, *params["defaults"], *params["absent"], *(params["restore"] or [])]
    result = {
        "changed": bool(edit.changes) or example is not None,
        "path": path,
        "changes": edit.changes,
        "kept": [key for key in dict.fromkeys(named) if key not in touched],
    }
    if example is not None:
        result["example"] = params["example"]
    exclude = GitExclude(module, named_path) if params["git_exclude"] else None
    if exclude and exclude.added and not module.check_mode:
        exclude.apply()
    if result["changed"] and not module.check_mode:
        copy = apply(module, path, edit.text, known)
        if copy:
            result["backup_file"] = copy
    attributes: dict = {}
    if before is not None or result["changed"]:
        result["changed"] = module.set_fs_attributes_if_different(
            module.load_file_common_arguments(params), result["changed"], diff=attributes
        )
    lines = {"before": edit.before, "after": edit.after}
    result["diff"] = [{side: "".join(f"{line}\n" for line in lines[side]) for side in lines}]
    result["diff"][0].update(before_header=path, after_header=path)
    if example is not None:
        result["diff"][0]["after_header"] = f"{path} (begun with {params['example']})"
    if attributes:
        result["diff"].append(attributes)
    result["file_changed"] = result["changed"]
    result["git_excluded"] = exclude.added if exclude else []
    if exclude and exclude.added:
        result["changed"] = True
        result["diff"].append(exclude.diff)
    module.exit_json(**result)


if __name__ == "__main__":
    main()
