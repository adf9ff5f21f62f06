"""The Grow CRM format as one description, and what all its answers have in common: envelopes and pages."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any

from django.http import HttpResponse, JsonResponse
from ninja import Schema
from ninja.security import HttpBearer
from pydantic import BeforeValidator, Field

from timesheets_site.lib.errors import OutOfReach
from timesheets_site.lib.numbers import fits
from timetracking.api.grow.surface import SURFACE
from timetracking.api.surface import new_api

MOST, USUAL = 100, 25
"""Rows of a page."""
LAST_PAGE = 1_000_000
"""There is nothing on any page after it."""


class Bearer(HttpBearer):
    """Names the scheme in the description; the key was asked for at the door."""

    def authenticate(self, request: object, token: str) -> bool:
        return True


API = new_api(
    SURFACE,
    title="Grow CRM format",
    description="Timesheets, timers of tasks, and the records that they are on, as Grow CRM's API speaks of them.",
    scheme=Bearer(),
)

Given = BeforeValidator(lambda value: None if value == "" else value)
"""A parameter that is sent empty is not sent."""
Id = Annotated[Annotated[int, Field(ge=0)] | None, Given]
Day = Annotated[dt.date | None, Given]


class Page(Schema):
    """The parameters of every list."""

    page: int = Field(1, ge=1)
    limit: int = Field(USUAL, ge=1, description=f"At most {MOST}; more counts as {MOST}.")

    @property
    def size(self) -> int:
        return min(self.limit, MOST)

    @property
    def begin(self) -> int:
        """The place of the page's first row."""
        return (min(self.page, LAST_PAGE) - 1) * self.size


class Message(Schema):
    message: str


class Meta(Schema):
    current_page: int
    per_page: int
    total: int
    last_page: int


def known(number: int) -> int:
    """An id of an address or a body. Raises OutOfReach for one that no record can have."""
    if not fits(number):
        raise OutOfReach
    return number


def one(data: Any, message: str, *, status: int = 200) -> HttpResponse:
    return JsonResponse({"data": data, "message": message}, status=status)


def many(rows: list[Any], total: int, page: Page, message: str) -> HttpResponse:
    """A page of a list of `total` rows."""
    meta = {
        "current_page": page.page,
        "per_page": page.size,
        "total": total,
        "last_page": max(-(-total // page.size), 1),
    }
    return JsonResponse({"data": rows, "meta": meta, "message": message})
