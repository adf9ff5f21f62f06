"""Lists of the own API, page by page. A cursor is a place between ids, so nothing is skipped or repeated.

Ids never change: rows may come, change and go while a list is read, and each that was there all the time is seen once.
"""

from __future__ import annotations

import base64
import binascii
import re
from dataclasses import dataclass
from typing import Any, Literal

from django.http import HttpRequest, JsonResponse
from ninja import Schema
from pydantic import Field

from timesheets_site.lib.numbers import LARGEST_ID
from timetracking.api.refusals import BadRequest

USUAL, MOST = 50, 200
LONGEST_CURSOR = 60
LONGEST_VALUE = 500
CURSOR = re.compile(r"([a-z]{1,12})([+-])(\d{1,19})")


class Paged(Schema):
    """What every list takes."""

    behind: str | None = Field(
        None, alias="cursor", max_length=LONGEST_CURSOR, description="`next` of the page before."
    )
    limit: int = Field(USUAL, ge=1, le=MOST, description="Records on a page.")
    order: Literal["id", "-id"] = Field("id", description="`id`: oldest first; `-id`: newest first.")


class PageOut(Schema):
    """A page; each list names its own items."""

    next: str | None = Field(description="The cursor of the next page; null on the last one.")


@dataclass(frozen=True)
class Page:
    rows: list[Any]
    next: str | None


def take(rows: Any, asked: Paged, *, of: str = "id", key: str = "pk") -> Page:
    """One page of a queryset, whose own order does not matter. `of` names the list that the cursor is good for.

    `rows` may be one of `.values()` as well: `key` is then the name of the id. Raises BadRequest.
    """
    back = asked.order == "-id"
    if asked.behind is not None:
        place = read_cursor(asked.behind, of, "-" if back else "+")
        rows = rows.filter(pk__lt=place) if back else rows.filter(pk__gt=place)
    found = list(rows.order_by("-pk" if back else "pk")[: asked.limit + 1])
    if len(found) <= asked.limit:
        return Page(found, None)
    found.pop()
    last = found[-1][key] if isinstance(found[-1], dict) else getattr(found[-1], key)
    return Page(found, cursor_of(last, of, "-" if back else "+"))


def answer(items: list[Any], following: str | None) -> JsonResponse:
    """A page as it is sent."""
    return JsonResponse({"items": items, "next": following})


def cursor_of(place: int, of: str = "id", direction: str = "+") -> str:
    """A place behind an id, as text that says nothing to its reader.

    >>> read_cursor(cursor_of(12, "entries", "-"), "entries", "-")
    12
    """
    return base64.urlsafe_b64encode(f"{of}{direction}{place}".encode()).decode().rstrip("=")


def read_cursor(text: str, of: str = "id", direction: str = "+") -> int:
    """The id in a cursor of this list and direction. Raises BadRequest `cursor_unreadable`."""
    try:
        padded = text + "=" * (-len(text) % 4)
        found = CURSOR.fullmatch(base64.b64decode(padded.encode("ascii"), b"-_", validate=True).decode("ascii"))
    except (binascii.Error, ValueError):
        found = None
    if found is None or found[1] != of or found[2] != direction or int(found[3]) > LARGEST_ID:
        raise BadRequest("This is no cursor of this list. Start without one.", "cursor_unreadable", "cursor")
    return int(found[3])


def check_query(request: HttpRequest, *schemas: type[Schema]) -> None:
    """Refuse parameters that the list does not know, instead of answering more than was asked for.

    Raises BadRequest `unknown_parameter`, or `unreadable` for values that no database stores.
    """
    known = {field.alias or name for schema in schemas for name, field in schema.model_fields.items()}
    for name, sent in request.GET.lists():
        if name not in known:
            raise BadRequest(f"Unknown parameter: {name[:50]}", "unknown_parameter", name[:50])
        if len(sent) > 1:
            raise BadRequest("Give it once.", "unreadable", name)
        if "\x00" in sent[0] or len(sent[0]) > LONGEST_VALUE:
            raise BadRequest("Not a value for this.", "unreadable", name)
