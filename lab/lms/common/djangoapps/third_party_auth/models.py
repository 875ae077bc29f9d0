# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Provider rows: append-only, keyed by site and backend name, cached by django-config-models."""

import json
from collections.abc import Iterator
from typing import Any

from config_models.models import ConfigurationModel
from crum import get_current_request
from django.conf import settings
from django.contrib.sites.models import Site
from django.core.exceptions import ValidationError
from django.db import models
from organizations.models import Organization
from social_core.backends.base import BaseAuth
from social_core.backends.oauth import OAuthAuth
from social_core.utils import module_member


def _load_backend_classes(base_class: type) -> Iterator[type]:
    """Imports every backend of the settings: one that cannot be imported stops every management command."""
    for path in settings.AUTHENTICATION_BACKENDS:
        backend = module_member(path)
        if issubclass(backend, base_class):
            yield backend


_PSA_BACKENDS = {backend.name: backend for backend in _load_backend_classes(BaseAuth)}
_PSA_OAUTH2_BACKENDS = [backend.name for backend in _load_backend_classes(OAuthAuth)]


def current_site_id() -> int:
    """The Site of the Host header, or SITE_ID outside of a request."""
    return Site.objects.get_current(get_current_request()).id


def clean_json(value: str, of_type: type) -> str:
    if not value.strip():
        return json.dumps(of_type())
    try:
        parsed = json.loads(value)
    except ValueError as error:
        raise ValidationError(f"Invalid JSON: {error}") from error
    if not isinstance(parsed, of_type):
        raise ValidationError(f"Expected a JSON {of_type}")
    return json.dumps(parsed, indent=4)


class ProviderConfig(ConfigurationModel):
    """What every kind of provider has; of the kinds, the lab has one."""

    icon_class = models.CharField(
        max_length=50, blank=True, default="fa-sign-in", help_text="Icon of the login button."
    )
    icon_image = models.FileField(blank=True, help_text="An image instead of the icon class.")
    name = models.CharField(max_length=50, blank=True, help_text="Name of this provider, as people see it.")
    slug = models.SlugField(max_length=30, db_index=True, default="default", help_text="A short name without spaces.")
    secondary = models.BooleanField(default=False, help_text="List this provider less prominently.")
    organization = models.ForeignKey(Organization, blank=True, null=True, on_delete=models.CASCADE)
    site = models.ForeignKey(Site, default=settings.SITE_ID, related_name="%(class)ss", on_delete=models.CASCADE)
    skip_hinted_login_dialog = models.BooleanField(default=False, help_text="Follow a tpa_hint without asking.")
    skip_registration_form = models.BooleanField(default=False, help_text="Do not ask people to confirm their details.")
    skip_email_verification = models.BooleanField(default=False, help_text="Activate new accounts at once.")
    send_welcome_email = models.BooleanField(default=False, help_text="Greet new people by e-mail.")
    visible = models.BooleanField(default=False, help_text="Show a button on the login page.")
    max_session_length = models.PositiveIntegerField(
        null=True, blank=True, default=None, verbose_name="Max session length (seconds)"
    )
    send_to_registration_first = models.BooleanField(
        default=False, help_text="Unknown people go to the registration page."
    )
    sync_learner_profile_data = models.BooleanField(
        default=False, help_text="Take over the provider's data at every login."
    )
    enable_sso_id_verification = models.BooleanField(default=False, help_text="A login proves a person's identity.")
    disable_for_enterprise_sso = models.BooleanField(default=False, verbose_name="Disabled for Enterprise TPA")
    was_valid_at = models.DateTimeField(blank=True, null=True)

    prefix = ""
    accepts_logins = True

    class Meta:
        app_label = "third_party_auth"
        abstract = True

    def clean(self) -> None:
        super().clean()
        if self.icon_class and self.icon_image:
            raise ValidationError("Either an icon class or an icon image must be given (but not both)")

    @property
    def provider_id(self) -> str:
        return f"{self.prefix}-{self.backend_name}"

    @property
    def enabled_for_current_site(self) -> bool:
        return self.enabled and self.site_id == current_site_id()

    @property
    def display_for_login(self) -> bool:
        return self.enabled_for_current_site and self.accepts_logins and self.visible


class OAuth2ProviderConfig(ProviderConfig):
    # The slug is no part of the key: two rows of one site and one backend are the old and the new one.
    KEY_FIELDS = ("site_id", "backend_name")
    prefix = "oa2"

    backend_name = models.CharField(max_length=50, db_index=True, help_text="The python-social-auth backend to use.")
    key = models.TextField(blank=True, verbose_name="Client ID")
    secret = models.TextField(
        blank=True, verbose_name="Client Secret", help_text="May be left blank and given in SOCIAL_AUTH_OAUTH_SECRETS."
    )
    other_settings = models.TextField(blank=True, help_text="A JSON object of further settings of the backend.")

    class Meta:
        app_label = "third_party_auth"
        verbose_name = "Provider Configuration (OAuth)"
        verbose_name_plural = verbose_name

    def __str__(self) -> str:
        return f"{self.provider_id} ({self.site_id})"

    def clean(self) -> None:
        super().clean()
        self.other_settings = clean_json(self.other_settings, dict)

    @classmethod
    def current(cls, *args: Any) -> "OAuth2ProviderConfig":
        """The newest row of a backend on the site of this request. (equal_to_current() gives it too, and fails.)"""
        return super().current(current_site_id(), *args)

    def get_setting(self, name: str) -> Any:
        if name == "KEY":
            return self.key
        if name == "SECRET":
            return self.secret or getattr(settings, "SOCIAL_AUTH_OAUTH_SECRETS", {}).get(self.backend_name, "")
        if self.other_settings:
            other_settings = json.loads(self.other_settings)
            assert isinstance(other_settings, dict)
            return other_settings[name]
        raise KeyError(name)
