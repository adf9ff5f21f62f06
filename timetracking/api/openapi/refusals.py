"""How each surface refuses, for the description: statuses and schemas read off the shape that really answers."""

from __future__ import annotations

import json
from typing import Any

from django.http import HttpRequest

from accounts.api_shapes import Refusal
from timetracking.api.surface import SAFE, Surface

READING = {
    400: "Can't be read: a parameter or the path.",
    401: "No valid key or token.",
    403: "Seen, but the key or its member may not.",
    404: "Does not exist, or not for this key.",
    422: "Can be read, and a value is not acceptable.",
    429: "Too many requests in this minute.",
    503: "Nothing was changed; try again in a moment.",
}
WRITING = {
    **READING,
    400: "Can't be read: the body, a parameter or the path.",
    409: "The state does not allow it, or another writer was faster.",
    412: "The version in If-Match is not today's.",
    413: "The body is too large.",
    422: "Can be read, and a value or a rule refuses it.",
}
HEADERS = {
    401: {"WWW-Authenticate": {"schema": {"type": "string"}, "description": "How to sign in."}},
    429: {"Retry-After": {"schema": {"type": "string"}, "description": "Seconds until the next minute begins."}},
    503: {"Retry-After": {"schema": {"type": "string"}, "description": "Seconds to wait."}},
}
NAME = "field"
"""The name of a field at fault in an example: wherever it is a key, any name may stand."""


def of_operation(surface: Surface, method: str, *, public: bool) -> dict[str, dict[str, str]]:
    """{status: reference} of what any operation of this surface may answer, beside what it says itself."""
    statuses = READING if method.upper() in SAFE else WRITING
    told = {}
    for status in statuses:
        if public and status == 403:
            continue
        answered = str(_answer(surface, status, named=False)[0])
        told[answered] = {"$ref": f"#/components/responses/{surface.name}.{answered}"}
    return told


def components(surface: Surface) -> tuple[dict[str, Any], dict[str, Any]]:
    """The shared responses and schemas of a surface's refusals, by their names in the document."""
    responses: dict[str, Any] = {}
    schemas: dict[str, Any] = {}
    for status, words in WRITING.items():
        answered, kind, body = _answer(surface, status, named=False)
        _status, _kind, named = _answer(surface, status, named=True)
        if answered != status and answered in WRITING:
            continue  # this surface answers it as another status, which has its own words
        schemas[f"{surface.name}.Refusal"] = _merged(
            schemas.get(f"{surface.name}.Refusal") or _schema(body), _merged(_schema(body), _schema(named))
        )
        content = {"schema": {"$ref": f"#/components/schemas/{surface.name}.Refusal"}, "example": named}
        responses[f"{surface.name}.{answered}"] = {"description": words, "content": {kind: content}}
        if status in HEADERS:
            responses[f"{surface.name}.{answered}"]["headers"] = HEADERS[status]
    return responses, schemas


def _answer(surface: Surface, status: int, *, named: bool) -> tuple[int, str, Any]:
    """Status, type and body with which the surface answers such a refusal; `named` with a field at fault."""
    request = HttpRequest()
    request.method, request.path = "GET", surface.prefixes[0]
    request.path_info = request.path
    errors = {NAME: ["Enter a value."]} if named and status in (400, 422) else {}
    refusal = Refusal(status, "code", WRITING[status], errors)
    response = surface.shape(request, refusal)
    return response.status_code, response["Content-Type"].partition(";")[0], json.loads(response.content)


def _schema(value: Any) -> dict[str, Any]:
    """The schema that an example shows.

    >>> _schema({"code": 404, "errors": {"field": ["…"]}})["properties"]["errors"]
    {'type': 'object', 'additionalProperties': {'type': 'array', 'items': {'type': 'string'}}}
    """
    if isinstance(value, dict):
        if value and set(value) <= {NAME, ""}:
            return {"type": "object", "additionalProperties": _schema(next(iter(value.values())))}
        if not value:
            return {"type": "object"}
        properties = {name: _schema(each) for name, each in value.items()}
        return {"type": "object", "properties": properties, "required": sorted(value)}
    if isinstance(value, list):
        return {"type": "array", "items": _schema(value[0])} if value else {"type": "array"}
    for kind, name in ((bool, "boolean"), (int, "integer"), (float, "number"), (str, "string")):
        if isinstance(value, kind):
            return {"type": name}
    return {"type": "null"}


def _merged(one: dict[str, Any], other: dict[str, Any]) -> dict[str, Any]:
    """The schema that fits both.

    >>> _merged({"type": "null"}, {"type": "array", "items": {"type": "string"}})
    {'type': ['array', 'null'], 'items': {'type': 'string'}}
    """
    result = {**one, **other}
    kinds = {*_kinds(one), *_kinds(other)}
    result["type"] = sorted(kinds) if len(kinds) > 1 else kinds.pop()
    if "properties" in one and "properties" in other:
        shared, names = one["properties"], other["properties"]
        result["properties"] = {
            name: _merged(shared.get(name, names.get(name)), names.get(name, shared.get(name)))
            for name in sorted({*shared, *names})
        }
        result["required"] = sorted(set(one["required"]) & set(other["required"]))
    return result


def _kinds(schema: dict[str, Any]) -> list[str]:
    kinds = schema["type"]
    return [kinds] if isinstance(kinds, str) else list(kinds)
