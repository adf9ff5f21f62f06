"""A person's time as a calendar (RFC 5545): an event for each entry of the last 400 days, of all organisations."""

from __future__ import annotations

import datetime as dt
import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Max, Sum
from django.utils import timezone

from accounts.middleware import memberships_of
from accounts.models import Membership, Organisation, User
from accounts.tenancy import organisation_scope
from timetracking.models import TimeEntry
from timetracking.rules import durations

DAYS = 400
LAYOUT = "1"
"""Part of every tag: raise it when events are written otherwise, so that calendars fetch them again."""
PRODUCT = "-//Timesheets//Calendar feed 1//EN"
UNWANTED = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")
"""Control characters, which RFC 5545 has no place for."""
COLUMNS = (
    "id", "date", "minutes", "started_at", "ended_at", "kind", "subject", "description", "created_at", "updated_at",
    "ticket__number", "project__code", "client__name",
)  # fmt: skip

VERSIONS = ("version", "ticket__version", "project__version", "client__version")
"""Of the entries, and of the records that their events name."""


@dataclass(frozen=True)
class State:
    """What a feed holds now, from counts alone: its tag, and when anything in it changed last."""

    etag: str
    changed_at: dt.datetime | None


def state_of(user: User, host: str) -> State:
    """Without reading an entry: one query for each organisation."""
    parts: list[Any] = [LAYOUT, host, user.pk]
    changes = []
    for member in _members(user):
        with organisation_scope(member.organisation_id):
            sums = _entries(member).aggregate(
                count=Count("pk"),
                changed=Max("updated_at"),
                minutes=Sum("minutes"),
                **{f"versions_{number}": Sum(column) for number, column in enumerate(VERSIONS)},
            )
        parts += [member.organisation_id, member.organisation.name, *sums.values()]
        changes.append(sums["changed"])
    digest = hashlib.sha256("|".join(map(str, parts)).encode()).hexdigest()[:32]
    return State(f'"{digest}"', max((moment for moment in changes if moment), default=None))


def calendar_of(user: User, host: str) -> bytes:
    """The feed; events are named after `host`, the site's name."""
    from icalendar import Calendar  # heavy, and only wanted here

    calendar = Calendar()
    calendar.add("prodid", PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    calendar.add("method", "PUBLISH")
    calendar.add("x-wr-calname", "Timesheets")
    calendar.add("x-published-ttl", "PT1H")
    for member in _members(user):
        with organisation_scope(member.organisation_id):
            for row in _entries(member).order_by("date", "pk").values_list(*COLUMNS):
                calendar.add_component(_event(row, member.organisation.name, host))
    return bytes(calendar.to_ical())


def _members(user: User) -> Iterator[Membership]:
    for member in memberships_of(user):
        if member.organisation.has_feature(Organisation.Feature.TIMESHEETS):
            yield member


def _entries(member: Membership) -> Any:
    since = member.today() - dt.timedelta(days=DAYS)
    return TimeEntry.objects.visible_to(member).filter(member=member, date__gte=since)


def _event(row: tuple[Any, ...], organisation: str, host: str) -> Any:
    from icalendar import Event

    pk, date, minutes, started, ended, kind, subject, text, created, updated, ticket, project, client = row
    event = Event()
    event.add("uid", f"entry-{pk}@{host}")
    event.add("dtstamp", updated)
    event.add("created", created)
    event.add("last-modified", updated)
    _place(event, date, minutes, started, ended)
    event.add("summary", _clean(subject))
    record = f"TKT-{ticket}" if ticket else project or ""
    about = " · ".join(filter(None, (durations.format_minutes(minutes), record, client or "", organisation)))
    event.add("description", _clean(f"{about}\n\n{text}" if text else about))
    event.add("categories", [kind])
    return event


def _place(event: Any, date: dt.date, minutes: int, started: dt.datetime | None, ended: dt.datetime | None) -> None:
    """At its clock times where there are any, else the whole day, which keeps nobody's calendar busy."""
    length = dt.timedelta(minutes=minutes)
    if started is None and ended is None:
        event.add("dtstart", date)
        event.add("dtend", date + dt.timedelta(days=1))
        event.add("transp", "TRANSPARENT")
        return
    begin = started or (ended - length if ended else timezone.now())
    event.add("dtstart", begin.astimezone(dt.UTC))
    event.add("dtend", (ended or begin + length).astimezone(dt.UTC))


def _clean(text: str) -> str:
    return UNWANTED.sub(" ", text.replace("\r\n", "\n").replace("\r", "\n"))
