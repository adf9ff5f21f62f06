"""Guessing is slowed in the database: a try is counted before it is looked at, so many at once gain nothing.

A counter forgets after 15 minutes without a counted try. So no stretch of 15 minutes holds more tries than the limit,
and a lock-out ends 15 minutes after the last try that was let through; tries that are refused do not prolong it.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import ipaddress

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Case, F, Q, Value, When
from django.utils import timezone

from accounts.models import GuessCount

WINDOW = dt.timedelta(minutes=15)


def key(*parts: object) -> str:
    """The name of a counter: what is tried ("password", "code", "address", …) and whose it is."""
    return hashlib.sha256("\n".join(str(part) for part in parts).encode("utf-8", "surrogatepass")).hexdigest()


def address_key(address: str | None) -> str:
    """The counter of a network address. An IPv6 customer holds a whole /64, so that is counted as one.

    >>> address_key("2001:db8::1") == address_key("2001:db8::2")
    True
    """
    try:
        ip = ipaddress.ip_address(address or "")
    except ValueError:
        return key("address", "unknown")
    if ip.version == 6:
        return key("address", ipaddress.ip_network((ip, 64), strict=False))
    return key("address", ip)


def take(counter: str, limit: int) -> bool:
    """Count one try; False, and nothing counted, if there were `limit` already.

    Call it outside a transaction that could be rolled back.
    """
    now = timezone.now()
    expired = Q(last_at__lte=now - WINDOW)
    row = GuessCount.objects.filter(key=counter)
    allowed = row.filter(expired | Q(tries__lt=limit))
    counted = {"tries": Case(When(expired, then=Value(1)), default=F("tries") + 1), "last_at": now}
    if allowed.update(**counted):
        return True
    if row.exists():
        return bool(allowed.update(**counted))  # false, unless somebody else's first try came between
    GuessCount.objects.filter(expired).delete()
    try:
        with transaction.atomic():
            GuessCount.objects.create(key=counter, tries=1, last_at=now)
    except IntegrityError:
        return bool(allowed.update(**counted))
    return True


def take_all(counters: list[tuple[str, int]]) -> bool:
    """Count one try with each of several counters, or with none of them if one is full."""
    taken: list[str] = []
    for counter, limit in counters:
        if not take(counter, limit):
            give_back(taken)
            return False
        taken.append(counter)
    return True


def give_back(counters: list[str]) -> None:
    """Uncount a try that turned out to be right. Failures before it stay counted."""
    GuessCount.objects.filter(key__in=counters, tries__gt=0).update(tries=F("tries") - 1)


def forget(counter: str) -> None:
    """Start this counter afresh: the owner has proved themselves by another way."""
    GuessCount.objects.filter(key=counter).delete()


def password_counters(email: str, browser_id: int | None, address: str | None) -> list[tuple[str, int]]:
    """Whom a try at a password counts against: the account, or a browser of its owner instead; and the address."""
    own = key("password of browser", browser_id) if browser_id else password_counter(email)
    return [(own, settings.GUESSES_PER_ACCOUNT), (address_key(address), settings.GUESSES_PER_ADDRESS)]


def password_counter(email: str) -> str:
    return key("password", email.strip().lower())


def code_counters(user_id: int, browser_id: int | None, address: str | None) -> list[tuple[str, int]]:
    """As `password_counters`, for codes of the authenticator and recovery codes together."""
    own = key("code of browser", browser_id) if browser_id else key("code", user_id)
    return [(own, settings.GUESSES_PER_ACCOUNT), (address_key(address), settings.GUESSES_PER_ADDRESS)]
