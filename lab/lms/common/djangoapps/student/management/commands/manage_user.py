# Copyright: (c) 2026, MIT Open Learning contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Make sure that a user exists, with a profile, and is exactly what the flags say."""

from django.contrib.auth import get_user_model
from django.contrib.auth.hashers import identify_hasher
from django.contrib.auth.models import Group
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from ...accounts import generate_password
from ...models import UserProfile


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser) -> None:
        parser.add_argument("username")
        parser.add_argument("email")
        parser.add_argument("--remove", dest="is_remove", action="store_true")
        parser.add_argument("--superuser", dest="is_superuser", action="store_true")
        parser.add_argument("--staff", dest="is_staff", action="store_true")
        parser.add_argument("--unusable-password", action="store_true")
        parser.add_argument("--initial-password-hash")
        parser.add_argument("-g", "--groups", nargs="*", default=[])

    @transaction.atomic
    def handle(self, *args, username: str, email: str, is_remove: bool, groups: list[str], **options) -> None:
        users = get_user_model().objects
        user = users.filter(username=username).first()
        if user and user.email.lower() != email.lower():
            raise CommandError(
                f'Skipping user "{username}": the given e-mail address is not the one of the existing user.'
            )
        if is_remove:
            if user:
                user.delete()
            self.stderr.write(f'Removed user: "{username}"' if user else f'Did not find a user "{username}"')
            return
        if user is None:
            user = users.model(username=username, email=email)
            self.set_first_password(user, options["initial_password_hash"])
            user.save()
            self.stderr.write(f'Created new user: "{username}"')
        else:
            self.stderr.write(f'Found existing user: "{username}"')
        # A flag that is not given is a flag to take away: this command demotes.
        for flag in ("is_superuser", "is_staff"):
            if getattr(user, flag) != options[flag]:
                setattr(user, flag, options[flag])
                self.stderr.write(f'Setting {flag} for user "{username}" to "{options[flag]}"')
        if options["unusable_password"] and user.has_usable_password():
            user.set_unusable_password()
            self.stderr.write(f'Setting unusable password for user "{username}"')
        if UserProfile.objects.get_or_create(user=user)[1]:
            self.stderr.write(f'Created new profile for user: "{username}"')
        user.groups.set(Group.objects.filter(name__in=groups))
        user.save()

    def set_first_password(self, user, password_hash: str | None) -> None:
        if password_hash:
            try:
                identify_hasher(password_hash)
            except ValueError:
                raise CommandError(f"The password hash provided for user {user.username} is invalid.") from None
            user.password = password_hash
        else:
            user.set_password(generate_password())
