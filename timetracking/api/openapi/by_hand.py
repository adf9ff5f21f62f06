"""The few addresses that are no NinjaAPI's, described by hand: by surface, a function that gives their parts."""

from __future__ import annotations

from collections.abc import Callable

from timetracking.api.openapi.surfaces import Described


def _the_description() -> Described:
    named = {
        "name": "surface",
        "in": "query",
        "required": False,
        "description": "One format alone, by its name.",
        "schema": {"type": "string", "maxLength": 40},
    }
    operation = {
        "operationId": "api_openapi",
        "summary": "This document",
        "description": "Open to everybody. `If-None-Match` spares asking for it again.",
        "tags": ["Timesheets API: Description"],
        "security": [],
        "parameters": [named],
        "responses": {
            "200": {"description": "OK", "content": {"application/json": {"schema": {"type": "object"}}}},
            "304": {"description": "Not Modified"},
            "400": {"$ref": "#/components/responses/api.400"},
        },
    }
    return Described(paths={"/api/openapi.json": {"get": operation}})


BY_HAND: dict[str, Callable[[], Described]] = {"api": _the_description}
