"""What a decision costs: the number of queries follows neither the weeks nor the entries of one turn."""

from __future__ import annotations

import datetime as dt

import pytest

from tests import factories
from tests.cast import MONDAY
from timetracking.models import Timesheet
from timetracking.services import approvals, timesheets

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("acme")]


def sent(acme, count: int) -> list[tuple[int, int | None]]:
    """Weeks of new members, each with entries of every kind."""
    found = []
    for _ in range(count):
        member = factories.MembershipFactory()
        member.organisation = acme
        for day in range(4):
            link = ({"project": factories.ProjectFactory()}, {"ticket": factories.TicketFactory()}, {}, {})[day]
            factories.TimeEntryFactory(member=member, date=MONDAY + dt.timedelta(days=day), **link)
        sheet = timesheets.submit(member, member, MONDAY)
        found.append((sheet.pk, sheet.version))
    return found


@pytest.mark.parametrize("stages", [("any", ""), ("line", "project")])
def test_many_weeks_cost_as_much_as_one(acme, alice, bob, count_queries, stages):
    acme.approval_first, acme.approval_second = stages
    acme.save()
    bob.organisation = acme
    one, many = sent(acme, 1), sent(acme, 6)
    few = count_queries(lambda: approvals.approve_many(bob, one))
    assert count_queries(lambda: approvals.approve_many(bob, many)) == few
    assert set(Timesheet.objects.values_list("state", flat=True)) <= {"approved", "partiallyApproved"}


def test_many_rejections_cost_as_much_as_one(acme, alice, bob, count_queries):
    one, many = sent(acme, 1), sent(acme, 6)
    few = count_queries(lambda: approvals.reject_many(bob, one, reason="No"))
    assert count_queries(lambda: approvals.reject_many(bob, many, reason="No")) == few
    assert set(Timesheet.objects.values_list("state", flat=True)) == {"declined"}
