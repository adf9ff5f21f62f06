"""What a report can be grouped by: an allow-list of words, the column of each, and how its values are called."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Case, F, IntegerField, Value, When
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.models import Membership
from timesheets_site.lib import dates
from timesheets_site.lib.addresses import address
from timetracking.models import ChargeCode, Client, Project, Task, Ticket, WorkRole, WorkType
from timetracking.rules import months, report_ranges, weeks
from timetracking.rules.report_ranges import Days
from timetracking.selectors.report_query import NONE, RECORDS, ReportQuery

ASKED_BY_ID = 500
"""Names of more records than these are read all at once."""
WEEK, MONTH, AGENT, PROJECT = "week", "month", "agent", "project"
CALENDAR = (WEEK, MONTH)


@dataclass(frozen=True)
class Dimension:
    """`label` heads its column, `without` stands for entries that have no such record."""

    code: str
    label: str | Promise
    without: str | Promise = ""
    model: Any = None
    fields: tuple[str, ...] = ()


DIMENSIONS: dict[str, Dimension] = {
    dimension.code: dimension
    for dimension in (
        Dimension("client", _("Client"), _("No client"), Client, ("name",)),
        Dimension(PROJECT, _("Project"), _("No project"), Project, ("code", "name")),
        Dimension("task", _("Task"), _("No task"), Task, ("name", "project__code")),
        Dimension("ticket", _("Ticket"), _("No ticket"), Ticket, ("number", "title")),
        Dimension(AGENT, _("Agent"), "", Membership, ("display_name",)),
        Dimension("work_type", _("Work type"), _("No work type"), WorkType, ("name",)),
        Dimension("work_role", _("Work role"), _("No work role"), WorkRole, ("name",)),
        Dimension("charge_code", _("Charge code"), _("No charge code"), ChargeCode, ("code", "name")),
        Dimension(WEEK, _("Week")),
        Dimension(MONTH, _("Month")),
    )
}


def expression(code: str, query: ReportQuery) -> Any:
    """What SQL groups by: a foreign key's column, or the number of the week or month within the report."""
    if code in CALENDAR:
        return number_of(starts(code, query))
    return F("member_id" if code == AGENT else RECORDS[code])


def starts(code: str, query: ReportQuery) -> list[dt.date]:
    """The first days of the weeks or months that a report touches."""
    if code == WEEK:
        return report_ranges.week_starts(query.days, first_weekday=query.actor.organisation.first_weekday)
    return report_ranges.month_starts(query.days)


def number_of(firsts: list[dt.date], low: int = 0) -> Any:
    """The place of a date among first days, as a tree of comparisons: six for the 53 weeks of a year.

    A database's own week function is another on each, knows one first weekday, and on SQLite calls Python for each row.
    """
    if len(firsts) == 1:
        return Value(low, output_field=IntegerField())
    middle = len(firsts) // 2
    return Case(
        When(date__lt=firsts[middle], then=number_of(firsts[:middle], low)),
        default=number_of(firsts[middle:], low + middle),
        output_field=IntegerField(),
    )


def span(code: str, first: dt.date) -> Days:
    """The days of the week or month that begins on `first`."""
    return Days(first, first + weeks.DAY * 6 if code == WEEK else months.last_day(first))


# --- Names ------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Name:
    """`url` is the record's own page, where it has one that the reader may open."""

    label: str
    url: str = ""


def names_of(code: str, keys: Collection[Any], query: ReportQuery) -> dict[Any, Name]:
    """What the groups are called, by their keys: one query for records, none for weeks and months."""
    if code in CALENDAR:
        return _calendar(code, query)
    dimension = DIMENSIONS[code]
    ids = [key for key in keys if key is not None]
    found: dict[Any, Name] = {None: Name(str(dimension.without))}
    if not ids:
        return found
    rows = dimension.model.objects.order_by()
    if len(ids) <= ASKED_BY_ID:
        rows = rows.filter(pk__in=ids)
    wanted = set(ids)
    for pk, *values in rows.values_list("pk", *dimension.fields):
        if pk in wanted:
            found[pk] = Name(label_of(code, values), _page(code, pk, values, query))
    return found


def label_of(code: str, values: Iterable[Any]) -> str:
    first, second = [*values, ""][:2]
    if code == "ticket":
        return f"TKT-{first} {second}"
    if code == "task":
        return f"{first} ({second})"
    return f"{first} {second}".rstrip()


def _page(code: str, pk: int, values: list[Any], query: ReportQuery) -> str:
    slug = query.actor.organisation.slug
    if code == "client":
        return address("client", slug, pk)
    if code == PROJECT:
        return address("project", slug, values[0])
    if code == "ticket":
        return address("ticket", slug, values[0])
    return ""


def _calendar(code: str, query: ReportQuery) -> dict[Any, Name]:
    found: dict[Any, Name] = {}
    for number, first in enumerate(starts(code, query)):
        days = span(code, first)
        found[number] = Name(dates.month(first) if code == MONTH else dates.day_range(days.first, days.last))
    return found


def narrowing(code: str, key: Any, query: ReportQuery) -> dict[str, Any]:
    """Changes to the report's address that show only one group."""
    if code in CALENDAR:
        return query.within(span(code, starts(code, query)[key]))
    return {code: NONE if key is None else str(key)}
