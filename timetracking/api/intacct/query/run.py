"""A query: what is asked for, checked; then rows, groups and sums with one query, and their number with another."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from decimal import ROUND_HALF_UP, Decimal
from functools import partial
from typing import Any

from django.db.models import Avg, Count, Max, Min, OuterRef, Q, Subquery, Sum, Value

from accounts.models import Membership
from timetracking.api import values
from timetracking.api.intacct.mapping import LINES, OBJECTS, TIMESHEETS, Field, Kind, Object
from timetracking.api.intacct.query import conditions
from timetracking.api.intacct.query.expressions import Unreadable, combined
from timetracking.api.refusals import BadRequest
from timetracking.models import Timesheet

USUAL_SIZE, LARGEST_SIZE, LARGEST_START = 100, 4_000, 10_000_000
MOST_FILTERS, MOST_FIELDS = 20, 100
KNOWN = frozenset({"object", "fields", "filters", "filterExpression", "filterParameters", "orderBy", "start", "size"})
PARAMETERS = frozenset({"asOfDate", "caseSensitiveComparison", "includeHierarchyFields", "includePrivate"})
WITHOUT_ROWS = frozenset({"accounts-payable/vendor"})
"""Objects of the format that exist, and of which nothing is here."""
AGGREGATES: dict[str, Callable[[Any], Any]] = {"count": Count, "avg": Avg, "sum": Sum, "min": Min, "max": Max}
SUMMED = frozenset({Kind.HOURS, Kind.NUMBER})


@dataclass
class Query:
    """A checked query. `names` are the fields as asked; `aliases` what stands for them in the statement."""

    asker: Membership
    wanted: Object
    names: list[str]
    setting: conditions.Setting
    start: int = 1
    size: int = USUAL_SIZE
    condition: Q = field(default_factory=Q)
    order: list[str] = field(default_factory=list)
    aliases: dict[str, str] = field(default_factory=dict)

    def alias(self, name: str) -> str:
        return self.aliases.setdefault(name, f"q{len(self.aliases)}")


def answer(asker: Membership, body: Any) -> dict[str, Any]:
    """The whole answer to a body. Raises BadRequest for anything wrong with it."""
    if not isinstance(body, dict):
        raise _wrong("A POST request requires a payload", "")
    for name in body:
        if name not in KNOWN:
            raise _wrong(f"Unknown field: {name[:50]}", name[:50])
    start = _whole(body.get("start"), "start", 1, LARGEST_START)
    size = _whole(body.get("size"), "size", USUAL_SIZE, LARGEST_SIZE)
    name = body.get("object")
    if isinstance(name, str) and name in WITHOUT_ROWS:
        return _envelope([], 0, start, size)
    if not isinstance(name, str) or name not in OBJECTS:
        raise _wrong("The object is missing or unknown.", "object")
    query = _query(asker, OBJECTS[name], body)
    query.start, query.size = start, size
    rows, total = _run(query)
    return _envelope(rows, total, start, size)


def _envelope(rows: list[dict[str, Any]], total: int, start: int, size: int) -> dict[str, Any]:
    following = start + size if start + size <= total else None
    before = max(1, start - size) if start > 1 else None
    meta = {"totalCount": total, "start": start, "pageSize": size, "next": following, "previous": before}
    return {"ia::result": rows, "ia::meta": meta}


# --- Reading ----------------------------------------------------------------------------------------------------------


def _query(asker: Membership, wanted: Object, body: Mapping[str, Any]) -> Query:
    aliases: dict[str, str] = {}
    setting = _setting(asker, body.get("filterParameters"), lambda name: query.alias(name))
    query = Query(asker, wanted, _names(wanted, body.get("fields")), setting, aliases=aliases)
    query.condition = _condition(query, body.get("filters"), body.get("filterExpression"))
    query.order = _order(query, body.get("orderBy"))
    return query


def _setting(asker: Membership, given: Any, alias: Callable[[str], str]) -> conditions.Setting:
    parameters = {} if given is None else given
    if not isinstance(parameters, dict) or not parameters.keys() <= PARAMETERS:
        raise _wrong(f"Only {', '.join(sorted(PARAMETERS))} are known.", "filterParameters")
    as_of: dt.date | None = asker.today()
    if parameters.get("asOfDate") is not None:
        as_of = values.day(str(parameters["asOfDate"]))
    if as_of is None:
        raise _wrong("A date like 2026-03-02 is needed.", "filterParameters.asOfDate")
    sensitive = parameters.get("caseSensitiveComparison")
    sensitive = {"true": True, "false": False}.get(str(sensitive).lower()) if sensitive is not None else True
    if sensitive is None:
        raise _wrong("true or false is needed.", "filterParameters.caseSensitiveComparison")
    return conditions.Setting(as_of, asker.zone, asker.organisation.first_weekday, sensitive, alias)


def _names(wanted: Object, given: Any) -> list[str]:
    if not isinstance(given, list) or not 0 < len(given) <= MOST_FIELDS:
        raise _wrong("Name the fields that are wanted.", "fields")
    for name in given:
        function, colon, of = name.partition(":") if isinstance(name, str) else ("", "", "")
        known = field_of(wanted, of if colon else function)
        if known is None or (colon and not _can_aggregate(function, known)):
            raise _wrong(f"Unknown field: {str(name)[:80]}", "fields")
    return list(dict.fromkeys(given))


def field_of(wanted: Object, name: str) -> Field | None:
    """What a name stands for; of a line also what its timesheet says (`timesheet.beginDate`). None for no such name."""
    if name in wanted.fields or wanted is not LINES or not name.startswith("timesheet."):
        return wanted.fields.get(name)
    owner = TIMESHEETS.fields.get(name.removeprefix("timesheet."))
    if owner is None or isinstance(owner.of, str):
        return owner and replace(owner, of=f"timesheet__{owner.of}")
    return replace(owner, of=partial(_of_owner, owner))


def _of_owner(owner: Field, asker: Membership) -> Any:
    """What a line's timesheet says that no column of it does."""
    sheets = Timesheet.objects.filter(pk=OuterRef("timesheet")).order_by()
    return Subquery(sheets.values_list(owner.expression(asker))[:1])


def _field(query: Query, name: str) -> Field:
    known = field_of(query.wanted, name)
    if known is None:
        raise _wrong(f"Unknown field: {name[:80]}", "fields")
    return known


def _expression(query: Query, name: str) -> Any:
    return _field(query, name).expression(query.asker)


def _can_aggregate(function: str, known: Field) -> bool:
    if known.kind is Kind.HREF or not known.filters or function not in AGGREGATES:
        return False
    if function in ("sum", "avg"):
        return known.kind in SUMMED
    return function == "count" or known.kind is not Kind.FLAG


def _filterable(wanted: Object, name: Any, place: str) -> Field:
    known = field_of(wanted, name) if isinstance(name, str) else None
    if known is None or known.kind is Kind.HREF or not known.filters:
        raise _wrong(f"{str(name)[:80]} can't be used here.", place)
    return known


def _condition(query: Query, given: Any, expression: Any) -> Q:
    filters = [] if given is None else given
    if not isinstance(filters, list) or len(filters) > MOST_FILTERS:
        raise _wrong(f"A list of at most {MOST_FILTERS} filters is needed.", "filters")
    if expression is not None and not isinstance(expression, str):
        raise _wrong("A text is needed.", "filterExpression")
    found = [_filter(query, each) for each in filters]
    try:
        return combined(expression, found)
    except Unreadable as error:
        raise _wrong(str(error), "filterExpression") from error


def _filter(query: Query, given: Any) -> Q:
    if not isinstance(given, dict) or len(given) != 1:
        raise _wrong('A filter looks like {"$eq": {"state": "approved"}}.', "filters")
    [(operator, compared)] = given.items()
    if operator not in conditions.OPERATORS:
        raise _wrong(f"Unknown operator: {str(operator)[:40]}", "filters")
    if not isinstance(compared, dict) or len(compared) > 1:
        raise _wrong(f"{operator} compares one field.", "filters")
    if not compared:  # asks nothing
        return Q()
    [(name, value)] = compared.items()
    return conditions.condition(query.setting, operator, name, _filterable(query.wanted, name, "filters"), value)


def _order(query: Query, given: Any) -> list[str]:
    order: list[str] = []
    items = [] if given is None else given
    if not isinstance(items, list) or len(items) > 10:
        raise _wrong('An order looks like [{"entryDate": "desc"}].', "orderBy")
    for each in items:
        if not isinstance(each, dict) or len(each) != 1:
            raise _wrong('An order looks like [{"entryDate": "desc"}].', "orderBy")
        [(name, direction)] = each.items()
        if str(direction).lower() not in ("asc", "desc"):
            raise _wrong("asc or desc is needed.", "orderBy")
        if (_grouped(query) or ":" in name) and name not in query.names:
            raise _wrong("Groups and sums are ordered by what is asked of them.", "orderBy")
        if ":" not in name:
            _filterable(query.wanted, name, "orderBy")
        order.append(("-" if str(direction).lower() == "desc" else "") + query.alias(name))
    return order


def _grouped(query: Query) -> bool:
    return any(":" in name for name in query.names)


# --- Asking -----------------------------------------------------------------------------------------------------------


def _run(query: Query) -> tuple[list[dict[str, Any]], int]:
    for name in query.names:
        query.alias(name)
    plain = {name: alias for name, alias in query.aliases.items() if ":" not in name}
    of_sums = {name.partition(":")[2] for name in query.aliases if ":" in name}
    for name in of_sums - plain.keys():
        plain[name] = query.alias(name)
    rows = query.wanted.rows(query.asker).alias(**{alias: _expression(query, name) for name, alias in plain.items()})
    rows = rows.filter(query.condition)
    found = _groups(query, rows, plain) if _grouped(query) else rows.order_by(*query.order, "pk")
    names = [query.alias(name) for name in query.names]
    total = found.count() if not _one_group(query) else 1
    first = query.start - 1
    if not _grouped(query):
        found = found.annotate(**{alias: _expression(query, name) for name, alias in _shown(query)})
    page = found.values_list(*names)[first : first + query.size] if first < total else []
    if _one_group(query) and first == 0:
        page = list(page) or [(None,) * len(names)]  # sums of nothing are a row as well
    return [_wire(query, row) for row in page], total


def _shown(query: Query) -> list[tuple[str, str]]:
    return [(name, query.alias(name)) for name in query.names]


def _one_group(query: Query) -> bool:
    """Sums of everything together: one row, even of nothing."""
    return all(":" in name for name in query.names)


def _groups(query: Query, rows: Any, plain: Mapping[str, str]) -> Any:
    by = {plain[name]: _expression(query, name) for name in query.names if ":" not in name}
    by = by or {"together": Value(0)}
    sums = {
        query.alias(name): AGGREGATES[name.partition(":")[0]](plain[name.partition(":")[2]])
        for name in query.names
        if ":" in name
    }
    grouped = rows.order_by().annotate(**by).values(*by).annotate(**sums)
    return grouped.order_by(*query.order, *by)


def _wire(query: Query, row: tuple[Any, ...]) -> dict[str, Any]:
    return {name: _value(query, name, value) for name, value in zip(query.names, row, strict=True)}


def _value(query: Query, name: str, value: Any) -> Any:
    function, colon, of = name.partition(":")
    if not colon:
        return _field(query, name).wire(value)
    if function == "count":
        return value or 0
    kind = _field(query, of).kind
    if function == "avg" and value is not None:
        exact = Decimal(str(value)) / (60 if kind is Kind.HOURS else 1)
        return float(exact.quantize(Decimal("0.01"), ROUND_HALF_UP))
    if function == "sum" and value is None:
        return 0
    return _field(query, of).wire(value)


def _whole(given: Any, name: str, usual: int, largest: int) -> int:
    if given is None:
        return usual
    if isinstance(given, bool) or not isinstance(given, int | str) or not str(given).strip().isascii():
        raise _wrong("A whole number is needed.", name)
    text = str(given).strip()
    if not text.isdigit() or len(text) > 10 or not 1 <= int(text) <= largest:
        raise _wrong(f"A whole number from 1 to {largest:,} is needed.", name)
    return int(text)


def _wrong(words: str, name: str) -> BadRequest:
    return BadRequest(words, "invalidRequest", name)
