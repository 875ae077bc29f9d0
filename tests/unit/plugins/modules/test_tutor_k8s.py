# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An LMS of `tutor k8s`: start, settings and courses, with a Tutor and a cluster that only behave like them."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path

import pytest
from ansible_collections.mitodl.openedx.plugins.modules import demo_courses, lms_settings, tutor_project
from ansible_collections.mitodl.openedx.plugins.plugin_utils._integration import lms_settings as texts
from modules import run_here
from tutor_machine import Machine

ROLE = Path(__file__).resolve().parents[4] / "roles/edx_private_settings/files"
SHARED = {"skip_email_validation": True, "hide_country": True, "registration_ratelimit": ""}
KUBECTL = "kubectl --kubeconfig /srv/kube.yml --context lab --namespace mit"
COURSE = {"key": "course-v1:edX+DemoX+Demo", "title": "Demo"}


def app(host, backend_name):
    base_url = f"https://{host}.example.edu"
    addresses = {"base_url": base_url, "server_base_url": base_url, "domain": f"{host}.example.edu"}
    return {"host": host, "name": host, "backend_name": backend_name, "logout_uri": f"{base_url}/logout", **addresses}


XPRO, ONLINE = app("xpro", "ol-oauth2"), app("mitxonline", "ol-oauth2-mitxonline")


class Cluster(Machine):
    """Runs of the modules for an LMS of `tutor k8s`."""

    def __init__(self, home):
        super().__init__(home)
        self.given = {
            "target": {
                "type": "tutor_k8s",
                "tutor": str(self.tutor),
                "kubeconfig": "/srv/kube.yml",
                "context": "lab",
                "namespace": "mit",
                "container": "lms",
            },
            "lms_base_url": f"http://127.0.0.1:{self.server.server_port}",
        }

    def target(self, **changes):
        return {"target": {**self.given["target"], **changes}}

    def settings(self, *apps, check=False, **options):
        mapped = texts.mapped_hosts(apps, "tutor_k8s")
        files = texts.files("tutor_plugin", apps, SHARED, mapped, None, lambda name: (ROLE / name).read_text())
        given = {"apps": list(apps), "files": files, "mapped_hosts": mapped, "_ansible_check_mode": check, **options}
        return run_here(lms_settings, {**self.given, **given})

    def look(self, check=False, **options):
        given = {"log_dir": str(self.home / "logs"), "wait": 0, "_ansible_check_mode": check, **options}
        return run_here(tutor_project, {**self.given, **given})

    @property
    def pods(self):
        return json.loads((self.home / "pods.json").read_text())


@pytest.fixture
def cluster(tmp_path, monkeypatch):
    made = Cluster(tmp_path)
    monkeypatch.setenv("PATH", str(made.kubectl.parent), prepend=os.pathsep)
    yield made
    made.close()


@pytest.fixture
def deployed(cluster):
    """The same with an LMS that was launched."""
    (cluster.home / "root").mkdir()
    (cluster.home / "root/config.yml").write_text("LMS_HOST: 127.0.0.1\nENABLE_HTTPS: false\nK8S_NAMESPACE: mit\n")
    (cluster.home / "template").write_text("launched")
    (cluster.home / "pods.json").write_text('["pod/lms-1", "pod/lms-2"]')
    return cluster


def asked(calls):
    """What was called besides questions for what is in Tutor's files, whatever time it was given."""
    kept = [call for call in calls if "printroot" not in call and "plugins list" not in call]
    return [re.sub(r"--timeout=[1-9]\d*s$", "--timeout=", call) for call in kept]


CONTEXT = f"{KUBECTL} config current-context"
TEMPLATE = f"{KUBECTL} get deployment/lms --ignore-not-found --output=jsonpath={{.spec.template}}"
PODS = f"{KUBECTL} get pods --selector=app.kubernetes.io/name=lms --output=name"
STATUS = f"{KUBECTL} rollout status deployment/lms --timeout="


def test_settings_are_applied_and_waited_for_until_the_old_pods_are_gone(deployed):
    planned = deployed.settings(XPRO, check=True)
    assert asked(deployed.calls()) == [CONTEXT]
    done = deployed.settings(XPRO)
    assert "failed" not in done, done
    same = ("changed", "restarted", "written", "removed", "diff", "apps")
    assert {name: planned[name] for name in same} == {name: done[name] for name in same}
    assert done["backends"] == {"ol-oauth2": 302}
    assert asked(deployed.calls()) == [
        CONTEXT,
        "plugins enable mitodl_openedx",
        PODS,
        TEMPLATE,
        # Its ConfigMaps and itself: nothing else is applied.
        "k8s start openedx lms",
        TEMPLATE,
        STATUS,
        f"{KUBECTL} wait --for=delete pod/lms-1 pod/lms-2 --timeout=",
    ]
    # Pods have no host whose ports are published.
    assert json.loads((deployed.rendered / "apps.d/xpro.json").read_text())["hostname"] == ""
    before = deployed.files()
    again = deployed.settings(XPRO)
    assert (again["changed"], again["restarted"], again["diff"]) == (False, False, [])
    assert asked(deployed.calls()) == [CONTEXT]
    assert deployed.files() == before


def test_an_lms_that_has_the_settings_and_does_not_know_them_gets_new_pods(deployed):
    deployed.settings(XPRO)
    pods = deployed.pods
    (deployed.home / "known.json").write_text("[]")
    deployed.calls()
    done = deployed.settings(XPRO)
    assert done["msg"] == "The LMS was restarted: it did not know ol-oauth2."
    # Nothing changed that would give it new ones by itself.
    assert f"{KUBECTL} rollout restart deployment/lms" in deployed.calls()
    assert not set(pods) & set(deployed.pods)


def test_apps_go_and_the_last_one_takes_all_of_it_along(deployed):
    deployed.settings(XPRO, ONLINE)
    gone = {"state": "absent", "files": {}}
    planned, done = (deployed.settings(XPRO, check=check, **gone) for check in (True, False))
    assert planned["removed"] == done["removed"]
    assert json.loads((deployed.home / "known.json").read_text()) == ["ol-oauth2-mitxonline"]
    deployed.calls()
    assert deployed.settings(ONLINE, **gone)["restarted"]
    assert "plugins disable mitodl_openedx" in deployed.calls()
    assert not [path for path in deployed.files() if "mit_apps" in str(path) or "mitodl" in str(path)]
    assert json.loads((deployed.home / "known.json").read_text()) == []
    assert deployed.settings(ONLINE, **gone)["changed"] is False


def test_one_look_at_a_rollout_takes_a_period_and_the_next_one_goes_on(deployed):
    (deployed.home / "stuck").write_text("error: timed out waiting for the condition")
    reason = 'Waiting for deployment "lms" rollout to finish: 1 old replicas are pending termination...'
    times = {"wait": 2, "period": 1}
    first = deployed.settings(XPRO, **times)
    assert first["waits"] == {
        "waited": 1,
        "reason": reason,
        "old": ["pod/lms-1", "pod/lms-2"],
        "companion": False,
    }
    deployed.calls()
    failed = deployed.settings(XPRO, progress=first["waits"], **times)
    assert failed["msg"] == (
        "The settings of the LMS are applied, and its new pods have not replaced the old ones: "
        f"{reason} (error: timed out waiting for the condition). What keeps a pod from starting: `{KUBECTL} describe "
        "pods --selector=app.kubernetes.io/name=lms`. See its log: env KUBECONFIG=/srv/kube.yml "
        f"{deployed.tutor} k8s logs --tail=50 lms"
    )
    (deployed.home / "stuck").unlink()
    deployed.calls()
    later = deployed.settings(XPRO, progress=first["waits"], **times)
    assert later["backends"] == {"ol-oauth2": 302}
    # Nothing is applied a second time.
    assert asked(deployed.calls()) == [
        CONTEXT,
        STATUS,
        f"{KUBECTL} wait --for=delete pod/lms-1 pod/lms-2 --timeout=",
    ]


def test_a_rollout_that_will_not_end_is_not_waited_for(deployed):
    (deployed.home / "stuck").write_text('error: deployment "lms" exceeded its progress deadline')
    failed = deployed.settings(XPRO)
    assert "exceeded its progress deadline" in failed["msg"]


def test_another_cluster_is_never_spoken_to(deployed):
    (deployed.home / "context").write_text("production")
    before = deployed.files()
    said = (
        "edx_target.context is lab, and Tutor speaks to the current context of the kubeconfig, which is production. "
        "Give edx_target.kubeconfig a file in which it is the current one: "
        f"{KUBECTL} config view --minify --flatten > FILE."
    )
    assert deployed.settings(XPRO)["msg"] == f"{said} No setting of the LMS was changed."
    for given in ({"preflight": True}, {"check": True}, {}):
        assert deployed.look(**given)["msg"] == f"{said} Nothing was changed."
    assert deployed.files() == before
    # Where none is named, the current one is meant.
    assert not deployed.look(**deployed.target(context=None)).get("failed")


def test_what_kubectl_complains_of_is_known_before_anything_is_written(deployed, monkeypatch):
    deployed.kubectl.write_text(
        '#!/bin/sh\ncase "$*" in *current-context) echo lab ;; *) echo "Error: no route" >&2; exit 1 ;; esac\n'
    )
    before = deployed.files()
    failed = deployed.look(config={"MINE": 1})
    command = f"{KUBECTL} get deployment/lms --ignore-not-found --output=name"
    assert failed["msg"].startswith(f"`{command}` failed: Error: no route. Correct kubeconfig, context and namespace")
    assert failed["msg"].endswith("Nothing was changed.")
    assert deployed.files() == before
    monkeypatch.setenv("PATH", str(deployed.envs))
    plain = deployed.target(context=None, kubeconfig=None)
    assert "` failed: kubectl: No such file or directory. Correct" in deployed.look(**plain)["msg"]


@pytest.mark.parametrize("where", ["config.yml", "edx_tutor_config"])
def test_another_namespace_would_be_another_lms(deployed, where):
    given = {"config": {"K8S_NAMESPACE": "mit"}} if where == "edx_tutor_config" else {}
    failed = deployed.look(**deployed.target(namespace="openedx"), **given)
    assert "edx_target.namespace is openedx, and Tutor's K8S_NAMESPACE is mit (set in " in failed["msg"]
    assert where in failed["msg"]
    assert failed["msg"].endswith("Nothing was changed.")
    # That of a new installation is set.
    config = deployed.home / "root/config.yml"
    config.write_text(config.read_text().replace("K8S_NAMESPACE: mit\n", ""))
    assert deployed.look(check=True)["diff"][0]["after"] == "K8S_NAMESPACE: mit\n"


def test_without_anything_to_do_the_cluster_is_only_looked_at(deployed):
    found = deployed.look(plugins_root=True)
    assert (found["changed"], found["steps"], found["lms_answers"]) == (False, [], True)
    assert asked(deployed.calls()) == [
        f"{KUBECTL} get deployment/lms --ignore-not-found --output=name",
        CONTEXT,
    ]


def test_a_changed_configuration_is_applied_as_a_whole(deployed):
    found = deployed.look(config={"PLATFORM_NAME": "MIT"})
    (step,) = found["steps"]
    assert step["argv"] == ["env", "KUBECONFIG=/srv/kube.yml", str(deployed.tutor), "k8s", "start"]
    deployed.calls()
    started = {"done": ["start"], "down": False, "configured": True, "reconfigured": True}
    found = deployed.look(progress=started, wait=600)
    assert (found["steps"], found["lms_answers"]) == ([], True)
    # Compose is not asked how old a container is: a changed ConfigMap gives new pods by itself.
    assert asked(deployed.calls())[-1] == STATUS
    (deployed.home / "stuck").write_text("error: timed out waiting for the condition")
    first = deployed.look(progress=started, wait=2, period=1)
    assert (first["waits"]["waited"], "pending termination" in first["waits"]["reason"]) == (1, True)
    failed = deployed.look(progress={**started, "waited": 1}, wait=2, period=1)
    assert "Tutor has started the LMS, and its pods did not get ready: Waiting for deployment" in failed["msg"]


def test_an_lms_that_was_never_launched_is_known_and_launched_where_that_is_allowed(cluster):
    closed = {"lms_base_url": "http://127.0.0.1:9"}
    failed = cluster.look(**closed)
    assert f"Tutor was never launched in {cluster.home}/root, which has no deployment/lms in its names" in failed["msg"]
    assert f"Run `env KUBECONFIG=/srv/kube.yml {cluster.tutor} k8s launch` once" in failed["msg"]
    (step,) = cluster.look(launch=True, **closed)["steps"]
    assert step["argv"][3:] == ["k8s", "launch", "--non-interactive"]
    (cluster.home / "template").write_text("launched")
    (step,) = cluster.look(launch=True, **closed)["steps"]
    assert step["name"] == "start"


def test_its_image_is_made_by_hand(deployed):
    failed = deployed.look(build_images=True)
    tutor = f"env KUBECONFIG=/srv/kube.yml {deployed.tutor}"
    by_hand = f"{tutor} images build openedx, then {tutor} images push openedx, then {tutor} k8s start"
    assert f"Set it to false, and make the image by hand: `{by_hand}`." in failed["msg"]
    image = deployed.look(pip_requirements=["ol-social-auth"], progress={"done": []})["image"]
    # Of a pod: it is in no engine of this machine.
    assert (image["packages"], image["by_hand"]) == ({"ol-social-auth": "1"}, by_hand)


def test_courses_are_made_by_a_pod_of_studio(deployed):
    deployed.missing.add(COURSE["key"])
    found = run_here(
        demo_courses, {**deployed.given, "courses": [COURSE], "instructor_email": "a@example.org", "wait": 5}
    )
    assert (found["changed"], found["created"]) == (True, [COURSE["key"]])
    (call,) = deployed.calls()
    assert call.startswith(f"{KUBECTL} exec --stdin deployment/cms -- ./manage.py cms generate_courses {{")
