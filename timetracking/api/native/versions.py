"""Versions of single records: sent as `ETag`, named again by `If-Match` or `version`, so that nothing is overwritten.

A write that names an old one is refused: 412 where it came in `If-Match`, 409 where it came in the body. One that
names none is written over whatever is there.
"""

from __future__ import annotations

import re
from typing import Any

from django.http import HttpRequest, JsonResponse

from timesheets_site.lib.numbers import LARGEST_ID
from timetracking.api.refusals import BadRequest

ETAG = re.compile(r'(?:W/)?"(\d{1,19})"')
NEVER = 0
"""No record has this version."""
IF_MATCH = {
    "parameters": [
        {
            "name": "If-Match",
            "in": "header",
            "required": False,
            "description": "The `ETag` that was read: the write is refused (412) if it is not today's.",
            "schema": {"type": "string"},
        }
    ]
}
"""For the description of an operation that writes a record with a version."""


def etag(version: int) -> str:
    """
    >>> etag(3)
    '"3"'
    """
    return f'"{version}"'


def expected(request: HttpRequest, in_body: int | None = None) -> int | None:
    """The version that the caller read; None where it names none (or `If-Match: *`: whichever there is).

    An `If-Match` that is none of our tags matches nothing. Raises BadRequest where header and body disagree.
    """
    header = request.headers.get("If-Match")
    if header is None:
        return known(in_body)
    if header.strip() == "*":
        return known(in_body)
    found = ETAG.fullmatch(header.strip())
    version = int(found[1]) if found and int(found[1]) <= LARGEST_ID else NEVER
    if in_body is not None and in_body != version:
        raise BadRequest("If-Match and version name different versions.", "versions_differ", "version")
    return version


def known(version: int | None) -> int | None:
    """A version that no database holds is nobody's.

    >>> known(None), known(3), known(2**70) == NEVER
    (None, 3, True)
    """
    return version if version is None or version <= LARGEST_ID else NEVER


def answer(record: dict[str, Any], *, status: int = 200, location: str = "") -> JsonResponse:
    """A single record with its `ETag`; `location` is where a new one is found."""
    response = JsonResponse(record, status=status)
    response["ETag"] = etag(record["version"])
    if location:
        response["Location"] = location
    return response
