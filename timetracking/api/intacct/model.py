"""GET /services/core/model: the fields of an object, with their types, as queries and answers name them."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from ninja import Query, Router

from accounts.requests import Request
from timesheets_site.lib.errors import OutOfReach
from timetracking.api.intacct import answers
from timetracking.api.intacct.mapping import OBJECTS, Field, Kind

router = Router(tags=["Fields"])
TYPES = {
    Kind.KEY: "string",
    Kind.TEXT: "string",
    Kind.DATE: "date",
    Kind.INSTANT: "date-time",
    Kind.HOURS: "number",
    Kind.NUMBER: "number",
    Kind.FLAG: "boolean",
    Kind.HREF: "string",
}


@router.get("/services/core/model", response=answers.One, summary="The fields of an object")
def get_model(request: Request, name: str = Query(description="Like time/timesheet.", max_length=100)) -> HttpResponse:
    found = OBJECTS.get(name)
    if found is None:
        raise OutOfReach
    fields = {each: _described(field) for each, field in found.fields.items()}
    return answers.one({"name": name, "type": "object", "href": found.path, "fields": fields})


def _described(field: Field) -> dict[str, Any]:
    described: dict[str, Any] = {"type": TYPES[field.kind], "filterable": field.filters}
    return {**described, "enum": list(field.values)} if field.values else described
