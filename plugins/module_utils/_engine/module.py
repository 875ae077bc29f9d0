# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection. It can have breaking changes at any time.

"""What the modules for Django objects share: one object by flat options or many by a list, one boot, one result."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Iterator
from typing import Any, NoReturn

from ansible.module_utils.basic import AnsibleModule
from ansible.module_utils.common.arg_spec import ModuleArgumentSpecValidator
from ansible.module_utils.common.warnings import get_warning_messages
from ansible_collections.mitodl.openedx.plugins.module_utils._engine.kinds import KINDS
from ansible_collections.mitodl.openedx.plugins.module_utils._engine.kinds.base import Kind, hidden_in
from ansible_collections.mitodl.openedx.plugins.module_utils._engine.kinds.generic import Generic
from ansible_collections.mitodl.openedx.plugins.module_utils._engine.target import TARGET_SPEC, Target, TargetError
from ansible_collections.mitodl.openedx.plugins.module_utils._printable import printable
from ansible_collections.mitodl.openedx.plugins.module_utils._secrets import HIDDEN, found_in, named, veiled

LONG = 8
# More objects than these are not written to the system's log one by one.
LOGGED = 100
COMMON: dict[str, Any] = {
    "target": TARGET_SPEC,
    "return_secrets": {"type": "bool", "default": False, "no_log": False},
    "assume_absent": {"type": "bool", "default": False},
    "history_user": {"type": "str"},
}


class Module(AnsibleModule):
    """A module that may be given thousands of objects, each with secrets.

    Ansible looks for every secret in all that a module was given and says: a million looks for a thousand objects.
    """

    no_log_values: set[str]

    def _log_invocation(self) -> None:
        count = max((len(value) for value in self.params.values() if isinstance(value, list)), default=0)
        if count <= LOGGED:
            super()._log_invocation()
        else:
            self.log(f"Invoked with {count} objects")

    def leave(self, leave: Callable[..., NoReturn], **result: Any) -> NoReturn:
        """End with a result, by exit_json or fail_json, in which only those secrets are looked for that are in it."""
        said = texts([result, self.params, list(get_warning_messages())])
        self.no_log_values = found_in("\n".join(said), self.no_log_values)
        leave(**result)


def texts(value: Any) -> Iterator[str]:
    """All that is said in plain data."""
    if isinstance(value, dict):
        value = value.values()
    elif not isinstance(value, (list, tuple)):
        yield str(value)
        return
    for entry in value:
        yield from texts(entry)


def run_kind(name: str) -> None:
    """The whole of a module for one kind of object."""
    kind = KINDS[name]
    module = Module(
        argument_spec={
            **kind.arguments(),
            kind.plural: {"type": "list", "elements": "dict", "options": kind.arguments(), "no_log": False},
            **COMMON,
        },
        mutually_exclusive=[(key, kind.plural) for key in kind.key_fields()],
        required_one_of=[(kind.key_fields()[0], kind.plural)],
        supports_check_mode=True,
    )
    single = module.params[kind.plural] is None
    declared = [module.params] if single else module.params[kind.plural]
    try:
        objects = [
            wire(kind, item, "" if single else f"{kind.plural}[{index}] ") for index, item in enumerate(declared)
        ]
    except ValueError as error:
        module.fail_json(msg=str(error))
    for params in declared:
        veil(params, *(field for field, spec in kind.fields.items() if spec.secret))
    for obj in objects:
        module.no_log_values |= named_values(obj)
    converge(module, objects)


def veil(params: dict[str, Any], *secret: str) -> None:
    """Take secrets out of what is shown of a call, also those that are none by their option, such as in an object."""
    for name, value in params.items():
        if isinstance(value, dict) and name != "target":
            params[name] = veiled(value)
    params.update({name: HIDDEN for name in secret if params.get(name)})


def wire(kind: type[Kind], params: dict[str, Any], place: str = "") -> dict[str, Any]:
    """One declared object as the agent takes it.

    :raises ValueError: a part of the key is missing or empty.
    """
    key = {field: str(params.get(field) or "") for field in kind.key_fields()}
    for field, value in key.items():
        if not value:
            raise ValueError(f"{kind.name} {place}{field}: it is required and must not be empty.")
    return {
        "id": f"{place}{kind.name} {' / '.join(key.values())}",
        "kind": kind.name,
        "state": params["state"],
        "key": key,
        "values": {field: params[field] for field in kind.fields if field not in key and params.get(field) is not None},
        "options": {option: params[option] for option in kind.options},
    }


def converge(module: Module, objects: list[dict[str, Any]]) -> None:
    """Make the target's rows match the objects, or say what would change, and leave the module."""
    target = Target(module, module.params["target"])
    request = {
        "job": "converge",
        "mode": "check" if module.check_mode else "apply",
        "return_secrets": module.params["return_secrets"],
        "history_user": module.params["history_user"],
        "expect_settings": module.params.get("expect_settings"),
        "claims": module.params.get("claims"),
        "objects": objects,
    }
    try:
        reply = target.ask(request)
    except TargetError as error:
        if not (module.check_mode and module.params["assume_absent"]):
            module.leave(module.fail_json, msg=str(error), boots=target.boots, **error.details)
        reply = {
            "ok": True,
            "versions": {},
            "objects": [unseen(obj, error) for obj in objects if obj["state"] == "present"],
        }
    if not reply["ok"]:
        lines = printable([f"{error['id']}: {error['message']}" for error in reply["errors"]])
        said = "No row was changed. " + "\n".join(lines)
        module.leave(module.fail_json, msg=said, errors=printable(reply["errors"]), boots=target.boots)
    leave(module, target, reply)


def unseen(obj: dict[str, Any], error: TargetError) -> dict[str, Any]:
    """An object of a target that cannot be asked yet, in check mode: a run would start the target and create it."""
    change = {"field": "state", "before": "unknown (the target is not running yet)", "after": "present"}
    return {
        "id": obj["id"],
        "kind": obj["kind"],
        "key": obj["key"],
        "operation": "created",
        "changes": [change],
        "fields": {},
        "unseen": " ".join(str(error).split()),
    }


def leave(module: Module, target: Target, reply: dict[str, Any]) -> None:
    result = {
        "changed": any(obj["operation"] != "unchanged" for obj in reply["objects"]),
        "diff": printable([difference(obj) for obj in reply["objects"] if obj["changes"]]),
        "objects": reply["objects"],
        "boots": target.boots,
        "seconds": round(target.seconds, 2),
        "versions": reply["versions"],
    }
    if "claims" in module.params:
        result["held"] = reply.get("held", {})
    warned = printable(reply.get("warnings", []))
    if warned:
        result["warned"] = warned
    if module.params["return_secrets"]:
        # The caller asked for clear secrets and keeps the task out of the log (no_log): what AnsibleModule would
        # otherwise do is to cut every secret that was also given as an option out of the result.
        module.no_log_values = set()
        result["invocation"] = {"module_args": "not kept, because return_secrets is set"}
    for warning in warned:
        module.warn(warning)
    module.leave(module.exit_json, **result)


def difference(obj: dict[str, Any]) -> dict[str, Any]:
    """One object's changes as Ansible shows a diff: only what differs, secrets as markers."""
    header = " ".join([obj["kind"], *map(str, obj["key"].values())])
    sides = {
        side: "".join(lines(change["field"], change[side]) for change in obj["changes"] if change[side] is not None)
        for side in ("before", "after")
    }
    # Not everything that is removed is gone: a user may be deactivated, and a provider is disabled.
    done = obj.pop("parting", obj["operation"])
    return {"before_header": header, "after_header": f"{header} ({done})", **sides}


def lines(field: str, value: Any) -> str:
    """A field as lines of a diff; lists and objects an entry per line, so that it names the entry that differs."""
    if isinstance(value, dict):
        return "".join(f"{field}.{name}: {value[name]}\n" for name in sorted(value))
    if isinstance(value, list):
        return "".join(f"{field}: {item}\n" for item in value)
    return f"{field}: {value}\n"


OBJECT = {
    "kind": {"type": "str", "choices": [*KINDS, Generic.name], "default": Generic.name},
    "options": {"type": "dict", "no_log": True},
    "model": {"type": "str"},
    "key": {"type": "dict", "no_log": False},
    "values": {"type": "dict"},
    "secrets": {"type": "dict", "no_log": True},
    "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
}


CLAIM = {
    "name": {"type": "str", "required": True},
    "by": {"type": "str", "default": ""},
    "over": {"type": "list", "elements": "str", "default": []},
    "note": {"type": "str", "default": ""},
    "release": {"type": "bool", "default": False},
}


def run_objects() -> None:
    """The whole of django_objects."""
    module = Module(
        argument_spec={
            "objects": {
                "type": "list",
                "elements": "dict",
                "required": True,
                "options": OBJECT,
                "required_if": [
                    ("kind", Generic.name, ("model", "key")),
                    *(("kind", name, ("options",)) for name in KINDS),
                ],
            },
            "expect_settings": {"type": "dict", "default": {}, "no_log": True},
            "claims": {"type": "list", "elements": "dict", "default": [], "options": CLAIM},
            **COMMON,
        },
        supports_check_mode=True,
    )
    # `options` as a whole is no_log, which would cut harmless words out of the result. The secrets in it never leave
    # through the result: the agent returns markers (return_secrets apart), and messages are scrubbed.
    secrets = censored(module.params["expect_settings"].values())
    objects = []
    for index, item in enumerate(module.params["objects"]):
        place = f"objects[{index}] "
        try:
            objects.append(generic(item, place) if item["kind"] == Generic.name else of_kind(item, place))
        except (TypeError, ValueError) as error:
            # Of what is wrong nobody knows the fields; those that are secrets have such names.
            given = [{"options": one["options"], "secrets": one["secrets"]} for one in module.params["objects"]]
            module.no_log_values = secrets | named(given)
            module.fail_json(msg=str(error))
        secrets |= secret_values(objects[-1])
        veil(item)
    module.no_log_values = secrets
    converge(module, objects)


def generic(item: dict[str, Any], place: str) -> dict[str, Any]:
    """An object of any model.

    :raises ValueError: nothing says which row, or there are options, which only a kind has.
    """
    if item["options"]:
        raise ValueError(f"{place}{item['model']} options: a kind has them; name the kind, or give key and values.")
    if not item["key"]:
        raise ValueError(
            f"{place}{item['model']} key: it is empty, which every row matches. Name the fields of one row."
        )
    key = ", ".join(f"{name}={value}" for name, value in veiled(item["key"]).items())
    return {
        "id": f"{place}{item['model']} {key}",
        "kind": Generic.name,
        "state": item["state"],
        "key": item["key"],
        "values": item["values"] or {},
        "options": {"model": item["model"], "secrets": item["secrets"] or {}},
    }


def of_kind(item: dict[str, Any], place: str) -> dict[str, Any]:
    """An object of django_objects whose options are those of another module, checked as that module would.

    :raises ValueError: an option is unknown, has the wrong type or stands beside them.
    """
    kind = KINDS[item["kind"]]
    beside = [name for name in ("model", "key", "values", "secrets") if item.get(name)]
    beside += ["state"] if item.get("state") == "absent" else []
    if beside:
        raise ValueError(f"{place}{item['kind']} {', '.join(beside)}: give it in options, as that module has it.")
    result = validator(item["kind"]).validate(item["options"])
    if result.error_messages:
        raise ValueError(f"{place}{item['kind']}: {'; '.join(result.error_messages)}")
    return wire(kind, result.validated_parameters, place)


@functools.lru_cache(maxsize=None)
def validator(kind: str) -> ModuleArgumentSpecValidator:
    # Not ArgumentSpecValidator: it says nothing of names of options that are deprecated.
    return ModuleArgumentSpecValidator(KINDS[kind].arguments())


def secret_values(obj: dict[str, Any]) -> set[str]:
    fields = KINDS[obj["kind"]].fields if obj["kind"] in KINDS else {}
    known = [obj["values"][name] for name, spec in fields.items() if spec.secret and obj["values"].get(name)]
    return {*known, *censored(obj["options"].get("secrets", {}).values()), *named_values(obj)}


def censored(values: Iterable[Any]) -> set[str]:
    """What a result is searched for. True and None are no secrets, and every result has them."""
    return {str(value) for value in values if value is not None and not isinstance(value, bool)}


def named_values(obj: dict[str, Any]) -> set[str]:
    """What is a secret by its name alone. Short ones, which may be any word, are not looked for in a result."""
    return {text for text in hidden_in(obj) if len(text) >= LONG}
