"""What one mounted NinjaAPI says of itself, ready to be joined: its names and references carry the surface's name."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from ninja import NinjaAPI
from ninja.openapi.schema import OpenAPISchema
from ninja.operation import Operation

from accounts.services.api_replies import LONGEST_KEY
from timetracking.api.openapi import refusals
from timetracking.api.surface import PUBLIC, Surface

SCHEMAS = "#/components/schemas/"
IDEMPOTENCY_KEY = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "description": "The same key and body again within 24 hours: the first answer, and no second effect.",
    "schema": {"type": "string", "minLength": 1, "maxLength": LONGEST_KEY, "pattern": "^[ -~]+$"},
}


@dataclass
class Described:
    """Parts of a document, by their names in it."""

    paths: dict[str, dict[str, Any]] = field(default_factory=dict)
    schemas: dict[str, Any] = field(default_factory=dict)
    responses: dict[str, Any] = field(default_factory=dict)
    security: dict[str, Any] = field(default_factory=dict)
    tags: dict[str, str] = field(default_factory=dict)

    def add(self, other: Described) -> None:
        for path, operations in other.paths.items():
            self.paths[path] = {**self.paths.get(path, {}), **operations}
        self.schemas |= other.schemas
        self.responses |= other.responses
        self.security |= other.security
        self.tags |= other.tags


class Twin(ValueError):
    """Two schemas of one surface have the same name and say different things."""


class _Schema(OpenAPISchema):
    """Ninja's, which refuses twins and calls operations by the names of their functions."""

    def add_schema_definitions(self, definitions: dict[str, Any]) -> None:
        for name, schema in definitions.items():
            if self.schemas.setdefault(name, schema) != schema:
                raise Twin(f"{name} is described in two ways: give one of the two another name.")

    def _create_schema_from_model(  # type: ignore[override]  # the same, but for names of types
        self, model: Any, by_alias: bool = True, **options: Any
    ) -> tuple[Any, bool]:
        return super()._create_schema_from_model(model, by_alias=True, **options)  # an alias is what is on the wire

    def operation_details(self, operation: Operation) -> dict[str, Any]:
        operation.operation_id = operation.operation_id or operation.view_func.__name__
        self.all_operation_ids.clear()
        return super().operation_details(operation)


def described(surface: Surface, api: NinjaAPI, prefix: str) -> Described:
    """The operations of `api` below `prefix`, with the answers that the surface's door adds to each."""
    said = json.loads(json.dumps(_Schema(api, prefix)).replace('"#/$defs/', f'"{SCHEMAS}'))
    _hoist(said["paths"], said["components"]["schemas"])
    parts = Described()
    parts.responses, parts.schemas = refusals.components(surface)
    parts.schemas |= {f"{surface.name}.{name}": each for name, each in said["components"]["schemas"].items()}
    schemes = said["components"].get("securitySchemes") or {"Key": _scheme_of(surface)}
    parts.security = {f"{surface.name}.{name}": each for name, each in schemes.items()}
    locks: list[dict[str, list[str]]] = [{name: []} for name in parts.security]
    for path, operations in said["paths"].items():
        for method, operation in operations.items():
            public = surface.authenticate is None or f"{surface.name}.{operation['operationId']}" in PUBLIC
            operation["security"] = [] if public else locks
            _finish(surface, api, method, operation, public=public)
            parts.tags[operation["tags"][0]] = str(api.description)
        parts.paths[path.rstrip("/")] = operations
    renamed = json.dumps([parts.paths, parts.schemas]).replace(f'"{SCHEMAS}', f'"{SCHEMAS}{surface.name}.')
    parts.paths, parts.schemas = json.loads(renamed)
    return parts


def _hoist(value: Any, schemas: dict[str, Any]) -> None:
    """Definitions that an operation brought along go to the others."""
    if isinstance(value, dict):
        for name, schema in value.pop("$defs", {}).items():
            schemas.setdefault(name, schema)
    for each in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        _hoist(each, schemas)


def _finish(surface: Surface, api: NinjaAPI, method: str, operation: dict[str, Any], *, public: bool) -> None:
    """What the door does to every call: keys, refusals, and the header that makes a repeated one harmless."""
    operation["tags"] = [f"{api.title}: {tag}" for tag in operation.get("tags") or []] or [str(api.title)]
    operation["operationId"] = f"{surface.name}_{operation['operationId']}"
    answers = refusals.of_operation(surface, method, public=public)
    operation["responses"] = dict(sorted({**answers, **operation["responses"]}.items()))
    if not public and (method == "post" or (method == "patch" and surface.replays_patch)):
        operation.setdefault("parameters", []).append(IDEMPOTENCY_KEY)


def _scheme_of(surface: Surface) -> dict[str, str]:
    return {"type": "http", "scheme": surface.challenge.split(" ")[0].lower()}
