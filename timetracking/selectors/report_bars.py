"""A report's charts put together: drawings, and bars of clients, agents and projects with names and links."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import ngettext

from timesheets_site.lib.names import avatar, initials
from timesheets_site.lib.printable import Printable
from timetracking.rules.budgets import Usage
from timetracking.rules.report_figures import percent
from timetracking.selectors import report_charts as charts
from timetracking.selectors import report_dimensions
from timetracking.selectors.report_charts import Heat, Part, Trend, hours
from timetracking.selectors.report_people import People, Person
from timetracking.selectors.report_query import ReportQuery
from timetracking.selectors.report_sums import Day, Share
from timetracking.selectors.report_values import Computed

BARS_SHOWN, PEOPLE_SHOWN = 8, 12


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
    state: str
    """ "near" from 80 %, "over" from 100 %, else empty."""


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


def charts_of(query: ReportQuery, values: Computed, days: list[Day], url: str) -> Charts:
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
                _share(used), min(used or 0, 100), (used or 0) >= goal,
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
                budget.percent, min(budget.percent, 100), Usage(budget.used, budget.planned).state,
            )
        )  # fmt: skip
    return tuple(bars)


def _share(value: int | None) -> str:
    return "–" if value is None else f"{value}%"
