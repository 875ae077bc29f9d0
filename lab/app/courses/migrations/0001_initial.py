# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Program",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("created_on", models.DateTimeField(auto_now_add=True)),
                ("updated_on", models.DateTimeField(auto_now=True)),
                ("title", models.CharField(max_length=255)),
                ("live", models.BooleanField(default=False)),
                ("readable_id", models.CharField(max_length=255, unique=True)),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="Course",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("created_on", models.DateTimeField(auto_now_add=True)),
                ("updated_on", models.DateTimeField(auto_now=True)),
                ("title", models.CharField(max_length=255)),
                ("live", models.BooleanField(default=False)),
                ("position_in_program", models.PositiveSmallIntegerField(blank=True, null=True)),
                ("readable_id", models.CharField(max_length=255, unique=True)),
                ("is_external", models.BooleanField(default=False)),
                (
                    "program",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="courses",
                        to="courses.program",
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="CourseRun",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("created_on", models.DateTimeField(auto_now_add=True)),
                ("updated_on", models.DateTimeField(auto_now=True)),
                ("title", models.CharField(max_length=255)),
                ("live", models.BooleanField(default=False)),
                ("courseware_id", models.CharField(max_length=255, unique=True)),
                ("run_tag", models.CharField(max_length=100)),
                ("courseware_url_path", models.CharField(blank=True, max_length=500, null=True)),
                ("start_date", models.DateTimeField(blank=True, db_index=True, null=True)),
                ("end_date", models.DateTimeField(blank=True, db_index=True, null=True)),
                ("enrollment_start", models.DateTimeField(blank=True, db_index=True, null=True)),
                ("enrollment_end", models.DateTimeField(blank=True, db_index=True, null=True)),
                ("expiration_date", models.DateTimeField(blank=True, db_index=True, null=True)),
                (
                    "course",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="courseruns", to="courses.course"
                    ),
                ),
            ],
            options={
                "unique_together": {("course", "run_tag")},
            },
        ),
    ]
