# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The CMS under a developer's settings."""

from pathlib import Path

from openedx.core.lib.features_setting_proxy import FeaturesProxy

from cms.envs.production import *

FEATURES = FeaturesProxy(globals())

DEBUG = True

if (Path(__file__).parent / "private.py").is_file():
    from .private import *
