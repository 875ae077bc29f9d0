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

from tutor import hooks

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

# Tutor 21 and later run what plugins register here: tutor dev do tests mit-sso
if hasattr(hooks.Filters, "TESTS"):
    hooks.Filters.TESTS.add_item(("lms", "mit-sso", str(ROOT / "test_sso.py")))


@hooks.Filters.IS_FILE_RENDERED.add()
def is_file_rendered(rendered, path):
    """The package is copied as it is: braces in it are not meant for Tutor."""
    return rendered and not path.startswith("mit_apps/")
