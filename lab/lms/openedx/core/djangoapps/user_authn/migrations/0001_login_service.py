# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The application that owns the tokens of browser logins, and its own user."""

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.db import migrations


def create_login_service(apps, schema_editor) -> None:
    user, _created = apps.get_model("auth", "User").objects.get_or_create(
        username="login_service_user", defaults={"email": "login_service@fake.email", "password": make_password(None)}
    )
    apps.get_model("oauth2_provider", "Application").objects.get_or_create(
        client_id=settings.JWT_AUTH["JWT_LOGIN_CLIENT_ID"],
        defaults={
            "name": "Login Service for JWT Cookies",
            "user": user,
            "client_type": "public",
            "authorization_grant_type": "password",
            "redirect_uris": "",
        },
    )


class Migration(migrations.Migration):
    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
        ("oauth2_provider", "0005_auto_20211222_2352"),
        ("auth", "0012_alter_user_first_name_max_length"),
    ]
    operations = [migrations.RunPython(create_login_service, migrations.RunPython.noop)]
