# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every module option, role variable, tag, cause and hop is exercised by a test.

What counts is a name that a test hands over: an argument, a key, a value, or `name=` and `name:` in a text. Comments
and docstrings do not count, and an option counts only in files that name its module. What is exercised without being
named is listed below with the file that hands it over, and that file is looked at, too.
"""

from __future__ import annotations

import ast
import importlib
import re
from functools import cache
from pathlib import Path

import causes
import pytest
import yaml
from ansible_collections.mitodl.openedx.plugins.module_utils._doctor.catalogue import CATALOGUE
from ansible_collections.mitodl.openedx.plugins.module_utils._engine.kinds import KINDS
from runs import ROOT

#: Modules of which a role or a playbook hands over some options that no test names, in runs that tests make; or the
#: code that fills them in from the fact of an app or of an LMS.
OPTIONS_BY = {
    "app_declaration": ["roles/mit_app_env/tasks/main.yml"],
    "lms_departure": ["roles/mit_app/tasks/departure.yml"],
    "lms_rows": ["roles/edx_oauth_provider/tasks/main.yml", "plugins/action/lms_departure.py"],
    "lms_settings": ["roles/edx_private_settings/tasks/main.yml"],
    "removal_check": ["playbooks/remove.yml"],
    "removal_report": ["playbooks/remove.yml"],
    "rotation_step": ["roles/sso_rotation/tasks/main.yml", "playbooks/site.yml"],
    # The facts of a healthy chain, from which the tests of the hops start.
    "sso_check": ["tests/chain.py"],
    "tutor_project": ["roles/tutor_bootstrap/tasks/lms.yml"],
    "target_reset": ["roles/sso_reset/tasks/list.yml", "plugins/plugin_utils/_integration/reset.py"],
}
#: The test of the kinds compares its cases with all of their options (test_every_option_of_every_kind_is_tested).
KINDS_BY = "tests/integration/test_objects.py"
#: Variables that no test sets. A playbook sets them, from its own variables, which tests do set ...
VARIABLES_BY = {
    "playbooks/explain.yml": ("mit_app_lms_required", "sso_plan_login", "sso_plan_show"),
    "playbooks/remove.yml": ("edx_oauth_provider_state", "edx_private_settings_state", "mit_app_env_state"),
    "playbooks/reset.yml": ("sso_reset_images", "sso_reset_side"),
    "playbooks/rotate.yml": ("sso_rotation_grace_seconds", "sso_rotation_rotate"),
    "playbooks/site.yml": ("mit_app_directory_required",),
    "roles/sso_plan/tasks/explain.yml": ("sso_doctor_fail",),
    # ... or every run reads their default, which is a fact (test_variables.py says what the inventory makes of it) ...
    "roles/edx_oauth_provider/defaults/main.yml": ("edx_oauth_provider_hosts", "edx_oauth_provider_lms"),
    "roles/edx_private_settings/defaults/main.yml": (
        "edx_private_settings_apps",
        "edx_private_settings_companion_auth",
        "edx_private_settings_lms",
        "edx_private_settings_project",
    ),
    "roles/mit_app_env/defaults/main.yml": ("mit_app_env_app", "mit_app_env_rows"),
    "roles/sso_doctor/defaults/main.yml": ("sso_doctor_app_target", "sso_doctor_target"),
    "roles/tutor_bootstrap/defaults/main.yml": (
        "tutor_bootstrap_build_images",
        "tutor_bootstrap_config",
        "tutor_bootstrap_courses",
        "tutor_bootstrap_demo_courses",
        "tutor_bootstrap_envs_dir",
        "tutor_bootstrap_instructor_email",
        "tutor_bootstrap_launch",
        "tutor_bootstrap_launch_options",
        "tutor_bootstrap_lms",
        "tutor_bootstrap_lms_base_url",
        "tutor_bootstrap_pip_requirements",
        "tutor_bootstrap_plugins_root",
        "tutor_bootstrap_start_argv",
        "tutor_bootstrap_target",
        "tutor_bootstrap_venv",
        "tutor_bootstrap_version",
    ),
    # ... or the module that they are handed to is tested with that option.
    "roles/mit_app_env/tasks/main.yml": ("mit_app_env_credentials",),
    "roles/tutor_bootstrap/tasks/lms.yml": (
        "tutor_bootstrap_ca_path",
        "tutor_bootstrap_log_dir",
        "tutor_bootstrap_period",
        "tutor_bootstrap_validate_certs",
    ),
    "roles/tutor_bootstrap/tasks/main.yml": ("tutor_bootstrap_superuser",),
}
#: The settings of the LMS are tested under the names that the LMS reads.
SETTINGS_BY = "tests/unit/roles/test_mit_apps.py"

NAME = re.compile(r"[A-Za-z_][\w.-]*")
HANDED_OVER = re.compile(r"(?<![\w.-])([A-Za-z_][\w-]*)(?= ?[:=](?!=))")


class Words(ast.NodeVisitor):
    """The names that a Python file hands over, and what it imports."""

    def __init__(self, path):
        self.found = set()
        self.visit(ast.parse(path.read_text()))

    def visit_Expr(self, node):
        # A text that is a statement is a docstring.
        if not isinstance(node.value, ast.Constant):
            self.generic_visit(node)

    def visit_keyword(self, node):
        self.found.add(node.arg)
        self.generic_visit(node)

    def visit_Constant(self, node):
        if isinstance(node.value, str):
            self.found |= in_text(node.value)

    def visit_ImportFrom(self, node):
        self.found |= {name.name.lstrip("_") for name in node.names} | set(re.findall(r"\w+", node.module or ""))


def in_text(text):
    """A text that is a name, or a list of them, is named; in others what is given a value."""
    named = {*HANDED_OVER.findall(text), *re.findall(r"mitodl\.openedx\.(\w+)", text)}
    return named | {text, *text.split(",")} if all(map(NAME.fullmatch, text.split(","))) else named


def in_yaml(value):
    if isinstance(value, dict):
        keys = {str(key).rpartition(".")[2] for key in value}
        return keys.union(*map(in_yaml, value.values()))
    if isinstance(value, list):
        return set().union(*map(in_yaml, value))
    return in_text(value) if isinstance(value, str) else set()


@cache
def words(path):
    if path.suffix == ".py":
        return Words(path).found
    return set().union(*map(in_yaml, yaml.safe_load_all(path.read_text())))


@cache
def every_file():
    """What each file of the tests hands over."""
    patterns = ("tests/**/*.py", "molecule/**/*.py", "molecule/**/*.yml", "inventories/**/*.yml")
    return [words(path) for pattern in patterns for path in ROOT.glob(pattern) if path != Path(__file__)]


@cache
def every_word():
    return set().union(*every_file())


def with_parts(options):
    """The names of options, and of those of their dictionaries."""
    for name, option in (options or {}).items():
        yield name
        yield from with_parts(option.get("suboptions") or option.get("options"))


def fragment(name):
    """The options of a fragment of this collection."""
    file, _, part = name.removeprefix("mitodl.openedx.").partition(".")
    module = importlib.import_module(f"ansible_collections.mitodl.openedx.plugins.doc_fragments.{file}")
    text = getattr(module.ModuleDocFragment, (part or "documentation").upper())
    return set(with_parts(yaml.safe_load(text).get("options")))


def documented(path):
    document = next(
        yaml.safe_load(node.value.value)
        for node in ast.parse(path.read_text()).body
        if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "DOCUMENTATION"
    )
    return set(with_parts(document.get("options")))


MODULES = {path.stem: documented(path) for path in sorted(ROOT.glob("plugins/modules/*.py"))}
ROLES = {
    path.parts[-3]: {
        name for spec in yaml.safe_load(path.read_text())["argument_specs"].values() for name in spec.get("options", {})
    }
    for path in sorted(ROOT.glob("roles/*/meta/argument_specs.yml"))
}
TAGS = {
    (path.stem, tag)
    for path in sorted(ROOT.glob("playbooks/*.yml"))
    for tags in re.findall(r"^ +tags: \[(.*)\]$", path.read_text(), re.MULTILINE)
    for tag in tags.split(", ")
}


@pytest.mark.parametrize("module", MODULES)
def test_options(module):
    by = OPTIONS_BY.get(module, [])
    tried = {option for option in MODULES[module] for found in every_file() if module in found and option in found}
    assert not by or MODULES[module] - tried, f"{module} needs no {by} any more"
    tried = tried.union(*(words(ROOT / path) for path in by))
    if module in KINDS:
        assert "def test_every_option_of_every_kind_is_tested" in (ROOT / KINDS_BY).read_text()
        tried |= set(KINDS[module].arguments())
    # What has a target of its own has the options of all of them.
    assert MODULES[module] - tried - fragment("target") == set()


@pytest.mark.parametrize("name", ["target", "target.objects", "docker_cli", "tls"])
def test_options_of_fragments(name):
    """One piece of code reads them for all modules: they count wherever one of these is tried."""
    users = {
        path.stem for path in ROOT.glob("plugins/modules/*.py") if f"- mitodl.openedx.{name}\n" in path.read_text()
    }
    assert users
    tried = set().union(*(found for found in every_file() if users & found or "target" in found))
    assert fragment(name) - tried == set()


@pytest.mark.parametrize("role", ROLES)
def test_variables_of_roles(role):
    handed_over = {name for names in VARIABLES_BY.values() for name in names}
    settings = {f"{role}_{name}" for name in words(ROOT / SETTINGS_BY)}
    assert ROLES[role] - every_word() - handed_over - settings == set()


@pytest.mark.parametrize("by", VARIABLES_BY)
def test_variables_are_handed_over_where_it_is_said(by):
    text = "\n".join(line for line in (ROOT / by).read_text().splitlines() if not line.lstrip().startswith("#"))
    for name in VARIABLES_BY[by]:
        assert any(name in names for names in ROLES.values())
        assert re.search(rf"\b{name}\b", text), name
        assert name not in every_word(), f"{name} is set by a test and needs no {by} any more"


@pytest.mark.parametrize(("book", "tag"), sorted(TAGS))
def test_tags(book, tag):
    assert tag == "always" or tag in every_word()


def test_tags_were_found():
    assert {("site", "doctor"), ("doctor", "drift"), ("doctor", "hops")} <= TAGS


@pytest.mark.parametrize("hop", [hop.id for hop in CATALOGUE])
def test_hops(hop):
    """In the tests of the judges, or as the hop that a cause breaks."""
    assert hop in every_word()


@pytest.mark.parametrize("cause", [cause.id for found in causes.LISTS.values() for cause in found])
def test_causes(cause):
    """By its name, or as the whole list that it is in."""
    lists = {name for name in ("LAB", "ONLINE", "DOCKER") if cause in {one.id for one in getattr(causes, name)}}
    breakers = [words(path) for path in ROOT.glob("tests/*/test_*.py") if "causes" in words(path)]
    assert any(
        cause in found or (len(getattr(causes, name)) == 1 and name in found) for found in breakers for name in lists
    )
