"""Lists of references, and objects that are only read: approval records and what lines point at."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from ninja import Router

from accounts.requests import Request
from timetracking.api.intacct import answers, batches
from timetracking.api.intacct.mapping import APPROVAL_RECORDS, RECORDS, Object, nested, read

PARAMETERS: dict[str, Any] = {
    "parameters": [
        {
            "name": name,
            "in": "query",
            "required": False,
            "description": words,
            "schema": {"type": "integer", "minimum": 1},
        }
        for name, words in (("start", "The first of the page, from 1."), ("size", "How many, at most 100."))
    ]
}
REFERENCE = ("key", "id", "href")
router = Router(tags=["Approval records and other records"])


def references(request: Request, wanted: Object) -> HttpResponse:
    """A page of references. Two queries."""
    start, size = answers.page_asked(request.GET)
    asker = request.membership
    rows = wanted.rows(asker)
    shown = read(wanted, asker, rows.order_by(wanted.order)[start - 1 : start - 1 + size], REFERENCE)
    return answers.page(shown, rows.count(), start, size)


def _add(wanted: Object, noun: str) -> None:
    """The list and the reading of an object, as operations with names of their own."""

    def listed(request: Request) -> HttpResponse:
        return references(request, wanted)

    def shown(request: Request, named: str) -> HttpResponse:
        asker = request.membership

        def find(numbers: list[int]) -> dict[int, dict[str, Any]]:
            rows = read(wanted, asker, wanted.rows(asker).filter(pk__in=numbers))
            return {int(row["key"]): nested(row) for row in rows}

        return batches.show(request, named, find)

    listed.__name__, shown.__name__ = f"list_{noun}s", f"get_{noun}"
    words = noun.replace("_", " ")
    router.get(wanted.path, response=answers.Several, summary=f"List {words}s", openapi_extra=PARAMETERS)(listed)
    router.get(f"{wanted.path}/{{named}}", response=answers.One, summary=f"Get a {words}")(shown)


_add(APPROVAL_RECORDS, "approval_record")
for _each, _noun in zip(RECORDS, ("time_type", "employee", "project", "task", "customer"), strict=True):
    _add(_each, _noun)
