# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The LMS's settings again: in the lab the CMS exists for its management commands only."""

from lms.envs.production import *
from lms.envs.production import INSTALLED_APPS
from openedx.core.lib.features_setting_proxy import FeaturesProxy

FEATURES = FeaturesProxy(globals())
INSTALLED_APPS = [*INSTALLED_APPS, "cms.djangoapps.contentstore"]
