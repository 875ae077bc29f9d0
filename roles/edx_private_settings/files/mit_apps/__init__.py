# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Settings of the LMS for the MIT applications. Managed by the Ansible role mitodl.openedx.edx_private_settings.

Every application has a file of its own in ``apps.d``, so that one is added, changed or removed without touching
another. ``shared.json`` holds what is true of the whole LMS; ``companion_auth.json`` is there while
openedx-companion-auth is on.
"""

import importlib
import json
import pathlib
import sys

HERE = pathlib.Path(__file__).parent


def read(path):
    return json.loads(path.read_text())


def apps():
    return [read(path) for path in sorted((HERE / "apps.d").glob("*.json"))]


def class_name(app):
    """The name of the backend class of an application in the module ``backends``."""
    return "".join(part[:1].upper() + part[1:] for part in app["backend_name"].split("-"))


def toggle(settings, name, value):
    """Set a feature flat and in FEATURES: which of the two counts differs between releases of Open edX."""
    settings[name] = value
    if "FEATURES" in settings:
        settings["FEATURES"][name] = value


def configure(settings):
    """Change a namespace of settings, such as ``globals()`` of a settings module, for all applications."""
    shared = read(HERE / "shared.json")
    # Without it the LMS has no address at which a login through an application could begin.
    toggle(settings, "ENABLE_THIRD_PARTY_AUTH", True)
    toggle(settings, "ALLOW_PUBLIC_ACCOUNT_CREATION", True)
    toggle(settings, "SKIP_EMAIL_VALIDATION", shared["skip_email_validation"])
    if shared["hide_country"]:
        settings["REGISTRATION_EXTRA_FIELDS"] = {**settings.get("REGISTRATION_EXTRA_FIELDS", {}), "country": "hidden"}
    if shared["registration_ratelimit"]:
        settings["REGISTRATION_RATELIMIT"] = shared["registration_ratelimit"]
    # Without this, openedx-companion-auth sends every anonymous page to a provider as soon as it is installed.
    settings["MITX_REDIRECT_ENABLED"] = False
    companion = HERE / "companion_auth.json"
    if companion.exists():
        settings.update(read(companion))
    for app in apps():
        add_backend(settings, app)
        if app["logout_uri"]:
            add(settings, "IDA_LOGOUT_URI_LIST", app["logout_uri"])
    add_hosts(settings)


def add_hosts(settings):
    """Let the LMS lead people back to the applications."""
    for app in apps():
        add(settings, "LOGIN_REDIRECT_WHITELIST", app["host"])


def add_backend(settings, app):
    """Put an application's backend first, unless its name is served already: by ol-social-auth, or by this class.

    For an application that is no copy of MITxPro that of ol-social-auth does not do, and of two the last would count.
    """
    own = f"mit_apps.backends.{class_name(app)}"
    of_package = ["ol_social_auth.backends.OLOAuth2"] if app["backend_name"] == "ol-oauth2" else []
    present = list(settings["AUTHENTICATION_BACKENDS"])
    if app.get("own_backend"):
        present, of_package = [backend for backend in present if backend not in of_package], []
    if not any(backend.endswith((own, *of_package)) for backend in present):
        settings["AUTHENTICATION_BACKENDS"] = [f"{__name__}.backends.{class_name(app)}", *present]


def add(settings, name, value):
    """Add a value to a list, which may be a tuple or not there at all."""
    values = list(settings.get(name, []))
    settings[name] = values if value in values else [*values, value]


NAMES = (
    "AUTHENTICATION_BACKENDS",
    "FEATURES",
    "IDA_LOGOUT_URI_LIST",
    "INSTALLED_APPS",
    "LOGIN_REDIRECT_WHITELIST",
    "REGISTRATION_EXTRA_FIELDS",
)


def configure_private(settings):
    """The same for ``lms/envs/private.py``, which is star-imported: what it does not set itself is the importer's."""
    importer = sys.modules.get("lms.envs.devstack") or importlib.import_module("lms.envs.production")
    for name in NAMES:
        if name not in settings and hasattr(importer, name):
            settings[name] = getattr(importer, name)
    configure(settings)
    add(settings, "INSTALLED_APPS", f"{__name__}.late.LateSettings")
