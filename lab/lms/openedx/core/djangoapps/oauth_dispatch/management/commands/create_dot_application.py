# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Make an OAuth application of a user, if that user has none of that name."""

import logging

from django.contrib.auth import get_user_model
from django.core.management.base import BaseCommand
from oauth2_provider.models import get_application_model

from ...models import ApplicationAccess

log = logging.getLogger(__name__)
Application = get_application_model()


class Command(BaseCommand):
    """With --update every flag that is not given goes back to its default; the secret is logged in clear."""

    help = __doc__

    def add_arguments(self, parser) -> None:
        parser.add_argument("name")
        parser.add_argument("username")
        parser.add_argument("--grant-type", default=Application.GRANT_CLIENT_CREDENTIALS)
        parser.add_argument("--redirect-uris", default="")
        parser.add_argument("--public", action="store_true")
        parser.add_argument("--skip-authorization", action="store_true")
        parser.add_argument("--client-id")
        parser.add_argument("--client-secret")
        parser.add_argument("--scopes", default="")
        parser.add_argument("--update", action="store_true")

    def handle(self, *args, name: str, username: str, update: bool, **options) -> None:
        user = get_user_model().objects.get(username=username)
        values = {
            "redirect_uris": options["redirect_uris"],
            "client_type": Application.CLIENT_PUBLIC if options["public"] else Application.CLIENT_CONFIDENTIAL,
            "authorization_grant_type": options["grant_type"],
            "skip_authorization": options["skip_authorization"],
        }
        values |= {field: options[field] for field in ("client_id", "client_secret") if options[field]}
        application = Application.objects.filter(user=user, name=name).first()
        if application is None:
            application = Application.objects.create(user=user, name=name, **values)
            done = "Created"
        elif update:
            for field, value in values.items():
                setattr(application, field, value)
            application.save()
            done = "Updated"
        else:
            log.info("Application with name %s and user %s already exists.", name, username)
            return
        log.info(
            "%s %s application with id: %s, client_id: %s, and client_secret: %s",
            done,
            name,
            application.id,
            application.client_id,
            application.client_secret,
        )
        scopes = [scope.strip() for scope in options["scopes"].split(",") if scope.strip()]
        if scopes:
            ApplicationAccess.objects.update_or_create(application=application, defaults={"scopes": scopes})
