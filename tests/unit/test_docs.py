# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Links lead somewhere, in the artifact too; examples are what the collection reads; commands are there as typed."""

from __future__ import annotations

import os.path
import re

import pytest
import yaml
from ansible.cli.playbook import PlaybookCLI
from ansible.parsing.dataloader import DataLoader
from ansible_collections.mitodl.openedx.plugins.plugin_utils._declared import Declarations, known_names, specs
from documents import (
    GALAXY,
    RAW,
    SHOWN,
    Piece,
    anchors,
    blocks,
    commands,
    examples,
    is_shipped,
    links,
    pages,
    tracked,
    typed,
    words,
)
from runs import ROOT

NAME = f"{GALAXY['namespace']}.{GALAXY['name']}"
MAKEFILE = (ROOT / "Makefile").read_text()
#: Programs of others: what follows is theirs, and is not looked at here. What blocks say of them is in the next two.
FOREIGN = ("ansible-builder", "echo", "export", "docker", "jq", "sudo", "tutor", "ansible-vault")
#: Commands of others that a test runs, and where.
RUN = {
    "tutor dev do tests mit-sso --cleanup skip": "tests/docker/test_life.py",
    "echo from django": "tests/integration/test_docs.py",
}
#: Those that none runs as they are typed, and why; where something like them is run.
NOT_RUN = {
    "ansible-galaxy collection install mitodl.openedx": "asks Galaxy; noxfile.py installs the artifact (test-artifact)",
    "ansible-builder build": "pulls an image; integration/test_execution_environment.py builds on another, with docker",
    "export ANSIBLE_STDOUT_CALLBACK": "is for the shell; integration/test_terminal.py sets it",
    "jq -r": "is no program that the tests ask for; integration/test_report.py holds the document against its schema",
}
#: What is given of each app, by which its lines are known where they stand alone.
APP = {"mit_app_profile", "mit_app_domain"}
LMS = {"lms": {"edx_target": {"type": "tutor_dev"}, "edx_lms_base_url": "http://local.openedx.io:8000"}}


# -- links -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("page", pages())
def test_links_lead_to_a_file_and_a_heading_also_in_the_artifact(page):
    broken = []
    for link in links(page):
        path, _, anchor = link.partition("#")
        elsewhere = next((path.removeprefix(prefix) for prefix in (SHOWN, RAW) if path.startswith(prefix)), None)
        if re.match(r"\w+:", path) and elsewhere is None:
            continue
        target = elsewhere or (os.path.normpath(os.path.join(os.path.dirname(page), path)) if path else page)
        is_there = target in tracked() and (elsewhere or is_shipped(target) or not is_shipped(page))
        if not is_there or (anchor and anchor not in anchors(target)):
            broken.append(link)
    assert broken == []


# -- examples ----------------------------------------------------------------------------------------------------------


def parsed(text: str, tmp_path):
    """An example as Ansible reads it; where a vaulted text is cut short, another stands."""
    file = tmp_path / "example.yml"
    file.write_text(re.sub(r"!vault( \|\n.*?\.\.\.\n| \.\.\.)", '"given"\n', text, flags=re.DOTALL))
    return DataLoader().load_from_file(str(file))


def check_inventory(groups):
    """The hosts of an inventory are resolved as by a run."""
    shared = (groups.get("all") or {}).get("vars") or {}
    hosts = {group: (groups.get(group) or {}).get("hosts") or {} for group in ("edx", "mit_apps")}
    hosts["edx"] = hosts["edx"] or LMS
    hosts["mit_apps"] = hosts["mit_apps"] or {"xpro": {"mit_app_profile": "mitxpro", "mit_app_dir": "/src/mitxpro"}}
    hostvars = {
        name: {**shared, **variables, "inventory_hostname": name}
        for group in hosts.values()
        for name, variables in group.items()
    }
    members = {group: list(names) for group, names in hosts.items()}
    for name in members["mit_apps"]:
        play = {"hostvars": hostvars, "groups": members, "ansible_play_hosts": members["mit_apps"]}
        found = Declarations({**hostvars[name], **play}, lambda value: value)
        for one in (name, found.edx_host(name)):
            found.check_names(one)
        found.check_places(name, found.edx_host(name))
        assert found.app(name)[0].base_url.startswith(("http://", "https://"))


def check_play(play):
    """Roles, modules and variables of a play are there."""
    names = [role["role"] for role in play.get("roles", ())]
    given = [*play.get("vars", {}), *(name for role in play.get("roles", ()) for name in role.get("vars", {}))]
    for task in play.get("tasks", ()):
        (module,) = [key for key in task if "." in key]
        names.append(task[module]["name"] if module.endswith("_role") else module)
        given += task.get("vars", {})
    for name in names:
        short = name.removeprefix(f"{NAME}.")
        assert short != name, f"{name} is not one of ours"
        assert {f"roles/{short}", f"plugins/modules/{short}.py"} & tracked(), f"there is no {name}"
    assert set(given) <= known_names()


def check(example):
    if isinstance(example, list):
        for play in example:
            check_play(play)
    elif set(example) & {"edx", "mit_apps", "all"}:
        check_inventory(example)
    elif all(isinstance(value, dict) and APP & set(value) for value in example.values()):
        check_inventory({"mit_apps": {"hosts": example}})
    else:
        assert set(example) <= known_names()
        for name, value in example.items():
            spec = next(options[name] for options in specs().values() if name in options)
            assert spec["type"] in ("dict", "list") or not isinstance(value, (dict, list)), name


@pytest.mark.parametrize("example", [piece for page in pages() for piece in examples(page)], ids=str)
def test_examples_are_what_the_collection_reads(example: Piece, tmp_path):
    check(parsed(example.text, tmp_path))


def test_the_inventory_of_the_readme_is_the_one_for_laptops():
    """It is resolved as by a run (above). No test applies it: it is for the Tutor and the checkout of a person."""
    (inventory,) = [yaml.safe_load(piece.text) for piece in examples("README.md")]
    assert inventory == yaml.safe_load((ROOT / "inventories/local/hosts.yml").read_text())


# -- what the README says of the plugins -------------------------------------------------------------------------------


def modules_section() -> str:
    return (ROOT / "README.md").read_text().partition("\n### Modules\n")[2].partition("\n## ")[0]


def support(attribute: str) -> dict[str, str]:
    """How far the modules of the table support what they describe by themselves."""
    found = {}
    table = "".join(re.findall(r"^\| `.*?(?= \| )", modules_section(), re.MULTILINE))
    for name in re.findall(r"`(\w+)`", table):
        text = (ROOT / f"plugins/modules/{name}.py").read_text()
        (documentation,) = re.findall(r'^DOCUMENTATION = r"""\n(.*?)^"""', text, re.MULTILINE | re.DOTALL)
        described = yaml.safe_load(documentation)
        found[name] = described.get("attributes", {}).get(attribute, {}).get("support", "")
    return found


def test_the_modules_without_a_diff_are_named():
    (named,) = re.findall(r"([^;.]*?) have no diff", modules_section(), re.DOTALL)
    assert re.findall(r"`(\w+)`", named) == sorted(name for name, how in support("diff_mode").items() if how == "none")


def test_the_modules_with_less_of_a_check_mode_are_named():
    named = re.findall(r"check mode; `(\w+)` then only reads", modules_section())
    assert named == [name for name, how in support("check_mode").items() if how not in ("", "full")]


@pytest.mark.parametrize("kind", ["filter", "lookup", "callback"])
def test_the_other_plugins_are_named(kind):
    names = {path.stem for path in (ROOT / f"plugins/{kind}").glob("[!_]*.py")}
    assert {name for name in names if f"{kind} `{name}`" in modules_section()} == names


# -- commands ----------------------------------------------------------------------------------------------------------


def check_make(arguments):
    suites = re.findall(r"[a-z][\w.-]*", MAKEFILE.partition(".DEFAULT_GOAL")[0])
    targets = {*suites, *re.findall(r"^([a-z-]+):", MAKEFILE, re.MULTILINE)}
    readers = (
        "Makefile",
        "noxfile.py",
        "tools/setup.sh",
        "tools/python.sh",
        "lab/ctl.py",
        "bench/run.py",
        "bench/runs.py",
    )
    read = "".join((ROOT / name).read_text() for name in readers)
    for word in arguments:
        name, is_variable, _value = word.partition("=")
        if is_variable:
            assert re.search(rf"\b{name}\b", read), f"nothing that make starts reads {name}"
        else:
            assert name in targets or re.fullmatch(r"test-core-2\.\d\d", name), f"make has no target {name}"


def check_playbook(arguments):
    cli = PlaybookCLI(["ansible-playbook", *arguments])
    cli.init_parser()
    given = cli.parser.parse_args(arguments)
    texts = []
    for book in given.args:
        path = f"playbooks/{book.removeprefix(NAME + '.')}.yml" if book.startswith(f"{NAME}.") else book
        assert path in tracked(), f"there is no {path}"
        texts.append((ROOT / path).read_text())
    if any("import_playbook" in text for text in texts):
        texts.append((ROOT / "playbooks/site.yml").read_text())
    text = "\n".join(texts)
    for extra in given.extra_vars:
        for name in re.findall(r"(\w+)=", extra):
            assert name in known_names() or re.search(rf"\b{name}\b", text), f"{book} reads no {name}"
    for tag in ",".join(given.tags).split(","):
        assert tag == "all" or re.search(rf"tags: \[.*\b{tag}\b", text), f"{book} has no tag {tag}"


def check_file(arguments):
    """A program of the checkout, and files that it is given."""
    named = [word for word in arguments if "/" in word and not word.startswith(("-", "http"))]
    for word in named:
        assert word.partition("::")[0] in tracked(), f"there is no {word}"
    if "molecule" in arguments[0]:
        assert f"molecule/{arguments[-1]}" in tracked()


def check_command(command: str):
    program, *arguments = words(command)
    while re.match(r"[A-Z_]+=", program):
        program, *arguments = arguments
    base = program.rpartition("/")[2]
    if program == "make":
        check_make(arguments)
    elif base == "ansible-playbook":
        check_playbook(arguments)
    elif base == "ansible-galaxy":
        assert arguments[:2] in (["collection", "install"], ["collection", "publish"])
        assert arguments[2:] in ([], [NAME])
    elif base == "ansible-doc":
        for name in arguments:
            assert f"plugins/modules/{name.removeprefix(f'{NAME}.')}.py" in tracked(), f"there is no module {name}"
    elif program.startswith(".venv/bin/"):
        check_file([base, *arguments])
    elif program in ("python", "python3", "sh"):
        check_file(arguments)
    elif program.startswith("lab/"):
        check_file([program])
    else:
        assert base in FOREIGN or not arguments, f"{program} is none that is known here"


@pytest.mark.parametrize("command", [piece for page in pages() for piece in commands(page)], ids=str)
def test_commands_are_there_as_typed(command: Piece):
    check_command(command.text)


def test_each_command_of_others_is_run_or_it_is_said_why_not():
    """Besides the playbooks, which integration/test_docs.py runs."""
    found = {" ".join(words(piece.text)) for page in pages() for piece in typed(page)}
    theirs = {text for text in found if text.partition(" ")[0] in (*FOREIGN, "ansible-galaxy")}
    listed = {text: [start for start in (*RUN, *NOT_RUN) if text.startswith(start)] for text in theirs}
    assert [text for text, starts in listed.items() if len(starts) != 1] == []
    assert {start for starts in listed.values() for start in starts} == {*RUN, *NOT_RUN}
    for start, path in RUN.items():
        assert set(start.split()) <= {*re.findall(r"[\w-]+", (ROOT / path).read_text())}
    for path in re.findall(r"integration/\w+\.py", "".join(NOT_RUN.values())):
        assert f"tests/{path}" in tracked()


def test_every_block_says_what_it_is():
    """So that no example and no command is overlooked."""
    known = {"", "console", "python", "sh", "yaml"}
    assert {piece.language for page in pages() for piece in blocks(page)} <= known
