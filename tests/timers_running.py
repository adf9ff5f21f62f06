"""Timers for the filled organisation: one runs for everybody, one was forgotten, time of stopped ones waits."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.utils import timezone

from accounts.models import Membership
from timesheets_site.lib import numbers
from timetracking.models import TimeEntry, Timer, UnplacedPiece


def running(member: Membership, record: Any = None, subject: str = "", *, hours: float = 1) -> Timer:
    """A timer that began some hours ago, stored as the service would have."""
    timer = _began(member, record, subject, hours)
    timer.save()
    return timer


def _began(member: Membership, record: Any, subject: str, hours: float) -> Timer:
    timer = Timer(
        member=member,
        started_by=member,
        subject=subject,
        zone=member.zone.key,
        started_at=timezone.now() - dt.timedelta(hours=hours),
    )
    timer.record = record
    timer.counts_from = timer.started_at.replace(second=0, microsecond=0)
    timer.first_entry_number = numbers.reserve(TimeEntry)
    return timer


def waiting(member: Membership, record: Any = None, subject: str = "", *, minutes: int = 80, days: int = 3) -> Any:
    """A piece of a timer that was stopped some days ago, at noon UTC."""
    timer = _began(member, record, subject, 24 * days)
    noon = timer.started_at.replace(hour=12, minute=0, second=0, microsecond=0)
    timer.started_at, timer.counts_from, timer.unplaced = noon, noon, 1
    timer.state, timer.stopped_by, timer.stopped_at = Timer.State.STOPPED, member, noon + dt.timedelta(minutes=minutes)
    timer.counted_until = timer.stopped_at
    timer.save()
    return UnplacedPiece.objects.create(
        timer=timer,
        member=member,
        date=noon.astimezone(member.zone).date(),
        started_at=noon,
        ended_at=timer.stopped_at,
        minutes=minutes,
        is_first=True,
        code="description_required",
        reason="Quarry 12",
    )
