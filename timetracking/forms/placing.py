"""The log-time form for a piece of a timer that could not be filed."""

from __future__ import annotations

import zoneinfo
from typing import Any

from accounts.models import Membership
from timetracking.forms.time_entries import TimeEntryForm
from timetracking.models import UnplacedPiece
from timetracking.models.record_links import kind_of
from timetracking.rules import durations

TIMES = ("duration", "date", "start", "end", "break_minutes")


class PieceForm(TimeEntryForm):
    """Whose time it is stays as it is, and it becomes one entry.

    Times that nobody touched are the piece's own instants, to the minute.
    """

    def __init__(self, *args: Any, actor: Membership, piece: UnplacedPiece, **kwargs: Any) -> None:
        super().__init__(*args, actor=actor, owner=piece.member, **kwargs)
        self.piece = piece
        for name in ("member", "weekdays", "until"):
            self.fields.pop(name, None)

    @property
    def zone(self) -> zoneinfo.ZoneInfo:
        return zoneinfo.ZoneInfo(self.piece.timer.zone)

    @property
    def minutes_before(self) -> int | None:
        return self.piece.minutes

    def _clean_time(self, data: dict[str, Any]) -> None:
        if set(TIMES) & set(self.changed_data):
            return super()._clean_time(data)
        # Read from the clock, an hour that the clocks repeat would be refused.
        data["minutes"] = None
        data["started_at"], data["ended_at"] = self.piece.started_at, self.piece.ended_at
        return None


def initial_of(piece: UnplacedPiece) -> dict[str, Any]:
    """What its timer knows; clock times in the zone whose days the timer counted by."""
    timer, zone = piece.timer, zoneinfo.ZoneInfo(piece.timer.zone)
    return {
        "kind": kind_of(timer.record),
        "record": timer.token,
        "duration": durations.format_minutes(piece.minutes),
        "date": piece.date,
        "subject": timer.subject,
        "description": timer.description,
        "billable": False,
        "billable_shown": "",
        "billable_option": timer.billable_option,
        "start": piece.started_at.astimezone(zone).time(),
        "end": piece.ended_at.astimezone(zone).time(),
    }
