"""When a week is due. The day and the time are the member's own; the answer is an instant."""

from __future__ import annotations

import datetime as dt

from timetracking.rules import weeks

WEEK = dt.timedelta(days=7)


def due_at(week_start: dt.date, *, days: int, time: dt.time, zone: dt.tzinfo) -> dt.datetime:
    """The UTC instant until which a week has to be sent: `days` after its last day, at `time` in `zone`.

    A time that a clock change skips or repeats is taken at its later reading: nobody is late by a clock.

    >>> import zoneinfo
    >>> paris = zoneinfo.ZoneInfo("Europe/Paris")
    >>> due_at(dt.date(2026, 6, 15), days=1, time=dt.time(10), zone=paris).isoformat()
    '2026-06-22T08:00:00+00:00'
    >>> due_at(dt.date(2026, 3, 23), days=0, time=dt.time(2, 30), zone=paris).astimezone(paris).isoformat()
    '2026-03-29T03:30:00+02:00'
    >>> due_at(dt.date(2026, 10, 19), days=0, time=dt.time(2, 30), zone=paris).astimezone(paris).isoformat()
    '2026-10-25T02:30:00+01:00'
    """
    day = week_start + dt.timedelta(days=6 + days)
    local = dt.datetime.combine(day, time.replace(tzinfo=None), zone)
    return max(local.replace(fold=fold).astimezone(dt.UTC) for fold in (0, 1))


def last_due_week(
    now: dt.datetime, *, first_weekday: int, days: int, time: dt.time, zone: dt.tzinfo
) -> tuple[dt.date, dt.datetime]:
    """The latest week whose deadline has passed at the instant `now`: its first day, and when it was due.

    >>> monday = dt.datetime(2026, 6, 22, 9, 59, tzinfo=dt.UTC)
    >>> policy = {"first_weekday": 0, "days": 1, "time": dt.time(10), "zone": dt.UTC}
    >>> last_due_week(monday, **policy)[0], last_due_week(monday + dt.timedelta(minutes=1), **policy)[0]
    (datetime.date(2026, 6, 8), datetime.date(2026, 6, 15))
    """
    today = now.astimezone(zone).date()
    week_start = weeks.week_containing(today - dt.timedelta(days=days), first_weekday=first_weekday)
    while (due := due_at(week_start, days=days, time=time, zone=zone)) > now:
        week_start -= WEEK
    return week_start, due
