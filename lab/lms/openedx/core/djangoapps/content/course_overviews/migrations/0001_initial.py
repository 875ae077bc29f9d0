# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

import django.core.validators
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="CourseOverview",
            fields=[
                (
                    "id",
                    models.CharField(
                        db_index=True,
                        max_length=255,
                        primary_key=True,
                        serialize=False,
                        validators=[
                            django.core.validators.RegexValidator(
                                r"^course-v1:[^/+\s]+\+[^/+\s]+\+[^/+\s]+$", "Not like course-v1:org+number+run."
                            )
                        ],
                    ),
                ),
                ("org", models.TextField(default="outdated_entry", max_length=255)),
                ("display_name", models.TextField(blank=True, null=True)),
                ("start", models.DateTimeField(blank=True, null=True)),
                ("end", models.DateTimeField(blank=True, null=True)),
                ("enrollment_start", models.DateTimeField(blank=True, null=True)),
                ("enrollment_end", models.DateTimeField(blank=True, null=True)),
                ("short_description", models.TextField(blank=True, null=True)),
                ("self_paced", models.BooleanField(default=False)),
                ("visible_to_staff_only", models.BooleanField(default=False)),
                ("created", models.DateTimeField(auto_now_add=True)),
                ("modified", models.DateTimeField(auto_now=True)),
            ],
            options={
                "ordering": ["id"],
            },
        ),
    ]
