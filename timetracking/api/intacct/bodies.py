"""Bodies of this format, read field by field: unknown names and wrong types are told with their place (400)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from pydantic import BaseModel

from timetracking.api import values
from timetracking.api.bodies import read_json
from timetracking.api.intacct.surface import NO_PAYLOAD
from timetracking.api.refusals import BadRequest

CUSTOM = "nsp::"
"""How names begin that a customer of the format made up: kept and given back."""
MOST_AT_ONCE = 500
FIRST_DAY, LAST_DAY = dt.date(1900, 1, 1), dt.date(2200, 12, 31)
LONGEST_NAME = 80
LONGEST_KEY = 100


@dataclass(frozen=True)
class Ref:
    """A record that a body points at; both are empty where `{}` was sent."""

    key: str = ""
    id: str = ""
    at: str = ""
    """Its place in the body."""

    @property
    def is_named(self) -> bool:
        return bool(self.key or self.id)


class Sent:
    """One object of a body. Raises BadRequest for what is no object, and for names that are not `known`."""

    def __init__(self, value: Any, at: str, known: Collection[str]) -> None:
        if not isinstance(value, dict):
            raise BadRequest("This must be an object.", field=at)
        self.value: dict[str, Any] = value
        self.at = at
        for name in value:
            if name not in known and not name.startswith(CUSTOM):
                raise self.wrong(name, f"There is no field {name[:LONGEST_NAME]}.", "unknown_field")

    def __contains__(self, name: str) -> bool:
        return name in self.value

    def place(self, name: str) -> str:
        name = name[:LONGEST_NAME].replace(".", "")
        return f"{self.at}.{name}" if self.at else name

    def wrong(self, name: str, words: str, code: str = "unreadable") -> BadRequest:
        return BadRequest(words, code, field=self.place(name))

    def needed(self, name: str) -> None:
        if self.value.get(name) is None:
            raise self.wrong(name, f"{name} is required.", "required")

    def text(self, name: str, most: int | None = None) -> str | None:
        value = self.value.get(name)
        if value is None:
            return None
        if not isinstance(value, str) or (most is not None and len(value) > most):
            limit = f" of at most {most} characters" if most is not None else ""
            raise self.wrong(name, f"{name} is a text{limit}.")
        return value

    def day(self, name: str) -> dt.date | None:
        value = self.value.get(name)
        if value is None:
            return None
        day = values.day(value) if isinstance(value, str) else None
        if day is None or not FIRST_DAY <= day <= LAST_DAY:
            raise self.wrong(name, f"{name} is a day like 2026-03-02.")
        return day

    def flag(self, name: str) -> bool | None:
        value = self.value.get(name)
        if isinstance(value, str) and value in ("true", "false"):
            return value == "true"
        if value is not None and not isinstance(value, bool):
            raise self.wrong(name, f"{name} is true or false.")
        return value

    def minutes(self, name: str) -> int | None:
        """Decimal hours, as a number or a numeric text, in whole minutes."""
        value = self.value.get(name)
        if value is None:
            return None
        minutes = values.minutes_of_hours(value)
        if minutes is None:
            raise self.wrong(name, f"{name} is a number of hours.")
        return minutes

    def ref(self, name: str) -> Ref | None:
        """None where null was sent, or a null as key or id: nothing is pointed at any more."""
        value = self.value.get(name)
        if value is None:
            return None
        inner = Sent(value, self.place(name), ("key", "id", "name", "href"))
        if "key" not in inner and "id" not in inner:
            return Ref(at=inner.at)
        ref = Ref(inner.key("key"), inner.key("id"), inner.at)
        return ref if ref.is_named else None

    def key(self, name: str) -> str:
        value = self.value.get(name)
        if value is None:
            return ""
        if isinstance(value, bool) or not isinstance(value, str | int) or len(str(value)) > LONGEST_KEY:
            raise self.wrong(name, f"{name} is a text.")
        return str(value).strip()

    def objects(self, name: str, most: int) -> list[Any]:
        value = self.value.get(name)
        if value is None:
            return []
        if not isinstance(value, list) or len(value) > most:
            raise self.wrong(name, f"{name} is a list of at most {most} objects.")
        return value

    def customs(self) -> dict[str, Any]:
        return {name: value for name, value in self.value.items() if name.startswith(CUSTOM)}


def payload(request: HttpRequest) -> Any:
    """The JSON body. Raises BadRequest, also for none."""
    value = read_json(request)
    if value is None:
        raise BadRequest(f"A {request.method} request requires a payload", NO_PAYLOAD)
    return value


def one_or_many(request: HttpRequest) -> tuple[list[Any], bool]:
    """The objects of a body, and whether it was an array. Raises BadRequest, also for more than 500."""
    value = payload(request)
    if not isinstance(value, list):
        return [value], False
    if not 1 <= len(value) <= MOST_AT_ONCE:
        raise BadRequest(f"An array has 1 to {MOST_AT_ONCE} objects.")
    return value, True


def documented(schema: type[BaseModel], *kinds: str, many: bool = False) -> dict[str, Any]:
    """The body for the description of an operation that reads it itself; `many`: or an array of such objects."""
    described: dict[str, Any] = schema.model_json_schema()
    if many:
        described = {"anyOf": [described, {"type": "array", "items": described, "maxItems": MOST_AT_ONCE}]}
    content = {kind: {"schema": described} for kind in kinds or ("application/json",)}
    return {"requestBody": {"required": True, "content": content}}
