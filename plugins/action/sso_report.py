# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes the doctor's report of all hosts of the play, on the controller and without a process of its own."""

from __future__ import annotations

import os
import tempfile
from contextlib import contextmanager
from datetime import datetime, timezone
from pathlib import Path

from ansible.errors import AnsibleActionFail
from ansible.plugins.action import ActionBase
from ansible.release import __version__ as ansible_version
from ansible.utils.display import Display
from ansible_collections.mitodl.openedx.plugins.plugin_utils._integration import history, metrics
from ansible_collections.mitodl.openedx.plugins.plugin_utils._integration.page import page
from ansible_collections.mitodl.openedx.plugins.plugin_utils._integration.plain import plain
from ansible_collections.mitodl.openedx.plugins.plugin_utils._integration.report import document, machine_readable

ROLE = Path(__file__).resolve().parents[2] / "roles/sso_doctor"

display = Display()


class ActionModule(ActionBase):
    _requires_connection = False

    def run(self, tmp=None, task_vars=None):
        result = super().run(tmp, task_vars)
        _checked, args = self.validate_argument_spec({"dir": {"type": "path"}, "metrics": {"type": "path"}})
        file = Path(args["metrics"] or "none.prom").absolute()
        if file.suffix != ".prom":
            raise AnsibleActionFail(
                f"sso_doctor_metrics_file is {args['metrics']}, which the textfile collector of node_exporter does not "
                "read. Name a file that ends with .prom."
            )
        known = {host: task_vars["hostvars"][host] for host in hosts_of(task_vars)}
        results = {host: plain(found.get("sso_doctor_result") or {}) for host, found in known.items()}
        plans = {host: plain(found.get("sso_plan_result") or {}) for host, found in known.items()}
        # An empty list where something could not be compared says nothing.
        drift = {host: plan["drift"] for host, plan in plans.items() if "drift" in plan and not plan.get("unknown")}
        now = datetime.now(timezone.utc)
        report = document(
            {host: found if "hops" in found else None for host, found in results.items()},
            drift,
            now=now,
            ansible=ansible_version,
            inventories=[from_here(source) for source in task_vars.get("ansible_inventory_sources") or ()],
            not_compared={host: plan.get("not_compared", ()) for host, plan in plans.items()},
        )
        result.update(changed=False, ok=report["ok"])
        # As set_stats does: AWX hands it to the next job of a workflow.
        result["ansible_stats"] = {"data": metrics.statistics(report), "per_host": False, "aggregate": True}
        if args["dir"]:
            folder = Path(args["dir"]).absolute()
            result["path"] = str(folder / "report.html")
            if not self._task.check_mode:
                with explained("report", folder, "directory", "sso_doctor_report_dir"):
                    self._write(folder, report)
        if args["metrics"] and not self._task.check_mode:
            with explained("file of metrics", file, "file", "sso_doctor_metrics_file"):
                # Who collects it is another user, and nobody is named in it.
                write(file, metrics.exposition(metrics.samples(report, list(drift), now)), 0o644)
        return result

    @staticmethod
    def _write(folder, report):
        folder.mkdir(mode=0o755, parents=True, exist_ok=True)
        last = history.with_this(text_of(folder / "history.json"), report)
        write(folder / "history.json", history.written(last))
        write(folder / "report.json", machine_readable(report))
        style = ROLE / "files/report.css"
        write(folder / "report.html", page(report, ROLE / "templates/report.html.j2", style, last))
        display.display(f"The report, with a drawing of the chain: {folder}/report.html")


def hosts_of(task_vars):
    """The hosts of the play, without those that wait for a later batch (``serial``) and have done nothing yet."""
    hostvars, batch = task_vars["hostvars"], task_vars["ansible_play_batch"]
    waiting = [
        host for host in task_vars["ansible_play_hosts"] if host not in batch and "mit_app_found" not in hostvars[host]
    ]
    return [host for host in task_vars["ansible_play_hosts_all"] if host not in waiting]


@contextmanager
def explained(what, path, kind, variable):
    try:
        yield
    except OSError as error:
        raise AnsibleActionFail(
            f"The {what} cannot be written: {error.filename or path}: {error.strerror}. Name another {kind} by "
            f"-e {variable}={kind.upper()}; with an empty name nothing is written."
        ) from error


def from_here(source):
    """An inventory as one would name it in this directory; a list of hosts stays one."""
    return os.path.relpath(source) if os.path.exists(source) else str(source)


def text_of(path):
    """What a file says; nothing where there is none."""
    return path.read_text(encoding="utf-8", errors="replace") if path.exists() else ""


def write(path, text, mode=0o600):
    """Readers find the old file or the new one, never a part; nobody but its owner, where it names people."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
            os.fchmod(file.fileno(), mode)
        os.replace(name, path)
    except BaseException:
        os.unlink(name)
        raise
