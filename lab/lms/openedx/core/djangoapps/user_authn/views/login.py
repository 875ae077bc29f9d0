# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The login page, and the renewal of its token."""

import time
from urllib.parse import parse_qs, urlsplit

from common.djangoapps.third_party_auth import pipeline
from common.djangoapps.third_party_auth.provider import Registry
from django.conf import settings
from django.contrib.auth import authenticate, get_user_model
from django.contrib.auth import login as django_login
from django.http import JsonResponse
from django.shortcuts import redirect, render
from django.views.decorators.csrf import ensure_csrf_cookie
from django.views.decorators.http import require_POST

from ..cookies import set_logged_in_cookies
from ..redirects import is_safe_redirect


def next_url(request) -> str:
    target = request.POST.get("next") or request.GET.get("next") or ""
    return target if is_safe_redirect(request, target) else "/dashboard"


def after_login_url(request) -> str:
    """A login through a provider that waits for this one goes on; else to where the visitor wanted to go."""
    waiting = pipeline.get(request)
    if waiting:
        try:
            return pipeline.get_complete_url(waiting["backend"])
        except ValueError:
            pass
    return next_url(request)


def hinted_provider(request):
    """`tpa_hint` names a provider; one that skips the dialog is followed at once."""
    wanted = parse_qs(urlsplit(request.GET.get("next", "")).query)
    hint = request.GET.get("tpa_hint") or wanted.get("tpa_hint", [""])[0]
    row = Registry.get(hint) if "-" in hint else None
    return row if row and row.skip_hinted_login_dialog else None


@ensure_csrf_cookie
def login_view(request):
    if request.method == "POST":
        return log_in(request)
    if request.user.is_authenticated:
        return redirect(next_url(request))
    hinted = hinted_provider(request)
    if hinted:
        return redirect(pipeline.get_login_url(hinted.provider_id, "login", next_url(request)))
    if settings.ENABLE_AUTHN_MICROFRONTEND and not request.GET.get("skip_authn_mfe"):
        return redirect(f"{settings.AUTHN_MICROFRONTEND_URL}/login?{request.GET.urlencode()}")
    return page(request)


def page(request, error: str = "", status: int = 200):
    buttons = [
        (row.name, pipeline.get_login_url(row.provider_id, "login", next_url(request)))
        for row in Registry.displayed_for_login()
    ]
    context = {
        "error": error,
        "next": request.GET.get("next", ""),
        "buttons": buttons,
        "waiting": pipeline.get(request),
    }
    return render(request, "standin/login.html", context, status=status)


def log_in(request):
    name = request.POST.get("email_or_username") or request.POST.get("email") or request.POST.get("username") or ""
    by_email = get_user_model().objects.filter(email=name).values_list("username", flat=True).first()
    user = authenticate(request, username=by_email or name, password=request.POST.get("password", ""))
    if user is None:
        return page(request, "Email or password is incorrect.", 400)
    if not user.is_active:
        return page(request, "This account is not active yet.", 400)
    target = after_login_url(request)
    django_login(request, user)
    return set_logged_in_cookies(redirect(target), user)


@require_POST
def login_refresh(request):
    if not request.user.is_authenticated or not request.user.is_active:
        return JsonResponse("Unauthorized", status=401, safe=False)
    return set_logged_in_cookies(JsonResponse({"success": True, "response_epoch_seconds": time.time()}), request.user)
