"""The address of a report, read into the query that it stands for. Words are looked up, never handed on."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db.models import Model
from django.http import QueryDict
from django.utils.translation import gettext as _

from accounts.models import Membership
from accounts.permissions import Permission, Reach, reach
from timesheets_site.lib.errors import OutOfReach, RuleViolation
from timetracking.models import ChargeCode, Client, Project, Task, Ticket, TimeEntry, WorkRole, WorkType
from timetracking.rules import report_ranges
from timetracking.rules.report_ranges import Days
from timetracking.selectors.report_dimensions import DIMENSIONS
from timetracking.selectors.report_query import (
    BILLABLES,
    LAST_PAGE,
    NAMES,
    NONE,
    SORTS,
    STATUSES,
    USUAL_GROUPS,
    ReportQuery,
)

MODELS: dict[str, Any] = {
    "client": Client, "project": Project, "task": Task, "ticket": Ticket,
    "work_type": WorkType, "work_role": WorkRole, "charge_code": ChargeCode,
}  # fmt: skip
WORDS = {"kind": TimeEntry.Kind.values, "billable": BILLABLES, "status": tuple(STATUSES)}


def read(actor: Membership, data: QueryDict | dict[str, str]) -> ReportQuery:
    """The query of an address, or of a saved report's words.

    Raises OutOfReach for a record or a person that the actor can't see, RuleViolation (with the field at fault) for
    what can't be read: filter_unreadable, range_backwards, range_too_long, group_unknown, sort_unknown.
    """
    params = {name: value for name in NAMES if (value := str(data.get(name, "")).strip())}
    today = actor.today()
    days = _days(params, today, actor.organisation.first_weekday)
    for name, known in WORDS.items():
        if name in params and params[name] not in known:
            raise RuleViolation("filter_unreadable", _("Choose one of the filter's own values."), name)
    if "saved" in params:
        params["saved"] = str(_id(params["saved"]))
    by, then = _groups(params)
    query = ReportQuery(
        actor, days, today, params, _chosen(params), _member(actor, params), by, then, page=page_of(data)
    )
    return _sorted(query)


def page_of(data: QueryDict | dict[str, str]) -> int:
    text = str(data.get("page", ""))
    return min(max(int(text), 1), LAST_PAGE) if text.isascii() and text.isdigit() and len(text) < 6 else 1


# --- Days -------------------------------------------------------------------------------------------------------------


def _days(params: dict[str, str], today: dt.date, first_weekday: int) -> Days:
    if "from" not in params and "to" not in params:
        word = params.get("range", report_ranges.USUAL)
        if word not in report_ranges.WORDS:
            raise RuleViolation("filter_unreadable", _("Choose one of the filter's own values."), "range")
        return report_ranges.named(word, today, first_weekday=first_weekday)
    params.pop("range", None)
    first = _day(params.get("from"), _("Choose the first day from the calendar."), "from")
    last = _day(params.get("to"), _("Choose the last day from the calendar."), "to")
    found = Days(first or last or today, last or first or today)
    if found.first > found.last:
        raise RuleViolation("range_backwards", _("The range ends before it begins."), "to")
    if found.count > report_ranges.LONGEST_DAYS:
        raise RuleViolation("range_too_long", _("Choose a range of at most ten years."), "to")
    return found


def _day(text: str | None, words: str, field: str) -> dt.date | None:
    if not text:
        return None
    try:
        day = dt.date.fromisoformat(text)
    except ValueError:
        day = None
    if day is None or not report_ranges.FIRST_YEAR <= day.year <= report_ranges.LAST_YEAR:
        raise RuleViolation("filter_unreadable", words, field)
    return day


# --- Records and people -----------------------------------------------------------------------------------------------


def _chosen(params: dict[str, str]) -> dict[str, Model]:
    """The records that the filters name; one query for each that is named."""
    found = {}
    for name, model in MODELS.items():
        value = params.get(name)
        if value is None or value == NONE:
            continue
        rows = model.objects.select_related("project") if name == "task" else model.objects
        record = rows.filter(pk=_id(value)).first()
        if record is None:
            raise OutOfReach
        found[name] = record
        params[name] = str(record.pk)
    return found


def _member(actor: Membership, params: dict[str, str]) -> Membership | None:
    """Whose time: for an agent always their own."""
    value, sees_all = params.get("agent"), reach(actor, Permission.VIEW_REPORTS) is Reach.ALL
    if value is None:
        return None if sees_all else actor
    pk = _id(value)
    params["agent"] = str(pk)
    if pk == actor.pk:
        return actor
    member: Membership | None = Membership.objects.filter(pk=pk).first() if sees_all else None
    if member is None:
        raise OutOfReach
    return member


def _id(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 19):
        raise OutOfReach
    return int(text)


# --- Groups and order -------------------------------------------------------------------------------------------------


def _groups(params: dict[str, str]) -> tuple[str, str]:
    by, then = params.get("by", ""), params.get("then", "")
    for name, code in (("by", by), ("then", then)):
        if code and code not in DIMENSIONS:
            raise RuleViolation("group_unknown", _("Choose one of the list to group by."), name)
    if not by and not then:
        return USUAL_GROUPS
    by = by or then
    return by, then if then != by else ""


def _sorted(query: ReportQuery) -> ReportQuery:
    sort = query.params.get("sort", "")
    word = sort.removeprefix("-")
    offered = [name for name in SORTS if name != "amount" or query.shows_money]
    if sort and word not in offered:
        raise RuleViolation("sort_unknown", _("Choose a column of the table to sort by."), "sort")
    return ReportQuery(**{**query.__dict__, "sort": sort})
