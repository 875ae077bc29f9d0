# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where the LMS's OAuth server differs from the toolkit's."""

from django.contrib.auth import authenticate, get_user_model
from oauth2_provider.oauth2_validators import OAuth2Validator


class EdxOAuth2Validator(OAuth2Validator):
    def validate_user(self, username, password, client, request, *args, **kwargs):
        """The password grant takes an e-mail address too, and inactive people."""
        by_email = get_user_model().objects.filter(email=username).values_list("username", flat=True).first()
        user = authenticate(username=by_email or username, password=password)
        request.user = user
        return user is not None
