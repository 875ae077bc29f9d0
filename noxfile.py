# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The test suites; `make test` and `make test-all` run them through tools/test.py, which closes with a table.

Sessions use the .venv that `make` prepares; those of other versions of ansible-core make one of their own. Each leaves
in build/tests what the table says of it. With `-- quick` what only `make test-all` runs is left out (marker `full`).
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import runpy
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nox
from nox.command import CommandFailed

ROOT = Path(__file__).resolve().parent
NOTES = ROOT / "build" / "tests"
COLLECTIONS = ROOT / ".ansible" / "collections"
BIN = Path(sys.executable).parent
VERSIONS = runpy.run_path(str(ROOT / "tools" / "versions.py"))
RELEASE = runpy.run_path(str(ROOT / "tools" / "release.py"))
NO_ENGINE = "no Docker Engine answers (`docker info`)"
# What may be in the artifact: only what users of the installed collection need.
SHIPPED = re.compile(
    r"(CHANGELOG|CODE_OF_CONDUCT|CONTRIBUTING|MAINTAINERS|README|SECURITY)\.md|COPYING|(FILES|MANIFEST)\.json|REUSE\.toml"
    r"|(LICENSES|docs|meta|playbooks|plugins|roles|tests/sanity)/.*|changelogs/\w+\.yaml|tests/config\.yml"
)

nox.options.default_venv_backend = "none"
nox.options.allow_parallel = True
os.environ.update(
    PATH=f"{BIN}{os.pathsep}{os.environ.get('PATH', os.defpath)}",
    NO_COLOR="1",
    ANSIBLE_COLLECTIONS_PATH=str(COLLECTIONS),
    LAB_LMS_PYTHON=str(ROOT / ".lab/venv-lms/bin/python"),
    LAB_APP_PYTHON=str(ROOT / ".lab/venv-app/bin/python"),
)


def quick(session: nox.Session) -> bool:
    """Whether this is `make test`, which leaves what takes long."""
    return "quick" in session.posargs


def note(session: nox.Session, **facts: object) -> None:
    """What tools/test.py says of a session: tests, failed, not_run, left."""
    NOTES.mkdir(parents=True, exist_ok=True)
    (NOTES / f"{session.name}.json").write_text(json.dumps(facts))


class Checks:
    """Commands that count as one test each; all are run, also after one failed."""

    def __init__(self) -> None:
        self.count = 0
        self.failed: list[str] = []
        self.not_run: list[str] = []

    def expect(self, holds: object, otherwise: str) -> None:
        self.count += 1
        if not holds:
            self.failed.append(otherwise)


@contextlib.contextmanager
def checks(session: nox.Session) -> Iterator[Checks]:
    found = Checks()
    try:
        yield found
    finally:
        note(session, tests=found.count, failed=found.failed, not_run=found.not_run)
    if found.failed:
        session.error("; ".join(found.failed))


def succeeds(session: nox.Session, *command: str | Path, **options: Any) -> bool:
    try:
        session.run(*command, **options)
    except CommandFailed:
        return False
    return True


def without_engine(session: nox.Session) -> bool:
    """Whether what needs Docker has to be left out; with REQUIRE_DOCKER=1 that is a failure."""
    with contextlib.suppress(OSError, subprocess.TimeoutExpired):
        if subprocess.run(["docker", "info"], capture_output=True, timeout=20, check=False).returncode == 0:
            return False
    if os.environ.get("REQUIRE_DOCKER") == "1":
        note(session, failed=[NO_ENGINE])
        session.error(NO_ENGINE)
    return True


def pytest(session: nox.Session, *options: str | Path, python: str | Path = sys.executable) -> None:
    """tools/test.py reads what came of it; tests/conftest.py writes down what was left."""
    NOTES.mkdir(parents=True, exist_ok=True)
    left = ("-m", "not full") if quick(session) else ()
    result = NOTES / f"{session.name}.xml"
    env = {"TESTS_LEFT": str(NOTES / f"{session.name}.left")}
    session.run(python, "-m", "pytest", "-rs", "--durations=10", f"--junitxml={result}", *left, *options, env=env)


def lab(session: nox.Session) -> None:
    """The packages of the lab; sessions that want them at the same time wait for the first."""
    session.run(sys.executable, "lab/ctl.py", "setup")


def workers() -> str:
    """Processes of pytest-xdist: this is what takes longest, and waits for servers in between."""
    return str(min(os.cpu_count() or 1, 4))


@nox.session(name="test-docker")
def docker(session: nox.Session) -> None:
    """Both apps on the real Docker Engine and the real Tutor: molecule's scenario docker, and tests/docker."""
    if without_engine(session):
        note(session, not_run=[NO_ENGINE])
        session.skip(NO_ENGINE)
    session.run(sys.executable, "lab/docker/images.py")
    lab(session)
    with checks(session) as check:
        check.expect(succeeds(session, "molecule", "test", "-s", "docker"), "molecule test -s docker")
        pytest(session, "tests/docker", "-v")


@nox.session(name="test-integration")
def integration(session: nox.Session) -> None:
    """Modules, roles and playbooks against the running lab; every file in one process, which has a lab of its own."""
    lab(session)
    versions = "--ignore=tests/integration/test_versions.py"
    pytest(session, "tests/integration", versions, "-v", "--numprocesses", workers(), "--dist", "loadfile")


@nox.session(name="test-molecule")
def molecule(session: nox.Session) -> None:
    """On the lab: check, converge, idempotence, check, drift, heal, absent."""
    lab(session)
    with checks(session) as check:
        for name in sorted(path.parent.name for path in ROOT.glob("molecule/*/molecule.yml")):
            if name != "docker":
                check.expect(succeeds(session, "molecule", "test", "-s", name), f"molecule test -s {name}")


@nox.session(name="test-unit")
def unit(session: nox.Session) -> None:
    """The engine and the plugins, without a target; and what pages look like in a browser."""
    examples = "quick" if quick(session) else "long"
    processes = str(min(os.cpu_count() or 1, 8))
    options = (f"--hypothesis-profile={examples}", "--numprocesses", processes)
    pytest(session, "tests/unit", "tests/browser", *options)


@nox.session(name="test-lab")
def test_lab(session: nox.Session) -> None:
    """The stand-in LMS and apps behave like the real ones."""
    lab(session)
    pytest(session, "tests/lab")


@nox.session
def lint(session: nox.Session) -> None:
    """Style, types, YAML, Ansible, documentation, changelog, roles' variables."""
    python = sys.executable
    site = {} if quick(session) else {"documentation site": (python, "tools/docs.py")}
    with checks(session) as check:
        for label, command in {
            "ruff check": ("ruff", "check", "--output-format", "concise"),
            "ruff format": ("ruff", "format", "--check", "--output-format", "concise"),
            "mypy": ("mypy",),
            "yamllint": ("yamllint", "--strict", "."),
            "ansible-lint": ("ansible-lint", "--offline", "--strict"),
            "documentation of plugins and roles": ("antsibull-docs", "lint-collection-docs", "--plugin-docs", "."),
            **site,
            "changelog": ("antsibull-changelog", "lint"),
            "roles: defaults and argument specs agree": (python, "tools/check_roles.py"),
            "roles: READMEs are up to date": (python, "tools/role_readmes.py", "--check"),
        }.items():
            check.expect(succeeds(session, *command), label)


@contextlib.contextmanager
def installed(session: nox.Session) -> Iterator[tuple[Path, dict[str, str]]]:
    """The built artifact, installed with what it depends on away from the checkout, and what makes Ansible use it.

    ansible-test insists on the full path, and on no git work tree around it.
    """
    build = ROOT / "build" / session.name
    shutil.rmtree(build, ignore_errors=True)
    with tempfile.TemporaryDirectory() as work:
        collections = Path(work) / "collections"
        env = {"ANSIBLE_COLLECTIONS_PATH": str(collections)}
        session.run(sys.executable, "tools/build.py", build)
        (archive,) = build.glob("*.tar.gz")
        options = ("--no-deps", "--offline", "--collections-path", collections)
        session.run("ansible-galaxy", "collection", "install", archive, *options, env=env)
        shutil.copytree(COLLECTIONS / "ansible_collections/community", collections / "ansible_collections/community")
        yield collections / "ansible_collections/mitodl/openedx", env


@nox.session
def sanity(session: nox.Session) -> None:
    """ansible-test sanity on the built collection; its pylint, half of the time, where there is time."""
    NOTES.mkdir(parents=True, exist_ok=True)
    home, log = sanity_home(ROOT / ".cache" / "sanity"), NOTES / "sanity.log"
    python = f"{sys.version_info.major}.{sys.version_info.minor}"
    with installed(session) as (place, _env), session.chdir(place), log.open("w") as out:
        left = ("--skip-test", "pylint") if quick(session) else ()
        command = ("ansible-test", "sanity", "--local", "--python", python, "--color", "no", *left)
        passed = succeeds(session, *command, stdout=out, stderr=subprocess.STDOUT, env={"HOME": str(home)})
    said = log.read_text()
    print(said)
    tests = set(re.findall(r'^Running sanity test "?([\w-]+)', said, re.MULTILINE))
    failed = re.findall(r"^(?:ERROR|FATAL): .*", said, re.MULTILINE)
    note(session, tests=len(tests), failed=failed, left=["1 test (pylint)"] if left else [])
    if not (passed and tests):
        session.error(f"ansible-test sanity: {len(tests)} tests were run")


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


@nox.session(name="test-artifact")
def artifact(session: nox.Session) -> None:
    """The built collection, used from a directory that has nothing to do with the checkout."""
    with checks(session) as check, installed(session) as (place, env), tempfile.TemporaryDirectory() as elsewhere:
        files = sorted(path.relative_to(place).as_posix() for path in place.rglob("*") if path.is_file())
        stray = [name for name in files if not SHIPPED.fullmatch(name)]
        check.expect(not stray, f"stray files in the artifact (build_ignore of galaxy.yml): {', '.join(stray)}")
        session.chdir(elsewhere)
        for name in sorted(path.stem for path in place.glob("playbooks/*.yml")):
            book = ("ansible-playbook", f"mitodl.openedx.{name}", "-i", ROOT / "inventories/lab", "--syntax-check")
            check.expect(succeeds(session, *book, env=env), f"playbook {name}")
        for kind, folder in {
            "module": "plugins/modules",
            "filter": "plugins/filter",
            "callback": "plugins/callback",
            "lookup": "plugins/lookup",
            "role": "roles",
        }.items():
            names = sorted({f"mitodl.openedx.{path.stem}" for path in place.glob(f"{folder}/[!_.]*")})
            documents = session.run("ansible-doc", "--json", "--type", kind, *names, env=env, silent=True)
            known = json.loads(str(documents))
            for name in names:
                check.expect(name in known, f"ansible-doc: no {kind} {name}")


def clone(session: nox.Session, source: Path, target: Path) -> None:
    """A checkout of what is committed, with the collections that Ansible needs there."""
    session.run("git", "clone", "--quiet", "--local", "--no-hardlinks", source, target)
    shutil.copytree(COLLECTIONS, target / ".ansible/collections", symlinks=True)


@nox.session(name="test-release")
def release(session: nox.Session) -> None:
    """A release in a clone, also where no fragment waits: the same bytes each time, and what Galaxy and REUSE ask."""
    packages = ROOT / ".cache" / "release"
    session.run(sys.executable, "tools/packages.py", "release", packages, "-r", "requirements/locked/release.txt")
    bin_of = packages / "bin"
    with checks(session) as check, tempfile.TemporaryDirectory() as work:
        released, again = Path(work, "released"), Path(work, "again")
        clone(session, ROOT, released)
        with session.chdir(released):
            fragments = Path("changelogs/fragments")
            RELEASE["rehearse"](fragments)
            names = [path.name for path in fragments.glob("*.yml")]
            check.expect(succeeds(session, sys.executable, "tools/release.py", "99.0.0"), "tools/release.py")
            check.expect(not list(fragments.glob("*.yml")), "fragments are left after a release")
            taken = Path("changelogs/changelog.yaml").read_text()
            check.expect(all(f"- {name}" in taken for name in names), "a fragment is not in the release")
            check.expect("v99\\.0\\.0" in Path("CHANGELOG.md").read_text(), "the release is not in CHANGELOG.md")
            who = ("-c", "user.name=rehearsal", "-c", "user.email=rehearsal@localhost", "-c", "commit.gpgsign=false")
            session.run("git", *who, "commit", "--quiet", "--all", "--message", "release: 99.0.0")
        clone(session, released, again)

        artifacts: list[Path] = []
        for place in (released, again):
            with session.chdir(place):
                session.run(sys.executable, "tools/build.py", Path(work, f"artifact-{place.name}"))
            artifacts += Path(work, f"artifact-{place.name}").iterdir()
        check.expect(
            artifacts[0].name == "mitodl-openedx-99.0.0.tar.gz", f"{artifacts[0].name} is not what was released"
        )
        check.expect(artifacts[0].read_bytes() == artifacts[1].read_bytes(), "two builds differ")

        environment = {
            "PATH": f"{bin_of}{os.pathsep}{os.environ['PATH']}",
            "GALAXY_IMPORTER_RUN_FLAKE8": "true",
            "GALAXY_IMPORTER_CHECK_REQUIRED_TAGS": "true",
        }
        with session.chdir(work), Path(work, "importer.log").open("w+") as log:
            importer = (bin_of / "python", "-m", "galaxy_importer.main", artifacts[0])
            imported = succeeds(session, *importer, stdout=log, stderr=subprocess.STDOUT, env=environment)
            log.seek(0)
            said = log.read()
        print(said)
        check.expect(imported and "processing completed successfully" in said, "galaxy-importer")
        remarks = re.findall(r"^(?:WARNING|ERROR): .*", said, re.MULTILINE)
        check.expect(not remarks, f"galaxy-importer: {'; '.join(remarks)}")
        with session.chdir(again):
            check.expect(succeeds(session, bin_of / "reuse", "lint"), "reuse lint")
            described(session, bin_of / "python", check)
        audit(bin_of / "pip-audit", check)


def described(session: nox.Session, python: Path, check: Checks) -> None:
    """The bill of materials is valid, the same each time, and has all that is locked and declared."""
    bills = [Path(f"bill-{number}.json") for number in (1, 2)]
    if not all(succeeds(session, python, "tools/bill.py", path) for path in bills):
        check.expect(False, "tools/bill.py")
        return
    check.expect(bills[0].read_bytes() == bills[1].read_bytes(), "two bills of materials differ")
    parts = {
        f"{one.get('group', '')} {one['name']} {one.get('version', '')}".strip()
        for one in json.loads(bills[0].read_text())["components"]
    }
    locked = re.findall(r"^([\w.-]+)==(\S+)", Path("requirements/locked/demo.txt").read_text(), re.MULTILINE)
    declared = re.findall(r"^  (\w+)\.(\w+): ", Path("galaxy.yml").read_text(), re.MULTILINE)
    lacking = {" ".join(words) for words in (*locked, *declared)} - parts
    check.expect(not lacking, f"not in the bill of materials: {', '.join(sorted(lacking))}")


def audit(pip_audit: Path, check: Checks) -> None:
    """The packages of a checkout have no known weakness, where the data about that can be had."""
    options = ("--vulnerability-service", "osv", "--require-hashes", "--disable-pip", "--format", "json")
    for path in sorted((ROOT / "requirements/locked").glob("*.txt")):
        done = subprocess.run([pip_audit, *options, "-r", path], capture_output=True, text=True, check=False)
        try:
            packages = json.loads(done.stdout)["dependencies"]
        except ValueError:
            check.not_run.append(f"pip-audit: {done.stderr.strip().splitlines()[-1][-200:]}")
            return
        weak = [f"{one['name']} {one['version']}: {bug['id']}" for one in packages for bug in one.get("vulns", ())]
        check.expect(not weak, f"pip-audit of {path.name}: {'; '.join(weak)}")


def core_session(core: str) -> None:
    """A session for a version of ansible-core that meta/runtime.yml allows, in a virtual environment of its own."""

    def body(session: nox.Session) -> None:
        python = VERSIONS["find"](core)
        if python is None:
            text = f"none of the Pythons of ansible-core {core} is here: {', '.join(VERSIONS['PYTHONS'][core])}"
            note(session, not_run=[text])
            session.skip(text)
        lab(session)
        place = ROOT / ".cache" / f"core-{core}"
        packages = ("-r", "requirements/pytest.txt", f"ansible-core=={core}.*")
        session.run(python, "tools/packages.py", f"ansible-core {core}", place, *packages)
        pytest(session, "tests/integration/test_versions.py", python=place / "bin/python")

    body.__doc__ = f"A converge, a check, a doctor and a removal with ansible-core {core}."
    nox.session(name=f"test-core-{core}")(body)


for version in VERSIONS["PYTHONS"]:
    core_session(version)
