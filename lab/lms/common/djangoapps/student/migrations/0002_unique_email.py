# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One e-mail address, one person. Only the database knows: full_clean() of a user does not."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("student", "0001_initial"), ("auth", "0012_alter_user_first_name_max_length")]
    operations = [migrations.RunSQL("CREATE UNIQUE INDEX email ON auth_user (email)", migrations.RunSQL.noop)]
