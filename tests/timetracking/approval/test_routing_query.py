"""The condition that finds weeks says what the rule says: drawn policies, people, projects, handovers, approvals."""

from __future__ import annotations

import datetime as dt
import random

import pytest
from django.utils import timezone

from accounts.models import Membership, Organisation
from tests.cast import MONDAY
from tests.factories import MembershipFactory, ProjectFactory, TimeEntryFactory, TimesheetFactory
from timetracking.models import ApprovalHandover, TimeEntry, Timesheet
from timetracking.selectors import approval_routing
from timetracking.services import approvers

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("acme")]
APPROVER = Organisation.Approver
POLICIES = [
    *((first, "") for first in APPROVER),
    *((first, second) for first in APPROVER for second in APPROVER),
]


def draw(chance: random.Random) -> list[Membership]:
    """People who may be anybody's line manager, two weeks for each with lines that wait, and some handovers."""
    managers = chance.choice((1, 2, 3, 4))
    people = [MembershipFactory(role="MANAGER") for _ in range(managers)] + [MembershipFactory() for _ in range(3)]
    for person in people:
        person.line_manager = chance.choice([None, *people])
        person.is_active = person is people[0] or chance.random() < 0.9
        person.save()
    projects = [ProjectFactory(manager=chance.choice([None, *people])) for _ in range(4)]
    for person in people:
        for week in (MONDAY, MONDAY + dt.timedelta(days=7)):
            sheet = TimesheetFactory(member=person, week_start=week, state="submitted")
            for status in ("SUBMITTED", "APPROVED", "SUBMITTED")[: chance.choice((0, 1, 1, 3))]:
                _line_of(chance, sheet, chance.choice([None, *projects]), people, status)
    for _ in range(2):
        approver, stand_in = chance.sample(people, 2)
        today = dt.date.today()  # noqa: DTZ011
        ApprovalHandover.objects.create(
            approver=approver, stand_in=stand_in, first_on=today - dt.timedelta(days=1),
            last_on=today + dt.timedelta(days=1), created_by=approver, created_at=timezone.now(),
            ended_at=chance.choice([None, None, timezone.now()]),
        )  # fmt: skip
    return people


def _line_of(chance: random.Random, sheet: Timesheet, project, people, status: str) -> None:
    given = chance.random() < 0.5
    TimeEntryFactory(
        member=sheet.member, timesheet=sheet, date=sheet.week_start, project=project, status=status,
        first_approved_by=chance.choice(people) if given else None,
        first_approved_as=chance.choice(people) if given else None,
    )  # fmt: skip


def by_the_rule(actor: Membership) -> set[int]:
    desk, sheets = approvers.desk_of(actor), Timesheet.objects.select_related("member")
    entries = approvers.entries_of(sheets)
    found = set()
    for sheet in sheets:
        waiting = [entry for entry in entries[sheet.pk] if entry.status == TimeEntry.Status.SUBMITTED]
        asked = waiting if entries[sheet.pk] else [None]
        if any(desk.answer(entry, sheet.member).may_decide for entry in asked):
            found.add(sheet.pk)
    return found


@pytest.mark.parametrize(
    "seeds", [range(3), pytest.param(range(3, 14), marks=pytest.mark.thorough)], ids=["few", "more"]
)
@pytest.mark.parametrize("policy", POLICIES, ids=lambda policy: "-".join(filter(None, policy)))
def test_the_weeks_found_are_those_that_the_rule_lets_one_decide(acme, policy, seeds):
    acme.approval_first, acme.approval_second = policy
    acme.save()
    seen = set()
    for seed in seeds:
        _clear()
        for actor in draw(random.Random(f"{policy} {seed}")):
            if actor.role == "MANAGER" and actor.is_active:
                actor.organisation = acme
                found = set(approval_routing.waiting_for(actor).values_list("pk", flat=True))
                assert found == by_the_rule(actor), (seed, actor.pk)
                seen.add(bool(found))
                seen.add(len(found) < Timesheet.objects.count())
    if len(seeds) > 10 and policy != ("any", ""):
        assert seen == {True, False}, "it was never drawn both ways"


def _clear() -> None:
    TimeEntry.objects.all().delete()
    Timesheet.objects.all().delete()
    ApprovalHandover.objects.all().delete()
    Membership.objects.update(is_active=False)


def test_the_count_is_capped(acme, bob, carol, monkeypatch):
    monkeypatch.setattr(approval_routing, "NAVIGATION_CAP", 2)
    counts = [approval_routing.waiting_count(bob)]
    for week in range(3):
        start = MONDAY - dt.timedelta(days=7 * week)
        TimesheetFactory(member=carol, week_start=start, state="submitted")
        counts.append(approval_routing.waiting_count(bob))
    assert counts == ["", "1", "2", "2+"]
