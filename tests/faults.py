#!/usr/bin/env python3
# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Do the tests notice? Small faults, put one by one into a copy of the checkout, each tried by the tests that guard it.

    .venv/bin/python tests/faults.py [AREA or what a fault says...]

The guards of an area are tried in their order, the quick ones first, until one fails. A guard that fails without any
fault counts for nothing. It is no part of `make test`: a fault takes seconds, or a minute where only the lab tells.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[1]
UNIT = "tests/unit/plugins"
ENGINE, DOCTOR, DOMAIN = (f"{UNIT}/module_utils/_engine", f"{UNIT}/module_utils/_doctor", f"{UNIT}/plugin_utils")
GUARDS = {
    "engine": [
        f"{ENGINE}/test_plan.py",
        f"{ENGINE}/test_module.py",
        f"{ENGINE}/test_target.py",
        "tests/integration/test_objects.py",
    ],
    "kinds": [f"{ENGINE}/test_module.py", "tests/integration/test_objects.py"],
    "dotenv": [f"{UNIT}/module_utils/test_dotenv.py", f"{UNIT}/modules/test_dotenv.py"],
    "target": [
        f"{ENGINE}/test_target.py",
        f"{ENGINE}/test_trust.py",
        f"{ENGINE}/test_module.py",
        "tests/integration/test_objects.py",
    ],
    "trust": [
        f"{ENGINE}/test_target.py",
        f"{UNIT}/module_utils/test_printable.py",
        f"{UNIT}/module_utils/test_files.py",
        f"{UNIT}/module_utils/test_files_properties.py",
        f"{UNIT}/module_utils/test_tutor.py",
        f"{UNIT}/module_utils/test_dotenv.py",
        f"{DOCTOR}/test_web.py",
    ],
    "sessions": [f"{ENGINE}/test_session.py", "tests/integration/test_sessions.py"],
    "resolve": [f"{DOMAIN}/test_{name}.py" for name in ("backend_names", "declared", "inventory", "objects")],
    "objects": [f"{DOMAIN}/test_{name}.py" for name in ("objects", "rotation", "removal")],
    "settings": [
        f"{DOMAIN}/test_lms_settings.py",
        "tests/unit/roles/test_mit_apps.py",
        f"{UNIT}/modules/test_lms_settings.py",
    ],
    "roles": [
        "tests/unit/roles/test_order.py",
        "tests/integration/test_playbook.py",
        "tests/integration/test_adoption.py",
    ],
    "hops": [DOCTOR],
    "report": [f"{DOCTOR}/test_table.py", f"{DOMAIN}/test_findings.py", "tests/unit/roles/test_report.py"],
}
PLUGINS = {
    "engine": "plugins/module_utils/_engine",
    "kinds": "plugins/module_utils/_engine/kinds",
    "dotenv": "plugins/module_utils",
    "target": "plugins/module_utils/_engine",
    "trust": "plugins/module_utils",
    "sessions": "plugins/module_utils/_engine",
    "resolve": "plugins/plugin_utils/_integration",
    "objects": "plugins/plugin_utils/_integration",
    "settings": "plugins/plugin_utils/_integration",
    "hops": "plugins/module_utils/_doctor",
    "report": "plugins/plugin_utils/_integration",
}


class Fault(NamedTuple):
    """A text that stands in a file once, and what stands there with the fault, or with which it changes its place."""

    area: str
    says: str
    file: str
    old: str
    new: str
    swap: bool = False
    #: Which tests of a guard that has a lab are tried, as `pytest -k` takes it: the whole would take minutes.
    tests: str = ""

    @property
    def is_stale(self) -> bool:
        """Whether the file has changed since, so that this cannot be put into it."""
        text = (ROOT / self.path).read_text()
        return any(text.count(part) != 1 for part in ((self.old, self.new) if self.swap else (self.old,)))

    def put_into(self, text: str) -> str:
        if self.swap:
            text = text.replace(self.new, "\0").replace(self.old, self.new)
            return text.replace("\0", self.old)
        return text.replace(self.old, self.new)

    @property
    def path(self) -> str:
        return self.file if (ROOT / self.file).exists() else f"{PLUGINS[self.area]}/{self.file}"


FAULTS = [
    Fault(
        "engine",
        "check mode writes",
        "plan.py",
        'request["mode"] == "check"',
        'request["mode"] == "never"',
        tests="reaches_the_database and django_site",
    ),
    Fault(
        "engine",
        "an object may be declared twice",
        "plan.py",
        "if same in seen:",
        "if same is seen:",
        tests="declared_once",
    ),
    Fault("engine", "nobody waits for another converge", "plan.py", "            lock()\n", "", tests="two_converges"),
    Fault(
        "engine",
        "nothing holds the writes together",
        "plan.py",
        "suppress(Abort), transaction.atomic():",
        "suppress(Abort):",
    ),
    Fault("engine", "secrets stay in messages", "agent.py", "masked(text, self.seen)", "text"),
    Fault(
        "engine",
        "no entry in the admin's history",
        "plan.py",
        'if self.request.get("history_user"):',
        "if False:",
        tests="history_of_the_admin",
    ),
    Fault(
        "kinds",
        "hashes are compared as text",
        "base.py",
        "stored) if is_hash(stored)",
        "stored) if not stored",
        tests="reaches_the_database and django_user",
    ),
    Fault(
        "kinds",
        "a diff shows secrets",
        "base.py",
        "if not self.secret:",
        "if self.field:",
        tests="reaches_the_database and oauth_application",
    ),
    Fault(
        "kinds",
        "of two tokens the older is taken",
        "oauth.py",
        '"-expires"',
        '"expires"',
        tests="oauth_access_token or new_credentials",
    ),
    Fault(
        "kinds",
        "tokens are renewed too early",
        "oauth.py",
        "instance.expires < now",
        "instance.expires > now",
        tests="oauth_access_token",
    ),
    Fault(
        "kinds",
        "the oldest provider row counts",
        "provider.py",
        '"-change_date", "-pk"',
        '"change_date", "pk"',
        tests="provider_rows or third_party_auth_provider",
    ),
    Fault(
        "kinds", "tokens of deactivated users stay", "user.py", "tokens.delete()", "tokens.none()", tests="deactivated"
    ),
    Fault(
        "kinds",
        "other redirect addresses are dropped",
        "base.py",
        "set(value) | set(extra)",
        "set(value)",
        tests="oauth_application",
    ),
    Fault(
        "kinds",
        "tokens of a removed client are lost",
        "oauth.py",
        "if relation.one_to_many:",
        "if not relation:",
        tests="new_credentials",
    ),
    Fault("dotenv", "a diff shows secrets", "_dotenv.py", "    if secret:\n", "    if not line:\n"),
    Fault("dotenv", "$ in double quotes", "_dotenv.py", '    if "$" in value:\n        return None\n', ""),
    Fault(
        "dotenv",
        "defaults win over empty keys only",
        "_dotenv.py",
        "defaults or {}) and lines and not _is_empty(lines[-1])",
        "defaults or {}) and lines",
    ),
    Fault(
        "dotenv", "a new file counts as there before", "_dotenv.py", "if was_there else None", "if not None else None"
    ),
    Fault(
        "dotenv",
        "the first of several lines counts",
        "_dotenv.py",
        "lines[-1].value == value",
        "lines[0].value == value",
    ),
    Fault("target", "docker wants a terminal", "command.py", 'container = ["-T", ', "container = ["),
    Fault(
        "target",
        "compiled files that somebody else has put there are run",
        "loader.py",
        "found.st_uid == os.geteuid()",
        "found.st_uid >= 0",
    ),
    Fault("trust", "what others can write to is kept", "_engine/loader.py", "st_mode & 0o022", "st_mode & 0"),
    Fault("trust", "a probe reads files", "_doctor/web.py", 'startswith(("http://", "https://"))', 'startswith("")'),
    Fault(
        "trust",
        "what waits for a server reads files",
        "_http.py",
        'startswith(("http://", "https://"))',
        'startswith("")',
    ),
    Fault("trust", "a line may be turned round", "_printable.py", "if character.isprintable()", "if character > ' '"),
    Fault("trust", "a new file has the mode of its maker", "_files.py", "if found else mode)", "if found else 0o600)"),
    Fault("trust", "small numbers are texts to Tutor", "_tutor.py", 'text.replace("e", ".0e")', "text"),
    Fault("trust", "references grow without bound", "_dotenv.py", "grown += len(statement.value)", "grown += 0"),
    Fault(
        "target", "starts of a session are not counted", "target.py", '+= answer["starts"]', "+= 0", tests="one_start"
    ),
    Fault(
        "target",
        "a reply of another request is taken",
        "target.py",
        'rf"<<{nonce}\\n(.*)\\n{nonce}>>"',
        'r"<<.*\\n(.*)\\n.*>>"',
    ),
    Fault("target", "no time limit", "once.py", "time.monotonic() + seconds, [", "time.monotonic() + 9999, ["),
    Fault("kinds", "a row takes others along", "alone.py", "        if others:\n", "        if not obj:\n"),
    Fault("target", "noise is kept for ever", "output.py", "if end <= self.kept:", "if self.kept:"),
    Fault("target", "a module outlives its run", "caller.py", "(select.POLLERR | select.POLLHUP)", "0"),
    Fault("target", "an agent outlives its caller", "agent.py", "    os.kill(os.getpid(), signal.SIGKILL)\n", ""),
    Fault(
        "target",
        "the request is quoted",
        "target.py",
        'return nonce in re.sub(r"\\s", "", text) or',
        "return not text and",
    ),
    Fault("target", "a crash is said to be harmless", "target.py", 'writes>>" not in out', 'writes>>" not in err'),
    Fault(
        "target",
        "escaped secrets are shown",
        "plugins/module_utils/_secrets.py",
        "pattern(secret).sub(HIDDEN, text)",
        "text",
    ),
    Fault("target", "an empty key is every row", "module.py", 'if not item["key"]:', 'if item["key"] is None:'),
    Fault(
        "sessions", "other settings share a session", "session.py", "self.chdir, self.settings, os.", "self.chdir, os."
    ),
    Fault("sessions", "a process keeps its caches", "agent.py", "            forget()\n", ""),
    Fault("sessions", "it outlives its run", "keeper.py", "elif self.with_its_run and not", "elif not self and not"),
    Fault("sessions", "others may enter", "channel.py", "stat.S_IMODE(found.st_mode) & 0o077:", "not found.st_mode:"),
    Fault("resolve", "a disabled row is preferred", "backend_names.py", "not row.enabled, row.b", "row.enabled, row.b"),
    Fault(
        "resolve",
        "the name of the .env is forgotten",
        "backend_names.py",
        "if claim.integrated and claim.in_env and",
        "if not claim and",
    ),
    Fault(
        "resolve",
        "a given credential loses",
        "credentials.py",
        '**chosen, "update_secret": "always"',
        '**chosen, "update_secret": "on_create"',
    ),
    Fault(
        "resolve", "two apps may have one name", "plugins/action/resolve.py", "and other != host]", "and other == 0]"
    ),
    Fault(
        "resolve",
        "redirect paths are dropped",
        "inventory.py",
        "for path in profile.redirect_paths]",
        "for path in profile.redirect_paths[:1]]",
    ),
    Fault("objects", "a flag of the provider is dropped", "objects.py", "        skip_registration_form=True,\n", ""),
    Fault("objects", "a shared worker is removed", "objects.py", "if worker not in used", "if worker not in rows"),
    Fault(
        "objects", "what points comes before what is pointed at", "objects.py", "[*rows, *further]", "[*further, *rows]"
    ),
    Fault(
        "objects", "a key of the .env is dropped", "app_env.py", '        "LOGOUT_REDIRECT_URL": f"{lms}/logout",\n', ""
    ),
    Fault(
        "objects",
        "a rotation revokes the new token",
        "rotation.py",
        "(old, new) if self.back else (new, old)",
        "(new, old) if self.back else (old, new)",
    ),
    Fault(
        "settings",
        "names are mapped the wrong way round",
        "lms_settings.py",
        'app["domain"] if is_mapped',
        'app["domain"] if not is_mapped',
    ),
    Fault(
        "settings",
        "an override of somebody else is removed",
        "plugins/module_utils/_lms_settings.py",
        'if OURS in (text or "")',
        "if text is not None",
    ),
    Fault(
        "settings",
        "the app's host may not be redirected to",
        "roles/edx_private_settings/files/mit_apps/__init__.py",
        '        add(settings, "LOGIN_REDIRECT_WHITELIST", app["host"])\n',
        "",
    ),
    Fault(
        "settings",
        "the user's backends are lost",
        "roles/edx_private_settings/files/mit_apps/__init__.py",
        'backends.{class_name(app)}", *present]',
        'backends.{class_name(app)}"]',
    ),
    Fault(
        "roles",
        "a backend is in the settings before its row",
        "playbooks/site.yml",
        "name: mitodl.openedx.edx_oauth_provider\n        rolespec_validate",
        "name: mitodl.openedx.edx_private_settings\n        rolespec_validate",
        swap=True,
    ),
    Fault(
        "roles",
        "rows are removed before the settings",
        "playbooks/remove.yml",
        "name: mitodl.openedx.edx_private_settings",
        "name: mitodl.openedx.edx_oauth_provider",
        swap=True,
    ),
    Fault("objects", "a rotation is never over", "rotation.py", "Rotation.revoke, releases=True", "Rotation.revoke"),
    Fault(
        "objects",
        "the way back leaves no client secret",
        "rotation.py",
        "if self.restores:\n            return self.client",
        "if self.back:\n            return self.client",
    ),
    Fault(
        "roles",
        "a rotation leaves out the public client",
        "roles/sso_rotation/tasks/client_secret.yml",
        "step: accept_no_secret",
        "step: send_no_secret",
        swap=True,
    ),
    Fault(
        "roles",
        "git may commit the .env",
        "roles/mit_app_env/tasks/present.yml",
        "git_exclude: true",
        "git_exclude: false",
    ),
    Fault(
        "roles",
        "a broken chain is no failure",
        "roles/sso_doctor/tasks/main.yml",
        "that: sso_doctor_result.ok",
        "that: true",
    ),
    Fault(
        "roles",
        "the rows' changes are not shown",
        "roles/edx_oauth_provider/tasks/main.yml",
        '"{{ edx_oauth_provider_result.diff }}"',
        "[]",
    ),
    Fault(
        "hops",
        "a token that expires soon is no warning",
        "hops/accounts.py",
        'facts["days_left"] < seen.warn_days',
        'facts["days_left"] > 9999',
    ),
    Fault(
        "hops",
        "a refused client counts as accepted",
        "hops/credentials.py",
        'facts.get("answer") == "invalid_grant"',
        'facts.get("answer")',
    ),
    Fault(
        "hops",
        "what hangs on a broken hop is judged",
        "diagnosis.py",
        "if done[need].status == FAILED:",
        "if not done:",
    ),
    Fault(
        "hops",
        "a stopped container has another fix",
        "hops/network.py",
        '"is not running" in message',
        '"is not running" in known',
    ),
    Fault("report", "who was not examined is well", "report.py", '"ok": not missing and all(', '"ok": all('),
    Fault("report", "drift shows secrets", "findings.py", 'startswith("(secret")', 'startswith("((secret")'),
    Fault(
        "report",
        "a warning hides what failed",
        "report.py",
        '("failed", "warning", "ok", "skipped")',
        '("warning", "failed", "ok", "skipped")',
    ),
    Fault(
        "report",
        "the table hides the facts of warnings",
        "plugins/module_utils/_doctor/table.py",
        "told = status in (FAILED, WARNING)",
        "told = status in (FAILED,)",
    ),
]


def copied(place: Path) -> None:
    """The files that git knows, with the Pythons and collections of the checkout itself."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    for name in filter(None, listed.split("\0")):
        if (ROOT / name).is_file():
            (place / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, place / name)
    collections = place / ".ansible/collections/ansible_collections"
    (collections / "mitodl").mkdir(parents=True)
    (collections / "mitodl/openedx").symlink_to(place)
    (collections / "community").symlink_to(ROOT / ".ansible/collections/ansible_collections/community")
    (place / ".lab").mkdir()
    for name in ("venv-lms", "venv-app"):
        (place / ".lab" / name).symlink_to(ROOT / ".lab" / name)


class Trial:
    """The copy, and the guards in it."""

    def __init__(self, place: Path):
        self.place = place
        self.sound: dict[tuple[str, str], bool] = {}
        copied(place)

    def passes(self, guard: str, tests: str) -> bool:
        command = [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", "-m", "not full", guard]
        command += ["-k", tests] if tests else []
        # No compiled file of the text before or after: they are told apart by second and size.
        env = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}
        return subprocess.run(command, cwd=self.place, env=env, capture_output=True, check=False).returncode == 0

    def is_sound(self, guard: str, tests: str) -> bool:
        """Whether a guard passes without a fault; asked once."""
        if (guard, tests) not in self.sound:
            self.sound[guard, tests] = self.passes(guard, tests)
        return self.sound[guard, tests]

    def caught_by(self, fault: Fault) -> str:
        path = self.place / fault.path
        text = path.read_text()
        for guard in GUARDS[fault.area]:
            tests = fault.tests if "/integration/" in guard else ""
            path.write_text(fault.put_into(text))
            passed = self.passes(guard, tests)
            path.write_text(text)
            if not passed and self.is_sound(guard, tests):
                return guard
            if not passed:
                print(f"{guard} fails without any fault, too", flush=True)
        return ""


def main() -> int:
    words = sys.argv[1:]
    wanted = [fault for fault in FAULTS if not words or fault.area in words or fault.says in words]
    stale, missed = [fault for fault in wanted if fault.is_stale], []
    tried = [fault for fault in wanted if fault not in stale]
    with tempfile.TemporaryDirectory() as folder:
        trial = Trial(Path(folder).resolve())
        for fault in tried:
            begin = time.monotonic()
            guard = trial.caught_by(fault)
            seconds = time.monotonic() - begin
            print(f"{fault.area:<9} {fault.says:<48} {guard or 'NOT CAUGHT':<60} {seconds:5.0f} s", flush=True)
            if not guard:
                missed.append(fault)
    print(f"\n{len(tried) - len(missed)} of {len(tried)} faults were caught.")
    for title, found in (("NOT CAUGHT", missed), ("NOT TRIED, because its file has changed", stale)):
        for fault in found:
            print(f"  {title}: {fault.area}: {fault.says} ({fault.path})")
    return 1 if missed or stale else 0


if __name__ == "__main__":
    sys.exit(main())
