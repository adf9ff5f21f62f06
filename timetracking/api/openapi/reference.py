"""The description of one surface as values ready to print: operations under their headings, fields, answers."""

from __future__ import annotations

import functools
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from timetracking.api.openapi.document import common, document, mounted

SCHEMAS, RESPONSES = "#/components/schemas/", "#/components/responses/"


@dataclass(frozen=True)
class Field:
    """A parameter or a field: what it is called, where it stands or belongs, what may be in it."""

    name: str
    kind: str
    words: str
    is_required: bool
    place: str = ""


@dataclass(frozen=True)
class Answer:
    status: str
    words: str
    schema: str
    """The name of a shape that is explained below; empty for none."""


@dataclass(frozen=True)
class Operation:
    id: str
    method: str
    path: str
    summary: str
    words: str
    parameters: tuple[Field, ...]
    body: str
    answers: tuple[Answer, ...]


@dataclass(frozen=True)
class Shape:
    """A schema, by its name."""

    name: str
    words: str
    fields: tuple[Field, ...]


@dataclass(frozen=True)
class Section:
    name: str
    operations: tuple[Operation, ...]


@dataclass(frozen=True)
class Reference:
    """Everything that the page of one surface prints."""

    surface: str
    title: str
    words: str
    common: tuple[tuple[str, str], ...]
    sections: tuple[Section, ...]
    shapes: tuple[Shape, ...]
    codes: tuple[tuple[str, str], ...]
    """Of refusals, with what they mean; none where the format has no codes of ours."""


def titles() -> dict[str, tuple[str, str]]:
    """Each surface with its title and what it is for, in the order of their titles; the own API first."""
    found = {surface.name: (str(api.title), str(api.description)) for surface, api, _prefix in reversed(mounted())}
    return dict(sorted(found.items(), key=lambda item: (item[0] != "api", item[1][0])))


@functools.cache
def reference(surface: str) -> Reference:
    """The page of one surface. Raises BadRequest for one that is not there."""
    told = document(surface)
    title, words = titles().get(surface, (surface, ""))
    sections: dict[str, list[Operation]] = {}
    for path, operations in told["paths"].items():
        for method, operation in operations.items():
            name = operation["tags"][0].removeprefix(f"{title}: ")
            sections.setdefault(name, []).append(_operation(told, path, method, operation))
    return Reference(
        surface,
        title,
        words,
        common(),
        tuple(Section(name, tuple(found)) for name, found in sections.items()),
        tuple(_shape(name, schema) for name, schema in told["components"]["schemas"].items()),
        tuple(next((tuple(each.codes.items()) for each, _api, _prefix in mounted() if each.name == surface), ())),
    )


def _operation(told: dict[str, Any], path: str, method: str, operation: dict[str, Any]) -> Operation:
    parameters = tuple(
        Field(
            each["name"],
            _kind(each["schema"]),
            each.get("description", ""),
            each.get("required", False),
            each["in"],
        )
        for each in operation.get("parameters", ())
    )
    body = operation.get("requestBody", {}).get("content", {})
    return Operation(
        operation["operationId"],
        method.upper(),
        path,
        operation.get("summary", ""),
        operation.get("description", ""),
        parameters,
        next((_kind(each["schema"]) for each in body.values()), ""),
        tuple(_answer(told, status, each) for status, each in sorted(operation["responses"].items())),
    )


def _answer(told: dict[str, Any], status: str, response: dict[str, Any]) -> Answer:
    if reference := response.get("$ref"):
        response = told["components"]["responses"][reference.removeprefix(RESPONSES)]
    content: dict[str, Any] = next(iter(response.get("content", {}).values()), {})
    return Answer(status, response["description"], _kind(content["schema"]) if "schema" in content else "")


def _shape(name: str, schema: dict[str, Any]) -> Shape:
    required = set(schema.get("required", ()))
    fields = tuple(
        Field(each, _kind(kind), kind.get("description", ""), each in required)
        for each, kind in schema.get("properties", {}).items()
    )
    words = schema.get("description", "") or (_kind(schema) if not fields else "")
    return Shape(name.partition(".")[2], words, fields)


def _kind(schema: dict[str, Any]) -> str:
    """What may stand in a place, in words.

    >>> _kind({"anyOf": [{"type": "string", "format": "date", "maxLength": 10}, {"type": "null"}]})
    'date (at most 10 characters) or null'
    >>> _kind({"type": "array", "items": {"$ref": "#/components/schemas/api.TimerOut"}, "maxItems": 5})
    'list of TimerOut (at most 5)'
    """
    if reference := schema.get("$ref"):
        return str(reference).removeprefix(SCHEMAS).partition(".")[2]
    for several in ("anyOf", "oneOf", "allOf"):
        if several in schema:
            return " or ".join(dict.fromkeys(_kind(each) for each in schema[several]))
    if "enum" in schema or "const" in schema:
        values = schema.get("enum", [schema.get("const")])
        return "one of " + ", ".join(str(value) or '""' for value in values)
    kind = schema.get("type", "anything")
    if isinstance(kind, list):
        return " or ".join(kind)
    if kind == "array":
        kind = f"list of {_kind(schema.get('items', {}))}"
    elif kind == "object" and isinstance(schema.get("additionalProperties"), dict):
        kind = f"map to {_kind(schema['additionalProperties'])}"
    else:
        kind = schema.get("format", kind)
    limits = ", ".join(_limits(schema))
    return f"{kind} ({limits})" if limits else str(kind)


def _limits(schema: dict[str, Any]) -> Iterator[str]:
    low, high = schema.get("minimum"), schema.get("maximum")
    if low is not None and high is not None:
        yield f"{low:,} to {high:,}"
    elif low is not None:
        yield f"from {low:,}"
    elif high is not None:
        yield f"to {high:,}"
    if "maxLength" in schema:
        yield f"at most {schema['maxLength']:,} characters"
    if "maxItems" in schema:
        yield f"at most {schema['maxItems']:,}"
