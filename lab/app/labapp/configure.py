# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What `configure_instance` of both apps shares: an application for Open edX, made once and announced wrongly."""

from __future__ import annotations

import sys

from django.core.management import BaseCommand, call_command
from oauth2_provider.models import Application

NAME = "edx-oauth-app"


class ConfigureInstance(BaseCommand):
    """Step by step; what comes after the application is up to the app."""

    def add_arguments(self, parser):
        # `nargs="?"` with a constant has no effect on a positional argument: left out, it is None and not "none".
        parser.add_argument(
            "platform", choices=["none", "macos", "linux"], nargs="?", const="none", help="Your platform."
        )
        parser.add_argument(
            "--dont-create-superuser", "-S", action="store_false", dest="superuser", help="No superuser."
        )
        parser.add_argument("--edx-oauth-client", nargs="?", help="Use this client ID rather than a new one.")
        parser.add_argument("--edx-oauth-secret", nargs="?", help="Use this client secret rather than a new one.")
        parser.add_argument("--gateway", nargs="?", help="The gateway IP. (Required for Linux users.)")
        parser.add_argument("--tutor", "-T", action="store_true", help="Configure for Tutor.")
        parser.add_argument("--tutor-dev", action="store_true", dest="tutordev", help="Configure for Tutor Dev.")

    def handle(self, *args, **options):
        if options["superuser"]:
            self.say("Creating superuser...")
            call_command("createsuperuser")
        application = None
        if options["platform"] != "none":
            self.say("Creating OAuth2 app...")
            application = self.make_application(options)
        self.courseware(options)
        if application:
            self.say(
                "== edX OAuth2 Application Details ==\n"
                f"Client ID: {application.client_id}\nSecret: {application.client_secret}\n\n"
            )
        self.say("Done!")

    def make_application(self, options) -> Application:
        host, port = self.edx_host(options)
        gateway = "host.docker.internal" if options["platform"] == "macos" else options["gateway"]
        if gateway is None:
            self.stdout.write(self.style.ERROR(f"Gateway required for platform type {options['platform']}."))
            sys.exit(-1)
        uris = [f"http://{host}/auth/complete/ol-oauth2/", f"http://{gateway}{port}/auth/complete/ol-oauth2/"]
        application, _created = Application.objects.get_or_create(
            name=NAME,
            # Only for a new row: an existing one keeps its redirect URIs, whatever was asked for.
            defaults={
                "client_type": "confidential",
                "authorization_grant_type": "authorization-code",
                "skip_authorization": True,
                "redirect_uris": "\n".join(uris),
            },
        )
        if options["edx_oauth_client"] is not None:
            application.client_id = options["edx_oauth_client"]
        if options["edx_oauth_secret"] is not None:
            application.client_secret = options["edx_oauth_secret"]
        application.save()
        # Saving replaced the secret by its hash, so it is the hash that is printed.
        self.say(
            f"Created OAuth2 app {application.name} for edX. Your client ID is \n{application.client_id}\n"
            f"and your secret is\n{application.client_secret}\n\n"
        )
        return application

    def edx_host(self, options) -> tuple[str, str]:
        if options["tutor"]:
            return "local.openedx.io", ""
        if options["tutordev"]:
            return "local.openedx.io:8000", ":8000"
        return "edx.odl.local:18000", ":18000"

    def courseware(self, options) -> None:
        raise NotImplementedError  # Each app's own command has it.

    def say(self, text: str) -> None:
        self.stdout.write(self.style.SUCCESS(text))
