"""What is sent, as plain values: bodies with an error for each field, queries from a list of known words."""

from __future__ import annotations

import datetime as dt
import zoneinfo
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import ValidationError
from django.http import HttpRequest, QueryDict

from timesheets_site.lib.errors import DomainError, OutOfReach
from timesheets_site.lib.numbers import LARGEST_ID
from timetracking.api.bodies import read_fields
from timetracking.api.kimai import local
from timetracking.api.refusals import BadRequest

MOST_IDS, MOST_TAGS, LONGEST_TAG, LONGEST_TEXT, LONGEST_TERM = 500, 50, 100, 10_000, 200
INVALID, BLANK = "This value is not valid.", "This value should not be blank."
FIELDS = {
    "record": "activity", "duration": "end", "start": "begin", "date": "begin", "subject": "description",
    "member": "user", "break_minutes": "break", "billable_option": "billable",
}  # fmt: skip
"""What our fields are called here."""
TRUE, FALSE = ("1", "true"), ("0", "false")


@dataclass
class Sent:
    """The fields of a body that were sent, and what is wrong with them."""

    values: dict[str, Any] = field(default_factory=dict)
    errors: dict[str, list[str]] = field(default_factory=dict)

    def __contains__(self, name: str) -> bool:
        return name in self.values

    def refuse(self, name: str, text: str = INVALID) -> None:
        self.errors.setdefault(name, []).append(text)

    def enforce(self) -> None:
        """Raises ValidationError, which becomes "Validation Failed"."""
        if self.errors:
            raise ValidationError(dict(self.errors))


def body(request: HttpRequest, zone: zoneinfo.ZoneInfo) -> Sent:
    """The known fields of a timesheet; others are ignored. Raises BadRequest for what is no object.

    Some clients send null for all that they leave out.
    """
    raw, sent = read_fields(request), Sent()
    for name in ("begin", "end"):
        if name in raw:
            empty = raw[name] in (None, "")
            moment = None if empty else local.read(raw[name], zone)
            _take(sent, name, moment, valid=empty or moment is not None)
    for name in ("project", "activity", "user"):
        if name in raw:
            number = id_of(raw[name])
            _take(sent, name, number, valid=number is not None or raw[name] in (None, ""))
    for name in ("billable", "exported"):
        if raw.get(name) is not None:
            flag = flag_of(raw[name])
            _take(sent, name, flag, valid=flag is not None)
    if "description" in raw:
        text = raw["description"]
        _take(sent, "description", text, valid=text is None or (isinstance(text, str) and len(text) <= LONGEST_TEXT))
    if raw.get("break") is not None:
        seconds = id_of(0 if raw["break"] == "" else raw["break"])  # a form sends numbers as texts
        _take(sent, "break", seconds, valid=seconds is not None and len(str(raw["break"])) <= 5 and seconds < 86_400)
    if "tags" in raw:
        tags = _tags(raw["tags"])
        _take(sent, "tags", tags, valid=tags is not None)
    if raw.get("metaFields") is not None:
        meta = _meta(raw["metaFields"])
        _take(sent, "metaFields", meta, valid=meta is not None)
    return sent


def _take(sent: Sent, name: str, value: Any, *, valid: bool) -> None:
    if valid:
        sent.values[name] = value
    else:
        sent.refuse(name)


def id_of(value: object) -> int | None:
    """An id as a number or its text; 0, which nothing has, for one that is too large; None for what is none.

    >>> id_of(43), id_of("43"), id_of("x"), id_of(4.5), id_of(True), id_of("9" * 30), id_of(-1)
    (43, 43, None, None, None, 0, None)
    """
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) <= 40:
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        return None
    return value if value <= LARGEST_ID else 0


def flag_of(value: object) -> bool | None:
    """
    >>> flag_of(True), flag_of("0"), flag_of(1), flag_of("maybe"), flag_of(None), flag_of([])
    (True, False, True, None, None, None)
    """
    if isinstance(value, bool):
        return value
    text = str(value).lower() if isinstance(value, str | int) else ""
    return True if text in TRUE else False if text in FALSE else None


def _tags(value: object) -> list[str] | None:
    """Names, from "a,b" or ["a", "b"], each once; None for what is neither."""
    if value is None:
        return []
    given = value.split(",") if isinstance(value, str) else value
    if not isinstance(given, list) or not all(isinstance(tag, str) for tag in given):
        return None
    names = list(dict.fromkeys(name for tag in given if (name := tag.strip())))
    return names if len(names) <= MOST_TAGS and all(len(name) <= LONGEST_TAG for name in names) else None


def _meta(value: object) -> dict[str, Any] | None:
    """[{"name": …, "value": …}] as {name: value}."""
    if not isinstance(value, list) or len(value) > MOST_TAGS:
        return None
    found = {}
    for each in value:
        pair = meta_pair(each) if isinstance(each, dict) else None
        if pair is None:
            return None
        found[pair[0]] = pair[1]
    return found


def meta_pair(fields: dict[str, Any]) -> tuple[str, Any] | None:
    """Name and value of a meta field; None where there is no name, or a value that is no plain one."""
    name, value = fields.get("name"), fields.get("value")
    if not isinstance(name, str) or not 1 <= len(name) <= LONGEST_TAG:
        return None
    if not (value is None or isinstance(value, str | int | float | bool)) or len(str(value)) > LONGEST_TEXT:
        return None
    return name, value


@contextmanager
def in_their_words() -> Iterator[None]:
    """A refusal inside names the field that Kimai knows."""
    try:
        yield
    except DomainError as error:
        error.field = FIELDS.get(error.field or "", error.field)
        raise


# --- Queries ----------------------------------------------------------------------------------------------------------


def ids(query: QueryDict, *names: str) -> list[int]:
    """The ids under any of these names ("project", "projects[]", with commas too). Raises BadRequest."""
    found: list[int] = []
    for name in names:
        for text in query.getlist(name):
            for part in text.split(",")[: MOST_IDS + 1]:
                number = id_of(part.strip())
                if number is None and part.strip():
                    raise BadRequest(INVALID, field=name)
                found += [] if number is None else [number]
    if len(found) > MOST_IDS:
        raise BadRequest(f"At most {MOST_IDS} ids.", field=names[0])
    return list(dict.fromkeys(found))


def number(query: QueryDict, name: str, default: int, *, least: int = 1) -> int:
    text = query.get(name, "")
    if not text:
        return default
    found = id_of(text)
    if not found or found < least:
        raise BadRequest(INVALID, field=name)
    return found


def flag(query: QueryDict, name: str) -> bool | None:
    """None where it is not asked for. Raises BadRequest."""
    text = query.get(name, "")
    if not text:
        return None
    found = flag_of(text)
    if found is None:
        raise BadRequest(INVALID, field=name)
    return found


def moment(query: QueryDict, name: str, zone: zoneinfo.ZoneInfo) -> dt.datetime | None:
    text = query.get(name, "")
    if not text:
        return None
    found = local.read(text, zone)
    if found is None:
        raise BadRequest("Enter a local time like 2026-03-02T09:00:00.", field=name)
    return found


def word(query: QueryDict, name: str, allowed: tuple[str, ...], default: str) -> str:
    """One of the allowed words, as they are spelled. Raises BadRequest."""
    text = query.get(name, "")
    if not text:
        return default
    for each in allowed:
        if each.lower() == text.lower():
            return each
    raise BadRequest(INVALID, field=name)


def texts(query: QueryDict, *names: str) -> list[str]:
    found = [part.strip() for name in names for text in query.getlist(name) for part in text.split(",")]
    if len(found) > MOST_TAGS or any(len(text) > LONGEST_TAG for text in found):
        raise BadRequest(INVALID, field=names[0])
    return [text for text in found if text]


def all_known(model: Any, wanted: list[int]) -> list[int]:
    """The ids, all of which are records of the organisation. Raises OutOfReach."""
    if wanted and model.objects.filter(pk__in=wanted).count() != len(wanted):
        raise OutOfReach
    return wanted
