"""From a local day and clock time to an instant, honest about the hours that clocks skip or repeat."""

from __future__ import annotations

import datetime as dt
import zoneinfo
from collections.abc import Mapping

from django.utils.translation import gettext as _

from timesheets_site.lib.errors import RuleViolation


def instant(day: dt.date, time: dt.time, zone: zoneinfo.ZoneInfo, *, field: str | None = None) -> dt.datetime:
    """The UTC instant of a local time. Raises RuleViolation `time_skipped`, `time_twice` or `day_out_of_range`.

    >>> paris = zoneinfo.ZoneInfo("Europe/Paris")
    >>> instant(dt.date(2026, 6, 15), dt.time(9), paris).isoformat()
    '2026-06-15T07:00:00+00:00'
    >>> instant(dt.date(2026, 3, 29), dt.time(2, 30), paris)
    Traceback (most recent call last):
        ...
    timesheets_site.lib.errors.RuleViolation: 02:30 does not exist on that day: clocks go from 02:00 to 03:00.
    """
    if not dt.MINYEAR < day.year < dt.MAXYEAR:
        raise RuleViolation("day_out_of_range", _("Choose a day from the year 2000 on."), field)
    first = dt.datetime.combine(day, time.replace(tzinfo=None, fold=0), zone)
    second = first.replace(fold=1)
    if first.utcoffset() == second.utcoffset():
        return first.astimezone(dt.UTC)
    if first.astimezone(dt.UTC).astimezone(zone).replace(tzinfo=None) != first.replace(tzinfo=None):
        before, after = _gap(first, second)
        values = {"time": f"{time:%H:%M}", "before": f"{before:%H:%M}", "after": f"{after:%H:%M}"}
        raise RuleViolation(
            "time_skipped",
            _("%(time)s does not exist on that day: clocks go from %(before)s to %(after)s.") % values,
            field,
        )
    raise RuleViolation(
        "time_twice",
        _("%(time)s happens twice on that day. Enter the duration instead.") % {"time": f"{time:%H:%M}"},
        field,
    )


def moved(at: dt.datetime, days: dt.timedelta, zone: zoneinfo.ZoneInfo, *, field: str | None = None) -> dt.datetime:
    """The same clock time, some days later or earlier. Raises RuleViolation `time_skipped` or `time_twice`.

    >>> paris = zoneinfo.ZoneInfo("Europe/Paris")
    >>> winter = dt.datetime(2026, 3, 27, 8, tzinfo=dt.UTC)
    >>> moved(winter, dt.timedelta(days=3), paris).isoformat()
    '2026-03-30T07:00:00+00:00'
    """
    local = at.astimezone(zone)
    return instant(local.date() + days, local.time(), zone, field=field)


def shifted(
    times: Mapping[str, dt.datetime | None], by: dt.timedelta, zone: zoneinfo.ZoneInfo
) -> dict[str, dt.datetime]:
    """`started_at` and `ended_at`, where there are any, at the same clock times of another day; as far apart as before.

    Raises RuleViolation `time_skipped` or `time_twice`.

    >>> paris = zoneinfo.ZoneInfo("Europe/Paris")
    >>> late = {"started_at": dt.datetime(2026, 3, 27, 22, tzinfo=dt.UTC), "ended_at": None}
    >>> shifted(late, dt.timedelta(days=2), paris)["started_at"].isoformat()
    '2026-03-29T21:00:00+00:00'
    """
    found = {}
    for name, field in (("started_at", "start"), ("ended_at", "end")):
        at = times.get(name)
        if at is not None:
            found[name] = moved(at, by, zone, field=field)
    started, ended = times.get("started_at"), times.get("ended_at")
    if started is not None and ended is not None:
        found["ended_at"] = found["started_at"] + (ended - started)  # also where clocks change
    return found


def _gap(first: dt.datetime, second: dt.datetime) -> tuple[dt.datetime, dt.datetime]:
    """Where the clocks jump, around a local time that they skip: the valid neighbours on both sides."""
    zone = first.tzinfo
    low, high = second.astimezone(dt.UTC), first.astimezone(dt.UTC)
    offset = low.astimezone(zone).utcoffset() or dt.timedelta()
    while high - low > dt.timedelta(minutes=1):
        middle = low + (high - low) // 2
        if (middle.astimezone(zone).utcoffset() or dt.timedelta()) == offset:
            low = middle
        else:
            high = middle
    jump = high.replace(second=0, microsecond=0)
    return (jump.replace(tzinfo=None) + offset), jump.astimezone(zone)
