# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Bearer tokens of the LMS's REST APIs. Neither the scope nor the application of a token is looked at."""

from django.utils import timezone
from oauth2_provider.models import AccessToken, get_application_model
from rest_framework.authentication import BaseAuthentication, SessionAuthentication, get_authorization_header
from rest_framework.exceptions import AuthenticationFailed


def failed(error_code: str, message: str) -> AuthenticationFailed:
    return AuthenticationFailed({"error_code": error_code, "developer_message": message})


class BearerAuthentication(BaseAuthentication):
    www_authenticate_realm = "api"
    allow_inactive_users = False

    def authenticate(self, request):
        words = get_authorization_header(request).decode("latin-1").split()
        if not words or words[0].lower() != "bearer":
            return None
        if len(words) == 1:
            raise failed("token_not_provided", "Invalid token header. No credentials provided.")
        if len(words) > 2:
            raise failed("token_malformed", "Invalid token header. Token string should not contain spaces.")
        return self.authenticate_credentials(words[1])

    def authenticate_credentials(self, access_token: str):
        token = AccessToken.objects.select_related("user", "application").filter(token=access_token).first()
        if token is None:
            raise failed("token_nonexistent", "The provided access token does not match any valid tokens.")
        if token.expires < timezone.now():
            raise failed("token_expired", "The provided access token has expired and is no longer valid.")
        user = token.user
        if not user.is_active and not self.allow_inactive_users:
            raise failed("user_not_active", f"User inactive or deleted: {user.username}")
        if not user.has_usable_password() and not get_application_model().objects.filter(user=user).exists():
            raise failed("user_is_disabled", f"User disabled by admin: {user.username}")
        return user, token

    def authenticate_header(self, request) -> str:
        return f'Bearer realm="{self.www_authenticate_realm}"'


class JwtAuthentication(BaseAuthentication):
    """The lab signs no JWT, so none is valid."""

    def authenticate(self, request):
        if get_authorization_header(request).lower().startswith(b"jwt "):
            raise AuthenticationFailed("Invalid token.")

    def authenticate_header(self, request) -> str:
        return 'JWT realm="api"'


class BearerAuthenticationAllowInactiveUser(BearerAuthentication):
    allow_inactive_users = True


class SessionAuthenticationAllowInactiveUser(SessionAuthentication):
    def authenticate(self, request):
        user = getattr(request._request, "user", None)
        if user is None or user.is_anonymous:
            return None
        self.enforce_csrf(request)
        return user, None


API_AUTHENTICATION = [JwtAuthentication, BearerAuthenticationAllowInactiveUser, SessionAuthenticationAllowInactiveUser]
