"""A member that is a program is no colleague: nothing is expected of it, and nobody is offered it as a person."""

import datetime as dt

import pytest
import time_machine

from accounts.models import Notification, OutgoingMail
from accounts.models.user import PROGRAMS
from tests import factories
from tests.cast import MONDAY
from timesheets_site.lib.errors import OutOfReach, RuleViolation
from timetracking.forms.handovers import HandoverForm
from timetracking.models import TimeEntry, Timesheet
from timetracking.selectors import periods as period_pages
from timetracking.selectors import report_address
from timetracking.selectors.report_values import computed
from timetracking.services import approvals, approvers, budget_warnings, handovers, reminders, timesheets

DUE = dt.datetime(2026, 6, 22, 9, 0, tzinfo=dt.UTC)  # when the week of the cast is due in London
DAY = dt.timedelta(days=1)


@pytest.fixture(autouse=True)
def now(acme):
    with time_machine.travel(DUE, tick=False) as clock:
        yield clock


@pytest.fixture
def robot(acme, alice):
    """With the role, the hours and the past of a person, so that only its kind sets it apart."""
    member = factories.MembershipFactory(
        user__name="Robot", user__email=f"robot{PROGRAMS}", role="ADMIN", is_integration=True
    )
    member.organisation = acme
    return member


def submitted(member, by=None):
    factories.TimeEntryFactory(member=member, date=MONDAY, minutes=60)
    timesheets.submit(by or member, member, MONDAY)
    return Timesheet.objects.get(member=member, week_start=MONDAY)


def test_it_is_no_other_manager_beside_one_who_is_alone(alice, robot):
    assert not approvers.is_another(alice)
    sheet = submitted(alice)
    assert Notification.objects.count() == 0, "nobody else decides, and no program is told"
    assert approvals.approve(alice, sheet.pk, version=sheet.version).refusal is None
    assert Timesheet.objects.get(pk=sheet.pk).state == "approved"


def test_with_the_role_it_decides_on_others_weeks_and_not_on_its_own(alice, carol, robot):
    sheet = submitted(carol)
    assert approvals.approve(robot, sheet.pk, version=sheet.version).refusal is None
    assert TimeEntry.objects.get(member=carol).status == "APPROVED"
    own = submitted(robot)
    with pytest.raises(RuleViolation) as refused:
        approvals.approve(robot, own.pk, version=own.version)
    assert refused.value.code == "own_week"


def test_its_weeks_are_not_missing_and_nobody_reminds_it(as_alice, alice, carol, robot):
    factories.TimeEntryFactory(member=robot, date=MONDAY - 7 * DAY)
    html = as_alice.get("/o/acme/approvals/?status=missing").content.decode()
    assert "Carol Clark" in html and "Robot" not in html
    reminders.remind_missing()
    assert not Notification.objects.filter(member=robot).exists()
    with pytest.raises(OutOfReach):
        reminders.remind(alice, robot.pk, MONDAY)


def test_it_is_not_silent_when_a_month_is_closed(acme, alice, carol, robot):
    page = period_pages.periods_page(alice, DUE, month="", page="")
    assert "Robot" not in str(page) and "Carol Clark" in str(page)


def test_it_has_no_capacity_in_reports_unless_it_has_time(alice, carol, robot):
    def people():
        return {person.name for person in computed(report_address.read(alice, {"range": "this_month"})).people.members}

    assert people() == {"Alice Adams", "Carol Clark"}
    factories.TimeEntryFactory(member=robot, date=MONDAY)
    assert "Robot" in people()


def test_nobody_is_offered_it_as_a_person(as_alice, alice, bob, carol, robot):
    form = as_alice.get(f"/o/acme/members/{carol.pk}/").content.decode()
    assert "Bob Brown</option>" in form and "Robot</option>" not in form
    assert "Robot</option>" not in as_alice.get("/o/acme/entries/new/").content.decode()
    for noun in ("projects", "tickets"):
        assert "Robot</option>" not in as_alice.get(f"/o/acme/{noun}/new/").content.decode()
    assert robot not in HandoverForm(actor=alice).fields["stand_in"].queryset
    with pytest.raises(RuleViolation):
        handovers.hand_over(bob, approver=bob, stand_in=robot, first_on=alice.today(), last_on=alice.today())


def test_a_budget_is_told_to_the_admins_where_its_manager_is_a_program(alice, robot):
    project = factories.ProjectFactory(budget_minutes=60, manager=robot)
    factories.TimeEntryFactory(project=project, minutes=60, member=alice, date=MONDAY)
    budget_warnings.warn()
    assert {notice.member_id for notice in Notification.objects.all()} == {alice.pk}
    assert not OutgoingMail.objects.filter(member=robot).exists()
