"""`manage.py check_integrity`: says of every row that breaks a promise between rows; changes nothing."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from timetracking.selectors import integrity


class Command(BaseCommand):
    help = "Look across all organisations for rows that point into another one, or contradict each other. Reads only."

    def handle(self, *args: Any, **options: Any) -> None:
        count = 0
        for finding in integrity.findings():
            count += 1
            self.stdout.write(f"{finding.model} {finding.pk}: {finding.what}")
        if count:
            raise CommandError(f"{count} found. Nothing was changed.", returncode=1)
        self.stdout.write("All references, weeks, days and links agree.")
