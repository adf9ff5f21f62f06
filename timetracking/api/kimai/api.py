"""The Kimai format as one description; its operations are in the modules beside it."""

from __future__ import annotations

from typing import Any

from ninja import Schema

from timetracking.api.kimai.surface import SURFACE
from timetracking.api.surface import AtTheDoor, new_api


class Refused(Schema):
    """`errors` is {"children": {field: {"errors": [text]}}} where fields are at fault."""

    code: int
    message: str
    errors: dict[str, Any] | None = None


REFUSALS = {400: Refused, 401: Refused, 403: Refused, 404: Refused, 429: Refused, 503: Refused}
API = new_api(
    SURFACE,
    title="Kimai format",
    description="Time on tasks, as clients of Kimai read and write it. Give a client the address {site}/kimai.",
    scheme=AtTheDoor(),  # a Bearer token, or the two headers of older clients
)


def queries(**described: str) -> dict[str, Any]:
    """The query parameters of an operation, for its description. `__` in a name stands for `[]`."""
    return {
        "parameters": [
            {
                "name": name.replace("__", "[]"),
                "in": "query",
                "required": False,
                "description": text,
                "schema": {"type": "array", "items": {"type": "string"}} if "__" in name else {"type": "string"},
            }
            for name, text in described.items()
        ]
    }


def body_of(schema: type[Schema], *, required: bool = True) -> dict[str, Any]:
    """The JSON body of an operation that reads it by itself, for its description."""
    content = {"application/json": {"schema": schema.model_json_schema()}}
    return {"requestBody": {"required": required, "content": content}}
