# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""MITxPro's login: an e-mail first, then the password; one state after the other."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field

from django.contrib.auth import login
from django.core import signing

from users.models import User

BACKEND = "django.contrib.auth.backends.ModelBackend"
SALT = "login"
LIFETIME = 60 * 60


@dataclass
class State:
    """The answer to a step. Only the state says how it went, not the HTTP status."""

    state: str
    partial_token: str | None = None
    flow: str = "login"
    provider: str = "email"
    errors: list = field(default_factory=list)
    field_errors: dict = field(default_factory=dict)
    redirect_url: str | None = None
    extra_data: dict = field(default_factory=dict)

    as_dict = asdict


def ask(email: str) -> State:
    """Who is it? On to the password, when the person is known."""
    user = User.objects.filter(email__iexact=email).first()
    if user is None:
        return State("register/required", field_errors={"email": "Couldn't find your account"})
    return State("login/password", partial_token=token_of(user), extra_data={"name": user.name})


def enter(request, partial_token: str, password: str) -> State:
    """A right password logs in; a person without a complete profile has to go on in the real app's own pages."""
    try:
        user = User.objects.get(pk=signing.loads(partial_token, salt=SALT, max_age=LIFETIME))
    except (signing.BadSignature, User.DoesNotExist):
        return State("error", errors=["Unexpected authentication result"])
    if not user.check_password(password):
        wrong = {"password": "Unable to login with that email and password combination"}
        return State("error", partial_token=token_of(user), field_errors=wrong)
    if not user.is_active:
        user.is_active = True
        user.save()
    if not user.profile.is_complete:
        return State("register/extra", partial_token=token_of(user))
    redirect_url = request.session.get("next")
    login(request, user, backend=BACKEND)
    return State("success", redirect_url=redirect_url)


def token_of(user) -> str:
    return signing.dumps(user.pk, salt=SALT)
