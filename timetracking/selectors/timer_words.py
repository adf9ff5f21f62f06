"""A timer's record in words, from columns that are read without its models."""

from __future__ import annotations

import datetime as dt
import zoneinfo
from typing import Any

from django.utils.translation import gettext as _

from timesheets_site.lib import dates
from timesheets_site.lib.addresses import address

NAMES = (
    "subject", "ticket__number", "ticket__client__name", "project__code", "project__client__name",
    "task__project__code", "task__project__client__name",
    "charge_code__code", "charge_code__name", "charge_code__project_id", "activity__name", "activity__client__name",
)  # fmt: skip
"""What `link_of` and a title need of a timer."""


def link_of(row: dict[str, Any], slug: str) -> tuple[str, str, str, str, str]:
    """Reference, its address, the client (or what says as much), the kind in small letters, and its icon."""
    if number := row["ticket__number"]:
        reference = f"TKT-{number}"
        return reference, address("ticket", slug, reference), row["ticket__client__name"], "ticket", "ticket"
    for at in ("task__project", "project"):
        if code := row[f"{at}__code"]:
            return code, address("project", slug, code), row[f"{at}__client__name"], "project", "layers"
    if code := row["charge_code__code"]:
        kind, icon = ("project", "layers") if row["charge_code__project_id"] else ("general", "tag")
        return code, "", row["charge_code__name"], kind, icon
    return "", "", row["activity__client__name"] or row["activity__name"] or "", "general", "tag"


def span(start: dt.datetime, end: dt.datetime, zone: str) -> str:
    """`Wed 22:10 – Thu 01:30`, or `Wed 14:00 – 15:20` on one day, in the zone whose days the timer counted by."""
    first, last = (at.astimezone(zoneinfo.ZoneInfo(zone)) for at in (start, end))
    until = "" if first.date() == last.date() else f"{dates.weekday_short(last.date())} "
    return f"{dates.weekday_short(first.date())} {first:%H:%M} – {until}{last:%H:%M}"


def part_of(start: dt.datetime | None, end: dt.datetime | None, zone: str | None) -> str:
    """`Part of Wed 22:10 – Thu 01:30`, of a timer's instants; empty within one day, and for what no timer counted."""
    if start is None or end is None or zone is None:
        return ""
    own = zoneinfo.ZoneInfo(zone)
    if start.astimezone(own).date() == (end - dt.timedelta(minutes=1)).astimezone(own).date():
        return ""
    return _("Part of %(span)s") % {"span": span(start, end, zone)}


def clock(seconds: int) -> str:
    """
    >>> clock(2538), clock(-3), clock(36_000)
    ('0:42:18', '0:00:00', '10:00:00')
    """
    minutes, rest = divmod(max(seconds, 0), 60)
    return f"{minutes // 60}:{minutes % 60:02}:{rest:02}"
