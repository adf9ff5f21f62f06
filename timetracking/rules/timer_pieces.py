"""What a timer counts: whole minutes, in one piece for each local day that it touched.

Instants are rounded to the minute, half up, and a timer counts at least one minute. It never begins before the last one
of its member ended, so that timers that follow each other share no minute and lose none.
"""

from __future__ import annotations

import datetime as dt
import zoneinfo
from dataclasses import dataclass

MINUTE = dt.timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Piece:
    """Work on one local day, between two instants of whole minutes."""

    date: dt.date
    started_at: dt.datetime
    ended_at: dt.datetime

    @property
    def minutes(self) -> int:
        return (self.ended_at - self.started_at) // MINUTE


def whole_minute(instant: dt.datetime) -> dt.datetime:
    """The instant (aware) rounded to the minute, half up.

    >>> whole_minute(dt.datetime(2026, 6, 15, 9, 0, 29, 999999, dt.UTC)).isoformat()
    '2026-06-15T09:00:00+00:00'
    >>> whole_minute(dt.datetime(2026, 6, 15, 9, 0, 30, tzinfo=dt.UTC)).isoformat()
    '2026-06-15T09:01:00+00:00'
    """
    return (instant + MINUTE / 2).replace(second=0, microsecond=0)


def counts_from(started_at: dt.datetime, last_counted_until: dt.datetime | None) -> dt.datetime:
    """The minute from which a timer counts: that of its start, or the end of the member's last one if that is later.

    >>> at = dt.datetime(2026, 6, 15, 9, 0, 10, tzinfo=dt.UTC)
    >>> counts_from(at, None).minute, counts_from(at, dt.datetime(2026, 6, 15, 9, 1, tzinfo=dt.UTC)).minute
    (0, 1)
    """
    first = whole_minute(started_at)
    return max(first, last_counted_until) if last_counted_until else first


def pieces(begins_at: dt.datetime, stopped_at: dt.datetime, zone: zoneinfo.ZoneInfo) -> list[Piece]:
    """The pieces between the minute from which a timer counts and the instant at which it was stopped.

    Their minutes add up to the rounded time between both, at least one. Days of 23 or 25 hours are what they are.

    >>> paris = zoneinfo.ZoneInfo("Europe/Paris")
    >>> late = dt.datetime(2026, 3, 28, 22, 30, tzinfo=dt.UTC)  # 23:30
    >>> [(str(p.date), p.minutes) for p in pieces(late, dt.datetime(2026, 3, 29, 22, 30, 40, tzinfo=dt.UTC), paris)]
    [('2026-03-28', 30), ('2026-03-29', 1380), ('2026-03-30', 31)]
    >>> [p.minutes for p in pieces(late, late + dt.timedelta(seconds=5), paris)]
    [1]
    """
    end = max(whole_minute(stopped_at), begins_at + MINUTE)
    found, start = [], begins_at
    while start < end:
        day = start.astimezone(zone).date()
        midnight = dt.datetime.combine(day + dt.timedelta(days=1), dt.time(), zone).astimezone(dt.UTC)
        stop = min(end, midnight)
        found.append(Piece(day, start.astimezone(dt.UTC), stop.astimezone(dt.UTC)))
        start = stop
    return found
