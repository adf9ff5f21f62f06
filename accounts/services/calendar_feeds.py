"""The secret address at which a person's calendar program reads their time: made, replaced, switched off, found."""

from __future__ import annotations

import datetime as dt
import secrets

from django.db import transaction
from django.utils import timezone

from accounts import audit
from accounts.models import CalendarFeed, User
from accounts.services.api_keys import SECRET_BYTES, digest_of

LONGEST_TOKEN = 100
USED_EVERY = dt.timedelta(hours=1)
"""How exact "last read" is; so that not every request writes it."""


@transaction.atomic
def make(user: User) -> str:
    """The person's address anew: its secret, which is shown once and not stored. The one before opens nothing more."""
    User.objects.select_for_update().get(pk=user.pk)
    token, now = secrets.token_urlsafe(SECRET_BYTES), timezone.now()
    feed = CalendarFeed.objects.filter(user=user).first()
    action = "user.calendar_made" if feed is None else "user.calendar_renewed"
    feed = feed or CalendarFeed(user=user)
    feed.digest, feed.created_at, feed.last_used_at = digest_of(token), now, None
    feed.save()
    audit.record_account(user, action)
    return token


@transaction.atomic
def end(user: User) -> bool:
    """Switch the person's feed off. False, and nothing told, if there was none."""
    gone, _each = CalendarFeed.objects.filter(user=user).delete()
    if gone:
        audit.record_account(user, "user.calendar_ended")
    return bool(gone)


def of_person(user: User) -> CalendarFeed | None:
    return CalendarFeed.objects.filter(user=user).first()


# --- At a request -----------------------------------------------------------------------------------------------------


def find(token: str) -> CalendarFeed | None:
    """The feed behind a secret, with its person; None for any reason at all, which is told to nobody."""
    if not token or len(token) > LONGEST_TOKEN:
        return None
    return CalendarFeed.objects.select_related("user").filter(digest=digest_of(token), user__is_active=True).first()


def note_use(feed: CalendarFeed) -> None:
    """When the feed was read last, to the hour."""
    now = timezone.now()
    if feed.last_used_at is None or now - feed.last_used_at >= USED_EVERY:
        CalendarFeed.objects.filter(pk=feed.pk).update(last_used_at=now)
