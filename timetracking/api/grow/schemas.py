"""The objects of the Grow CRM format, for its description."""

from __future__ import annotations

from typing import Any, Literal

from ninja import Schema
from pydantic import Field

from timetracking.api.grow.api import Message, Meta


class Billing(Schema):
    status: Literal["not_invoiced", "invoiced"]
    invoice_id: int | None


class Dates(Schema):
    """`created` is the day of the work. `started` and `stopped` are null on what no timer counted."""

    created: str
    started: str | None
    stopped: str | None


class Timesheet(Schema):
    """A time entry on a task, or a timer that runs on one."""

    id: int
    task_id: int
    project_id: int
    client_id: int | None
    worked_by_id: int
    recorded_by_id: int
    time_seconds: int
    time_readable: str
    status: Literal["running", "stopped"]
    billing: Billing
    dates: Dates


class TimesheetOut(Message):
    data: Timesheet


class TimesheetsOut(Message):
    data: list[Timesheet]
    meta: Meta


class Reference(Schema):
    id: int


class ReferenceOut(Message):
    data: Reference


class Person(Reference):
    name: str


class TaskTimer(Schema):
    id: int
    user: Person
    started: str | None
    stopped: str | None
    time: int
    status: Literal["running", "stopped"]
    billing_status: Literal["not_invoiced", "invoiced"]


class TaskTimersOut(Message):
    data: list[TaskTimer]


class RecordOut(Message):
    data: dict[str, Any] = Field(description="The object as docs/api/grow.md shows it.")


class RecordsOut(Message):
    data: list[dict[str, Any]] = Field(description="Objects as docs/api/grow.md shows them.")
    meta: Meta


def form(required: list[str], optional: list[str] | None = None) -> dict[str, Any]:
    """The description of a body, form-encoded or JSON."""
    kinds: dict[str, dict[str, Any]] = {
        "task_id": {"type": "integer"},
        "user_id": {"type": "integer"},
        "hours": {"type": "number", "minimum": 0},
        "minutes": {"type": "number", "minimum": 0},
        "timer_created": {"type": "string", "format": "date"},
    }
    named = [*required, *(optional or [])]
    schema = {"type": "object", "required": required, "properties": {name: kinds[name] for name in named}}
    if not required:
        del schema["required"]
    content = {"application/x-www-form-urlencoded": {"schema": schema}, "application/json": {"schema": schema}}
    return {"requestBody": {"required": bool(required), "content": content}}
