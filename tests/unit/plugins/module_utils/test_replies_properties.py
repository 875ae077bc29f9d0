# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whatever programs in the place of Docker, Compose and Tutor print: it is understood, or refused with a message."""

from __future__ import annotations

import contextlib
import itertools
import json

import pytest
from ansible_collections.mitodl.openedx.plugins.module_utils import _compose, _docker_network, _tutor
from ansible_collections.mitodl.openedx.plugins.module_utils._docker_network import DockerError
from hypothesis import given
from hypothesis import strategies as st

WORDS = st.text(max_size=12) | st.sampled_from(
    [
        "172.18.0.0/16",
        "172.18.0.1",
        "fd00:7::/64",
        "bridge",
        "null",
        "8000-8003",
        "1-9999999999",
        "name=rootless",
        "tcp://[",
    ]
)
OF_NETWORKS = "Name Id Driver IPAM Config Subnet Gateway IPRange Labels Options SecurityOptions"
OF_PROJECTS = "name services web ports published image build pull_policy"
KEYS = WORDS | st.sampled_from([*OF_NETWORKS.split(), *OF_PROJECTS.split()])
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | WORDS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=4),
    max_leaves=12,
)
NETWORKS = st.lists(
    st.fixed_dictionaries(dict.fromkeys(("Name", "Id", "Driver", "IPAM", "Labels", "Options"), WORDS | VALUES)),
    max_size=2,
)
PROJECTS = st.fixed_dictionaries({"name": WORDS, "services": st.dictionaries(KEYS, VALUES, max_size=3) | VALUES})
ANSWERS = st.tuples(
    st.sampled_from([0, 0, 0, 1, 125, 127]),
    st.text(max_size=40) | (NETWORKS | PROJECTS | VALUES).map(json.dumps) | st.just("0a1b web\n2c3d other"),
    st.text(max_size=20),
)


class Printing:
    """A program that gives one answer after the other."""

    def __init__(self, answers: list):
        self.answers = itertools.cycle(answers)

    def __call__(self, *_words, **_options):
        return next(self.answers)


@given(
    answers=st.lists(ANSWERS, min_size=1, max_size=6), force=st.booleans(), state=st.sampled_from(["present", "absent"])
)
def test_networks_are_read_or_refused(answers, force, state):
    docker = _docker_network.Docker(Printing(answers))
    params = {"name": "web", "subnet": ["172.18.0.0/24"], "gateway": [], "labels": {}, "state": state, "force": force}
    with contextlib.suppress(DockerError):
        engine = docker.engine()
        plan = _docker_network.plan(docker, params, engine, "")
        for network in (plan.before, plan.after):
            _docker_network.describe(network, engine, "any")
            _docker_network.shown(network)


@given(answers=st.lists(ANSWERS, min_size=1, max_size=6), port=st.sampled_from([0, 1]))
def test_a_project_is_read_or_says_nothing(answers, port):
    docker = _compose.Docker(Printing(answers), {"docker_host": "tcp://127.0.0.1:9"})
    assert isinstance(docker.project_problem("/nowhere", {}, port), str)
    assert isinstance(docker.engine_problem(), str)


class Said(Exception):
    """What a module fails with."""


class Module:
    def __init__(self, answers: list):
        self.run_command = Printing(answers)

    def fail_json(self, **result):
        raise Said(result["msg"])

    @staticmethod
    def get_bin_path(name, **_options):
        return name


@given(answers=st.lists(ANSWERS, min_size=1, max_size=6))
def test_what_tutor_says_is_read_or_refused(answers):
    tutor = _tutor.Tutor(Module(answers), {"type": "tutor_dev", "tutor": "tutor"})
    for ask in (
        lambda: tutor.root,
        lambda: tutor.plugins_root,
        lambda: tutor.value("LMS_HOST"),
        lambda: tutor.release,
        lambda: tutor.image("openedx"),
        lambda: tutor.compose_project(["lms"])[0].get("services"),
        lambda: tutor.has_reread(["/nowhere"]),
        lambda: tutor.is_enabled("mitodl_openedx"),
    ):
        with contextlib.suppress(Said):
            ask()


@pytest.mark.parametrize("text", ["[1]", '"web"', '{"services": {"web": null}}'])
def test_what_is_no_project_is_none(text):
    assert _compose.Docker(Printing([(0, text, "")])).config("/nowhere") == ({}, "")
