# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The Tutor plugin of the role edx_private_settings: what it has Tutor render for Kubernetes."""

from __future__ import annotations

import importlib.util
import json
import shutil
import sys
import types
from pathlib import Path

import pytest
import yaml

ROLE = Path(__file__).resolve().parents[3] / "roles/edx_private_settings/files"


class Filter(list):
    """What a plugin adds to one of Tutor's lists."""

    add_item, add_items = list.append, list.extend

    def add(self):
        return self.append


class Filters:
    def __getattr__(self, name):
        self.__dict__[name] = Filter()
        return self.__dict__[name]


@pytest.fixture
def patches(tmp_path, monkeypatch):
    """Load the plugin for the files of some apps, by a Tutor with a template; what it patches."""

    def load(*names, template=""):
        folder = tmp_path / "mitodl_openedx/mit_apps"
        (folder / "apps.d").mkdir(parents=True)
        (folder / "__init__.py").touch()
        (folder / "__pycache__").mkdir()
        (folder / "__pycache__/x.pyc").touch()
        for name in names:
            (folder / f"apps.d/{name}.json").write_text(json.dumps({"hostname": ""}))
        shutil.copy(ROLE / "mitodl_openedx.py", tmp_path)
        filters = Filters()
        hooks = types.SimpleNamespace(Filters=filters)
        env = types.SimpleNamespace(read_core_template_file=lambda name: template)
        monkeypatch.setitem(sys.modules, "tutor", types.SimpleNamespace(hooks=hooks, env=env))
        spec = importlib.util.spec_from_file_location("mitodl_openedx", tmp_path / "mitodl_openedx.py")
        spec.loader.exec_module(importlib.util.module_from_spec(spec))
        return dict(filters.ENV_PATCHES)

    return load


def test_the_package_is_a_configmap_and_part_of_the_volume_of_the_settings(patches):
    found = patches("xpro", "my app")
    (generator,) = yaml.safe_load(found["kustomization-configmapgenerator"])
    paths = {"mit_apps/__init__.py", "mit_apps/apps.d/xpro.json", "mit_apps/apps.d/my app.json"}
    files = dict(entry.split("=") for entry in generator["files"])
    assert set(files.values()) == {f"apps/openedx/settings/lms/{path}" for path in paths}
    # What a ConfigMap takes for a key.
    assert "mit_apps_apps.d_my_app.json" in files
    # With the ConfigMaps of Tutor's own settings: they are applied together.
    assert generator["options"]["labels"] == {"app.kubernetes.io/name": "openedx"}
    patches_ = yaml.safe_load(found["kustomization"])["patches"]
    assert [patch["target"] for patch in patches_] == [
        {"kind": "Deployment", "name": "lms.*"},
        {"kind": "Job", "name": "lms.*"},
    ]
    for patch in patches_:
        (volume,) = json.loads(patch["patch"])["spec"]["template"]["spec"]["volumes"]
        settings, package = (source["configMap"] for source in volume["projected"]["sources"])
        assert (volume["name"], volume["configMap"]) == ("settings-lms", None)
        assert settings == {"name": "openedx-settings-lms"}
        assert package["name"] == generator["name"]
        assert {item["key"]: item["path"] for item in package["items"]} == {
            key: path.removeprefix("apps/openedx/settings/lms/") for key, path in files.items()
        }


def test_where_tutor_has_patches_of_its_own_they_are_added_to_these(patches):
    found = patches("xpro", template='patches:\n{{ patch("kustomization-patches") }}')
    assert len(yaml.safe_load(found["kustomization-patches"])) == 2
    assert "kustomization" not in found
