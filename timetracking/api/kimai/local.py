"""Kimai's times: local, in the zone of whose time it is, with an offset without colon."""

from __future__ import annotations

import datetime as dt
import zoneinfo

from django.utils.dateparse import parse_datetime

LONGEST = 40
YEARS = range(1900, 2900)
"""In which instants have a local day in every zone; what is sensible is asked by the rules."""


def written(moment: dt.datetime, zone: zoneinfo.ZoneInfo) -> str:
    """
    >>> written(dt.datetime(2026, 3, 2, 8, tzinfo=dt.UTC), zoneinfo.ZoneInfo("Europe/Vienna"))
    '2026-03-02T09:00:00+0100'
    """
    return moment.astimezone(zone).strftime("%Y-%m-%dT%H:%M:%S%z")


def read(text: object, zone: zoneinfo.ZoneInfo) -> dt.datetime | None:
    """An aware instant in UTC; what has no offset is local. None for what is none.

    >>> vienna = zoneinfo.ZoneInfo("Europe/Vienna")
    >>> for text in ("2026-03-02T09:00:00", "2026-03-02 09:00", "2026-03-02T08:00:00Z", "2026-03-02T09:00:00+0100"):
    ...     print(read(text, vienna))
    2026-03-02 08:00:00+00:00
    2026-03-02 08:00:00+00:00
    2026-03-02 08:00:00+00:00
    2026-03-02 08:00:00+00:00
    >>> read("now", vienna), read(5, vienna), read("0001-01-01T00:00:00", vienna)
    (None, None, None)
    >>> read("0001-01-01T00:00:00Z", vienna), read("9999-12-31T23:59:59Z", vienna)
    (None, None)
    """
    if not isinstance(text, str) or len(text) > LONGEST:
        return None
    text = text.strip()
    if "T" in text:
        text = text.replace(" ", "+")  # a plus sign that was sent as it is
    try:
        moment = parse_datetime(text)
        if moment is None:
            return None
        moment = (moment if moment.tzinfo else moment.replace(tzinfo=zone)).astimezone(dt.UTC)
    except (ValueError, OverflowError):
        return None
    return moment if moment.year in YEARS else None


def midnight(day: dt.date, zone: zoneinfo.ZoneInfo) -> dt.datetime:
    """Where time without clock times begins."""
    return dt.datetime.combine(day, dt.time(), zone).astimezone(dt.UTC)
