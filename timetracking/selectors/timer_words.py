"""A timer's record in words, from columns that are read without its models."""

from __future__ import annotations

import datetime as dt
import zoneinfo
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from timesheets_site.lib import dates
from timesheets_site.lib.addresses import address
from timesheets_site.lib.printable import Printable

NAMES = (
    "subject", "ticket__number", "ticket__client__name", "project__code", "project__client__name",
    "task__project__code", "task__project__client__name",
    "charge_code__code", "charge_code__name", "charge_code__project_id", "activity__name", "activity__client__name",
)  # fmt: skip
"""What `work_of` needs of a timer."""


@dataclass(frozen=True, slots=True)
class Work(Printable):
    """What a timer is for. `kind` in small letters; `client` is what says as much where there is none."""

    title: str
    ref: str
    ref_url: str
    client: str
    kind: str
    icon: str


def work_of(row: dict[str, Any], slug: str) -> dict[str, str]:
    """The fields of `Work`, for whichever kind of row is made with them."""
    ref, ref_url, client, kind, icon = _link_of(row, slug)
    title = row["subject"] or _("No subject yet")
    return {"title": title, "ref": ref, "ref_url": ref_url, "client": client, "kind": kind, "icon": icon}


def _link_of(row: dict[str, Any], slug: str) -> tuple[str, str, str, str, str]:
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
