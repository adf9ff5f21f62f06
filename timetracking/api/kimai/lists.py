"""Entries and running timers on tasks as one list: filtered, in order, page by page."""

from __future__ import annotations

import datetime as dt
import math
import zoneinfo
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db.models import F, Q
from django.http import HttpRequest
from django.utils import timezone

from accounts.models import Membership
from accounts.permissions import Permission, Reach, can, reach
from timesheets_site.lib.errors import OutOfReach
from timesheets_site.lib.numbers import fits
from timetracking.api.kimai import kept, reading, words
from timetracking.api.kimai.words import Sheet
from timetracking.models import Client, PartnerValues, Project, Task, TimeEntry, Timer

SIZE, LARGEST_SIZE = 50, 500
TAGS = ("tags", "tags[]")
EARLY = dt.datetime.min.replace(tzinfo=dt.UTC)


@dataclass(frozen=True)
class Page:
    sheets: list[Sheet]
    number: int
    size: int
    total: int

    @property
    def pages(self) -> int:
        return max(1, math.ceil(self.total / self.size))


def entries_of(actor: Membership) -> Any:
    """Those within reach that Kimai can show: on a task."""
    return TimeEntry.objects.visible_to(actor).filter(task__isnull=False)


def timers_of(actor: Membership) -> Any:
    return Timer.objects.visible_to(actor).filter(task__isnull=False)


def find(actor: Membership, number: int) -> Sheet:
    """The entry with this number, or the timer that will become it. Raises OutOfReach."""
    if not fits(number):
        raise OutOfReach
    entry = entries_of(actor).select_related(*words.RELATED).filter(pk=number).first()
    if entry is not None:
        entry.member.organisation = actor.organisation
        return words.of_entry(entry)
    waiting = Q(state=Timer.State.RUNNING) | Q(state=Timer.State.STOPPED, unplaced__gt=0)
    timer = timers_of(actor).filter(waiting, first_entry_number=number).select_related(*words.RELATED).first()
    if timer is None:
        raise OutOfReach
    timer.member.organisation = actor.organisation
    return words.of_timer(timer, timezone.now())


def running_of(actor: Membership) -> list[Sheet]:
    """The actor's own running timer, if it is on a task."""
    rows = timers_of(actor).running().filter(member=actor).select_related(*words.RELATED)
    return [_timer_sheet(timer, actor) for timer in rows]


def recent_of(actor: Membership, size: int, since: dt.datetime | None) -> list[Sheet]:
    """The actor's last entries, one for each task."""
    rows = entries_of(actor).filter(member=actor).select_related(*words.RELATED).order_by("-date", "-pk")
    if since is not None:
        rows = rows.filter(date__gte=since.astimezone(actor.zone).date())
    found: dict[int, Sheet] = {}
    for entry in rows[:200]:
        found.setdefault(entry.task_id, words.of_entry(entry))
    return list(found.values())[:size]


def page_of(actor: Membership, request: HttpRequest) -> Page:
    """The page that the query asks for. Raises BadRequest; OutOfReach for unknown records, and beyond the last page."""
    query = request.GET
    number, size = reading.number(query, "page", 1), min(reading.number(query, "size", SIZE), LARGEST_SIZE)
    entries, timers = _filtered(actor, query)
    active = reading.flag(query, "active")
    key, order = _order(actor, query)
    descending = reading.word(query, "order", ("ASC", "DESC"), "DESC") == "DESC"
    running = [] if active is False else _running(actor, query, timers)
    total = len(running) + (0 if active else entries.count())
    first = (number - 1) * size
    if first >= total and number > 1:
        raise OutOfReach
    # Running timers are few. Entries from as many places before the page as there are of them hold all that may be on
    # it, wherever the timers fall between them.
    before = max(0, first - len(running))
    rows = [] if active else _sorted(entries, order, descending).select_related(*words.RELATED)[before : first + size]
    sheets = [words.of_entry(entry) for entry in rows] + running
    sheets.sort(key=key, reverse=descending)
    return Page(sheets[first - before : first - before + size], number, size, total)


def _running(actor: Membership, query: Any, timers: Any) -> list[Sheet]:
    """The running ones; what is decided only when they become entries is asked of each."""
    found = [_timer_sheet(timer, actor) for timer in timers.select_related(*words.RELATED)]
    billable, tags = reading.flag(query, "billable"), set(reading.texts(query, *TAGS))
    if billable is not None:
        found = [sheet for sheet in found if sheet.billable is billable]
    if tags:
        values = kept.of(found)
        found = [sheet for sheet in found if tags & set(values.get(sheet.number, {}).get("tags", ()))]
    return found


def _timer_sheet(timer: Timer, actor: Membership) -> Sheet:
    timer.member.organisation = actor.organisation
    return words.of_timer(timer, timezone.now())


# --- Order ------------------------------------------------------------------------------------------------------------


def _begin(sheet: Sheet) -> tuple[Any, ...]:
    entry = sheet.entry
    if entry is None:
        return sheet.begin.astimezone(sheet.zone).date(), sheet.begin, sheet.number
    return entry.date, entry.started_at or EARLY, entry.pk


def _end(sheet: Sheet) -> tuple[Any, ...]:
    entry = sheet.entry
    if entry is None:
        return dt.date.min, EARLY, sheet.number
    return entry.date, entry.ended_at or EARLY, entry.pk


def _rate(sheet: Sheet) -> tuple[Any, ...]:
    return sheet.entry.amount if sheet.entry is not None else 0, sheet.number


def _number(sheet: Sheet) -> tuple[Any, ...]:
    return (sheet.number,)


ORDERS: dict[str, tuple[Callable[[Sheet], tuple[Any, ...]], tuple[str, ...]]] = {
    "begin": (_begin, ("date", "started_at", "pk")),
    "end": (_end, ("date", "ended_at", "pk")),
    "rate": (_rate, ("amount", "pk")),
    "id": (_number, ("pk",)),
}
"""How sheets are sorted here, and the columns by which the database sorts entries in the same way."""


def _order(actor: Membership, query: Any) -> tuple[Callable[[Sheet], tuple[Any, ...]], tuple[str, ...]]:
    by = reading.word(query, "orderBy", tuple(ORDERS), "begin")
    if by == "rate" and reach(actor, Permission.SEE_RATES) is not Reach.ALL:
        by = "id"  # the order would tell amounts
    return ORDERS[by]


def _sorted(entries: Any, columns: tuple[str, ...], descending: bool) -> Any:
    if descending:
        return entries.order_by(*[F(name).desc(nulls_last=True) for name in columns])
    return entries.order_by(*[F(name).asc(nulls_first=True) for name in columns])


# --- Filters ----------------------------------------------------------------------------------------------------------


def _filtered(actor: Membership, query: Any) -> tuple[Any, Any]:
    """Entries and running timers that the query asks for; whatever it doesn't name is not limited."""
    entries, timers = entries_of(actor), timers_of(actor).running()
    members = _members(actor, query)
    if members is not None:
        entries, timers = entries.filter(member__in=members), timers.filter(member__in=members)
    for model, names, column, timers_column in (
        (Client, ("customer", "customer[]", "customers", "customers[]"), "client", "task__project__client"),
        (Project, ("project", "project[]", "projects", "projects[]"), "project", "task__project"),
        (Task, ("activity", "activity[]", "activities", "activities[]"), "task", "task"),
    ):
        if wanted := reading.all_known(model, reading.ids(query, *names)):
            entries = entries.filter(**{f"{column}__in": wanted})
            timers = timers.filter(**{f"{timers_column}__in": wanted})
    entries, timers = _within(actor, query, entries, timers)
    entries, timers = _worded(query, entries, timers)
    return _flagged(query, entries, timers)


def _members(actor: Membership, query: Any) -> list[int] | None:
    """Whose: the actor's own unless others are named; None for everybody within reach. Raises OutOfReach."""
    if query.get("user") == "all":
        return None
    wanted = reading.all_known(Membership, reading.ids(query, "user", "users", "users[]"))
    if any(not can(actor, Permission.VIEW_TIME, owner=pk) for pk in wanted):
        raise OutOfReach
    return wanted or [actor.pk]


def _within(actor: Membership, query: Any, entries: Any, timers: Any) -> tuple[Any, Any]:
    """By when it began; time without clock times began at midnight."""
    zone = actor.zone
    since, until = reading.moment(query, "begin", zone), reading.moment(query, "end", zone)
    if since is not None:
        first = _day(since, zone, up=True)
        entries = entries.filter(Q(started_at__gte=since) | Q(started_at__isnull=True, date__gte=first))
        timers = timers.filter(started_at__gte=since)
    if until is not None:
        last = _day(until, zone, up=False)
        entries = entries.filter(Q(started_at__lte=until) | Q(started_at__isnull=True, date__lte=last))
        timers = timers.filter(started_at__lte=until)
    changed = reading.moment(query, "modified_after", zone)
    if changed is not None:
        entries, timers = entries.filter(updated_at__gte=changed), timers.filter(started_at__gte=changed)
    return entries, timers


def _day(moment: dt.datetime, zone: zoneinfo.ZoneInfo, *, up: bool) -> dt.date:
    there = moment.astimezone(zone)
    if up and there.time() != dt.time() and there.date() < dt.date.max:
        return there.date() + dt.timedelta(days=1)
    return there.date()


def _worded(query: Any, entries: Any, timers: Any) -> tuple[Any, Any]:
    term = query.get("term", "").strip()[: reading.LONGEST_TERM]
    if term:
        says = Q(subject__icontains=term) | Q(description__icontains=term)
        entries, timers = entries.filter(says), timers.filter(says)
    if tags := set(reading.texts(query, *TAGS)):
        # A list inside JSON: no database finds it in the same way, so its rows are looked through.
        rows = PartnerValues.objects.filter(surface=kept.SURFACE, entry__in=entries.order_by().values("pk"))
        pairs = rows.values_list("entry_id", "values")
        entries = entries.filter(pk__in=[pk for pk, values in pairs if tags & set(values.get("tags", ()))])
    return entries, timers


def _flagged(query: Any, entries: Any, timers: Any) -> tuple[Any, Any]:
    exported, billable = reading.flag(query, "exported"), reading.flag(query, "billable")
    if exported is not None:
        by_hand = PartnerValues.objects.filter(surface=kept.SURFACE, values__exported=True, entry__isnull=False)
        is_exported = Q(status=TimeEntry.Status.BILLED) | Q(pk__in=by_hand.values("entry"))
        entries = entries.filter(is_exported) if exported else entries.exclude(is_exported)
        timers = timers.none() if exported else timers
    if billable is not None:
        entries = entries.filter(billable=billable)
    return entries, timers
