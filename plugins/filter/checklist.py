# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Documented in checklist.yml, beside this file."""

from __future__ import annotations

from ansible.errors import AnsibleFilterError


def checklist(actions, facts, findings, hops):
    """The state of each action of the guide: done, differs, not tried or not applicable, and why."""
    things = {(thing["where"], thing["name"]): thing for thing in findings}
    proofs = {hop["id"]: hop for hop in hops}
    return [
        {"number": number, "title": action["title"], "role": action["role"], **judge(action, facts, things, proofs)}
        for number, action in enumerate(actions, 1)
    ]


def judge(action, facts, things, proofs):
    if action.get("superseded"):
        return {"state": "not applicable", "why": action["superseded"]}
    if any(facts[name] != wanted for name, wanted in action.get("when", {}).items()):
        return {"state": "not applicable", "why": action["otherwise"]}
    wrong = [text for wanted in action.get("found", []) for text in compared(wanted, facts, things)]
    seen = [proofs[name] for name in action.get("hops", [])]
    wrong += [hop["fact"] for hop in seen if hop["status"] == "failed"]
    if wrong:
        return {"state": "differs", "why": "; ".join(wrong)}
    untried = sorted({hop["fact"] for hop in seen if hop["status"] == "skipped"})
    return {"state": "not tried" if untried else "done", "why": "; ".join(untried)}


def compared(wanted, facts, things):
    """What is wrong with something of the plan: it is missing, or a field differs that the action is about."""
    name = wanted["name"].format(**facts)
    thing = things.get((wanted["where"], name))
    if thing is None:
        raise AnsibleFilterError(f"The plan says nothing of {wanted['where']}: {name}.")
    if thing["state"] == "missing":
        yield f"{wanted['where']}: {name} is missing"
    for change in thing["changes"]:
        if change["field"] in wanted.get("fields", []):
            yield f"{name}: {change['field']} is {change['before']} and would be {change['after']}"


class FilterModule:
    """Ansible's entry point."""

    def filters(self):
        return {"checklist": checklist}
