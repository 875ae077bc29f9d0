# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What an application may ask for beyond the default scopes, and which applications get no lasting token."""

from datetime import UTC, datetime

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models.signals import pre_save
from django.dispatch import receiver
from oauth2_provider.models import AccessToken


class ListCharField(models.CharField):
    """A list of words, stored with commas between them."""

    def __init__(self, *args, size: int, word_length: int, **kwargs):
        self.size, self.word_length = size, word_length
        kwargs["max_length"] = size * (word_length + 1)
        super().__init__(*args, **kwargs)

    def deconstruct(self):
        name, path, args, kwargs = super().deconstruct()
        del kwargs["max_length"]
        return name, path, args, {**kwargs, "size": self.size, "word_length": self.word_length}

    def from_db_value(self, value, expression, connection):
        return self.to_python(value)

    def to_python(self, value):
        return [word.strip() for word in value.split(",") if word.strip()] if isinstance(value, str) else value

    def get_prep_value(self, value):
        return ",".join(value) if isinstance(value, (list, tuple)) else value

    def value_from_object(self, obj):
        """What forms and serializers show."""
        return self.get_prep_value(super().value_from_object(obj))

    def validate(self, value, model_instance):
        if value and (len(value) > self.size or any(len(word) > self.word_length for word in value)):
            raise ValidationError(f"At most {self.size} words of at most {self.word_length} characters.")
        super().validate(self.get_prep_value(value), model_instance)

    def run_validators(self, value):
        super().run_validators(self.get_prep_value(value))


class ApplicationAccess(models.Model):
    application = models.OneToOneField(
        settings.OAUTH2_PROVIDER_APPLICATION_MODEL, related_name="access", on_delete=models.CASCADE
    )
    scopes = ListCharField(size=25, word_length=32, help_text="Comma-separated scopes beyond the default ones.")
    filters = ListCharField(size=25, word_length=32, null=True, blank=True, help_text="Comma-separated filters.")

    def __str__(self) -> str:
        return f"{self.application}: {self.scopes}"


class RestrictedApplication(models.Model):
    application = models.ForeignKey(settings.OAUTH2_PROVIDER_APPLICATION_MODEL, on_delete=models.CASCADE)

    def __str__(self) -> str:
        return str(self.application)


@receiver(pre_save, sender=AccessToken)
def expire_restricted_tokens(sender, instance: AccessToken, **kwargs) -> None:
    """A token of a restricted application is born expired."""
    if RestrictedApplication.objects.filter(application_id=instance.application_id).exists():
        instance.expires = datetime(1970, 1, 1, tzinfo=UTC)
