# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The application by which Open edX logs people in, made from whatever the settings say at the first migrate."""

from urllib.parse import urljoin

from django.conf import settings
from django.db import migrations
from oauth2_provider.models import get_application_model


def add(apps, schema_editor):
    get_application_model().objects.get_or_create(
        name=settings.OPENEDX_OAUTH_APP_NAME,
        defaults={
            "redirect_uris": urljoin(
                settings.OPENEDX_BASE_REDIRECT_URL, f"/auth/complete/{settings.OPENEDX_OAUTH_PROVIDER}/"
            ),
            "client_type": "confidential",
            "authorization_grant_type": "authorization-code",
            "skip_authorization": True,
        },
    )


class Migration(migrations.Migration):
    dependencies = [("oauth2_provider", "0013_alter_application_authorization_grant_type_device")]

    operations = [migrations.RunPython(add, migrations.RunPython.noop)]
