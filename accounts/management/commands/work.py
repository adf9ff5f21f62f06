"""`manage.py work`: sends the mails that wait and runs the regular jobs, until it is told to end."""

from __future__ import annotations

import argparse
import signal
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from accounts.management.worker import Worker


class Command(BaseCommand):
    help = "Send queued mails and run regular jobs (reminders of missing weeks) every few seconds. Ctrl-C ends it."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("--once", action="store_true", help="one round, then end: for cron")

    def handle(self, *args: Any, once: bool, **options: Any) -> None:
        if not settings.SITE_URL:
            raise CommandError("Set SITE_URL to the address of this site, like https://time.example.com.")
        worker = Worker(settings.SITE_URL)
        if once:
            if not worker.round():
                raise CommandError("Not all of it was done; the log says what.")
            return

        def end(number: int, frame: Any) -> None:
            worker.stop()
            signal.signal(number, before[signal.Signals(number)])  # who asks twice does not want to wait

        before = {number: signal.signal(number, end) for number in (signal.SIGTERM, signal.SIGINT)}
        try:
            worker.run()
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)
