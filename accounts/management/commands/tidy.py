"""`manage.py tidy`: throws away what has had its time, and lets SQLite look at its tables. Run it nightly."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.contrib.sessions.models import Session
from django.core.management import call_command
from django.core.management.base import BaseCommand
from django.db import connection
from django.db.models import Q
from django.utils import timezone

from accounts import rate_limits
from accounts.models import GuessCount, Notification, OneTimeKey, OutgoingMail, UserSession
from accounts.services import access_tokens, api_replies
from accounts.throttle import WINDOW

NOTIFICATION_LIFETIME = dt.timedelta(days=90)  # of what was read
MAIL_LIFETIME = dt.timedelta(days=30)  # of what was sent, or given up
KEY_LIFETIME = dt.timedelta(days=7)  # longer than any form stays open, or any client tries again


class Command(BaseCommand):
    help = "Remove ended sessions, old keys, guesses, notices, mails, tokens and answers; refresh SQLite's statistics."

    def handle(self, *args: Any, **options: Any) -> None:
        now = timezone.now()
        call_command("clearsessions")
        sessions, _ = UserSession.objects.exclude(session_key__in=Session.objects.values("session_key")).delete()
        keys, _ = OneTimeKey.unscoped.filter(created_at__lt=now - KEY_LIFETIME).delete()
        guesses, _ = GuessCount.objects.filter(last_at__lt=now - WINDOW).delete()
        old = now - NOTIFICATION_LIFETIME
        read, _ = Notification.unscoped.filter(read_at__isnull=False, created_at__lt=old).delete()
        gone = Q(sent_at__lt=now - MAIL_LIFETIME) | Q(failed_at__lt=now - MAIL_LIFETIME)
        mails, _ = OutgoingMail.objects.filter(gone).delete()
        tokens, replies, counts = access_tokens.forget_old(), api_replies.forget_old(), rate_limits.forget_old()
        if connection.vendor == "sqlite":
            with connection.cursor() as cursor:
                # Without statistics SQLite looks up a few rows by way of all of the organisation's. Statistics of a
                # part of each index say that an organisation has as many rows as the part; all of a million take 1 s.
                cursor.execute("PRAGMA analysis_limit=0")
                cursor.execute("ANALYZE")
        self.stdout.write(f"Removed {sessions} sessions, {keys} one-time keys and {guesses} counters,")
        self.stdout.write(f"{read} read notifications and {mails} mails,")
        self.stdout.write(f"{tokens} access tokens, {replies} kept answers and {counts} request counts of the APIs.")
