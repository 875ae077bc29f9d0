# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""New accounts: by the API that the MIT apps call, and by the page that a login through a provider leads to."""

import re

from common.djangoapps.student.accounts import create_person, generate_password
from common.djangoapps.student.models import USERNAME_MAX_LENGTH, USERNAME_MIN_LENGTH
from common.djangoapps.third_party_auth import pipeline
from common.djangoapps.third_party_auth.provider import Registry
from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.auth import login as django_login
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.http import HttpResponseForbidden, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.views import View
from django.views.decorators.csrf import csrf_exempt, ensure_csrf_cookie
from django_countries import countries
from django_ratelimit.decorators import ratelimit
from requests.exceptions import HTTPError
from social_core.exceptions import AuthAlreadyAssociated, AuthException
from social_django.utils import load_backend, load_strategy

from openedx.core.djangoapps.site_configuration import helpers as site_configuration

from ..cookies import set_logged_in_cookies
from .login import after_login_url, next_url

REQUIRED = {
    "city": "A city is required",
    "gender": "Your gender is required",
    "goals": "A description of your goals is required",
    "level_of_education": "A level of education is required",
    "mailing_address": "Your mailing address is required",
    "year_of_birth": "Your year of birth is required",
}
SESSION_BACKEND = "django.contrib.auth.backends.AllowAllUsersModelBackend"


class Refused(Exception):
    """An account that is not made, with the status and the body that say why."""

    def __init__(self, status: int, error_code: str, errors: dict):
        super().__init__(error_code)
        self.status, self.error_code, self.errors = status, error_code, errors

    @property
    def body(self) -> dict:
        return {**self.errors, "error_code": self.error_code}

    @property
    def messages(self) -> list[str]:
        return [
            error["user_message"]
            for name, found in self.errors.items()
            if name != "username_suggestions"
            for error in found
        ]


def refused(status: int, error_code: str, **messages: str) -> Refused:
    return Refused(status, error_code, {name: [{"user_message": message}] for name, message in messages.items()})


def check_duplicates(data) -> None:
    users = get_user_model().objects
    code, errors = "duplicate", {}
    if data.get("email") and users.filter(email=data["email"]).exists():
        code += "-email"
        errors["email"] = [{"user_message": "This email is already associated with an existing account"}]
    username = data.get("username")
    if username and users.filter(username=username).exists():
        code += "-username"
        errors["username"] = [{"user_message": "It looks like this username is already taken"}]
        errors["username_suggestions"] = [f"{username[:25]}_{number}" for number in (1, 2, 3)]
    if errors:
        raise Refused(409, code, errors)


def check_country(data) -> None:
    country = data.get("country")
    required = extra_fields().get("country", "hidden") == "required"
    if (required or country) and country not in dict(countries):
        raise refused(400, "invalid-country", country="Select your country or region of residence")


def extra_fields() -> dict[str, str]:
    return site_configuration.get_value("REGISTRATION_EXTRA_FIELDS", settings.REGISTRATION_EXTRA_FIELDS)


def check_fields(data) -> None:
    messages = {}
    username, email = data.get("username", ""), data.get("email", "")
    if not USERNAME_MIN_LENGTH <= len(username) <= USERNAME_MAX_LENGTH:
        messages["username"] = (
            f"Username must be between {USERNAME_MIN_LENGTH} and {USERNAME_MAX_LENGTH} characters long."
        )
    elif not re.fullmatch(r"[\w-]+", username, re.ASCII):
        messages["username"] = (
            "Usernames can only contain letters (A-Z, a-z), numerals (0-9), underscores (_), and hyphens (-)."
        )
    allowed = settings.REGISTRATION_EMAIL_PATTERNS_ALLOWED
    try:
        validate_email(email)
    except ValidationError:
        messages["email"] = "A properly formatted e-mail is required"
    else:
        if allowed is not None and not any(re.match(f"{pattern}$", email) for pattern in allowed):
            messages["email"] = "Unauthorized email address."
    if not data.get("password"):
        messages["password"] = "This field is required."
    if not data.get("name"):
        messages["name"] = "Your legal name must be a minimum of one character long"
    required = [name for name, kind in extra_fields().items() if kind == "required"]
    if "honor_code" in required and data.get("honor_code", "").lower() != "true":
        messages["honor_code"] = "To enroll, you must follow the honor code."
    for name in required:
        if name not in ("honor_code", "terms_of_service", "country") and not data.get(name):
            messages[name] = REQUIRED.get(name, "You are missing one or more required fields")
    if messages:
        raise refused(400, "validation-error", **messages)


def link_by_access_token(request, user, backend_name: str, access_token: str) -> None:
    """Ask the provider, from here, whose token it is, and link the new account to that person."""
    if not access_token:
        raise refused(400, "tpa-missing-access-token", access_token="An access_token is required with a provider.")
    request.social_strategy = load_strategy(request)
    request.backend = load_backend(
        request.social_strategy, backend_name, reverse("social:complete", args=[backend_name])
    )
    request.session["auth_entry"] = "register_api"
    try:
        linked = request.backend.do_auth(access_token, user=user)
    except AuthAlreadyAssociated:
        raise refused(
            400, "tpa-token-already-associated", access_token="The provided access_token belongs to another user."
        ) from None
    except (HTTPError, AuthException):
        linked = None
    if not isinstance(linked, get_user_model()):
        request.social_strategy.clean_partial_pipeline(access_token)
        raise refused(400, "tpa-invalid-access-token", access_token="The provided access_token is not valid.")


def create_account(request, data):
    """The new, logged-in person. Nothing is left of a refused one."""
    check_duplicates(data)
    check_country(data)
    if not site_configuration.get_value("ALLOW_PUBLIC_ACCOUNT_CREATION", settings.ALLOW_PUBLIC_ACCOUNT_CREATION):
        raise PermissionDenied
    providers = site_configuration.get_value("ENABLE_THIRD_PARTY_AUTH", settings.FEATURES["ENABLE_THIRD_PARTY_AUTH"])
    waiting = pipeline.get(request) if providers else None
    by_token = bool(providers and data.get("provider"))
    if waiting or by_token:
        # The provider logs this person in; the password is one that nobody knows.
        data["password"] = generate_password()
    check_fields(data)
    row = waiting and Registry.get_from_pipeline(waiting)
    trusted = row and row.skip_email_verification and waiting["kwargs"].get("details", {}).get("email") == data["email"]
    with transaction.atomic():
        user = create_person(
            data["username"],
            data["email"],
            password=data["password"],
            active=bool(settings.SKIP_EMAIL_VALIDATION or settings.AUTOMATIC_AUTH_FOR_TESTING or trusted),
            name=data["name"],
            country=data.get("country") or None,
        )
        if by_token:
            link_by_access_token(request, user, data["provider"], data.get("access_token", ""))
    django_login(request, user, backend=SESSION_BACKEND)
    return user


@method_decorator([csrf_exempt, transaction.non_atomic_requests], name="dispatch")
class RegistrationView(View):
    @method_decorator(ensure_csrf_cookie)
    def get(self, request):
        """What a form would ask for."""
        shown = {name: kind == "required" for name, kind in extra_fields().items() if kind != "hidden"}
        asked = {"name": True, "username": True, "email": True, "password": True, **shown}
        fields = [{"name": name, "required": required} for name, required in asked.items()]
        return JsonResponse({"method": "post", "submit_url": request.path, "fields": fields})

    @method_decorator(ratelimit(key="ip", rate=settings.REGISTRATION_RATELIMIT, method="POST", block=False))
    def post(self, request):
        if request.limited:
            return JsonResponse({"error_code": "forbidden-request"}, status=403)
        if settings.ENABLE_REQUIRE_THIRD_PARTY_AUTH and not pipeline.get(request):
            return HttpResponseForbidden(
                "Third party authentication is required to register. Username and password were received instead."
            )
        try:
            user = create_account(request, request.POST.copy())
        except PermissionDenied:
            return HttpResponseForbidden("Account creation not allowed.")
        except Refused as refusal:
            return JsonResponse(refusal.body, status=refusal.status)
        person = {"username": user.username, "full_name": user.profile.name, "user_id": user.id}
        redirect_url = request.build_absolute_uri(next_url(request))
        response = JsonResponse({"authenticated_user": person, "success": True, "redirect_url": redirect_url})
        return set_logged_in_cookies(response, user)


@ensure_csrf_cookie
def register_page(request):
    waiting = pipeline.get(request)
    details = waiting["kwargs"].get("details", {}) if waiting else {}
    # The real form reads `fullname`; a backend that sends `name` leaves the field empty.
    shown = {
        "username": waiting and waiting["kwargs"].get("username"),
        "email": details.get("email"),
        "name": details.get("fullname"),
    }
    errors: list[str] = []
    if request.method == "POST":
        data = shown = request.POST.copy()
        target = after_login_url(request)
        try:
            return set_logged_in_cookies(redirect(target), create_account(request, data))
        except PermissionDenied:
            errors = ["Account creation not allowed."]
        except Refused as refusal:
            errors = refusal.messages
    context = {"shown": shown, "errors": errors, "waiting": waiting, "next": request.GET.get("next", "")}
    return render(request, "standin/register.html", context, status=400 if errors else 200)
