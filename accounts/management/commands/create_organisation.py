"""Found an organisation with its first admin: the way to start in production, where there are no default accounts."""

from __future__ import annotations

import argparse
from getpass import getpass
from typing import Any

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.core.validators import validate_email, validate_slug
from django.db import transaction

from accounts.models import User
from accounts.services import organisations, passwords, profile
from accounts.zones import validate_zone
from timesheets_site.lib.errors import RuleViolation


class Command(BaseCommand):
    help = "Found an organisation with its first admin, who gets a link by mail to set a password."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("name", help="name of the organisation")
        parser.add_argument("slug", help="its part of the address: /o/<slug>/")
        parser.add_argument("admin_email", help="e-mail address of the first admin")
        parser.add_argument("--admin-name", default="", help="their name (default: the address)")
        parser.add_argument("--time-zone", default="UTC", help="IANA name, like Europe/London (default: UTC)")
        way = parser.add_mutually_exclusive_group(required=True)
        way.add_argument("--address", help="address of this site, like https://time.example.com, for the mail's link")
        way.add_argument("--ask-password", action="store_true", help="type the admin's password here instead")

    def handle(self, *args: Any, **options: Any) -> None:
        email = options["admin_email"].strip().lower()
        try:
            validate_slug(options["slug"])
            validate_email(email)
            validate_zone(options["time_zone"])
            known = User.objects.filter(email=email).first()
            password = self._ask(email) if options["ask_password"] and known is None else None
            with transaction.atomic():
                admin = known or profile.create(email, name=options["admin_name"] or email, password=password)
                organisation = organisations.found(
                    name=options["name"], slug=options["slug"], time_zone=options["time_zone"], admin=admin
                )
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from error
        except RuleViolation as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"{organisation.name} is at /o/{organisation.slug}/, its admin is {email}.")
        if known is None and options["address"]:
            passwords.send_reset_link(email, lambda path: options["address"].rstrip("/") + path)
            self.stdout.write(
                "A link to set a password is queued: `manage.py work` sends it, then it works for an hour."
            )

    def _ask(self, email: str) -> str:
        password = getpass(f"Password for {email}: ")
        if password != getpass("Again: "):
            raise CommandError("The two were not the same.")
        validate_password(password, User(email=email))
        return password
