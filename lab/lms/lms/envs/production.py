# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a server runs with: the common settings, then the YAML file named by LMS_CFG (as Tutor renders it)."""

import os

import yaml
from edx_django_utils.plugins import add_plugins
from openedx.core.lib.features_setting_proxy import FeaturesProxy

from lms.envs.common import *
from lms.envs.common import AUTHENTICATION_BACKENDS, OWN_DATA, ProjectType, SettingsType

FEATURES = FeaturesProxy(globals())

if os.environ.get("LMS_CFG"):
    with open(os.environ["LMS_CFG"], encoding="utf-8") as stream:
        ENV_TOKENS = yaml.safe_load(stream) or {}
    # FEATURES is merged, not replaced. Where LAB_* says where the data lies, the file does not.
    kept = ("FEATURES", "DATABASES", "CACHES") if OWN_DATA else ("FEATURES",)
    globals().update({name: value for name, value in ENV_TOKENS.items() if name not in kept})
    FEATURES.update(ENV_TOKENS.get("FEATURES") or {})

# Only the YAML file is asked for this list; a Python variable of the same name has no effect.
AUTHENTICATION_BACKENDS = [
    *ENV_TOKENS.get(
        "THIRD_PARTY_AUTH_BACKENDS",
        [
            "social_core.backends.google.GoogleOAuth2",
            "social_core.backends.linkedin.LinkedinOAuth2",
            "social_core.backends.facebook.FacebookOAuth2",
        ],
    ),
    *AUTHENTICATION_BACKENDS,
]

add_plugins(__name__, ProjectType.LMS, SettingsType.PRODUCTION)
