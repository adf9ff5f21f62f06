"""A demo firm's records: clients, agreements, projects, tickets, codes; and which of them are open on a day."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Sum

from accounts.models import Membership
from timetracking.demo import price_list
from timetracking.demo.days import Open
from timetracking.demo.firms import WEEKS, Firm
from timetracking.models import Activity, Agreement, ChargeCode, Client, Project, Task, Ticket, TimeEntry, WorkType
from timetracking.rules import weeks
from timetracking.services import catalogue

SPAN_DAYS = (WEEKS + 1) * 7
STAYS_RESOLVED_DAYS = 21


@dataclass
class Records:
    """What entries point to, by the names that the firm's data uses."""

    clients: dict[str, Client] = field(default_factory=dict)
    agreements: dict[str, Agreement] = field(default_factory=dict)
    projects: dict[str, Project] = field(default_factory=dict)
    tasks: dict[tuple[str, str], Task] = field(default_factory=dict)
    tickets: dict[int, Ticket] = field(default_factory=dict)
    codes: dict[str, ChargeCode] = field(default_factory=dict)
    activities: dict[str, Activity] = field(default_factory=dict)
    work_types: dict[str, WorkType] = field(default_factory=dict)


def stock(firm: Firm, admin: Membership, people: dict[str, Membership], first_day: dt.date) -> Records:
    """Create the firm's records, all of them open until the work on them is stored.

    Work types and charge codes are there: they are what every organisation starts with.
    """
    made = Records(work_types=_work_types(), codes={code.code: code for code in ChargeCode.objects.all()})
    for name in firm.clients:
        made.clients[name] = catalogue.create(admin, Client, name=name, **price_list.of_client(firm, name))
    for wanted in firm.agreements:
        made.agreements[wanted.name] = catalogue.create(
            admin,
            Agreement,
            client=made.clients[wanted.client],
            name=wanted.name,
            starts_on=dt.date(first_day.year - 1, 1, 1),
            billable_option=wanted.billable_option,
            included_minutes_a_month=wanted.included_minutes_a_month,
            **price_list.rounded(wanted.increment),
        )
    price_list.set_rates(firm, admin, made.agreements, first_day)
    _projects(firm, admin, people, made, first_day)
    _tickets(firm, admin, people, made)
    name_of_code, name, bound = firm.bound_code
    code = made.codes[name_of_code]
    made.codes[name_of_code] = catalogue.edit(
        admin, code, version=code.version, name=name, project=made.projects[bound]
    )
    for name, client in firm.activities.items():
        made.activities[name] = catalogue.create(
            admin, Activity, name=name, client=made.clients.get(client), starts_on=first_day
        )
    return made


def _projects(firm: Firm, admin: Membership, people: dict[str, Membership], made: Records, first_day: dt.date) -> None:
    team = [people[person.email] for person in firm.people if person.works_minutes and person.left_after_weeks is None]
    for n, wanted in enumerate(firm.projects):
        project = catalogue.create(
            admin,
            Project,
            code=wanted.code,
            name=wanted.name,
            client=made.clients[wanted.client],
            agreement=made.agreements.get(wanted.agreement),
            billable=wanted.billable,
            status=wanted.status if wanted.weight == 0 else Project.Status.ACTIVE,
            manager=people[wanted.manager],
            starts_on=first_day - 14 * weeks.DAY,
            hourly_rate=wanted.hourly_rate,
        )
        made.projects[wanted.code] = project
        for m, name in enumerate(wanted.tasks):
            helpers = [team[(n + m) % len(team)], team[(n + m + 2) % len(team)]]
            made.tasks[wanted.code, name] = catalogue.create(admin, Task, project=project, name=name, assignees=helpers)


def _tickets(firm: Firm, admin: Membership, people: dict[str, Membership], made: Records) -> None:
    agents = [
        people[person.email]
        for person in firm.people
        if person.works_minutes and person.role == "AGENT" and person.left_after_weeks is None
    ]
    for n, wanted in enumerate(firm.tickets):
        made.tickets[wanted.number] = catalogue.create(
            admin,
            Ticket,
            number=wanted.number,
            title=wanted.title,
            client=made.clients[wanted.client],
            agreement=made.agreements.get(wanted.agreement),
            billable=wanted.billable,
            estimate_minutes=wanted.estimate_minutes,
            assignee=agents[n % len(agents)],
            status=Ticket.Status.OPEN,
        )


def _ticket_days(firm: Firm, n: int, first_day: dt.date) -> tuple[dt.date, dt.date]:
    """First and last day on which the firm's n-th ticket is worked on; of the newest the end isn't in sight."""
    count = len(firm.tickets)
    opens = first_day + (SPAN_DAYS * n // count - 8) * weeks.DAY
    length = 2 * SPAN_DAYS if n * 4 > count * 3 else max(16, SPAN_DAYS * 5 // (2 * count))
    return opens, opens + length * weeks.DAY


def _ticket_status(firm: Firm, n: int, first_day: dt.date, today: dt.date) -> str:
    opens, last = _ticket_days(firm, n, first_day)
    if last < today - STAYS_RESOLVED_DAYS * weeks.DAY:
        return Ticket.Status.CLOSED
    if last < today:
        return Ticket.Status.RESOLVED
    if opens > today - 3 * weeks.DAY:
        return Ticket.Status.NEW
    return Ticket.Status.WAITING if n % 5 == 0 else Ticket.Status.OPEN


def open_on(firm: Firm, day: dt.date, first_day: dt.date) -> Open:
    """What the twelve weeks' work goes to on a day."""
    spans = [(ticket, _ticket_days(firm, n, first_day)) for n, ticket in enumerate(firm.tickets)]
    week = (day - first_day).days // 7
    return Open(
        [ticket for ticket, (opens, last) in spans if opens <= day <= last],
        [p for p in firm.projects if p.weight and (p.works_until is None or week < p.works_until)],
    )


def open_now(firm: Firm, records: Records) -> Open:
    """What later days' work goes to: the demo's own records, as far as they still take time."""
    working = (Ticket.Status.NEW, Ticket.Status.OPEN, Ticket.Status.WAITING)
    tickets = [
        each
        for each in firm.tickets
        if (ticket := records.tickets.get(each.number)) and ticket.takes_time and ticket.status in working
    ]
    projects = [
        each
        for each in firm.projects
        if each.weight and (project := records.projects.get(each.code)) and project.takes_time
    ]
    return Open(tickets, projects)


def find(firm: Firm) -> Records:
    """The firm's records as they are now; what was renamed is not among them."""
    return Records(
        projects={project.code: project for project in Project.objects.select_related("client", "agreement")},
        tasks={(task.project.code, task.name): task for task in Task.objects.select_related("project")},
        tickets={ticket.number: ticket for ticket in Ticket.objects.select_related("client", "agreement")},
        codes={code.code: code for code in ChargeCode.objects.select_related("project__client", "project__agreement")},
        activities={activity.name: activity for activity in Activity.objects.select_related("client")},
        work_types=_work_types(),
    )


def _work_types() -> dict[str, WorkType]:
    return {work_type.name: work_type for work_type in WorkType.objects.active()}


def close_what_is_over(firm: Firm, admin: Membership, records: Records, first_day: dt.date, today: dt.date) -> None:
    """Budgets that fit what was logged, then the states in which tickets and projects are today."""
    for n, (number, ticket) in enumerate(records.tickets.items()):
        status = _ticket_status(firm, n, first_day, today)
        if status != ticket.status:
            records.tickets[number] = catalogue.edit(admin, ticket, version=ticket.version, status=status)
    used = dict(
        TimeEntry.objects.filter(project__isnull=False)
        .order_by()
        .values_list("project__code")
        .annotate(minutes=Sum("minutes"))
    )
    amounts = price_list.used_money()
    for wanted in firm.projects:
        project = records.projects[wanted.code]
        fields: dict[str, Any] = {}
        if wanted.used_percent:
            fields["budget_minutes"] = budget_for(used.get(wanted.code, 0), wanted.used_percent)
        if wanted.used_money_percent and (amount := amounts.get(wanted.code)):
            fields["budget_amount"] = price_list.budget_for(amount, wanted.used_money_percent)
        if wanted.status != project.status:
            fields["status"] = wanted.status
        if fields:
            project = catalogue.edit(admin, project, version=project.version, **fields)
        if wanted.archived:
            catalogue.archive(admin, project, version=project.version)


def budget_for(used: int, percent: int) -> int:
    """A budget, in whole hours where one fits, of which `used` minutes are `percent`, rounded down.

    >>> budget_for(6000, 82), 6000 * 100 // budget_for(6000, 82)
    (7260, 82)
    >>> 6001 * 100 // budget_for(6001, 104)
    104
    """
    most = used * 100 // percent
    hours = most // 60 * 60
    return hours if hours and used * 100 // hours == percent else max(most, 1)
