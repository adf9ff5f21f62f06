"""Instants, days, hours and seconds of the wire, to and from ours: whole minutes, aware instants, local days."""

from __future__ import annotations

import datetime as dt
import re
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation

from django.utils.dateparse import parse_date, parse_datetime

LONGEST_HOURS = Decimal(10_000)
FRACTION = re.compile(r"(\.\d{6})\d+")


def instant(text: str) -> dt.datetime | None:
    """An aware instant in UTC; None for what is none. Without an offset it is UTC; fractions of a second may be long.

    >>> instant("2026-03-02T10:00:00+01:00").isoformat(), instant("2026-03-02T09:00:00.1234567Z").microsecond
    ('2026-03-02T09:00:00+00:00', 123456)
    >>> instant("2026-02-30T10:00:00Z"), instant("0001-01-01T00:00:00+14:00"), instant("soon")
    (None, None, None)
    """
    try:
        moment = parse_datetime(FRACTION.sub(r"\1", text.strip()))
        if moment is None:
            return None
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=dt.UTC)
        return moment.astimezone(dt.UTC)
    except (ValueError, OverflowError):
        return None


def day(text: str) -> dt.date | None:
    """A calendar day; None for what is none.

    >>> day("2026-03-02"), day("2026-02-30"), day("2026-03-02T00:00:00Z")
    (datetime.date(2026, 3, 2), None, None)
    """
    try:
        return parse_date(text.strip())
    except ValueError:
        return None


def utc(moment: dt.datetime | None) -> str | None:
    """`2026-03-02T09:00:00Z`

    >>> utc(dt.datetime(2026, 3, 2, 9, 0, 0, 5, tzinfo=dt.UTC)), utc(None)
    ('2026-03-02T09:00:00Z', None)
    """
    if moment is None:
        return None
    if moment.tzinfo is not dt.UTC:
        moment = moment.astimezone(dt.UTC)
    return f"{moment.isoformat()[:19]}Z"  # lists write thousands; strftime takes five times as long


def hours_of(minutes: int) -> float:
    """Decimal hours with two places, as ConnectWise and Intacct write them.

    >>> hours_of(75), hours_of(20), hours_of(1)
    (1.25, 0.33, 0.02)
    """
    return float((Decimal(minutes) / 60).quantize(Decimal("0.01"), ROUND_HALF_UP))


def minutes_of_hours(hours: object) -> int | None:
    """Whole minutes of decimal hours, half up; None for what is no number. What `hours_of` wrote comes back the same.

    >>> [minutes_of_hours(hours_of(m)) == m for m in (1, 7, 20, 59, 1439)]
    [True, True, True, True, True]
    >>> minutes_of_hours("6.5"), minutes_of_hours("NaN"), minutes_of_hours(True), minutes_of_hours(1e300)
    (390, None, None, None)
    """
    if isinstance(hours, bool) or not isinstance(hours, int | float | str | Decimal):
        return None
    try:
        number = Decimal(str(hours).strip())
    except InvalidOperation:
        return None
    if not number.is_finite() or abs(number) > LONGEST_HOURS:
        return None
    return int((number * 60).quantize(Decimal(1), ROUND_HALF_UP))


def minutes_of_seconds(seconds: int) -> int:
    """Whole minutes of seconds, half up.

    >>> minutes_of_seconds(89), minutes_of_seconds(90), minutes_of_seconds(2700)
    (1, 2, 45)
    """
    return (seconds + 30) // 60
