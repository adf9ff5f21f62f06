"""What is sent, as plain values: JSON read strictly, or form fields on any method."""

from __future__ import annotations

import json
import math
from typing import Any

from django.http import HttpRequest, QueryDict
from ninja.parser import Parser

from timetracking.api.refusals import BadRequest

DEEPEST = 50
LONGEST_NUMBER = 40


def read_json(request: HttpRequest) -> Any:
    """The JSON body; None for an empty one. Raises BadRequest, also for NaN, null bytes and halves of surrogates."""
    body = request.body
    if not body.strip():
        return None
    try:
        value = json.loads(body.decode("utf-8-sig"), parse_constant=_no_number, parse_int=_integer, parse_float=_float)
    except (ValueError, RecursionError) as error:
        raise BadRequest("The body is not valid JSON.") from error
    _check(value, DEEPEST)
    return value


def read_fields(request: HttpRequest) -> dict[str, Any]:
    """The body's fields, form-encoded or JSON, on any method. Raises BadRequest, also for JSON that is no object."""
    kind = request.content_type or ""
    if kind == "application/x-www-form-urlencoded":
        fields: dict[str, Any] = QueryDict(request.body, encoding="utf-8").dict()
        _check(fields, DEEPEST)
        return fields
    if kind == "multipart/form-data":
        fields = dict(request.POST.items()) if request.method == "POST" else {}
        _check(fields, DEEPEST)
        return fields
    value = read_json(request)
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise BadRequest("The body must be an object.")
    return value


class StrictParser(Parser):
    """Ninja's, with our reading of JSON."""

    def parse_body(self, request: HttpRequest) -> Any:
        return read_json(request)


def _no_number(text: str) -> float:
    raise ValueError(text)


def _integer(text: str) -> int:
    if len(text) > LONGEST_NUMBER:
        raise ValueError("too long")
    return int(text)


def _float(text: str) -> float:
    number = float(text)
    if len(text) > LONGEST_NUMBER or not math.isfinite(number):
        raise ValueError("no number")
    return number


def _check(value: Any, depth: int) -> None:
    """Raises BadRequest for texts that no database stores, and for nesting that nobody means."""
    if depth == 0:
        raise BadRequest("The body is nested too deeply.")
    if isinstance(value, str):
        if "\x00" in value or any("\ud800" <= c <= "\udfff" for c in value):
            raise BadRequest("Null bytes and halves of surrogates are not accepted.")
    elif isinstance(value, dict):
        for name, each in value.items():
            _check(name, depth - 1)
            _check(each, depth - 1)
    elif isinstance(value, list):
        for each in value:
            _check(each, depth - 1)
