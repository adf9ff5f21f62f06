"""One filter, `{"$op": {"field": value}}`, as a condition on what the field's name stands for."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from django.db.models import CharField, F, Q, Value
from django.db.models.functions import Cast, Left, Right, StrIndex
from django.db.models.lookups import Exact, GreaterThan

from timesheets_site.lib.numbers import LARGEST_ID
from timetracking.api import values
from timetracking.api.intacct.mapping import Field, Kind
from timetracking.api.intacct.query.macros import Span, span_of
from timetracking.api.refusals import BadRequest

POSITIVE = {"$ne": "$eq", "$notIn": "$in", "$notBetween": "$between", "$notContains": "$contains",
            "$notStartsWith": "$startsWith", "$notEndsWith": "$endsWith"}  # fmt: skip
"""Operators that say the contrary of another; what is null counts among the contrary."""
OPERATORS = frozenset({"$eq", "$lt", "$lte", "$gt", "$gte", "$in", "$between", "$contains", "$startsWith", "$endsWith",
                       *POSITIVE})  # fmt: skip
LOOKUPS = {"$eq": "exact", "$lt": "lt", "$lte": "lte", "$gt": "gt", "$gte": "gte"}
PARTS = {"$contains": "icontains", "$startsWith": "istartswith", "$endsWith": "iendswith"}
MOST_VALUES = 1_000
MOST_CONDITIONS = 40
"""In a list whose values are a condition each: with 20 filters still fewer than the 1,000 that SQLite takes."""
LONGEST_TEXT = 500
NEVER = Q(pk__in=())
SECOND, EXACTLY = dt.timedelta(seconds=1), dt.timedelta.resolution
LATEST = dt.datetime.max.replace(tzinfo=dt.UTC)


@dataclass(frozen=True)
class Setting:
    """What all filters of a query have in common. `alias` gives the name under which a field can be filtered."""

    as_of: dt.date
    zone: dt.tzinfo
    first_weekday: int
    case_sensitive: bool
    alias: Callable[[str], str]


def condition(setting: Setting, operator: str, name: str, field: Field, value: Any) -> Q:
    """The condition of one filter. Raises BadRequest for a value that the field or operator does not take."""
    plain = POSITIVE.get(operator, operator)
    found = _condition(setting, plain, name, field, value)
    if plain == operator:
        return found
    if value is None:
        return ~found
    return Q(**{f"{setting.alias(name)}__isnull": True}) | ~found


def _condition(setting: Setting, operator: str, name: str, field: Field, value: Any) -> Q:
    if value is None:
        if operator != "$eq":
            raise _wrong(name, f"{operator} takes no null.")
        return Q(**{f"{setting.alias(name)}__isnull": True})
    if operator in PARTS:
        return _part(setting, operator, name, field, value)
    if operator == "$in":
        return _among(setting, name, field, _several(name, value))
    if operator == "$between":
        pair = _several(name, value)
        if len(pair) != 2:
            raise _wrong(name, "$between takes two values, low and high.")
        return _compared(setting, "$gte", name, field, pair[0]) & _compared(setting, "$lte", name, field, pair[1])
    return _compared(setting, operator, name, field, value)


def _among(setting: Setting, name: str, field: Field, given: list[Any]) -> Q:
    """One list where the values are just equal; one condition for each would be too many for SQLite."""
    spans = field.kind in (Kind.DATE, Kind.INSTANT)
    if not spans and (field.kind is not Kind.TEXT or setting.case_sensitive):
        known = [found for each in given if (found := _read(name, field, each)) is not None]
        return Q(**{f"{setting.alias(name)}__in": known})
    if len(given) > MOST_CONDITIONS:
        raise _wrong(
            name, f"A list of at most {MOST_CONDITIONS} values is needed for dates, and without regard to case."
        )
    result = NEVER
    for each in given:
        result |= _compared(setting, "$eq", name, field, each)
    return result


def _several(name: str, value: Any) -> list[Any]:
    if not isinstance(value, list) or len(value) > MOST_VALUES or any(isinstance(each, list) for each in value):
        raise _wrong(name, f"A list of at most {MOST_VALUES:,} values is needed.")
    return value


def _compared(setting: Setting, operator: str, name: str, field: Field, value: Any) -> Q:
    """A field against one value; a date against a span of days."""
    alias = setting.alias(name)
    if field.kind in (Kind.DATE, Kind.INSTANT):
        return _dated(setting, operator, name, field, value)
    known = _read(name, field, value, sensitive=setting.case_sensitive)
    if known is None:
        return NEVER if operator == "$eq" else _unordered(name)
    if field.kind is Kind.TEXT and operator == "$eq" and not setting.case_sensitive:
        return Q(**{f"{alias}__iexact": known})
    return Q(**{f"{alias}__{LOOKUPS[operator]}": known})


def _unordered(name: str) -> Q:
    raise _wrong(name, "A number is needed.")


def _read(name: str, field: Field, value: Any, *, sensitive: bool = True) -> Any:
    """The value as it is stored; None for a key that no record has."""
    if value is None or isinstance(value, list | dict):
        raise _wrong(name, "One value is needed.")
    match field.kind:
        case Kind.KEY:
            text = str(value).strip()
            known = not isinstance(value, bool | float) and text.isascii() and text.isdigit() and len(text) < 20
            return int(text) if known and int(text) <= LARGEST_ID else None
        case Kind.HOURS:
            return _checked(name, values.minutes_of_hours(value), "A number of hours is needed.")
        case Kind.NUMBER:
            return _checked(name, _number(value), "A number is needed.")
        case Kind.FLAG:
            flag = {"true": True, "false": False}.get(str(value).lower())
            return _checked(name, flag, "true or false is needed.")
    text = value if isinstance(value, str) else str(value).lower() if isinstance(value, bool) else str(value)
    if len(text) > LONGEST_TEXT:
        raise _wrong(name, f"A text has at most {LONGEST_TEXT} characters here.")
    if not sensitive:
        text = next((each for each in field.values if each.lower() == text.lower()), text)
    if field.values and text not in field.values:
        raise _wrong(name, f"{name} is one of {', '.join(field.values)}.")
    return text


def _number(value: Any) -> Decimal | None:
    if isinstance(value, bool):
        return None
    try:
        number = Decimal(str(value).strip()[:40])
    except InvalidOperation:
        return None
    return number if number.is_finite() and abs(number) < LARGEST_ID else None


def _checked(name: str, value: Any, words: str) -> Any:
    if value is None:
        raise _wrong(name, words)
    return value


def _dated(setting: Setting, operator: str, name: str, field: Field, value: Any) -> Q:
    """A word for a span, a day, or (of instants) a moment. `$eq` is "inside", `$lt` before it, `$gt` after it."""
    alias = setting.alias(name)
    text = value.strip() if isinstance(value, str) else ""
    span = span_of(text, setting.as_of, first_weekday=setting.first_weekday)
    if span is None and (day := values.day(text)) is not None:
        span = day, day
    if span is None and field.kind is Kind.INSTANT and (moment := values.instant(text)) is not None:
        return _within(alias, operator, moment, _after(moment))
    if span is None:
        raise _wrong(name, "A date like 2026-03-02, or a word like currentMonth, is needed.")
    return _within(alias, operator, *_ends(setting, field, span))


def _within(alias: str, operator: str, first: Any, after: Any) -> Q:
    """`first` is in the span, `after` is the first that no longer is."""
    before, since = Q(**{f"{alias}__lt": first}), Q(**{f"{alias}__gte": first})
    until, beyond = Q(**{f"{alias}__lt": after}), Q(**{f"{alias}__gte": after})
    return {"$eq": since & until, "$lt": before, "$lte": until, "$gt": beyond, "$gte": since}[operator]


def _ends(setting: Setting, field: Field, span: Span) -> tuple[Any, Any]:
    """Half-open: the first day or moment of a span, and the first that is no longer in it."""
    after = min(span[1], dt.date.max - dt.timedelta(days=1)) + dt.timedelta(days=1)
    if field.kind is Kind.DATE:
        return span[0], after
    try:
        ends = [dt.datetime.combine(day, dt.time(), tzinfo=setting.zone).astimezone(dt.UTC) for day in (span[0], after)]
    except OverflowError:
        ends = [dt.datetime.combine(day, dt.time(), tzinfo=dt.UTC) for day in (span[0], after)]
    return ends[0], ends[1]


def _after(moment: dt.datetime) -> dt.datetime:
    """Moments are sent in whole seconds and stored more exactly: a whole one stands for all of its second."""
    length = EXACTLY if moment.microsecond else SECOND
    return min(moment, LATEST - length) + length


def _part(setting: Setting, operator: str, name: str, field: Field, value: Any) -> Q:
    """A part of a text. With case it is compared as it stands: SQLite's LIKE would not look at case."""
    if field.kind not in (Kind.TEXT, Kind.KEY) or not isinstance(value, str | int) or isinstance(value, bool):
        raise _wrong(name, f"{operator} is for texts.")
    text = str(value)
    if len(text) > LONGEST_TEXT:
        raise _wrong(name, f"A text has at most {LONGEST_TEXT} characters here.")
    alias = setting.alias(name)
    if not text:
        return Q(**{f"{alias}__isnull": False})
    whole: Any = Cast(F(alias), CharField()) if field.kind is Kind.KEY else F(alias)
    if not setting.case_sensitive and field.kind is Kind.TEXT:
        return Q(**{f"{alias}__{PARTS[operator]}": text})
    if operator == "$contains":
        return Q(GreaterThan(StrIndex(whole, Value(text)), Value(0)))
    piece = (Left if operator == "$startsWith" else Right)(whole, len(text))
    return Q(Exact(piece, Value(text)))


def _wrong(name: str, words: str) -> BadRequest:
    return BadRequest(words, "invalidRequest", f"filters.{name}")
