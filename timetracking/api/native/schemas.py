"""How the own API writes values: snake_case, ids as integers, instants in UTC, days as dates, money as texts."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Annotated, Any

from ninja import Schema
from pydantic import BeforeValidator, ConfigDict, Field, Strict
from pydantic_core import PydanticCustomError

from timetracking.api import values

YEARS = range(1900, 2900)
"""In which weeks, months and zones can be worked out; what is sensible is asked by the rules."""


def _day(value: Any) -> Any:
    found = values.day(value) if isinstance(value, str) and len(value) == 10 else None
    if found is None or found.year not in YEARS:
        raise PydanticCustomError("day", "A day looks like 2026-03-02.")
    return found


def _instant(value: Any) -> Any:
    found = values.instant(value) if isinstance(value, str) and len(value) <= 60 else None
    if found is None or found.year not in YEARS:
        raise PydanticCustomError("instant", "An instant looks like 2026-03-02T09:00:00Z.")
    return found


Id = Annotated[int, Strict(), Field(ge=1, description="An id of ours. One too large for us is unknown, as any other.")]
Whole = Annotated[int, Strict()]
Flag = Annotated[bool, Strict()]
Version = Annotated[int, Strict(), Field(ge=0, description="The version that was read; an old one is refused (409).")]
Day = Annotated[
    dt.date,
    BeforeValidator(_day, json_schema_input_type=Annotated[str, Field(json_schema_extra={"format": "date"})]),
]
"""A local day of the member's."""
Instant = Annotated[
    dt.datetime,
    BeforeValidator(_instant, json_schema_input_type=Annotated[str, Field(json_schema_extra={"format": "date-time"})]),
]
"""With any offset; none is UTC. Leaves as UTC, in whole seconds."""
Money = Annotated[str, Field(pattern=r"^-?\d+(\.\d+)?$", description="A decimal number as text.")]


class Body(Schema):
    """What is sent: a field that we don't know is refused (422), by its name."""

    model_config = ConfigDict(extra="forbid")


class ProblemOut(Schema):
    """A refusal, as `application/problem+json` (RFC 9457)."""

    type: str
    title: str
    status: int
    detail: str = Field(description="For people.")
    code: str = Field(description="For programs; does not change.")
    errors: dict[str, list[str]] = Field(description="The fields at fault, with what is wrong with each.")
    request_id: str = ""


def text_of(number: Decimal | None) -> str | None:
    """A decimal number as we write it: at least two places, no others but those that say something.

    >>> text_of(Decimal("125")), text_of(Decimal("187.5000")), text_of(Decimal("0.1250")), text_of(None)
    ('125.00', '187.50', '0.125', None)
    """
    if number is None:
        return None
    whole, _point, places = format(number, "f").partition(".")
    return f"{whole}.{places.rstrip('0').ljust(2, '0')}"
