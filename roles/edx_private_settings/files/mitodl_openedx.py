# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tutor plugin: the settings of the MIT applications. Managed by the Ansible role mitodl.openedx.edx_private_settings.

It puts the package ``mit_apps`` next to Tutor's own settings (mounted as ``lms.envs.tutor``), so neither an image
rebuild nor a mounted edx-platform is needed, and ``tutor config save --clean`` keeps it. A compose override among its
templates is rendered by Tutor itself, because it lies where Tutor's own compose files do.
"""

import json
import pathlib
import re

from tutor import env, hooks

ROOT = pathlib.Path(__file__).parent / "mitodl_openedx"
APPS = [json.loads(path.read_text()) for path in sorted((ROOT / "mit_apps" / "apps.d").glob("*.json"))]

hooks.Filters.ENV_TEMPLATE_ROOTS.add_item(str(ROOT))
hooks.Filters.ENV_TEMPLATE_TARGETS.add_item(("mit_apps", "apps/openedx/settings/lms"))
hooks.Filters.ENV_TEMPLATE_VARIABLES.add_item(
    ("MITODL_OPENEDX_HOSTS", sorted({app["hostname"] for app in APPS if app["hostname"]}))
)
for mode in ("development", "production"):
    hooks.Filters.ENV_PATCHES.add_item(
        (f"openedx-lms-{mode}-settings", "from lms.envs.tutor import mit_apps\n\nmit_apps.configure(globals())")
    )

# On Kubernetes the settings of the LMS are a ConfigMap, which has no directories, and nothing can be mounted within the
# volume of one. So the package is a ConfigMap of its own, and one volume is made of both, for all that runs the LMS.
CONFIGMAP = "openedx-settings-mit-apps"
PATHS = [
    path.relative_to(ROOT).as_posix()
    for path in sorted((ROOT / "mit_apps").rglob("*"))
    if path.is_file() and "__pycache__" not in path.parts
]
FILES = {re.sub(r"[^-.\w]", "_", path, flags=re.ASCII): path for path in PATHS}
VOLUME = {
    "name": "settings-lms",
    "configMap": None,
    "projected": {
        "sources": [
            {"configMap": {"name": "openedx-settings-lms"}},
            {"configMap": {"name": CONFIGMAP, "items": [{"key": key, "path": path} for key, path in FILES.items()]}},
        ]
    },
}
GENERATOR = {
    "name": CONFIGMAP,
    "files": [f"{key}=apps/openedx/settings/lms/{path}" for key, path in FILES.items()],
    "options": {"labels": {"app.kubernetes.io/name": "openedx"}},
}
# Not by k8s-override, which has to name what it patches: before Tutor 21 a job has another name each time.
PATCHES = [
    {
        "target": {"kind": kind, "name": "lms.*"},
        "patch": json.dumps(
            {
                "apiVersion": version,
                "kind": kind,
                "metadata": {"name": "lms"},
                "spec": {"template": {"spec": {"volumes": [VOLUME]}}},
            }
        ),
    }
    for kind, version in (("Deployment", "apps/v1"), ("Job", "batch/v1"))
]
entries = "\n".join(f"- {json.dumps(patch)}" for patch in PATCHES)
has_patches = 'patch("kustomization-patches")' in env.read_core_template_file("kustomization.yml")
hooks.Filters.ENV_PATCHES.add_items(
    [
        ("kustomization-configmapgenerator", f"- {json.dumps(GENERATOR)}"),
        ("kustomization-patches", entries) if has_patches else ("kustomization", f"patches:\n{entries}"),
    ]
)

# Tutor 21 and later run what plugins register here: tutor dev do tests mit-sso
if hasattr(hooks.Filters, "TESTS"):
    hooks.Filters.TESTS.add_item(("lms", "mit-sso", str(ROOT / "test_sso.py")))


@hooks.Filters.IS_FILE_RENDERED.add()
def is_file_rendered(rendered, path):
    """The package is copied as it is: braces in it are not meant for Tutor."""
    return rendered and not path.startswith("mit_apps/")
