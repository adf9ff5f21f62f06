"""The steps of a sheet's approval as audits of this format."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db.models import QuerySet
from pydantic import Field

from accounts.models import AuditEvent, Membership
from timetracking.api import values as wire
from timetracking.api.connectwise import filtering
from timetracking.api.connectwise.filtering import Fields
from timetracking.api.connectwise.references import member_reference
from timetracking.api.connectwise.shapes import Chosen
from timetracking.api.connectwise.vocabulary import Words, sheet_word
from timetracking.models import ApprovalEvent, Timesheet

FIELDS: Fields = {"id": filtering.number("pk"), "member/id": filtering.number("actor_id")}
PAGE = "page"
"""The channel of what people did in the product's own pages."""


class MemberOut(Chosen):
    id: int
    identifier: str
    name: str
    info: dict[str, str] = Field(alias="_info")


class AuditOut(Chosen):
    id: int
    member: MemberOut | None
    source: str
    type: str
    message: str
    oldValue: str
    newValue: str
    info: dict[str, str] = Field(alias="_info")


def member_out(member: Membership) -> dict[str, Any]:
    return member_reference(member.pk, member.user.email, member.display_name)


def rows_of(sheet: Timesheet) -> QuerySet[ApprovalEvent]:
    """The steps of one sheet."""
    rows: QuerySet[ApprovalEvent] = ApprovalEvent.objects.filter(timesheet=sheet).select_related("actor__user")
    return rows


def written(rows: Iterable[ApprovalEvent], words: Words) -> list[dict[str, Any]]:
    """The steps as JSON objects. Where each came from is told by the trail, which has the same instant."""
    steps = list(rows)
    trail = AuditEvent.objects.filter(
        object_type="timesheet", object_id__in={step.timesheet_id for step in steps}, at__in={step.at for step in steps}
    )
    channels = {(at, action): channel for at, action, channel in trail.values_list("at", "action", "channel")}
    return [_written(step, words, channels.get((step.at, f"timesheet.{step.action}"), PAGE)) for step in steps]


def _written(step: ApprovalEvent, words: Words, channel: str) -> dict[str, Any]:
    message = f"{step.Action(step.action).label}: {step.reason}" if step.reason else step.Action(step.action).label
    return {
        "id": step.pk,
        "member": None if step.actor is None else member_out(step.actor),
        "source": "Application" if channel == PAGE else "API",
        "type": "TimeEntry",
        "message": str(message),
        "oldValue": sheet_word(words, step.from_state),
        "newValue": sheet_word(words, step.to_state),
        "_info": {"lastUpdated": str(wire.utc(step.at))},
    }
