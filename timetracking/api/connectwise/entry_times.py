"""Start, end, hours and break of an entry: which of them count when some are sent. Pure."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

MINUTE = dt.timedelta(minutes=1)
FIRST_YEAR, LAST_YEAR = 1900, 9000
"""Of instants that are looked at further; which dates take time is another question."""


@dataclass(frozen=True)
class Times:
    """What an entry has. Without instants of its own it is shown from 00:00 UTC of its day."""

    date: dt.date
    minutes: int
    deduct: int = 0
    started_at: dt.datetime | None = None
    ended_at: dt.datetime | None = None

    @property
    def has_instants(self) -> bool:
        return self.started_at is not None

    @property
    def start(self) -> dt.datetime:
        return self.started_at or midnight(self.date)

    @property
    def end(self) -> dt.datetime:
        return self.ended_at or self.start + (self.minutes + self.deduct) * MINUTE


@dataclass(frozen=True)
class Sent:
    """What a body says of an entry's times; None where it says nothing. `hours` and `deduct` in minutes."""

    start: dt.datetime | None = None
    end: dt.datetime | None = None
    hours: int | None = None
    deduct: int | None = None


def midnight(day: dt.date) -> dt.datetime:
    """00:00 UTC of a day."""
    return dt.datetime.combine(day, dt.time(), dt.UTC)


def first(sent: Sent, *, zone: dt.tzinfo, only_day: bool = False) -> dict[str, Any]:
    """The times of a new entry, as `time_entries.log` takes them. `start` and one of `end` and `hours` are there.

    The end wins over the hours. `only_day`: the start was sent as a day alone, so there are no instants.

    >>> nine = dt.datetime(2026, 3, 2, 9, tzinfo=dt.UTC)
    >>> first(Sent(nine, hours=75, deduct=15), zone=dt.UTC)["ended_at"].isoformat()
    '2026-03-02T10:30:00+00:00'
    >>> first(Sent(midnight(dt.date(2026, 3, 2)), hours=75), zone=dt.UTC, only_day=True)
    {'date': datetime.date(2026, 3, 2), 'minutes': 75, 'break_minutes': 0}
    """
    start = sent.start
    if start is None:
        raise ValueError("A new entry has a start.")
    deduct = sent.deduct or 0
    if only_day and sent.end is None:
        return {"date": start.date(), "minutes": sent.hours, "break_minutes": deduct}
    end = sent.end if sent.end is not None else start + ((sent.hours or 0) + deduct) * MINUTE
    day = start.astimezone(zone).date()
    return {"date": day, "started_at": start, "ended_at": end, "break_minutes": deduct}


def changed(now: Times, sent: Sent, *, zone: dt.tzinfo) -> dict[str, Any]:
    """What of an entry's times changes, as `time_entries.edit` takes it; nothing where what was read is sent back.

    An end wins over hours. Hours alone move the end; a start alone, or a break alone, leaves it, and the hours follow.
    An entry without instants stays so as long as its start is a midnight in UTC, which names its day.

    >>> nine = dt.datetime(2026, 3, 2, 9, tzinfo=dt.UTC)
    >>> now = Times(dt.date(2026, 3, 2), 60, 0, nine, nine + 60 * MINUTE)
    >>> changed(now, Sent(hours=90), zone=dt.UTC)  # which moves the end
    {'minutes': 90, 'break_minutes': 0}
    >>> changed(now, Sent(nine, nine + 60 * MINUTE, 60, 0), zone=dt.UTC)
    {}
    >>> changed(Times(dt.date(2026, 3, 2), 60), Sent(midnight(dt.date(2026, 3, 3))), zone=dt.UTC)
    {'date': datetime.date(2026, 3, 3), 'minutes': 60, 'break_minutes': 0}
    """
    start, end, deduct = _same(sent.start, now.start), _same(sent.end, now.end), _or(sent.deduct, now.deduct)
    hours = None if sent.hours == now.minutes else sent.hours
    if start in (None, now.start) and end in (None, now.end) and deduct == now.deduct and hours is None:
        return {}
    begin = start or now.start
    if now.ended_at is not None and begin == now.start and end is None and sent.hours is not None:
        return {"minutes": sent.hours, "break_minutes": deduct}
    if end is None:
        end = _end(now, sent, begin, deduct, moved=begin != now.start)
    if not now.has_instants and begin == midnight(begin.date()):
        minutes = int((end - begin).total_seconds() + 30) // 60 - deduct
        return {"date": begin.date(), "minutes": minutes, "break_minutes": deduct}
    fields: dict[str, Any] = {"started_at": begin, "ended_at": end, "break_minutes": deduct}
    if begin != now.start:
        fields["date"] = begin.astimezone(zone).date()
    return fields


def _end(now: Times, sent: Sent, begin: dt.datetime, deduct: int, *, moved: bool) -> dt.datetime:
    if sent.hours is not None:
        return begin + (sent.hours + deduct) * MINUTE
    if moved and not now.has_instants:
        return begin + (now.minutes + deduct) * MINUTE
    return now.end


def _same(sent: dt.datetime | None, now: dt.datetime) -> dt.datetime | None:
    """What was sent; the exact instant where it is the one that was read, which has whole seconds."""
    return now if sent is not None and sent.replace(microsecond=0) == now.replace(microsecond=0) else sent


def _or(sent: int | None, now: int) -> int:
    return now if sent is None else sent
