"""The list of timesheets: entries on tasks and running timers on tasks, sorted and cut into pages as one list.

Three queries, however many there are. Timers are few, at most one for each member, so they are read whole; of the
entries only those that can be on the page are.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any, Literal

from django.utils import timezone
from pydantic import Field

from accounts.models import Membership
from timesheets_site.lib.numbers import LARGEST_ID
from timetracking.api.grow import words
from timetracking.api.grow.api import Day, Id, Page
from timetracking.models import TimeEntry, Timer

SORTS = {"timer_created": "date", "timer_time": "minutes"}


class Asked(Page):
    """Filters and order of the list of timesheets."""

    task_id: Id = None
    project_id: Id = None
    client_id: Id = None
    user_id: Id = Field(None, description="Who worked.")
    status: Literal["", "running", "stopped"] = ""
    billing_status: Literal["", "invoiced", "not_invoiced"] = ""
    date_start: Day = None
    date_end: Day = Field(None, description="Included, as date_start is.")
    sort: str = Field("timer_created", description="timer_created or timer_time; another word is ignored.")
    order: str = Field("desc", description="asc or desc.")

    @property
    def is_down(self) -> bool:
        return self.order.lower() != "asc"


def page_of(actor: Membership, asked: Asked) -> tuple[list[dict[str, Any]], int]:
    """The page's timesheets as the format writes them, and how many there are on all pages."""
    now = timezone.now()
    timers = [] if asked.status == words.STOPPED or asked.billing_status == words.INVOICED else _timers(actor, asked)
    entries = TimeEntry.objects.none() if asked.status == words.RUNNING else _entries(actor, asked)
    stored = entries.count()
    running = sorted(((_key_of_timer(asked, each, now), each) for each in timers), key=_first, reverse=asked.is_down)
    window_begin = max(asked.begin - len(running), 0)
    window = list(entries[window_begin : asked.begin + asked.size])
    invoices = words.invoices_on(window)
    rows = []
    for place, row in _merged(asked, window, window_begin, running):
        if asked.begin <= place < asked.begin + asked.size:
            rows.append(words.of_timer(row, now) if isinstance(row, Timer) else words.of_entry(row, invoices))
    return rows, stored + len(running)


def _merged(
    asked: Asked, window: list[TimeEntry], place: int, running: list[tuple[tuple[Any, int], Timer]]
) -> Iterator[tuple[int, TimeEntry | Timer]]:
    """Entries and timers in one order, each with its place in the whole list.

    `place` is that of the window's first entry among the entries. A timer that comes before all of the window may get
    too high a place, but never one on the page: as many entries as there are timers were read before it.
    """
    waiting = list(running)
    for entry in window:
        key = _key_of_entry(asked, entry)
        while waiting and (waiting[0][0] > key if asked.is_down else waiting[0][0] < key):
            yield place, waiting.pop(0)[1]
            place += 1
        yield place, entry
        place += 1
    for _key, timer in waiting:
        yield place, timer
        place += 1


def _entries(actor: Membership, asked: Asked) -> Any:
    wanted: dict[str, Any] = {"task__isnull": False}
    for name, field in (("task_id", "task"), ("project_id", "project"), ("client_id", "client"), ("user_id", "member")):
        if (number := getattr(asked, name)) is not None:
            wanted[field] = min(number, LARGEST_ID)
    if asked.date_start:
        wanted["date__gte"] = asked.date_start
    if asked.date_end:
        wanted["date__lte"] = asked.date_end
    entries = TimeEntry.objects.visible_to(actor).filter(**wanted)
    if asked.billing_status == words.INVOICED:
        entries = entries.filter(status=TimeEntry.Status.BILLED)
    elif asked.billing_status == words.NOT_INVOICED:
        entries = entries.exclude(status=TimeEntry.Status.BILLED)
    sign = "-" if asked.is_down else ""
    return entries.order_by(f"{sign}{SORTS.get(asked.sort, 'date')}", f"{sign}pk")


def _timers(actor: Membership, asked: Asked) -> list[Timer]:
    rows = Timer.objects.visible_to(actor).running().filter(task__isnull=False).select_related("task__project")
    return [timer for timer in rows if _is_wanted(asked, timer)]


def _is_wanted(asked: Asked, timer: Timer) -> bool:
    task = timer.task
    named = (
        (asked.task_id, task.pk if task else None),
        (asked.project_id, task.project_id if task else None),
        (asked.client_id, task.project.client_id if task else None),
        (asked.user_id, timer.member_id),
    )
    day = words.day_of(timer)
    return (
        all(wanted is None or wanted == found for wanted, found in named)
        and (not asked.date_start or asked.date_start <= day)
        and (not asked.date_end or day <= asked.date_end)
    )


def _key_of_entry(asked: Asked, entry: TimeEntry) -> tuple[Any, int]:
    return (entry.minutes if asked.sort == "timer_time" else entry.date), entry.pk


def _key_of_timer(asked: Asked, timer: Timer, now: dt.datetime) -> tuple[Any, int]:
    minutes = words.seconds_of(timer, now) // 60
    return (minutes if asked.sort == "timer_time" else words.day_of(timer)), timer.first_entry_number


def _first(pair: tuple[tuple[Any, int], Timer]) -> tuple[Any, int]:
    return pair[0]
