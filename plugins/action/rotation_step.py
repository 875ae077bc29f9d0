# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Takes one step of a rotation: works out what one side is to have, and has it converged in one request to it."""

from __future__ import annotations

from ansible.plugins.action import ActionBase
from ansible.utils.display import Display
from ansible_collections.mitodl.openedx.plugins.plugin_utils._claims import claimed
from ansible_collections.mitodl.openedx.plugins.plugin_utils._declared import Declarations
from ansible_collections.mitodl.openedx.plugins.plugin_utils._integration import rotation
from ansible_collections.mitodl.openedx.plugins.plugin_utils._integration.credentials import of_rows
from ansible_collections.mitodl.openedx.plugins.plugin_utils._integration.inventory import InventoryError
from ansible_collections.mitodl.openedx.plugins.plugin_utils._private import execute
from ansible_collections.mitodl.openedx.plugins.plugin_utils._session_id import session_id

SPEC = {
    "step": {"type": "str", "choices": list(rotation.STEPS), "required": True},
    "rotate": {"type": "str", "choices": ["all", *rotation.PARTS], "default": "all"},
    "token_days": {"type": "int", "default": 3650},
    "grace_seconds": {"type": "int", "default": 60},
    "begun": {"type": "dict", "default": {}},
    "renewed": {"type": "dict", "default": {}},
    "previous": {"type": "dict", "default": {}},
    "rows": {"type": "list", "elements": "dict", "default": []},
    "reason": {"type": "str", "default": ""},
    "confidential": {"type": "bool", "default": False},
    "back": {"type": "bool", "default": False},
}
display = Display()
NOTHING_ASKED = {"changed": False, "objects": [], "diff": [], "boots": 0}


class ActionModule(ActionBase):
    def run(self, tmp=None, task_vars=None):
        result = super().run(tmp, task_vars)
        _checked, args = self.validate_argument_spec(SPEC)
        step = rotation.STEPS[args["step"]]
        declarations = Declarations(task_vars, self._templar.template)
        target = declarations.own["mit_app_facts"][step.side]["target"]
        try:
            current = rotation_of(declarations.declared(declarations.host), args)
            if args["step"] == "begin":
                current, answer = self._begun(current, target, task_vars)
            else:
                answer = claimed(lambda dead: self._converged(step, current, target, task_vars, dead))
        except (InventoryError, rotation.RotationError) as error:
            return {**result, "failed": True, "msg": str(error)}
        if step.reads and not answer.get("failed"):
            answer = {**answer, "changed": False, "diff": []}
        if args["step"] == "find_surplus":
            found = None if answer.get("failed") else answer["objects"]
            return {**result, "changed": False, "message": current.left(found, args["reason"], args["confidential"])}
        result.update(answer)
        if not answer.get("failed"):
            result.update(self._noted(args, current, result))
            if step.secrets:
                # What changed is reported by show_changes.
                result["changed"] = False
        return result

    def _begun(self, asked, target, task_vars):
        """The rotation, with what one that was broken off leaves to it, and the answer of its first step."""
        current = asked

        def ask(dead):
            nonlocal current
            current = asked.taking_over(one["note"] for one in dead)
            current.check()
            return self._converged(rotation.STEPS["begin"], current, target, task_vars, dead)

        answer = claimed(ask)
        if not answer.get("failed") and (more := current.ends(asked)):
            # Nobody is shown the result of this step.
            display.warning(more)
        return current, answer

    def _converged(self, step, current, target, task_vars, dead):
        """The answer of one side to a step.

        :param dead: those whose place is taken.
        """
        rows, held = step.objects(current), step.side == "lms"
        if not rows and not (held and step.releases):
            return dict(NOTHING_ASKED)
        claim = {
            "name": current.claim,
            "by": session_id(),
            "over": [one["held_by"] for one in dead],
            "note": current.note,
            "release": step.releases,
        }
        answer = execute(
            self,
            "mitodl.openedx.django_objects",
            {
                "target": target,
                "objects": rows,
                "expect_settings": current.expected_settings(step),
                "return_secrets": step.secrets,
                "claims": [claim] if held else [],
            },
            task_vars,
            censor=step.secrets,
        )
        answer.pop("invocation", None)
        return answer

    def _noted(self, args, current, answer):
        """What the tasks after this one need of it."""
        step = args["step"]
        if step == "begin" and self._task.check_mode:
            return {"message": current.planned(args["grace_seconds"]), "switches_client": current.switches_client}
        if step == "begin":
            begun = current.after_begin(answer["objects"])
            values, secrets = begun.new_env()
            return {
                "parts": current.parts,
                "token_days": current.token_days,
                "restarts": current.restarts,
                "waits": current.waits(args["grace_seconds"]),
                "switches_client": current.switches_client,
                "env_values": values,
                "env_secrets": secrets,
            }
        if step == "find_previous":
            values, secrets = current.previous_env(answer["objects"])
            return {"env_values": values, "env_secrets": secrets}
        messages = {"revoke": current.went_back if current.back else current.done, "finish": current.finished}
        return {"message": messages[step]()} if step in messages else {}


def rotation_of(declared, args):
    """The rotation that a task is a step of, by what the first step noted."""
    begun, renewed, rows = args["begun"], args["renewed"].get("objects"), args.get("rows")
    first = rotation.Rotation(
        declared,
        tuple(begun.get("parts") or rotation.parts_of(args["rotate"], declared.app["api"])),
        begun.get("token_days") or args["token_days"],
        renewed=renewed[0] if renewed else {},
        restored=args.get("previous") or {},
        back=args["back"],
        token=of_rows(rows, declared.app).api_token if rows else "",
    )
    return first.after_begin(begun["objects"]) if begun else first
