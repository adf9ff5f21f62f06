"""What this format's bodies hold, for its description; `bodies` reads them."""

from __future__ import annotations

import datetime as dt
from typing import Any, Literal

from ninja import Schema
from pydantic import ConfigDict, Field


class ReferenceIn(Schema):
    """By key or by id; an empty object names nothing."""

    model_config = ConfigDict(extra="forbid")

    key: str | int | None = None
    id: str | int | None = None
    name: str | None = None
    href: str | None = None


class LineIn(Schema):
    """A line. With a key it changes one that is there; `ia::operation` "delete" takes it away."""

    key: str | int | None = None
    operation: Literal["delete"] | None = Field(None, alias="ia::operation")
    entryDate: dt.date | None = None
    quantity: float | str | None = Field(None, description="Hours.")
    description: str | None = None
    notes: str | None = None
    timeType: ReferenceIn | None = None
    isBillable: bool | None = None
    dimensions: dict[str, ReferenceIn | None] | None = None
    externalPayroll: dict[str, Any] | None = None


class TimesheetLineIn(LineIn):
    """A line by itself, which names its timesheet."""

    timesheet: ReferenceIn | None = None


class TimesheetIn(Schema):
    """A week of one employee, with its lines."""

    beginDate: dt.date | None = Field(None, description="The first day of a week.")
    postingDate: dt.date | None = None
    state: str | None = Field(None, description="draft, saved or submitted; by PATCH also approved or declined.")
    description: str | None = Field(None, max_length=400)
    employee: ReferenceIn | None = None
    attachment: ReferenceIn | None = None
    lines: list[LineIn] | None = None
