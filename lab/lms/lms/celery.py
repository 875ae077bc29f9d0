# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The workers that `tutor local` starts beside the LMS. Nobody gives them work."""

from celery import Celery
from django.conf import settings

app = Celery("lms")
app.conf.broker_url = (
    f"{settings.CELERY_BROKER_TRANSPORT}://{settings.CELERY_BROKER_HOSTNAME}/{settings.CELERY_BROKER_VHOST}"
)
