"""The report page as values ready to print: figures, charts, table. Its queries do not grow with the entries."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.permissions import Permission, can
from timesheets_site.lib import dates
from timesheets_site.lib.addresses import address
from timesheets_site.lib.names import avatar, initials
from timesheets_site.lib.printable import Printable
from timesheets_site.lib.snapshots import one_moment
from timetracking.rules import amounts, report_figures
from timetracking.rules.report_figures import percent
from timetracking.selectors import report_charts as charts
from timetracking.selectors import report_dimensions, report_sums, report_table
from timetracking.selectors.report_charts import Heat, Part, Trend, hours
from timetracking.selectors.report_filters import Chip, Filters, chips_of, filters_of
from timetracking.selectors.report_lines import Table, table_of
from timetracking.selectors.report_people import People, Person, people_of
from timetracking.selectors.report_query import PENDING, ReportQuery
from timetracking.selectors.report_sums import Day, Share
from timetracking.selectors.report_table import Budget

BARS_SHOWN, PEOPLE_SHOWN, PROJECTS_ASKED = 8, 12, 40


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


@dataclass(frozen=True, slots=True)
class ClientBar(Printable):
    name: str
    url: str
    total: str
    billable: str
    billable_percent: int
    other_percent: int


@dataclass(frozen=True, slots=True)
class AgentBar(Printable):
    name: str
    initials: str
    avatar: int
    url: str
    hours: str
    capacity: str
    percent: str
    bar: int
    is_good: bool


@dataclass(frozen=True, slots=True)
class ProjectBar(Printable):
    name: str
    url: str
    used: str
    planned: str
    percent: int
    bar: int
    is_over: bool


@dataclass(frozen=True)
class Charts(Printable):
    trend: Trend
    kinds: tuple[Part, ...]
    billing: tuple[Part, ...]
    parts_words: str
    clients: tuple[ClientBar, ...]
    clients_words: str
    agents: tuple[AgentBar, ...]
    agents_words: str
    agents_note: str
    goal: int
    projects: tuple[ProjectBar, ...]
    projects_words: str
    heat: Heat


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
        charts=_charts(query, values, days, entries_url) if days else None,
        table=table_of(query, values.table, values.budgets, url, entries_url) if days else None,
        query=query.canonical,
        csv_url=address("report-csv", slug) + query.address(),
        xlsx_url=address("report-xlsx", slug) + query.address(),
        entries_url=entries_url + query.narrowed(),
        save_url=address("report-save", slug) + query.address(),
        only_own=not query.sees_all,
        summary=_("%(days)s: %(hours)s") % {"days": title, "hours": hours(minutes)},
    )


@dataclass
class Computed:
    """What the database added up, before any of it is put into words."""

    days: list[Day]
    people: People
    clients: Mapping[Any, Share]
    projects: Mapping[Any, Share]
    budgets: Mapping[int, Budget]
    table: report_table.Grouped


def computed(query: ReportQuery) -> Computed:
    """The sums of a report: the statements that take time, all of one moment."""
    with one_moment():
        days = report_sums.by_day(query)
        people = people_of(query, report_sums.by_member(query))
        clients, projects = report_sums.by_client_and_project(query)
        table = report_table.grouped(query, people.capacities)
    report_table.name_all(query, table.shown, report_table.INNER_SHOWN)
    most = sorted((pk for pk in projects if pk is not None), key=lambda pk: (-projects[pk].minutes, pk))
    wanted = {*most[:PROJECTS_ASKED], *report_table.project_ids(query, table.shown, report_table.INNER_SHOWN)}
    return Computed(days, people, clients, projects, report_table.budgets_of(wanted), table)


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
            _("Billable minutes ÷ capacity. Capacity is a fifth of the weekly capacity of each member for each Monday "
              "to Friday up to today, from the day they joined, less time off logged on the charge code PTO. It is "
              "the same whatever is filtered, but for the agent."),
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


# --- Charts -----------------------------------------------------------------------------------------------------------


def _charts(query: ReportQuery, values: Computed, days: list[Day], url: str) -> Charts:
    organisation = query.actor.organisation
    kinds, billing = charts.kinds_of(query, days, url), charts.billing_of(query, days, url)
    clients = _client_bars(query, values.clients, url)
    goal = organisation.utilisation_goal_percent
    agents, note = _agent_bars(query, values.people, goal, url)
    projects = _project_bars(query, values, url)
    return Charts(
        trend=charts.trend_of(query, days, values.people, goal, url),
        kinds=kinds,
        billing=billing,
        parts_words=charts.parts_words(kinds, billing),
        clients=clients,
        clients_words=", ".join(f"{bar.name} {bar.total}" for bar in clients),
        agents=agents,
        agents_words=", ".join(f"{bar.name} {bar.percent}" for bar in agents),
        agents_note=note,
        goal=goal,
        projects=projects,
        projects_words=", ".join(f"{bar.name} {bar.percent}%" for bar in projects),
        heat=charts.heat_of(query, days, url),
    )


def _client_bars(query: ReportQuery, clients: Mapping[Any, Share], url: str) -> tuple[ClientBar, ...]:
    """The largest, and one bar for all others."""
    ordered = sorted(clients.items(), key=lambda item: (-item[1].minutes, item[0] is None, item[0] or 0))
    shown, rest = ordered[:BARS_SHOWN], ordered[BARS_SHOWN:]
    if len(rest) == 1:
        shown, rest = ordered[: BARS_SHOWN + 1], []
    names = report_dimensions.names_of("client", [pk for pk, _share in shown], query)
    lines = [
        (names[pk].label, url + query.narrowed(**report_dimensions.narrowing("client", pk, query)), share)
        for pk, share in shown
    ]
    if rest:
        other = Share(sum(share.minutes for _pk, share in rest), sum(share.billable for _pk, share in rest))
        words = ngettext("%(count)d more client", "%(count)d more clients", len(rest)) % {"count": len(rest)}
        lines.append((words, "", other))
    longest = max((share.minutes for _name, _url, share in lines), default=1)
    return tuple(
        ClientBar(
            name, link, hours(share.minutes), hours(share.billable),
            share.billable * 100 // longest, (share.minutes - share.billable) * 100 // longest,
        )
        for name, link, share in lines
    )  # fmt: skip


def _agent_bars(query: ReportQuery, people: People, goal: int, url: str) -> tuple[tuple[AgentBar, ...], str]:
    """Those with capacity or time, most utilised first; and how many are not shown."""
    listed = [person for person in people.members if person.capacity or person.minutes]
    listed.sort(key=lambda person: -_utilised(person))
    bars = []
    for person in listed[:PEOPLE_SHOWN]:
        used = percent(person.billable, person.capacity)
        bars.append(
            AgentBar(
                person.name, initials(person.name), avatar(person.id),
                url + query.narrowed(agent=str(person.id)), hours(person.minutes), hours(person.capacity),
                _percent(used), min(used or 0, 100), (used or 0) >= goal,
            )
        )  # fmt: skip
    left = len(listed) - len(bars)
    note = ngettext("and %(count)d more", "and %(count)d more", left) % {"count": left} if left else ""
    return tuple(bars), note


def _utilised(person: Person) -> int:
    return person.billable * 10**6 // person.capacity if person.capacity else -1


def _project_bars(query: ReportQuery, values: Computed, url: str) -> tuple[ProjectBar, ...]:
    """Projects with a budget, those with most time in the period first: all their time beside the budget."""
    with_time = [pk for pk in values.budgets if pk in values.projects]
    with_time.sort(key=lambda pk: (-values.projects[pk].minutes, pk))
    names = report_dimensions.names_of("project", with_time[:BARS_SHOWN], query)
    bars = []
    for pk in with_time[:BARS_SHOWN]:
        budget = values.budgets[pk]
        bars.append(
            ProjectBar(
                names[pk].label, url + query.narrowed(project=str(pk)), hours(budget.used), hours(budget.planned),
                budget.percent, min(budget.percent, 100), budget.used > budget.planned,
            )
        )  # fmt: skip
    return tuple(bars)
