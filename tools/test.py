# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs the test suites and closes with a table: tools/test.py [--quick] [SUITE...].

Without --quick everything is run. With it, what tests/sets.py names is left, and listed at the end with its counts.
test-docker and test-molecule wait as much as they compute: they run beside the others, each line with their name.
Every suite is run, also after a failure. What this machine could not run is listed at the end. With REQUIRE_DOCKER=1
a missing Docker Engine is a failure. The last line counts suites: "N passed, N failed, N skipped".
"""

from __future__ import annotations

import functools
import os
import re
import runpy
import shutil
import subprocess
import sys
import tempfile
import threading
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BUILD = ROOT / "build"
COLLECTIONS = ROOT / ".ansible" / "collections"
BIN = Path(sys.executable).parent
ENVIRONMENT = {
    **os.environ,
    "PATH": f"{BIN}{os.pathsep}{os.environ.get('PATH', os.defpath)}",
    "NO_COLOR": "1",
    "ANSIBLE_COLLECTIONS_PATH": str(COLLECTIONS),
    "LAB_LMS_PYTHON": str(ROOT / ".lab/venv-lms/bin/python"),
    "LAB_APP_PYTHON": str(ROOT / ".lab/venv-app/bin/python"),
}
NO_ENGINE = "no Docker Engine answers (`docker info`)"
# Two suites that run beside each other prepare the same lab.
LAB_SETUP = threading.Lock()
# What may be in the artifact: only what users of the installed collection need.
SHIPPED = re.compile(
    r"(CHANGELOG|CODE_OF_CONDUCT|CONTRIBUTING|MAINTAINERS|README|SECURITY)\.md|COPYING|(FILES|MANIFEST)\.json"
    r"|(changelogs|docs|meta|playbooks|plugins|roles|tests/sanity)/.*|tests/config\.yml"
)


@dataclass
class Suite:
    """One suite: what it runs, and while it runs what came of it."""

    name: str
    about: str
    body: Callable[[Suite], None]
    beside: bool = False
    mark: str = ""
    count: int = 0
    failures: list[str] = field(default_factory=list)
    not_run: list[str] = field(default_factory=list)
    #: What `make test` left to `make test-all`.
    left: list[str] = field(default_factory=list)
    seconds: float = 0

    @property
    def result(self) -> str:
        return "FAILED" if self.failures else "passed" if self.count else "skipped"

    def say(self, text: str) -> None:
        for line in text.splitlines() or [""]:
            print(f"{self.mark}{line.rstrip()}", flush=True)

    def run(self) -> None:
        self.say("")
        self.say(f"===== {self.name}: {self.about} =====")
        begin = time.monotonic()
        try:
            self.body(self)
        except Exception as error:  # The other suites are to be run all the same.
            self.say(traceback.format_exc())
            self.failures.append(f"{type(error).__name__}: {error}")
        self.seconds = time.monotonic() - begin
        self.say(f"===== {self.name}: {self.result}, {self.seconds:.1f} s =====")

    def step(self, label: str, *command: str | Path, none_is_good: bool = False, cwd: Path = ROOT, **env: str) -> str:
        """Run a command, show its output as it comes, and return it. (pytest says 5 when it had no tests.)"""
        self.say(f"--- {label}")
        lines = []
        with subprocess.Popen(
            [str(part) for part in command],
            cwd=cwd,
            env={**ENVIRONMENT, **env},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
        ) as process:
            assert process.stdout
            for line in process.stdout:
                lines.append(line)
                self.say(line)
        if process.returncode and not (none_is_good and process.returncode == 5):
            self.failures.append(f"{label} (exit code {process.returncode})")
        return "".join(lines)

    def check(self, label: str, *command: str | Path, cwd: Path = ROOT, **env: str) -> None:
        """A step that counts as one test."""
        self.count += 1
        self.step(label, *command, none_is_good=False, cwd=cwd, **env)

    def documents(self, kind: str, names: list[str], cwd: Path, **env: str) -> str:
        """What ansible-doc says of these plugins; too long to be shown."""
        self.say(f"--- ansible-doc of {len(names)} {kind}s")
        self.count += len(names)
        command = [str(BIN / "ansible-doc"), "--json", "--type", kind]
        done = subprocess.run(
            [*command, *names], cwd=cwd, env={**ENVIRONMENT, **env}, capture_output=True, text=True, check=False
        )
        if done.stderr:
            self.say(done.stderr)
        return done.stdout

    def without_engine(self, what: str) -> bool:
        """Whether something that needs Docker has to be left out; noted where it is."""
        if has_engine():
            return False
        (self.failures if os.environ.get("REQUIRE_DOCKER") == "1" else self.not_run).append(f"{what}: {NO_ENGINE}")
        return True


@functools.cache
def has_engine() -> bool:
    try:
        return subprocess.run(["docker", "info"], capture_output=True, timeout=20, check=False).returncode == 0
    except (OSError, subprocess.TimeoutExpired):
        return False


def pytest(suite: Suite, folder: str, *options: str, with_lab: bool = False, verbose: bool = False) -> None:
    if not list(ROOT.glob(f"{folder}/**/test_*.py")):
        suite.not_run.append(f"{folder} has no tests")
        return
    if with_lab and not prepare_lab(suite):
        return
    lacking = "" if has_engine() else "not docker"
    if quick():
        if left := collected(folder, "full"):
            suite.left.append(f"{left} of {collected(folder)} tests of {folder}")
        if lacking and (count := collected(folder, "docker and not full")):
            suite.without_engine(f"{count} tests of {folder}")
    elif lacking and (count := collected(folder, "docker")):
        suite.without_engine(f"{count} tests of {folder}")
    if marks := " and ".join(filter(None, ["not full" if quick() else "", lacking])):
        options += ("-m", marks)
    if with_lab or verbose:
        # These take seconds each: a line for each as it ends, and at the end which took longest.
        options += ("-v", "--durations=10")
    output = suite.step("pytest", BIN / "pytest", "-rs", folder, *options, none_is_good=True)
    summary = output.rpartition("\n=")[2]
    totals = {word: int(number) for number, word in re.findall(r"(\d+) (passed|failed|error)", summary)}
    suite.count += sum(totals.get(word, 0) for word in ("passed", "failed", "error"))
    suite.not_run += re.findall(r"^SKIPPED (.*)", output, re.MULTILINE)


def quick() -> bool:
    """Whether this is `make test`, which leaves what takes long."""
    return "--quick" in sys.argv


def collected(folder: str, marks: str = "") -> int:
    """How many tests of a folder have these marks. (The processes of pytest-xdist do not say what they leave.)"""
    command = [str(BIN / "pytest"), "--collect-only", "-q", folder, "-m", marks]
    done = subprocess.run(command, cwd=ROOT, env=ENVIRONMENT, capture_output=True, text=True, check=False)
    return sum("::" in line for line in done.stdout.splitlines())


def prepare_lab(suite: Suite) -> bool:
    with LAB_SETUP:
        suite.step("lab/ctl.py setup", sys.executable, "lab/ctl.py", "setup")
    return not suite.failures


def install(suite: Suite, collections: Path) -> Path:
    """Build the artifact, install it and what it depends on away from the checkout, and return its folder."""
    shutil.rmtree(BUILD, ignore_errors=True)
    galaxy = (BIN / "ansible-galaxy", "collection")
    suite.step("ansible-galaxy collection build", *galaxy, "build", "--output-path", BUILD)
    (archive,) = BUILD.glob("*.tar.gz")
    command = (*galaxy, "install", archive, "--no-deps", "--offline", "--collections-path", collections)
    suite.check("ansible-galaxy collection install", *command, ANSIBLE_COLLECTIONS_PATH=str(collections))
    shutil.copytree(COLLECTIONS / "ansible_collections/community", collections / "ansible_collections/community")
    return collections / "ansible_collections/mitodl/openedx"


def engine(suite: Suite) -> None:
    suite.count += has_engine()
    suite.without_engine("all that needs Docker")


def lint(suite: Suite) -> None:
    python = sys.executable
    suite.check("ruff check", BIN / "ruff", "check", "--output-format", "concise")
    suite.check("ruff format", BIN / "ruff", "format", "--check", "--output-format", "concise")
    suite.check("mypy", BIN / "mypy")
    suite.check("yamllint", BIN / "yamllint", "--strict", ".")
    suite.check("ansible-lint", BIN / "ansible-lint", "--offline", "--strict")
    suite.check(
        "documentation of plugins and roles", BIN / "antsibull-docs", "lint-collection-docs", "--plugin-docs", "."
    )
    suite.check("documentation site", python, "tools/docs.py")
    suite.check("changelog", BIN / "antsibull-changelog", "lint")
    suite.check("roles: defaults and argument specs agree", python, "tools/check_roles.py")
    suite.check("roles: READMEs are up to date", python, "tools/role_readmes.py", "--check")


def unit(suite: Suite) -> None:
    pytest(suite, "tests/unit")
    pytest(suite, "tests/browser")


def lab(suite: Suite) -> None:
    pytest(suite, "tests/lab", with_lab=True)


def integration(suite: Suite) -> None:
    """Every file in one of a few processes, each with a lab of its own; what runs beside it needs a processor too."""
    processes = str(min(max((os.cpu_count() or 1) - has_engine(), 1), 4))
    pytest(suite, "tests/integration", "--numprocesses", processes, "--dist", "loadfile", with_lab=True)


def docker_lab(suite: Suite) -> None:
    if not suite.without_engine("tests/docker"):
        suite.step("lab/docker/images.py", sys.executable, "lab/docker/images.py")
        pytest(suite, "tests/docker", verbose=True)


def molecule(suite: Suite) -> None:
    """Every scenario; those that are named docker... need Docker."""
    scenarios = sorted(path.parent.name for path in ROOT.glob("molecule/*/molecule.yml"))
    if quick():
        full = runpy.run_path(str(ROOT / "tests/sets.py"))["FULL_SCENARIOS"]
        suite.left += [f"molecule/{name}: {full[name]}" for name in scenarios if name in full]
        scenarios = [name for name in scenarios if name not in full]
    if not scenarios:
        suite.not_run.append("molecule/ has no scenarios")
    elif prepare_lab(suite):
        for name in scenarios:
            if not (name.startswith("docker") and suite.without_engine(f"molecule/{name}")):
                suite.check(f"molecule test -s {name}", BIN / "molecule", "test", "-s", name)


def sanity(suite: Suite) -> None:
    """On the installed build: ansible-test insists on the full path, and on no other git work tree around it."""
    home = sanity_home(ROOT / ".cache" / "sanity")
    python = f"{sys.version_info.major}.{sys.version_info.minor}"
    command = (BIN / "ansible-test", "sanity", "--local", "--python", python, "--color", "no")
    with tempfile.TemporaryDirectory() as work:
        installed = install(suite, Path(work))
        output = suite.step("ansible-test sanity", *command, cwd=installed, HOME=str(home))
    tests = set(re.findall(r'^Running sanity test "?([\w-]+)', output, re.MULTILINE))
    suite.count += len(tests)
    if not tests:
        suite.failures.append("ansible-test ran no test")


def sanity_home(home: Path) -> Path:
    """A home directory for ansible-test in which its way to get pip is the Python's own and not a download."""
    cache = home / ".ansible" / "test" / "cache"
    cache.mkdir(parents=True, exist_ok=True)
    source = next(BIN.parent.glob("lib/*/site-packages/ansible_test/_internal/python_requirements.py"))
    for version in set(re.findall(r"""['"](\d+\.\d+(?:\.\d+)?)['"]""", source.read_text())):
        shutil.copy(ROOT / "tools" / "get_pip.py", cache / f"get_pip_{version.replace('.', '_')}.py")
    for settings in (".config/pip", ".pip", ".cache/pip", "Library/Application Support/pip", "Library/Caches/pip"):
        own, linked = Path.home() / settings, home / settings
        if own.exists() and not linked.exists():
            linked.parent.mkdir(parents=True, exist_ok=True)
            linked.symlink_to(own)
    return home


def artifact(suite: Suite) -> None:
    """The installed build, used from a directory that has nothing to do with the checkout."""
    with tempfile.TemporaryDirectory() as work:
        collections, elsewhere = Path(work) / "collections", Path(work) / "elsewhere"
        elsewhere.mkdir()
        installed = install(suite, collections)
        env = {"ANSIBLE_COLLECTIONS_PATH": str(collections)}
        suite.count += 1
        files = sorted(path.relative_to(installed).as_posix() for path in installed.rglob("*") if path.is_file())
        suite.say(f"--- contents: {len(files)} files")
        if stray := [name for name in files if not SHIPPED.fullmatch(name)]:
            suite.failures.append(f"stray files in the artifact (build_ignore of galaxy.yml): {', '.join(stray)}")
        for name in sorted(path.stem for path in installed.glob("playbooks/*.yml")):
            command = (BIN / "ansible-playbook", f"mitodl.openedx.{name}", "-i", ROOT / "inventories/lab")
            suite.check(f"playbook {name}", *command, "--syntax-check", cwd=elsewhere, **env)
        for kind, folder in (
            ("module", "plugins/modules"),
            ("filter", "plugins/filter"),
            ("callback", "plugins/callback"),
            ("role", "roles"),
        ):
            names = sorted({f"mitodl.openedx.{path.stem}" for path in installed.glob(f"{folder}/[!_.]*")})
            documents = suite.documents(kind, names, cwd=elsewhere, **env) if names else ""
            suite.failures += [f"ansible-doc: no {kind} {name}" for name in names if f'"{name}": {{' not in documents]


SUITES = [
    Suite("docker", "a Docker Engine answers", engine),
    Suite("lint", "style, types, YAML, Ansible, changelog, roles' variables", lint),
    Suite("test-unit", "the engine and the plugins, without a target", unit),
    Suite("test-lab", "the stand-in LMS and apps behave like the real ones", lab),
    Suite("test-integration", "modules, roles and playbooks against the running lab", integration),
    Suite("test-docker", "both apps on the real Docker Engine and the real Tutor", docker_lab, beside=True),
    Suite("test-molecule", "check, converge, idempotence, verify", molecule, beside=True),
    Suite("sanity", "ansible-test sanity on the built collection", sanity),
    Suite("test-artifact", "the built collection, installed elsewhere", artifact),
]


def report(suites: list[Suite]) -> None:
    print(f"\n{'suite':<18}{'result':<9}{'seconds':>8}{'tests':>7}")
    for suite in suites:
        print(f"{suite.name:<18}{suite.result:<9}{suite.seconds:>8.1f}{suite.count:>7}")
    for title, lists in (
        ("FAILED", [(suite.name, suite.failures) for suite in suites]),
        ("COULD NOT RUN ON THIS MACHINE", [(suite.name, suite.not_run) for suite in suites]),
        ("LEFT TO `make test-all`", [(suite.name, suite.left) for suite in suites]),
    ):
        if any(entries for _name, entries in lists):
            print(f"\n{title}:")
            for name, entries in lists:
                for entry in entries:
                    print(f"  {name}: {entry}")


def run(suites: list[Suite]) -> None:
    for suite in suites:
        suite.run()


def main() -> int:
    wanted = [word for word in sys.argv[1:] if word != "--quick"]
    if unknown := set(wanted) - {suite.name for suite in SUITES}:
        sys.exit(f"no such suite: {', '.join(sorted(unknown))}; there are: {', '.join(suite.name for suite in SUITES)}")
    suites = [suite for suite in SUITES if not wanted or suite.name in wanted]
    beside = [suite for suite in suites if suite.beside]
    others = [suite for suite in suites if not suite.beside]
    if beside and others:
        for suite in beside:
            suite.mark = f"{suite.name} | "
    lane = threading.Thread(target=run, args=[beside], daemon=True)
    lane.start()
    run(others)
    lane.join()
    report(suites)
    totals = {word: sum(suite.result == word for suite in suites) for word in ("passed", "FAILED", "skipped")}
    print(f"\n{totals['passed']} passed, {totals['FAILED']} failed, {totals['skipped']} skipped")
    return 1 if totals["FAILED"] else 0


if __name__ == "__main__":
    sys.exit(main())
