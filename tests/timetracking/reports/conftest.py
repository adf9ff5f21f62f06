"""A month of random work at Acme, kept as plain values beside the database, and a clock that stands still."""

from __future__ import annotations

import datetime as dt
import random
from dataclasses import dataclass
from decimal import Decimal

import pytest
import time_machine
from django.utils import timezone

from accounts.models import Membership
from tests import factories
from timetracking.models import TimeEntry, WorkRole, WorkType
from timetracking.rules import weeks

NOW = dt.datetime(2026, 6, 18, 12, tzinfo=dt.UTC)
FIRST, LAST = dt.date(2026, 4, 20), dt.date(2026, 6, 18)


@pytest.fixture(autouse=True)
def now(acme):
    with time_machine.travel(NOW, tick=False) as clock:
        yield clock


@dataclass(frozen=True)
class Fact:
    """An entry as the naive reference knows it."""

    agent: int
    date: dt.date
    minutes: int
    billed: int
    amount: Decimal
    kind: str
    billable: bool
    no_charge: bool
    status: str
    client: int | None
    project: int | None
    task: int | None
    ticket: int | None
    charge_code: int | None
    work_type: int | None
    work_role: int | None


class Facts(list[Fact]):
    def __repr__(self) -> str:
        return f"<{len(self)} facts>"


@pytest.fixture
def work(acme, alice, bob, carol) -> list[Fact]:
    """80 entries, and one deleted one that must count nowhere."""
    Membership.objects.update(joined_at=dt.datetime(2020, 1, 1, tzinfo=dt.UTC))
    dice = random.Random(4)
    clients = [factories.ClientFactory() for _ in range(3)]
    projects = [factories.ProjectFactory(client=client, budget_minutes=600) for client in clients[:2]]
    tasks = [factories.TaskFactory(project=project) for project in projects]
    tickets = [factories.TicketFactory(client=client) for client in clients]
    codes = [factories.ChargeCodeFactory(code=code) for code in ("MTNG", "PTO")]
    types = [WorkType.objects.create(name=f"Type {n}") for n in range(2)]
    roles = [WorkRole.objects.create(name=f"Role {n}") for n in range(2)]
    rows = [_row(dice, [alice, bob, carol], tickets, tasks, codes, types, roles) for _ in range(80)]
    TimeEntry.objects.bulk_create(rows)
    factories.TimeEntryFactory(member=carol, date=LAST, minutes=999, deleted_at=timezone.now())
    return Facts(
        Fact(
            row.member_id, row.date, row.minutes, row.billed_minutes, row.amount, row.kind, row.billable, row.no_charge,
            row.status, row.client_id, row.project_id, row.task_id, row.ticket_id, row.charge_code_id, row.work_type_id,
            row.work_role_id,
        )
        for row in rows
    )  # fmt: skip


def _row(dice, people, tickets, tasks, codes, types, roles) -> TimeEntry:
    member, kind = dice.choice(people), dice.choice(TimeEntry.Kind.values)
    day = FIRST + dt.timedelta(days=dice.randrange((LAST - FIRST).days + 1))
    minutes = dice.randint(1, 200)
    billed_as = "no" if kind == "GENERAL" else dice.choice(["yes", "yes", "free", "no"])
    task = dice.choice(tasks) if kind == "PROJECT" else None
    ticket = dice.choice(tickets) if kind == "TICKET" else None
    client = task.project.client if task else ticket.client if ticket else None
    billed = 0 if billed_as == "no" else -(-minutes // 15) * 15
    amount = (Decimal(billed) * 95 / 60).quantize(Decimal("0.01")) if billed_as == "yes" else Decimal(0)
    sheet = factories.TimesheetFactory(member=member, week_start=weeks.week_containing(day, first_weekday=0))
    return TimeEntry(
        member=member, recorded_by=member, timesheet=sheet, date=day, zone="Europe/London", minutes=minutes, kind=kind,
        subject=dice.choice(["Call", "=1+1", 'With "quotes", and more']), ticket=ticket, client=client,
        project=task.project if task else None, task=task if task and dice.random() < 0.7 else None,
        charge_code=dice.choice([*codes, None]) if kind == "GENERAL" else None,
        work_type=dice.choice([*types, None]), work_role=dice.choice([*roles, None]),
        billable=billed_as == "yes", no_charge=billed_as == "free",
        billable_decided_by="general" if kind == "GENERAL" else "entry", billed_minutes=billed, amount=amount,
        hourly_rate=Decimal(95) if billed_as == "yes" else None, status=dice.choice(TimeEntry.Status.values),
        created_at=NOW, updated_at=NOW,
    )  # fmt: skip
