"""The envelope of this format: one object, references, pages, and many answers in one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse, QueryDict
from ninja import Schema
from pydantic import ConfigDict, Field

from accounts.api_shapes import Refusal
from timetracking.api.intacct.surface import error_of, status_of
from timetracking.api.refusals import BadRequest

PAGE = 100
HIGHEST = 2**31
DIGITS = 10


class Meta(Schema):
    """How many there are, and which of them these are."""

    model_config = ConfigDict(extra="allow")

    totalCount: int


class Reference(Schema):
    """What a record is named by; the address is without the prefix of the API."""

    key: str
    id: str
    href: str


class One(Schema):
    """An object, or what it is named by."""

    result: dict[str, Any] = Field(alias="ia::result")
    meta: Meta = Field(alias="ia::meta")


class Several(Schema):
    """A page, or an answer for each of several objects with its `ia::status`."""

    result: list[dict[str, Any]] = Field(alias="ia::result")
    meta: Meta = Field(alias="ia::meta")


def one(result: dict[str, Any], status: int = 200) -> HttpResponse:
    meta = {"totalCount": 1, "totalSuccess": 1, "totalError": 0}
    return JsonResponse({"ia::result": result, "ia::meta": meta}, status=status)


def page_asked(query: QueryDict) -> tuple[int, int]:
    """`start` (from 1) and `size` of a list, at most 100. Raises BadRequest."""
    return whole(query.get("start", "1"), "start", HIGHEST), min(
        whole(query.get("size", str(PAGE)), "size", HIGHEST), PAGE
    )


def whole(text: str, name: str, highest: int) -> int:
    """A whole number from 1. Raises BadRequest."""
    if not (text.isascii() and text.isdigit() and len(text) <= DIGITS and 1 <= int(text) <= highest):
        raise BadRequest(f"{name} is a whole number from 1.", field=name)
    return int(text)


def page(rows: Sequence[dict[str, Any]], total: int, start: int, size: int) -> HttpResponse:
    """A page of a list; 0 stands for no next or previous one."""
    following = start + size
    meta = {
        "totalCount": total,
        "start": start,
        "pageSize": size,
        "next": following if following <= total else 0,
        "previous": max(start - size, 1) if start > 1 else 0,
    }
    return JsonResponse({"ia::result": list(rows), "ia::meta": meta})


def each_of(request: HttpRequest, outcomes: Sequence[dict[str, Any] | Refusal | None], status: int) -> HttpResponse:
    """An answer for each: `status` where all went well, 207 where some did, else the first refusal's.

    None stands for what was done and has nothing to show.
    """
    refused = [outcome for outcome in outcomes if isinstance(outcome, Refusal)]
    result = [
        {"ia::error": error_of(request, outcome), "ia::status": status_of(outcome)}
        if isinstance(outcome, Refusal)
        else {**(outcome or {}), "ia::status": status}
        for outcome in outcomes
    ]
    meta = {"totalCount": len(outcomes), "totalSuccess": len(outcomes) - len(refused), "totalError": len(refused)}
    if refused:
        status = status_of(refused[0]) if len(refused) == len(outcomes) else 207
    return JsonResponse({"ia::result": result, "ia::meta": meta}, status=status)
