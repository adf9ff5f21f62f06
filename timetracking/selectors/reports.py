"""The report page as values ready to print: figures, charts, table. Its queries do not grow with the entries."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.permissions import Permission, can
from timesheets_site.lib import dates
from timesheets_site.lib.addresses import address
from timesheets_site.lib.printable import Printable
from timetracking.rules import amounts, report_figures
from timetracking.rules.report_figures import percent
from timetracking.selectors import report_dimensions
from timetracking.selectors.report_bars import Charts, charts_of
from timetracking.selectors.report_charts import hours
from timetracking.selectors.report_filters import Chip, Filters, chips_of, filters_of
from timetracking.selectors.report_lines import Table, table_of
from timetracking.selectors.report_query import PENDING, ReportQuery
from timetracking.selectors.report_sums import Day
from timetracking.selectors.report_values import Computed, computed


@dataclass(frozen=True, slots=True)
class Figure(Printable):
    """`change` says how it differs from the period before, `mood` whether that is welcome: `up`, `down` or empty."""

    label: str
    value: str
    change: str
    mood: str
    note: str
    help: str
    url: str = ""
    link: str = ""


@dataclass(frozen=True)
class Report(Printable):
    """Everything that the page prints. `charts` and `table` are None where there is no time."""

    title: str
    before: str
    filters: Filters
    chips: tuple[Chip, ...]
    clear_url: str
    figures: tuple[Figure, ...]
    charts: Charts | None
    table: Table | None
    query: str
    csv_url: str
    xlsx_url: str
    entries_url: str
    save_url: str
    only_own: bool
    summary: str


def report_of(query: ReportQuery) -> Report:
    slug = query.actor.organisation.slug
    url = address("reports", slug)
    values = computed(query)
    days = [day for day in values.days if day.date >= query.days.first]
    title = dates.day_range(query.days.first, query.days.last)
    entries_url = address("report-entries", slug)
    minutes = sum(day.minutes for day in days)
    return Report(
        title=title,
        before=dates.day_range(query.days.before.first, query.days.before.last),
        filters=filters_of(query, url),
        chips=chips_of(query, url),
        clear_url=url
        + query.address(**dict.fromkeys(report_dimensions.RECORDS), agent=None, kind=None, billable=None, status=None),
        figures=figures_of(query, values),
        charts=charts_of(query, values, days, entries_url) if days else None,
        table=table_of(query, values.table, values.budgets, url, entries_url) if days else None,
        query=query.canonical,
        csv_url=address("report-csv", slug) + query.address(),
        xlsx_url=address("report-xlsx", slug) + query.address(),
        entries_url=entries_url + query.narrowed(),
        save_url=address("report-save", slug) + query.address(),
        only_own=not query.sees_all,
        summary=_("%(days)s: %(hours)s") % {"days": title, "hours": hours(minutes)},
    )


# --- Figures ----------------------------------------------------------------------------------------------------------


@dataclass
class Totals:
    minutes: int
    billable: int
    pending: int
    amount: Decimal

    @classmethod
    def of(cls, days: Sequence[Day]) -> Totals:
        return cls(
            sum(day.minutes for day in days),
            sum(day.billable for day in days),
            sum(day.pending for day in days),
            amounts.total(day.amount for day in days),
        )


def figures_of(query: ReportQuery, values: Computed) -> tuple[Figure, ...]:
    organisation, first = query.actor.organisation, query.days.first
    now = Totals.of([day for day in values.days if day.date >= first])
    before = Totals.of([day for day in values.days if day.date < first])
    share, share_before = percent(now.billable, now.minutes), percent(before.billable, before.minutes)
    used = percent(now.billable, values.people.capacity)
    used_before = percent(before.billable, values.people.capacity_before)
    figures = [
        _figure(
            _("Hours"), hours(now.minutes), _growth(now.minutes, before.minutes), "",
            _("All minutes logged in the period, by the filters. Running timers and deleted entries do not count."),
        ),
        _figure(
            _("Billable"), _percent(share), _points(share, share_before),
            _goal(_("goal %(percent)s%%"), organisation.billable_goal_percent),
            _("Billable minutes ÷ all minutes. No charge counts as not billable."),
        ),
        _figure(
            _("Utilisation"), _percent(used), _points(used, used_before),
            _goal(_("target %(percent)s%%"), organisation.utilisation_goal_percent),
            _("Billable minutes ÷ capacity. Capacity is what was expected of each member up to today, from the day "
              "they joined: their working time, without public holidays and days off, less time off that was logged. "
              "It is the same whatever is filtered, but for the agent."),
        ),
    ]  # fmt: skip
    if query.shows_money:
        grown = _growth(int(now.amount * 1000), int(before.amount * 1000))
        figures.append(
            _figure(
                _("Billable value"), amounts.money(now.amount, organisation.currency), grown, "",
                _("The amounts stored with the entries: billed minutes less those covered by included hours, at each "
                  "entry's rate. Time at no charge is 0."),
            )
        )  # fmt: skip
    slug = query.actor.organisation.slug
    decides = can(query.actor, Permission.APPROVE_TIMESHEET)
    link = address("approvals", slug) if decides else address("report-entries", slug) + query.narrowed(status=PENDING)
    figures.append(
        Figure(
            _("Not yet approved"), hours(now.pending), _hours_more(now.pending - before.pending), "", "",
            _("Minutes that are open, submitted or rejected."),
            link if now.pending else "", _("To the approvals") if decides else _("Show the entries"),
        )
    )  # fmt: skip
    return tuple(figures)


def _figure(label: str, value: str, change: tuple[str, str], note: str, words: str) -> Figure:
    return Figure(label, value, change[0], change[1], note, words)


def _percent(value: int | None) -> str:
    return "–" if value is None else f"{value}%"


def _goal(words: str, goal: int) -> str:
    return words % {"percent": goal} if goal else ""


def _growth(now: int, before: int) -> tuple[str, str]:
    grown = report_figures.change(now, before)
    if grown is None:
        return _("nothing before to compare"), ""
    return _signed(grown, "%"), _mood(grown)


def _points(now: int | None, before: int | None) -> tuple[str, str]:
    if now is None or before is None:
        return _("nothing before to compare"), ""
    points = now - before
    words = ngettext("%(count)s pt", "%(count)s pts", abs(points)) % {"count": abs(points)}
    return (f"▲ {words}" if points > 0 else f"▼ {words}" if points < 0 else _("as before")), _mood(points)


def _hours_more(minutes: int) -> str:
    return f"▲ {hours(minutes)}" if minutes > 0 else f"▼ {hours(-minutes)}" if minutes < 0 else _("as before")


def _signed(value: int, unit: str) -> str:
    return f"▲ {value}{unit}" if value > 0 else f"▼ {-value}{unit}" if value < 0 else _("as before")


def _mood(value: int) -> str:
    return "up" if value > 0 else "down" if value < 0 else ""
