"""How a timer, and what it became, are written."""

from __future__ import annotations

import datetime as dt
from typing import Any, Literal

from ninja import Schema
from pydantic import Field

from accounts.models import Organisation
from timetracking.api import values
from timetracking.models import Timer, UnplacedPiece
from timetracking.models.record_links import kind_of
from timetracking.services.timers import Stopped


class TimerOut(Schema):
    id: int
    member_id: int
    member_name: str
    state: Literal["RUNNING", "STOPPED", "DISCARDED"]
    kind: Literal["TICKET", "PROJECT", "GENERAL"]
    ticket_id: int | None
    project_id: int | None
    task_id: int | None
    charge_code_id: int | None
    activity_id: int | None
    subject: str
    description: str
    billable_option: str = Field(description="What was asked: Billable, DoNotBill, NoCharge or NoDefault.")
    time_zone: str = Field(description="Where its days begin and end.")
    started_at: dt.datetime
    stopped_at: dt.datetime | None
    minutes: int = Field(description="What it has counted so far; whole minutes.")
    is_forgotten: bool = Field(description="Runs for longer than the organisation thinks anybody works.")
    first_entry_id: int = Field(description="The id that its first entry will have, or has.")
    waiting: int = Field(description="How many of its pieces wait for their member to place them.")
    version: int


class WrittenOut(Schema):
    """An entry that a timer became."""

    id: int
    date: dt.date
    minutes: int
    started_at: dt.datetime | None
    ended_at: dt.datetime | None
    version: int


class WaitingOut(Schema):
    """Time that no rule lets be filed as it is."""

    id: int
    date: dt.date
    minutes: int
    started_at: dt.datetime
    ended_at: dt.datetime
    code: str
    reason: str


class StoppedOut(Schema):
    timer: TimerOut
    minutes: int = Field(description="Of the entries.")
    entries: list[WrittenOut]
    waiting: list[WaitingOut] = Field(description="Kept for the member to place: no minute is lost.")


def timer_out(timer: Timer, organisation: Organisation, now: dt.datetime) -> dict[str, Any]:
    """A timer with its member and record loaded. Asks nothing more."""
    until = now if timer.is_running else timer.counted_until or timer.stopped_at or now
    return {
        "id": timer.pk,
        "member_id": timer.member_id,
        "member_name": timer.member.display_name,
        "state": timer.state,
        "kind": kind_of(timer.record),
        "ticket_id": timer.ticket_id,
        "project_id": timer.project_id,
        "task_id": timer.task_id,
        "charge_code_id": timer.charge_code_id,
        "activity_id": timer.activity_id,
        "subject": timer.subject,
        "description": timer.description,
        "billable_option": timer.billable_option,
        "time_zone": timer.zone,
        "started_at": values.utc(timer.started_at),
        "stopped_at": values.utc(timer.stopped_at),
        "minutes": max(int((until - timer.counts_from).total_seconds()) // 60, 0),
        "is_forgotten": timer.is_forgotten(now, organisation.timer_limit_minutes),
        "first_entry_id": timer.first_entry_number,
        "waiting": timer.unplaced,
        "version": timer.version,
    }


def stopped_out(stopped: Stopped, organisation: Organisation) -> dict[str, Any]:
    """A stopped timer with the entries that it became, and what of it waits: one query where anything does."""
    timer = stopped.timer
    waiting = UnplacedPiece.objects.filter(timer=timer, settled_at=None) if timer.unplaced else ()
    return {
        "timer": timer_out(timer, organisation, timer.stopped_at or timer.started_at),
        "minutes": stopped.minutes,
        "entries": [
            {
                "id": entry.pk,
                "date": entry.date.isoformat(),
                "minutes": entry.minutes,
                "started_at": values.utc(entry.started_at),
                "ended_at": values.utc(entry.ended_at),
                "version": entry.version,
            }
            for entry in stopped.entries
        ],
        "waiting": [
            {
                "id": piece.pk,
                "date": piece.date.isoformat(),
                "minutes": piece.minutes,
                "started_at": values.utc(piece.started_at),
                "ended_at": values.utc(piece.ended_at),
                "code": piece.code,
                "reason": piece.reason,
            }
            for piece in waiting
        ],
    }
