"""Whole objects as they are sent: a sheet with its lines, a line with what was kept of it. Queries do not grow."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from accounts.models import Membership
from timetracking.api.intacct.bodies import CUSTOM
from timetracking.api.intacct.mapping import LINES, TIMESHEETS, nested, read
from timetracking.api.intacct.mapping.fields import KEPT_AS, hours
from timetracking.api.intacct.mapping.lines import HOURS, OTHER_REFERENCES, OWN_FIELDS, PAYROLL
from timetracking.api.values import minutes_of_hours
from timetracking.services import partner_values


def sheets(asker: Membership, keys: Iterable[int]) -> dict[int, dict[str, Any]]:
    """{key: sheet} with lines, for those of these that may be seen. Four queries."""
    wanted = list(keys)
    rows = TIMESHEETS.rows(asker).filter(pk__in=wanted)
    found = {int(row["key"]): nested(row) for row in read(TIMESHEETS, asker, rows)}
    by_sheet: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for line in _lines(asker, LINES.rows(asker).filter(timesheet__in=list(found))):
        by_sheet[line["timesheet"]["key"]].append(line)
    kept = partner_values.of_timesheets(KEPT_AS, found)
    for key, sheet in found.items():
        listed = by_sheet[str(key)]
        sheet["hours"] = {name: _sum(line["hours"][name] for line in listed) for name in HOURS}
        sheet["lines"] = listed
        sheet |= _customs(kept.get(key, {}))
    return found


def lines(asker: Membership, keys: Iterable[int]) -> dict[int, dict[str, Any]]:
    """{key: line}, for those of these that may be seen. Two queries."""
    rows = LINES.rows(asker).filter(pk__in=list(keys))
    return {int(line["key"]): line for line in _lines(asker, rows)}


def _lines(asker: Membership, rows: Any) -> list[dict[str, Any]]:
    found = [nested(row) for row in read(LINES, asker, rows.order_by("pk"), OWN_FIELDS)]
    kept = partner_values.of_entries(KEPT_AS, [int(line["key"]) for line in found])
    for line in found:
        values = kept.get(int(line["key"]), {})
        for name, value in values.get("dimensions", {}).items():
            if name != "contract":  # the entry's agreement stands before what was sent
                line["dimensions"][name] = _reference(value)
        line["externalPayroll"] = {name: values.get("externalPayroll", {}).get(name) for name in PAYROLL}
        line |= {name: _reference(values[name]) for name in OTHER_REFERENCES if name in values}
        line |= _customs(values)
    return found


def _reference(value: dict[str, Any]) -> dict[str, Any]:
    return {"key": None, "id": None, "name": None, "href": None, **value}


def _customs(values: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if name.startswith(CUSTOM)}


def _sum(each: Iterable[Any]) -> int | float:
    """Of decimal hours, by the whole minutes that they stand for."""
    return hours(sum(minutes_of_hours(value) or 0 for value in each))
