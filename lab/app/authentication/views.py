# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""MITxPro's way in and out: the JSON API of its login, and a form for a browser on top of the same steps."""

from __future__ import annotations

import logging
from urllib.parse import urlencode, urljoin, urlsplit

from django import forms
from django.conf import settings
from django.contrib.auth import login
from django.contrib.auth.views import LogoutView
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views import View
from rest_framework import serializers
from rest_framework.response import Response
from rest_framework.views import APIView

from authentication import flow
from courseware import api as courseware_api
from users.models import Profile, User

log = logging.getLogger(__name__)


def safe(url: str | None, request) -> str:
    """Where to go after the login; never to somebody else's site."""
    return (
        url if url_has_allowed_host_and_scheme(url, allowed_hosts={request.get_host()}) else settings.LOGIN_REDIRECT_URL
    )


class Step(APIView):
    """A step of the login API: bad fields are 400, everything else is 200 and a state."""

    authentication_classes = []
    permission_classes = []
    form: type[serializers.Serializer]

    def post(self, request):
        form = self.form(data=request.data)
        form.is_valid(raise_exception=True)
        return Response(self.take(request, **form.validated_data).as_dict())


class EmailForm(serializers.Serializer):
    flow = serializers.ChoiceField(choices=["login", "register"])
    email = serializers.EmailField()
    next = serializers.CharField(required=False)


class PasswordForm(serializers.Serializer):
    flow = serializers.ChoiceField(choices=["login", "register"])
    partial_token = serializers.CharField()
    password = serializers.CharField(min_length=8)


class LoginEmail(Step):
    form = EmailForm

    def take(self, request, email, next=None, **_flow):
        if next is not None:
            request.session["next"] = safe(next, request)
        return flow.ask(email)


class LoginPassword(Step):
    form = PasswordForm

    def take(self, request, partial_token, password, **_flow):
        # Django's own request: it carries the session to which the login is written.
        return flow.enter(request._request, partial_token, password)


class SignInForm(forms.Form):
    email = forms.EmailField(widget=forms.EmailInput(attrs={"autocomplete": "username", "autofocus": True}))


class SignIn(View):
    """The real app's page is a React application; this one asks the same two questions in plain HTML."""

    def get(self, request):
        return self.page(request, request.GET.get("next", ""))

    def post(self, request):
        following, form = request.POST.get("next", ""), SignInForm(request.POST)
        if not form.is_valid():
            return self.page(request, following, error="Enter a valid email address.")
        email = form.cleaned_data["email"]
        step = flow.ask(email)
        if step.state == "login/password" and "password" in request.POST:
            step = flow.enter(request, step.partial_token, request.POST["password"])
        if step.state == "success":
            return redirect(safe(following, request))
        if step.state == "register/extra":
            return self.page(
                request, following, error="The profile of this account is not complete; it can only log in at /admin/."
            )
        error = " ".join([*step.errors, *step.field_errors.values()])
        return self.page(request, following, email=email, known=step.partial_token is not None, error=error)

    def page(self, request, following: str, **context):
        return render(request, "signin.html", {"next": following, "settings": settings, **context})


class CreateAccountForm(forms.ModelForm):
    password = forms.CharField(min_length=8, widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}))

    class Meta:
        model = User
        fields = ["name", "email", "username"]


class CreateAccount(View):
    """One form in the place of the real app's five pages. As there, the person gets an account in Open edX."""

    def get(self, request):
        return self.page(request, CreateAccountForm())

    def post(self, request):
        form = CreateAccountForm(request.POST)
        if not form.is_valid():
            return self.page(request, form)
        user = User.objects.create_user(**form.cleaned_data, is_active=True)
        Profile.objects.filter(user=user).update(gender="o", birth_year=1990, company="Example", job_title="Learner")
        login(request, user, backend=flow.BACKEND)
        try:
            courseware_api.create_user(user)
        except Exception:
            log.exception("Error creating courseware user records on User create")
        return redirect("home")

    def page(self, request, form):
        return render(request, "create_account.html", {"form": form, "settings": settings})


class Logout(LogoutView):
    """Only POST, as Django's own view since version 5: a link, or Open edX's iframe, gets 405."""

    def get_success_url(self):
        url = super().get_success_url()
        if url == self.request.path:
            return url
        return url + ("&" if urlsplit(url).query else "?") + urlencode({"redirect_url": settings.SITE_BASE_URL})


class OpenIdConfiguration(APIView):
    """Incomplete, as in the real app: there is no userinfo_endpoint, so Open edX cannot be given this address."""

    permission_classes = []

    def get(self, request):
        base = settings.SITE_BASE_URL
        return Response(
            {
                "issuer": base,
                "authorization_endpoint": urljoin(base, reverse("oauth2_provider:authorize")),
                "token_endpoint": urljoin(base, reverse("oauth2_provider:token")),
            }
        )
