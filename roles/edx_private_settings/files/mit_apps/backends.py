# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One social-auth backend per MIT application: the same protocol under a name of its own.

The classes come from ol-social-auth where the LMS has it, and otherwise from the equivalent below, so that an image
need not be rebuilt.
"""

from functools import cached_property
from urllib.parse import urljoin

from social_core.backends.oauth import BaseOAuth2

from . import apps, class_name

try:
    from ol_social_auth.backends import OLOAuth2
except ImportError:

    class OLOAuth2(BaseOAuth2):
        """OAuth2 with an MIT application; every address comes from the provider row's other settings."""

        name = "ol-oauth2"
        ID_KEY = "username"
        ACCESS_TOKEN_METHOD = "POST"
        DEFAULT_SCOPE = ["user:read"]
        REQUIRES_EMAIL_VALIDATION = False

        @cached_property
        def discovered(self):
            """The addresses of the discovery document, for an application that has one."""
            url = self.setting("DISCOVERY_URL")
            return self.get_json(url, timeout=5) if url else {}

        def authorization_url(self):
            return self.discovered.get("authorization_endpoint") or self.setting("AUTHORIZATION_URL")

        def access_token_url(self):
            return self.discovered.get("token_endpoint") or self.setting("ACCESS_TOKEN_URL")

        def user_data(self, access_token, *args, **kwargs):
            url = self.discovered.get("userinfo_endpoint") or urljoin(self.setting("API_ROOT"), "api/users/me")
            return self.get_json(url, headers={"Authorization": f"Bearer {access_token}"})

        def get_user_details(self, response):
            return {name: response[name] for name in ("username", "email", "name") if name in response}


class OfRow:
    """What the provider row says of an application that is no copy of MITxPro."""

    def user_data(self, access_token, *args, **kwargs):
        url = self.setting("USER_INFO_URL")
        if url:
            said = self.get_json(url, headers={"Authorization": f"Bearer {access_token}"})
        else:
            said = super().user_data(access_token, *args, **kwargs)
        fields = self.setting("USER_INFO_FIELDS") or {}
        return {**said, **{name: inside(said, path) for name, path in fields.items()}}


def inside(data, path):
    """A value by its path, such as ``profile.name``."""
    for name in path.split("."):
        data = data.get(name) if isinstance(data, dict) else None
    return data


for _app in apps():
    _name = class_name(_app)
    globals()[_name] = type(_name, (OfRow, OLOAuth2), {"name": _app["backend_name"], "__module__": __name__})
