"""The shapes of Kimai's objects, for the description."""

from __future__ import annotations

from typing import Any

from ninja import Field, Schema


class MetaOut(Schema):
    name: str
    value: Any


class SheetOut(Schema):
    """`begin` and `end` are local with an offset without colon; `duration` and `break` are seconds."""

    activity: int | dict[str, Any]
    project: int | dict[str, Any]
    user: int | dict[str, Any]
    tags: list[str]
    id: int
    begin: str
    end: str | None = Field(description="null while it runs")
    duration: int
    pause: int = Field(alias="break")
    description: str | None
    rate: float
    internalRate: float
    exported: bool
    billable: bool
    metaFields: list[MetaOut]


class EntityOut(SheetOut):
    fixedRate: float | None
    hourlyRate: float | None


class SheetIn(Schema):
    """What is left out stays, or has its default."""

    begin: str | None = Field(None, description="Local, like 2026-03-02T09:00:00; now, if left out.")
    end: str | None = Field(None, description="Left out or null in a POST: it runs.")
    project: int | None = Field(None, description="Required in a POST.")
    activity: int | None = Field(None, description="Required in a POST: a task of the project.")
    user: int | None = Field(None, description="Whose; managers and admins name others.")
    description: str | None = None
    tags: str | list[str] | None = Field(None, description="Separated by commas.")
    billable: bool | None = None
    exported: bool | None = Field(None, description="Only kept; billed entries are exported in any case.")
    pause: int | None = Field(None, alias="break", description="Seconds.")
    metaFields: list[MetaOut] | None = None


class MetaIn(Schema):
    name: str
    value: Any = None
