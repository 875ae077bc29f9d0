# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("organizations", "0004_auto_20230727_2054"),
        ("sites", "0002_alter_domain_unique"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="OAuth2ProviderConfig",
            fields=[
                ("id", models.AutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("change_date", models.DateTimeField(auto_now_add=True, verbose_name="Change date")),
                ("enabled", models.BooleanField(default=False, verbose_name="Enabled")),
                (
                    "icon_class",
                    models.CharField(
                        blank=True, default="fa-sign-in", help_text="Icon of the login button.", max_length=50
                    ),
                ),
                (
                    "icon_image",
                    models.FileField(blank=True, help_text="An image instead of the icon class.", upload_to=""),
                ),
                (
                    "name",
                    models.CharField(blank=True, help_text="Name of this provider, as people see it.", max_length=50),
                ),
                ("slug", models.SlugField(default="default", help_text="A short name without spaces.", max_length=30)),
                ("secondary", models.BooleanField(default=False, help_text="List this provider less prominently.")),
                (
                    "skip_hinted_login_dialog",
                    models.BooleanField(default=False, help_text="Follow a tpa_hint without asking."),
                ),
                (
                    "skip_registration_form",
                    models.BooleanField(default=False, help_text="Do not ask people to confirm their details."),
                ),
                (
                    "skip_email_verification",
                    models.BooleanField(default=False, help_text="Activate new accounts at once."),
                ),
                ("send_welcome_email", models.BooleanField(default=False, help_text="Greet new people by e-mail.")),
                ("visible", models.BooleanField(default=False, help_text="Show a button on the login page.")),
                (
                    "max_session_length",
                    models.PositiveIntegerField(
                        blank=True, default=None, null=True, verbose_name="Max session length (seconds)"
                    ),
                ),
                (
                    "send_to_registration_first",
                    models.BooleanField(default=False, help_text="Unknown people go to the registration page."),
                ),
                (
                    "sync_learner_profile_data",
                    models.BooleanField(default=False, help_text="Take over the provider's data at every login."),
                ),
                (
                    "enable_sso_id_verification",
                    models.BooleanField(default=False, help_text="A login proves a person's identity."),
                ),
                (
                    "disable_for_enterprise_sso",
                    models.BooleanField(default=False, verbose_name="Disabled for Enterprise TPA"),
                ),
                ("was_valid_at", models.DateTimeField(blank=True, null=True)),
                (
                    "backend_name",
                    models.CharField(db_index=True, help_text="The python-social-auth backend to use.", max_length=50),
                ),
                ("key", models.TextField(blank=True, verbose_name="Client ID")),
                (
                    "secret",
                    models.TextField(
                        blank=True,
                        help_text="May be left blank and given in SOCIAL_AUTH_OAUTH_SECRETS.",
                        verbose_name="Client Secret",
                    ),
                ),
                (
                    "other_settings",
                    models.TextField(blank=True, help_text="A JSON object of further settings of the backend."),
                ),
                (
                    "changed_by",
                    models.ForeignKey(
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="Changed by",
                    ),
                ),
                (
                    "organization",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        to="organizations.organization",
                    ),
                ),
                (
                    "site",
                    models.ForeignKey(
                        default=2,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="%(class)ss",
                        to="sites.site",
                    ),
                ),
            ],
            options={
                "verbose_name": "Provider Configuration (OAuth)",
                "verbose_name_plural": "Provider Configuration (OAuth)",
            },
        ),
    ]
