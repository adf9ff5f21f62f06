"""POST /services/core/query: reading by fields, filters, groups and sums."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse, JsonResponse
from ninja import Router, Schema
from pydantic import ConfigDict, Field

from accounts.requests import Request
from timetracking.api.bodies import read_json
from timetracking.api.intacct.query.run import LARGEST_SIZE, answer

router = Router(tags=["Query"])
EXAMPLE: Any = {
    "object": "time/timesheet",
    "fields": ["key", "employee.id", "beginDate", "state"],
    "filters": [{"$eq": {"state": "approved"}}, {"$gte": {"beginDate": "currentMonth"}}],
    "filterExpression": "1 and 2",
    "orderBy": [{"beginDate": "desc"}],
    "start": 1,
    "size": 100,
}


class QueryIn(Schema):
    """What is asked: an object, fields (or sums like `sum:quantity`), filters and how they are combined."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [EXAMPLE]})

    object: str
    fields: list[str]
    filters: list[dict[str, dict[str, Any]]] | None = None
    filterExpression: str | None = None
    filterParameters: dict[str, Any] | None = None
    orderBy: list[dict[str, str]] | None = None
    start: int = Field(1, ge=1)
    size: int = Field(100, ge=1, le=LARGEST_SIZE)


class QueryMeta(Schema):
    totalCount: int
    start: int
    pageSize: int
    next: int | None
    previous: int | None


class QueryOut(Schema):
    model_config = ConfigDict(populate_by_name=True)

    result: list[dict[str, Any]] = Field(alias="ia::result")
    meta: QueryMeta = Field(alias="ia::meta")


@router.post(
    "/services/core/query",
    response=QueryOut,
    by_alias=True,
    summary="Read fields, groups and sums of an object",
    openapi_extra={
        "requestBody": {"required": True, "content": {"application/json": {"schema": QueryIn.model_json_schema()}}}
    },
)
def query(request: Request) -> HttpResponse:
    """Rows have exactly the names that were asked for. A query changes nothing: keys that only read may ask it."""
    return JsonResponse(answer(request.membership, read_json(request)))
