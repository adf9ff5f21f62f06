"""From conditions to a query: only through a table of fields, so that nothing that was sent becomes a look-up."""

from __future__ import annotations

import datetime as dt
import fnmatch
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from functools import reduce
from operator import or_
from typing import Any

from django.db.models import Case, CharField, Expression, Q, Value, When

from timesheets_site.lib.numbers import LARGEST_ID
from timetracking.api import values as wire
from timetracking.api.connectwise import conditions
from timetracking.api.connectwise.conditions import And, Comparison, Moment, Node, Not, Or
from timetracking.api.connectwise.patterns import like
from timetracking.api.refusals import BadRequest

LARGEST_AMOUNT = Decimal(10**8)
MOST_VALUES = 200
"""In one IN."""
MOST_WILDCARDS = 10
NOTHING = Q(pk__in=())
EVERYTHING = ~NOTHING
"""An empty Q would be everything too, but so would be its opposite, and with OR it is left out."""
DAY = dt.timedelta(days=1)
SUFFIXES = {"=": "", "<": "__lt", "<=": "__lte", ">": "__gt", ">=": "__gte"}


class Kind(StrEnum):
    """What a field holds, and so which values it is compared with."""

    NUMBER = "number"
    AMOUNT = "amount"
    HOURS = "hours"
    """Decimal hours outside, whole minutes inside."""
    TEXT = "text"
    MOMENT = "moment"
    DAY = "day"
    FLAG = "flag"
    WORD = "word"


Own = Callable[[str, object], Q]
"""A condition that is no plain column: gets "=", "<", …, or "like" with a pattern, and the value as it is inside.
The value is None for `= null`."""


@dataclass(frozen=True)
class Field:
    """One name that conditions and `orderBy` may use. Without `path` and `own` it is always null."""

    kind: Kind
    path: str = ""
    """From the rows that are filtered."""
    words: Mapping[str, Q] = field(default_factory=dict)
    """Of a WORD: each in lower case, and what it finds."""
    own: Own | None = None
    order: tuple[Expression | str, ...] = ()
    """What rows are sorted by; `path` without it."""

    @property
    def sorted_by(self) -> tuple[Expression | str, ...]:
        return self.order or ((self.path,) if self.path else ())


Fields = Mapping[str, Field]
"""{lower-case name, parts joined by "/": field}"""


def number(path: str) -> Field:
    return Field(Kind.NUMBER, path)


def text(path: str) -> Field:
    return Field(Kind.TEXT, path)


def hours(path: str) -> Field:
    return Field(Kind.HOURS, path)


def moment(path: str) -> Field:
    return Field(Kind.MOMENT, path)


def day(path: str) -> Field:
    return Field(Kind.DAY, path)


def flag(path: str) -> Field:
    return Field(Kind.FLAG, path)


def words(of: Mapping[str, Q], path: str = "", *, order: tuple[Expression | str, ...] = ()) -> Field:
    return Field(Kind.WORD, path, words=of, order=order)


def by_words(of: Mapping[str, Q]) -> Case:
    """What rows are sorted by where a column holds other words than are shown: {word that is shown: its rows}."""
    return Case(*(When(found, then=Value(word)) for word, found in of.items()), output_field=CharField())


def reference(of: str, path: str, /, **texts: str) -> dict[str, Field]:
    """The fields of a reference: itself and its id, which may be null, and its texts by their paths.

    >>> sorted(reference("workType", "work_type", name="work_type__name"))
    ['worktype', 'worktype/id', 'worktype/name']
    """
    of = of.lower()
    parts = {f"{of}/{part.lower()}": text(where) for part, where in texts.items()}
    return {of: number(path), f"{of}/id": number(path), **parts}


def condition(asked: str, fields: Fields) -> Q:
    """What conditions mean for these fields; everything for empty ones. Raises BadRequest."""
    node = conditions.parse(asked)
    return Q() if node is None else _condition(node, fields)


def _condition(node: Node, fields: Fields) -> Q:
    match node:
        case And(parts):
            return reduce(lambda one, other: one & other, (_condition(part, fields) for part in parts))
        case Or(parts):
            return reduce(or_, (_condition(part, fields) for part in parts))
        case Not(part):
            return ~_condition(part, fields)
    field = fields.get(node.field)
    if field is None:
        raise BadRequest(f"{node.field} is no field of this resource.", "InvalidArgument")
    return _compared(node, field)


def _compared(node: Comparison, field: Field) -> Q:
    operator, given = node.operator, node.values
    if operator == "in":
        found = _among(node, field)
    elif operator == "!=":
        return ~_single(node, field, "=", given[0])
    else:
        found = _single(node, field, operator, given[0])
    return ~found if node.negated else found


def _among(node: Comparison, field: Field) -> Q:
    if len(node.values) > MOST_VALUES:
        raise BadRequest(f"IN takes at most {MOST_VALUES} values.", "InvalidArgument")
    if field.kind is Kind.NUMBER and field.path and None not in node.values:
        numbers = [_read(node, field, each) for each in node.values]
        fitting = [each for each in numbers if isinstance(each, int) and abs(each) <= LARGEST_ID]
        return Q(**{f"{field.path}__in": fitting})
    return reduce(or_, (_single(node, field, "=", each) for each in node.values))


def _single(node: Comparison, field: Field, operator: str, given: conditions.Value) -> Q:
    if given is None:
        if operator != "=":
            raise _wrong(node, given)
        return _is_null(field)
    if field.kind is Kind.WORD:
        return _word(node, field, operator, given)
    if operator in ("like", "contains"):
        if field.kind is not Kind.TEXT:
            raise BadRequest(f"{node.field} is no text: {operator.upper()} can't be asked of it.", "InvalidArgument")
        pattern = f"*{_as_text(given)}*" if operator == "contains" else _as_text(given).replace("%", "*")
        return _like(node, field, pattern)
    value = _read(node, field, given)
    if field.kind is Kind.TEXT and "*" in str(value):
        if operator != "=":
            raise _wrong(node, given)
        return _like(node, field, str(value))
    if field.own is not None:
        return field.own(operator, value)
    if not field.path:
        return NOTHING
    return _plain(field, operator, value)


def _is_null(field: Field) -> Q:
    if field.own is not None:
        return field.own("=", None)
    if not field.path:
        return NOTHING if field.words else EVERYTHING
    empty = Q(**{f"{field.path}__isnull": True})
    return empty | Q(**{field.path: ""}) if field.kind is Kind.TEXT else empty


def _plain(field: Field, operator: str, value: Any) -> Q:
    if field.kind is Kind.TEXT and operator == "=":
        return Q(**{f"{field.path}__iexact": value})
    largest: Any = LARGEST_AMOUNT if field.kind is Kind.AMOUNT else LARGEST_ID
    if isinstance(value, int | Decimal) and abs(value) > largest:
        reaches = bool(value > 0) == (operator in ("<", "<="))
        return Q(**{f"{field.path}__isnull": False}) if operator != "=" and reaches else NOTHING
    return Q(**{f"{field.path}{SUFFIXES[operator]}": value})


def _word(node: Comparison, field: Field, operator: str, given: conditions.Value) -> Q:
    """Words are few: patterns are compared with each of them here. What is no word of the field is refused."""
    if not isinstance(given, str) or operator not in ("=", "like", "contains"):
        raise _wrong(node, given)
    pattern = given.lower()
    if operator == "contains":
        pattern = f"*{pattern}*"
    elif operator == "like":
        pattern = pattern.replace("%", "*")
    if "*" not in pattern:
        if pattern not in field.words:
            raise _wrong(node, given)
        return field.words[pattern]
    _few_wildcards(node, pattern)
    shape = re.compile(fnmatch.translate(re.sub(r"[\[?]", lambda sign: f"[{sign[0]}]", pattern)))
    return reduce(or_, (found for word, found in field.words.items() if shape.match(word)), NOTHING)


def _like(node: Comparison, field: Field, pattern: str) -> Q:
    """`pattern` has `*` for anything."""
    _few_wildcards(node, pattern)
    if field.own is not None:
        return field.own("like", pattern)
    return like(field.path, pattern) if field.path else NOTHING


def _few_wildcards(node: Comparison, pattern: str) -> None:
    if pattern.count("*") > MOST_WILDCARDS:
        raise BadRequest(f"{node.field}: at most {MOST_WILDCARDS} wildcards.", "InvalidArgument")


def _as_text(given: conditions.Value) -> str:
    return given if isinstance(given, str) else ""


def _read(node: Comparison, field: Field, given: conditions.Value) -> Any:
    """The value as it is inside: numbers, minutes, aware instants, days, texts. Raises BadRequest."""
    value: Any = None
    match field.kind:
        case Kind.NUMBER if isinstance(given, Decimal) and given == given.to_integral_value():
            value = int(given)
        case Kind.AMOUNT if isinstance(given, Decimal):
            value = given
        case Kind.HOURS if isinstance(given, Decimal):
            value = wire.minutes_of_hours(given)
        case Kind.TEXT if isinstance(given, str):
            value = given
        case Kind.FLAG if isinstance(given, bool):
            value = given
        case Kind.MOMENT | Kind.DAY if isinstance(given, Moment | str):
            at = moment_of(given.text if isinstance(given, Moment) else given)
            value = at.date() if at is not None and field.kind is Kind.DAY else at
    if value is None:
        raise _wrong(node, given)
    return value


def moment_of(written: str) -> dt.datetime | None:
    """An instant, or midnight UTC of a day; None for what is neither. An unescaped `+` came as a space.

    >>> moment_of("2026-02-01").isoformat(), moment_of("2026-02-01T00:00:00 01:00").isoformat(), moment_of("soon")
    ('2026-02-01T00:00:00+00:00', '2026-01-31T23:00:00+00:00', None)
    """
    on = wire.day(written)
    if on is not None:
        return dt.datetime.combine(on, dt.time(), dt.UTC)
    at = wire.instant(written)
    return at if at is not None else wire.instant("+".join(written.rsplit(" ", 1)))


def _wrong(node: Comparison, given: conditions.Value) -> BadRequest:
    shown = given.text if isinstance(given, Moment) else "null" if given is None else str(given)
    return BadRequest(f"{node.field} {node.operator} {shown[:60]} can't be compared.", "InvalidArgument")


# --- Times of rows that may have none -----------------------------------------------------------------------------


def at_or_midnight(path: str, on: str) -> Own:
    """An instant that, where it is missing, is 00:00 UTC of the row's day `on`. The day, which has an index, is
    compared as well: a local day lies at most two days off the instant.
    """

    def found(operator: str, value: object) -> Q:
        if not isinstance(value, dt.datetime):
            return NOTHING
        of_day = Q(**{f"{path}__isnull": True}) & by_midnight(on, operator, value)
        exact = Q(**{f"{path}{SUFFIXES[operator]}": value})
        try:
            first, last = value.date() - 2 * DAY, value.date() + 2 * DAY
        except OverflowError:
            return exact | of_day
        near = Q()
        if operator in (">", ">=", "="):
            near &= Q(**{f"{on}__gte": first})
        if operator in ("<", "<=", "="):
            near &= Q(**{f"{on}__lte": last})
        return near & (exact | of_day)

    return found


def by_midnight(on: str, operator: str, value: dt.datetime) -> Q:
    """Days whose midnight (UTC) compares so with an instant."""
    this, is_midnight = value.date(), value.time() == dt.time()
    if operator == "=":
        return Q(**{on: this}) if is_midnight else NOTHING
    if is_midnight:
        return Q(**{f"{on}{SUFFIXES[operator]}": this})
    return Q(**{f"{on}__lte" if operator in ("<", "<=") else f"{on}__gt": this})
