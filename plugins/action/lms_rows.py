# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Computes the rows that an LMS is to have, or to lose, for the apps of the play, and converges them at once."""

from __future__ import annotations

import base64

from ansible.plugins.action import ActionBase
from ansible.utils.display import Display
from ansible_collections.mitodl.openedx.plugins.module_utils._dotenv import read
from ansible_collections.mitodl.openedx.plugins.module_utils._engine.claims import rotation_of
from ansible_collections.mitodl.openedx.plugins.plugin_utils._claims import claimed
from ansible_collections.mitodl.openedx.plugins.plugin_utils._declared import Declarations
from ansible_collections.mitodl.openedx.plugins.plugin_utils._integration import objects
from ansible_collections.mitodl.openedx.plugins.plugin_utils._integration.inventory import InventoryError
from ansible_collections.mitodl.openedx.plugins.plugin_utils._made import truthful
from ansible_collections.mitodl.openedx.plugins.plugin_utils._private import execute

display = Display()


class ActionModule(ActionBase):
    def run(self, tmp=None, task_vars=None):
        result = super().run(tmp, task_vars)
        args, declarations = self._task.args, Declarations(task_vars, self._templar.template)
        lms = args["lms"]
        try:
            # An app is told as it was on an LMS that it left.
            former = args.get("former")
            apps = (
                [objects.Declared(former, declarations.given(former["host"]), declarations.env(former["host"]))]
                if former
                else [declarations.declared(host) for host in args["hosts"]]
            )
            superusers = declarations.superusers(lms["host"])
            others = dotenvs_of((args.get("other_files") or {}).get("results") or [])
        except InventoryError as error:
            return {**result, "failed": True, "msg": str(error)}
        if args.get("state", "present") == "present":
            rows = objects.present(
                {**lms, "superusers": superusers},
                apps,
                token_days=int(args["token_days"]),
                renew_days=int(args["renew_days"]),
                further=args.get("objects") or [],
            )
        else:
            rows = objects.absent(lms, apps, others)
        removes = args.get("state", "present") != "present"
        rotations = {
            host: rotation_of(one.app["lms_application"]) for host, one in zip(args["hosts"], apps, strict=True)
        }

        # Its result carries the secrets for the apps. What changed is reported by show_changes.
        def ask(dead):
            over = [one["held_by"] for one in dead]
            return execute(
                self,
                "mitodl.openedx.django_objects",
                {
                    "target": lms["target"],
                    "objects": rows,
                    "return_secrets": True,
                    "history_user": args.get("history_user") or lms["history_user"] or None,
                    # Nothing comes into the middle of a rotation.
                    "claims": [{"name": name, "over": over, "release": removes} for name in rotations.values()],
                },
                task_vars,
            )

        answer = claimed(ask)
        if answer.get("failed"):
            answer["msg"] = truthful(answer["msg"], task_vars)
        # Nobody is shown this result, and with it none of its warnings.
        for warning in answer.get("warned", ()):
            display.warning(warning)
        if len(apps) > 1:
            name_owners(answer, apps)
        held = answer.get("held") or {}
        return {
            **result,
            **answer,
            "changed": False,
            "unfinished": [host for host, name in rotations.items() if name in held],
        }


def name_owners(answer, apps):
    """Say before the heading of each difference whose row it is: beside it is the name of the app that does the work
    for all of them.

    :param answer: that of django_objects.
    """
    changed = [row for row in answer.get("objects", ()) if row["changes"]]
    for diff, row in zip(answer.get("diff", ()), changed, strict=True):
        if names := ", ".join(objects.owners(apps, row["key"])):
            diff.update({side: f"{names}: {diff[side]}" for side in ("before_header", "after_header")})


def dotenvs_of(files):
    """What the .env of each other app of the LMS says; of one that is not there, nothing.

    :param files: what slurp said of each.
    :raises InventoryError: one cannot be read. What it shares with an app that goes is not known then.
    """
    found = []
    for file in files:
        if "content" in file:
            found.append(read(base64.b64decode(file["content"]).decode("utf-8", "surrogateescape")))
        elif not str(file.get("msg", "")).lower().startswith("file not found"):
            other = file[file["ansible_loop_var"]]
            raise InventoryError(
                f"{other['host']}: {other['dotenv']} cannot be read ({file.get('msg', 'no reason given')}), so that "
                "nobody knows whether that app uses the same service worker. No row was changed. Make the file "
                f"readable, or correct mit_app_dir of {other['host']}."
            )
    return found
