"""What a report's filters offer, and what is chosen. An agent is offered nobody."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from accounts.models import Membership
from timesheets_site.lib import dates
from timesheets_site.lib.printable import Printable
from timetracking.models import ChargeCode, Client, Project, Task, TimeEntry, WorkRole, WorkType
from timetracking.rules import report_ranges
from timetracking.selectors.report_dimensions import DIMENSIONS, label_of
from timetracking.selectors.report_query import DONE, FREE, NO, NONE, PENDING, RECORDS, SAVED, SENT, YES, ReportQuery


@dataclass(frozen=True, slots=True)
class Choice(Printable):
    value: str
    label: str
    selected: bool
    url: str = ""


@dataclass(frozen=True, slots=True)
class Chip(Printable):
    """A filter in force, with the address that takes it off."""

    label: str
    remove_url: str
    remove_label: str


@dataclass(frozen=True, slots=True)
class Select(Printable):
    """One drop-down of the filter form: `name` as in the address, `all` the label of its empty choice."""

    name: str
    label: str
    choices: tuple[Choice, ...]


@dataclass(frozen=True, slots=True)
class Filters(Printable):
    """`main` are always in view, `more` behind a button. `hidden` are words that the form passes on."""

    url: str
    range: str
    ranges: tuple[Choice, ...]
    range_label: str
    is_custom: bool
    first_iso: str
    last_iso: str
    main: tuple[Select, ...]
    more: tuple[Select, ...]
    more_count: int
    groups: tuple[Choice, ...]
    inner_groups: tuple[Choice, ...]
    hidden: tuple[tuple[str, str], ...]


def range_labels() -> dict[str, str]:
    return {
        report_ranges.THIS_WEEK: _("This week"),
        report_ranges.LAST_WEEK: _("Last week"),
        report_ranges.THIS_MONTH: _("This month"),
        report_ranges.LAST_MONTH: _("Last month"),
        report_ranges.THIS_QUARTER: _("This quarter"),
        report_ranges.LAST_QUARTER: _("Last quarter"),
        report_ranges.THIS_YEAR: _("This year"),
        report_ranges.LAST_YEAR_WORD: _("Last year"),
    }


def _words() -> dict[str, list[tuple[str, str]]]:
    """The filters that offer words of ours."""
    return {
        "kind": [(value, str(label)) for value, label in TimeEntry.Kind.choices],
        "billable": [(YES, _("Billable")), (FREE, _("No charge")), (NO, _("Non-billable"))],
        "status": [
            (SENT, _("Submitted or approved")),
            (DONE, _("Approved or billed")),
            (PENDING, _("Not yet approved")),
            *((value, str(label)) for value, label in TimeEntry.Status.choices),
        ],
    }


def labels() -> dict[str, str]:
    """What each filter is called."""
    records = {name: str(DIMENSIONS[name].label) for name in (*RECORDS, "agent")}
    return {**records, "kind": _("Kind"), "billable": _("Billable"), "status": _("Status")}


def filters_of(query: ReportQuery, url: str) -> Filters:
    """The filter form; a query for each list of records that it offers."""
    label, words = labels(), _words()

    def records(name: str, model: Any, *fields: str, **condition: Any) -> Select:
        rows = model.objects.active().filter(**condition).order_by(*model._meta.ordering).values_list("pk", *fields)
        offered = [(str(pk), label_of(name, values)) for pk, *values in rows]
        return Select(name, label[name], tuple(_choices(query, name, offered, nothing=str(DIMENSIONS[name].without))))

    def word(name: str) -> Select:
        return Select(name, label[name], tuple(_choices(query, name, words[name])))

    main = [records("client", Client, "name"), records("project", Project, "code", "name")]
    if query.sees_all:
        main.append(Select("agent", label["agent"], tuple(_people(query))))
    main.append(word("status"))
    more = [
        word("kind"),
        word("billable"),
        records("work_type", WorkType, "name"),
        records("work_role", WorkRole, "name"),
        records("charge_code", ChargeCode, "code", "name"),
    ]
    if project := query.chosen.get("project"):
        more.insert(0, records("task", Task, "name", "project__code", project=project.pk))
    shown = {select.name for select in (*main, *more)}
    is_custom = "from" in query.params or "to" in query.params
    names = range_labels()
    chosen = query.params.get("range", "" if is_custom else report_ranges.USUAL)
    return Filters(
        url=url,
        range=chosen,
        ranges=tuple(
            Choice(value, text, value == chosen, url + query.address(**{"range": value, "from": None, "to": None}))
            for value, text in names.items()
        ),
        range_label=names.get(chosen) or dates.day_range(query.days.first, query.days.last),
        is_custom=is_custom,
        first_iso=query.days.first.isoformat(),
        last_iso=query.days.last.isoformat(),
        main=tuple(main),
        more=tuple(more),
        more_count=sum(select.name in query.params for select in more),
        groups=tuple(Choice(code, str(each.label), code == query.by) for code, each in DIMENSIONS.items()),
        inner_groups=tuple(Choice(code, str(each.label), code == query.then) for code, each in DIMENSIONS.items()),
        hidden=tuple(
            (name, query.params[name])
            for name in ("task", "ticket", "sort", SAVED)
            if name in query.params and name not in shown
        ),
    )


def _choices(query: ReportQuery, name: str, offered: list[tuple[str, str]], nothing: str = "") -> list[Choice]:
    """What is chosen is offered too, archived or not; `nothing` is the label of entries without such a record."""
    value = query.params.get(name, "")
    if nothing:
        offered = [*offered, (NONE, nothing)]
    if value and value not in dict(offered):
        offered = [*offered, (value, chosen_label(query, name))]
    return [Choice(each, text, each == value) for each, text in offered]


def _people(query: ReportQuery) -> list[Choice]:
    """Active members, and whoever is chosen."""
    rows = Membership.objects.filter(is_active=True).order_by("display_name", "pk").values_list("pk", "display_name")
    return _choices(query, "agent", [(str(pk), name) for pk, name in rows])


def chosen_label(query: ReportQuery, name: str) -> str:
    """What the value of a filter in force is called."""
    value = query.params[name]
    if name == "agent":
        return query.member.display_name if query.member else ""
    if name in RECORDS:
        if value == NONE:
            return str(DIMENSIONS[name].without)
        record = query.chosen[name]
        return f"{record} ({record.project.code})" if name == "task" else str(record)
    return dict(_words()[name])[value]


def chips_of(query: ReportQuery, url: str) -> tuple[Chip, ...]:
    """The filters in force. An agent's own name is no filter: they can't take it off."""
    chips = []
    for name, label in labels().items():
        if name in query.params and (name != "agent" or query.sees_all):
            words = pgettext("filter: value", "%(filter)s: %(value)s") % {
                "filter": label,
                "value": chosen_label(query, name),
            }
            remove = _("Remove the filter %(label)s") % {"label": words}
            chips.append(Chip(words, url + query.address(**{name: None}), remove))
    return tuple(chips)
