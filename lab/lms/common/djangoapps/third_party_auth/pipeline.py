# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The LMS's own steps of a login through a provider. The order of all steps is in SOCIAL_AUTH_PIPELINE."""

import logging
from typing import Any
from urllib.parse import urlencode

from django.contrib.auth import get_user_model, logout
from django.http import HttpResponseBadRequest, JsonResponse
from django.shortcuts import redirect
from django.urls import reverse
from openedx.core.djangoapps.user_authn import cookies
from openedx.core.djangoapps.user_authn.redirects import is_safe_redirect
from social_core.exceptions import AuthException
from social_core.pipeline.partial import partial
from social_core.pipeline.social_auth import associate_by_email
from social_django.utils import load_strategy

from common.djangoapps.student.models import USERNAME_MAX_LENGTH

from . import provider

log = logging.getLogger(__name__)

AUTH_DISPATCH_URLS = {"login": "/login", "register": "/register", "account_settings": "/account/settings"}
API_ENTRIES = {"login_api", "register_api"}


class AuthEntryError(AuthException):
    """A login that began without saying how."""


# -- for the pages ---------------------------------------------------------------------------------------------------


def get(request) -> dict[str, Any] | None:
    """The login that waits for this visitor to log in or to register, if any."""
    strategy = load_strategy(request)
    waiting = strategy.partial_load(strategy.session_get("partial_pipeline_token"))
    return {"backend": waiting.backend, "kwargs": waiting.kwargs} if waiting else None


def get_login_url(provider_id: str, auth_entry: str, redirect_url: str | None = None) -> str:
    row = provider.Registry.get(provider_id)
    if row is None:
        raise ValueError(f"Provider {provider_id} not enabled")
    query = {"auth_entry": auth_entry, **({"next": redirect_url} if redirect_url else {})}
    return f"{reverse('social:begin', args=[row.backend_name])}?{urlencode(query)}"


def get_complete_url(backend_name: str) -> str:
    if not any(provider.Registry.get_enabled_by_backend_name(backend_name)):
        raise ValueError(f"Provider with backend {backend_name} not enabled")
    return f"{reverse('social:complete', args=[backend_name])}?"


# -- the steps -------------------------------------------------------------------------------------------------------


def parse_query_params(strategy, *args, **kwargs) -> dict[str, str]:
    auth_entry = strategy.request.session.get("auth_entry")
    if auth_entry not in API_ENTRIES and auth_entry not in AUTH_DISPATCH_URLS:
        raise AuthEntryError(strategy.request.backend, "auth_entry missing or invalid")
    return {"auth_entry": auth_entry}


def associate_by_email_if_oauth(backend, details, user=None, *args, **kwargs):
    """Whoever has the e-mail of an active person here is that person. Needs the provider to be in the registry."""
    if provider.Registry.get_from_pipeline({"backend": backend.name}):
        found = associate_by_email(backend, details, user, *args, **kwargs)
        if found and found["user"].is_active:
            return found
    return None


def get_username(strategy, details, user=None, *args, **kwargs) -> dict[str, str]:
    """The provider's user name, with a number behind it where it is taken; only the registration form reads it."""
    if user:
        return {"username": user.username}
    wanted = (details.get("username") or details.get("email", "").partition("@")[0])[:USERNAME_MAX_LENGTH]
    username, number = wanted, 0
    while get_user_model().objects.filter(username__iexact=username).exists():
        number += 1
        username = f"{wanted[: USERNAME_MAX_LENGTH - len(str(number))]}{number}"
    return {"username": username}


def _is_known(details: dict[str, str]) -> bool:
    users = get_user_model().objects
    if details.get("email"):
        return users.filter(email=details["email"]).exists()
    return bool(details.get("username")) and users.filter(username__iexact=details["username"]).exists()


@partial
def ensure_user_information(strategy, backend, auth_entry, details, user=None, current_partial=None, *args, **kwargs):
    """Nobody gets past this step without an account: the pipeline waits while a person logs in or registers."""
    if user:
        return None
    if _is_known(details):
        return redirect("/login")
    if auth_entry in API_ENTRIES:
        return HttpResponseBadRequest()
    if auth_entry == "register":
        return redirect("/register")
    if auth_entry == "login":
        row = provider.Registry.get_from_pipeline({"backend": backend.name})
        force = row and (row.skip_email_verification or row.send_to_registration_first)
        return redirect("/register" if force else "/login")
    raise AuthEntryError(backend, "auth_entry is wrong. Settings requires a user.")


def user_details_force_sync(backend, details, user=None, *args, **kwargs) -> None:
    row = provider.Registry.get_from_pipeline({"backend": backend.name})
    if not (user and row and row.sync_learner_profile_data):
        return
    targets = {field: (user, field) for field in details if hasattr(user, field)}
    targets |= {"fullname": (user.profile, "name"), "country": (user.profile, "country")}
    targets.pop("username", None)
    for name, (model, field) in targets.items():
        value = details.get(name)
        if value is None or value == getattr(model, field):
            continue
        if field == "email" and get_user_model().objects.filter(email=value).exists():
            log.warning("User %s keeps the e-mail address: the provider's belongs to another user.", user.id)
            continue
        setattr(model, field, value)
    user.save()
    user.profile.save()


def set_id_verification_status(backend, user=None, *args, **kwargs) -> None:
    row = provider.Registry.get_from_pipeline({"backend": backend.name})
    if user and row and row.enable_sso_id_verification:
        from lms.djangoapps.verify_student.models import SSOVerification

        SSOVerification.objects.get_or_create(
            user=user,
            status="approved",
            identity_provider_type=f"{type(row).__module__}.{type(row).__name__}",
            identity_provider_slug=row.slug,
            defaults={"name": user.profile.name},
        )


@partial
def set_logged_in_cookies(strategy, backend, auth_entry, user=None, current_partial=None, *args, **kwargs):
    """Cookies need a response: one more hop to the address where the pipeline goes on."""
    if auth_entry in API_ENTRIES or not user or not user.is_authenticated:
        return None
    if not user.has_usable_password():
        logout(strategy.request)
        return JsonResponse("Your account is disabled", status=403, safe=False)
    if cookies.are_logged_in_cookies_set(strategy.request):
        return None
    try:
        return cookies.set_logged_in_cookies(redirect(get_complete_url(backend.name)), user)
    except ValueError:
        # Not in the registry: logged in all the same, without the cookies.
        return None


def ensure_redirect_url_is_safe(strategy, *args, **kwargs) -> None:
    target = strategy.session_get("next")
    if target and not is_safe_redirect(strategy.request, target):
        strategy.session_set("next", "/dashboard")
