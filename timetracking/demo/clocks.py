"""Timers of the demo: one that runs, one that somebody forgot, and time that waits to be placed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from accounts import audit
from accounts.models import Membership
from timesheets_site.lib import numbers
from timetracking.models import TimeEntry, Timer, UnplacedPiece
from timetracking.models.record_links import title_of
from timetracking.rules.timer_pieces import MINUTE, whole_minute

BUSY, FORGETFUL = "priya@harbourside.example", "lewis@harbourside.example"


def wind(people: Mapping[str, Membership], tickets: Mapping[int, Any], now: dt.datetime) -> None:
    """Priya works on a ticket, and time of two days ago waits for a subject; Lewis went home with his timer running.

    `people` by their addresses. Nothing for a firm in which nobody of them works.
    """
    if BUSY not in people or FORGETFUL not in people or not tickets:
        return
    first, *_others, last = [tickets[number] for number in sorted(tickets)]
    _started(people[BUSY], last, now - 42 * MINUTE)
    _started(people[FORGETFUL], first, now - dt.timedelta(hours=19))
    _unplaced(people[BUSY], (now - dt.timedelta(days=2)).replace(hour=13, minute=10), 35)


def _started(member: Membership, record: Any, at: dt.datetime) -> Timer:
    timer = _timer(member, at)
    timer.record = record
    timer.subject = title_of(record) if record is not None else ""
    timer.save(force_insert=True)
    audit.record(member, "timer.started", timer, changes={"subject": (None, timer.subject)}, at=at)
    return timer


def _timer(member: Membership, at: dt.datetime) -> Timer:
    return Timer(
        member=member,
        started_by=member,
        zone=member.zone.key,
        started_at=at,
        counts_from=whole_minute(at),
        first_entry_number=numbers.reserve(TimeEntry),
    )


def _unplaced(member: Membership, at: dt.datetime, minutes: int) -> None:
    """A timer that was started and stopped in a hurry: nobody said what it was for."""
    timer = _timer(member, at)
    timer.state, timer.stopped_by, timer.unplaced = Timer.State.STOPPED.value, member, 1
    timer.stopped_at = timer.counted_until = timer.counts_from + minutes * MINUTE
    timer.save(force_insert=True)
    audit.record(member, "timer.started", timer, changes={}, at=at)
    audit.record(member, "timer.stopped", timer, changes={"unplaced": (0, 1)}, at=timer.stopped_at)
    UnplacedPiece.objects.create(
        timer=timer,
        member=member,
        date=timer.counts_from.astimezone(member.zone).date(),
        started_at=timer.counts_from,
        ended_at=timer.stopped_at,
        minutes=minutes,
        is_first=True,
        code="subject_required",
        reason=_("Enter a subject"),
    )
