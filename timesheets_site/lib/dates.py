"""Dates and moments in words, in the active language. Formatting is slow, days are few: each is kept."""

from __future__ import annotations

import datetime as dt
import functools

from django.utils import dateformat
from django.utils.translation import get_language, override
from django.utils.translation import pgettext as _p


@functools.lru_cache(maxsize=8192)
def _formatted(day: dt.date, pattern: str, language: str | None) -> str:
    with override(language):
        return dateformat.format(day, pattern)


def _say(day: dt.date, pattern: str) -> str:
    return _formatted(day, pattern, get_language())


def weekday_short(day: dt.date) -> str:
    """`Thu`"""
    return _say(day, "D")


def weekday_long(day: dt.date) -> str:
    """`Thursday`"""
    return _say(day, "l")


def weekdays_short(first: int = 0) -> list[str]:
    """The names of the seven weekdays from `first` on (Monday is 0): `Mon`, `Tue`, …"""
    return [weekday_short(dt.date(2024, 1, 1 + (first + n) % 7)) for n in range(7)]  # that was a Monday


def day_short(day: dt.date) -> str:
    """`18 Jun`"""
    return _say(day, _p("date format: day and short month", "j M"))


def day_month(day: dt.date) -> str:
    """`18 June`"""
    return _say(day, _p("date format: day and month", "j F"))


def weekday_day_month(day: dt.date) -> str:
    """`Thu 18 June`"""
    return _say(day, _p("date format: weekday, day and month", "D j F"))


def full(day: dt.date) -> str:
    """`18 June 2026`"""
    return _say(day, _p("date format: day, month and year", "j F Y"))


def month(day: dt.date) -> str:
    """`June 2026`"""
    return _say(day, _p("date format: month and year", "F Y"))


def month_short(day: dt.date) -> str:
    """`Jun`"""
    return _say(day, _p("date format: short month", "M"))


def day_range(first: dt.date, last: dt.date) -> str:
    """`15 – 21 June 2026`, `29 June – 5 July 2026`, `28 December 2026 – 3 January 2027`; one day is a full date."""
    if first == last:
        return full(first)
    if first.year != last.year:
        return f"{full(first)} – {full(last)}"
    if first.month != last.month:
        return f"{day_month(first)} – {full(last)}"
    return f"{first.day} – {full(last)}"


def day_range_short(first: dt.date, last: dt.date) -> str:
    """`8 – 14 June`, for labels beside a full date."""
    if first.month != last.month or first.year != last.year:
        return f"{day_month(first)} – {day_month(last)}"
    return f"{first.day} – {day_month(last)}"


def moment(instant: dt.datetime, zone: dt.tzinfo) -> str:
    """`Wed 17 June, 09:10` of an aware instant, in the zone of the person who reads it."""
    local = instant.astimezone(zone)
    return f"{weekday_day_month(local.date())}, {local:%H:%M}"
