# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a developer's server runs with; `tutor dev` starts from here too."""

from pathlib import Path

from edx_django_utils.plugins import add_plugins
from openedx.core.lib.features_setting_proxy import FeaturesProxy

from lms.envs.production import *
from lms.envs.production import IDA_LOGOUT_URI_LIST, ProjectType, SettingsType

FEATURES = FeaturesProxy(globals())

DEBUG = True
ALLOWED_HOSTS = ["*"]
# Also skips the activation e-mail, so here new people are active whatever SKIP_EMAIL_VALIDATION says.
AUTOMATIC_AUTH_FOR_TESTING = True
IDA_LOGOUT_URI_LIST = [*IDA_LOGOUT_URI_LIST]

add_plugins(__name__, ProjectType.LMS, SettingsType.DEVSTACK)

# Last of all, the file of whoever develops here.
if (Path(__file__).parent / "private.py").is_file():
    from .private import *
