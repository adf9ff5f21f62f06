"""`manage.py demo`: everything that a first look needs, in one command that can be run again at any time."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from accounts.management import worker
from timetracking.demo import api_examples, load
from timetracking.demo.firms import Firm
from timetracking.demo.harbourside import ADA

ROLES = {"AGENT": "agent", "MANAGER": "manager", "ADMIN": "admin"}


class Command(BaseCommand):
    help = "Migrate, fill the database with two invented firms if it has none (what you typed stays), and serve it."
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("address", nargs="?", default="127.0.0.1:8000", help="as for runserver: [host:]port")
        parser.add_argument("--no-serve", action="store_true", help="only fill the database")
        parser.add_argument("--code", action="store_true", help="only print Ada's code for the second step of sign-in")

    def handle(self, *args: Any, address: str, no_serve: bool, code: bool, **options: Any) -> None:
        if not settings.DEVELOPMENT:
            raise CommandError(str(load.NotHere()))
        if code:
            self.stdout.write(api_examples.code(timezone.now()))
            return
        call_command("migrate", verbosity=0, interactive=False)
        loaded = load.load(timezone.now())
        for name, entries in loaded.entries.items():
            if entries:
                self.stdout.write(f"{name}: {entries} time entries added.")
        host = address if ":" in address else f"127.0.0.1:{address}"
        self._sign_ins()
        self._examples(host, loaded.lacking)
        if no_serve:
            return
        self.stdout.write(
            f"\nOpen http://{host}/ and sign in. Ctrl-C ends it; started again, it keeps what you typed.\n"
            "Mails are printed here, unless EMAIL_HOST names a mail server.\n"
        )
        with worker.in_background(f"http://{host}"):
            call_command("runserver", address, use_reloader=False)

    def _sign_ins(self) -> None:
        self.stdout.write(
            f"\nEverybody's password is {load.PASSWORD}. Two-step sign-in is switched on under My settings.\n"
        )
        for firm in load.FIRMS:
            self.stdout.write(f"\n{firm.name} ({firm.time_zone}, {firm.currency})")
            self._people(firm)

    def _examples(self, host: str, lacking: list[str]) -> None:
        self.stdout.write(
            f"\n{ADA} signs in with a second step: the app's secret is {api_examples.SECRET_BASE32}.\n"
            "\nFor the examples in docs/api, to paste into a shell:\n\n"
            f"export SITE=http://{host}"
        )
        for name, value in api_examples.variables(load.PASSWORD).items():
            self.stdout.write(f"export {name}={value}")
        self.stdout.write("export PORTAL_CODE=$(.venv/bin/python manage.py demo --code)")
        if lacking:
            self.stdout.write(
                f"\nThis database was begun without some of what the examples name: {', '.join(lacking)}.\n"
                "Start with an empty one (delete var/) to have it all."
            )

    def _people(self, firm: Firm) -> None:
        for person in firm.people:
            note = ""
            if person.left_after_weeks is not None:
                note = " (left)"
            elif person.in_examples:
                note = " (in the examples of the APIs)"
            elif not person.works_minutes:
                note = " (nothing logged)"
            self.stdout.write(f"  {person.name:<14} {person.email:<28} {ROLES[person.role]}{note}")
