"""Reminders: those who miss the last due week, on their own clock, once; and at an approver's wish once an hour."""

import datetime as dt

import pytest
import time_machine

from accounts.models import AuditEvent, Membership, Notification, Organisation, OutgoingMail, User
from accounts.notice_kinds import words_of
from accounts.tenancy import organisation_scope
from tests import factories
from tests.cast import _member
from tests.together import Meeting, together
from timesheets_site.lib.errors import NotAllowed, OutOfReach, RuleViolation
from timetracking.models import Timesheet, WeekReminder
from timetracking.services import reminders, time_entries, timesheets

WEEK = dt.date(2026, 6, 8)
DUE = dt.datetime(2026, 6, 15, 9, 0, tzinfo=dt.UTC)  # Monday at ten in London
JOINED = dt.datetime(2026, 6, 10, 8, 0, tzinfo=dt.UTC)
MINUTE, HOUR = dt.timedelta(minutes=1), dt.timedelta(hours=1)


@pytest.fixture
def clock():
    with time_machine.travel(DUE, tick=False) as traveller:
        yield traveller


@pytest.fixture
def staff(clock, acme, alice, bob, carol):
    """All of them came in the middle of the week, so that the ones before are not theirs."""
    Membership.objects.update(joined_at=JOINED)
    return acme


def reminded():
    rows = Notification.objects.filter(kind=reminders.KIND).select_related("member")
    return sorted(row.member.display_name.split()[0] for row in rows)


def log(member, **fields):
    values = {"kind": "GENERAL", "date": WEEK, "minutes": 30, "subject": "Stand-up"}
    return time_entries.log(member, **{**values, **fields})


# --- By the product ---------------------------------------------------------------------------------------------------


def test_who_misses_the_week_is_told_once_when_it_is_due(staff, alice, bob, carol, clock):
    log(bob)
    timesheets.submit(bob, bob, WEEK)
    log(carol, minutes=850)
    clock.move_to(DUE - MINUTE)
    assert reminders.remind_missing() == 0
    clock.move_to(DUE)
    assert reminders.remind_missing() == 2
    assert reminded() == ["Alice", "Carol"]
    told = Notification.objects.get(member=carol)
    assert told.actor is None
    assert told.values == {
        "week_start": "2026-06-08", "due": DUE.isoformat(), "overdue": True, "minutes": 850, "by": "",
    }  # fmt: skip
    assert OutgoingMail.objects.filter(kind=reminders.KIND).count() == 2
    for later in (MINUTE, HOUR, dt.timedelta(days=6)):
        clock.move_to(DUE + later)
        assert reminders.remind_missing() == 0
    clock.move_to(DUE + dt.timedelta(days=7))
    assert reminders.remind_missing() == 3  # the next week


@pytest.mark.parametrize("state", Timesheet.State.values)
def test_only_a_week_that_was_not_sent_is_missing(staff, carol, state):
    Membership.objects.exclude(pk=carol.pk).update(is_active=False)
    factories.TimesheetFactory(member=carol, week_start=WEEK, state=state)
    reminders.remind_missing()
    assert reminded() == (["Carol"] if state in ("draft", "saved") else [])


@pytest.mark.parametrize(
    "change",
    [
        {"weekly_capacity_minutes": 0},
        {"is_active": False},
        {"joined_at": dt.datetime(2026, 6, 14, 23, 0, tzinfo=dt.UTC)},  # the week had ended in London
    ],
)
def test_whom_the_week_does_not_concern(staff, carol, change):
    Membership.objects.filter(pk=carol.pk).update(**change)
    reminders.remind_missing()
    assert reminded() == ["Alice", "Bob"]


@pytest.mark.parametrize(("day", "is_reminded"), [(12, True), (13, False), (14, False)])
def test_who_joined_on_its_last_working_day_is_reminded(staff, carol, day, is_reminded):
    """On its Saturday or Sunday nothing is expected of anybody."""
    Membership.objects.filter(pk=carol.pk).update(joined_at=dt.datetime(2026, 6, day, 22, 59, tzinfo=dt.UTC))
    reminders.remind_missing()
    assert ("Carol" in reminded()) is is_reminded


def test_nor_people_who_are_shut_out(staff, carol):
    User.objects.filter(pk=carol.user_id).update(is_active=False)
    reminders.remind_missing()
    assert "Carol" not in reminded()


@pytest.mark.parametrize(
    "policy",
    [{"deadline_days": None}, {"remind_missing_weeks": False}, {"is_active": False}, {"features": []}],
)
def test_organisations_that_want_none(staff, policy):
    Organisation.objects.filter(pk=staff.pk).update(**policy)
    assert reminders.remind_missing() == 0
    assert not WeekReminder.objects.exists()


def test_each_on_their_own_clock(staff, alice, bob, carol, clock):
    User.objects.filter(pk=alice.user_id).update(time_zone="Asia/Tokyo")  # ten o'clock there is 01:00 UTC
    User.objects.filter(pk=bob.user_id).update(time_zone="America/New_York")  # and 14:00 UTC
    for hour, names in ((0, []), (1, ["Alice"]), (9, ["Alice", "Carol"]), (14, ["Alice", "Bob", "Carol"])):
        clock.move_to(DUE.replace(hour=hour))
        reminders.remind_missing()
        assert reminded() == names


def test_a_worker_that_was_off_makes_up_for_the_last_week_only(staff, clock):
    clock.move_to(DUE + dt.timedelta(days=20))
    assert reminders.remind_missing() == 3
    assert {row.week_start for row in WeekReminder.objects.all()} == {WEEK + dt.timedelta(days=14)}


def test_weeks_that_begin_on_sunday_and_are_due_late(staff, carol, clock):
    Organisation.objects.update(first_weekday=6, deadline_days=3, deadline_time=dt.time(18))
    clock.move_to(dt.datetime(2026, 6, 16, 17, 0, tzinfo=dt.UTC))  # Tuesday, 18:00 in London
    reminders.remind_missing()
    assert {row.week_start for row in WeekReminder.objects.all()} == {dt.date(2026, 6, 7)}


def test_one_organisation_that_fails_keeps_no_other_from_being_asked(staff, globex, mallory, monkeypatch, caplog):
    with organisation_scope(globex):
        Membership.objects.update(joined_at=JOINED)
    asked = reminders._remind_in

    def fail_for_acme(organisation, now):
        if organisation.slug == "acme":
            raise ValueError
        return asked(organisation, now)

    monkeypatch.setattr(reminders, "_remind_in", fail_for_acme)
    with pytest.raises(ValueError):  # noqa: PT011
        reminders.remind_missing()
    assert reminded() == []
    with organisation_scope(globex):
        assert reminded() == ["Mallory"]


def test_the_cost_of_a_quiet_round_does_not_follow_the_number_of_people(staff, count_queries):
    reminders.remind_missing()
    few = count_queries(reminders.remind_missing)
    for _ in range(20):
        factories.MembershipFactory()
    Membership.objects.update(joined_at=JOINED)
    reminders.remind_missing()
    assert count_queries(reminders.remind_missing) == few == 6


# --- By an approver ---------------------------------------------------------------------------------------------------


def test_an_approver_reminds_once_an_hour(staff, bob, carol, clock):
    log(carol, minutes=60)
    clock.move_to(DUE - HOUR)
    reminders.remind(bob, carol.pk, WEEK)
    told = Notification.objects.get()
    assert (told.member, told.actor, told.values["by"], told.values["overdue"]) == (carol, bob, "Bob Brown", False)
    assert "is due on Mon 15 June, 10:00" in words_of(told.kind, told.values, carol.zone).line
    event = AuditEvent.objects.get(action="timesheet.reminded")
    assert (event.actor, event.object_id, event.changes) == (bob, carol.pk, {"week_start": [None, "2026-06-08"]})
    clock.move_to(DUE - MINUTE)
    with pytest.raises(RuleViolation) as refusal:
        reminders.remind(bob, carol.pk, WEEK)
    assert refusal.value.code == "reminded_already"
    assert "Carol Clark was reminded on Mon 15 June, 09:00" in str(refusal.value)
    clock.move_to(DUE)
    reminders.remind(bob, carol.pk, WEEK)
    assert reminded() == ["Carol", "Carol"]
    reminders.remind_missing()
    assert reminded().count("Carol") == 2  # who was asked by a person needs no machine


def test_so_does_the_product_count(staff, bob, carol, clock):
    reminders.remind_missing()
    clock.shift(HOUR - MINUTE)
    with pytest.raises(RuleViolation, match="was reminded on Mon 15 June, 10:00"):
        reminders.remind(bob, carol.pk, WEEK)


def test_without_a_deadline_it_says_so(staff, bob, carol):
    bob.organisation.deadline_days = None
    reminders.remind(bob, carol.pk, WEEK)
    assert Notification.objects.get().values["due"] is None


@pytest.mark.parametrize("state", ["submitted", "approved", "declined"])
def test_a_week_that_was_sent_needs_no_reminder(staff, bob, carol, state):
    factories.TimesheetFactory(member=carol, week_start=WEEK, state=state)
    with pytest.raises(RuleViolation) as refusal:
        reminders.remind(bob, carol.pk, WEEK)
    assert refusal.value.code == "week_sent"
    assert not WeekReminder.objects.exists()


def test_nobody_reminds_themselves_and_no_agent_anybody(staff, alice, bob, carol):
    with pytest.raises(RuleViolation) as refusal:
        reminders.remind(bob, bob.pk, WEEK)
    assert refusal.value.code == "reminds_self"
    with pytest.raises(NotAllowed):
        reminders.remind(carol, alice.pk, WEEK)
    assert reminded() == []


def test_of_what_does_not_exist_nobody_is_reminded(staff, bob, carol, mallory):
    gone = factories.MembershipFactory(is_active=False)
    shut_out = factories.MembershipFactory(user__is_active=False)
    for member, week in (
        (mallory.pk, WEEK),
        (gone.pk, WEEK),
        (shut_out.pk, WEEK),
        (999_999, WEEK),
        (carol.pk, WEEK + dt.timedelta(days=1)),  # no week begins there
        (carol.pk, WEEK + dt.timedelta(days=14)),  # has not begun
    ):
        with pytest.raises(OutOfReach):
            reminders.remind(bob, member, week)
    assert not WeekReminder.objects.exists()


# --- Two at once ------------------------------------------------------------------------------------------------------


@pytest.fixture
def two(transactional_db):
    """Bob and Carol, who misses her week, where threads can see them."""
    organisation = factories.OrganisationFactory(name="Acme", slug="acme")
    with time_machine.travel(DUE, tick=True), organisation_scope(organisation):
        carol, bob = _member(organisation, "Carol Clark", "AGENT"), _member(organisation, "Bob Brown", "MANAGER")
        Membership.objects.update(joined_at=JOINED)
        Membership.objects.filter(pk=bob.pk).update(weekly_capacity_minutes=0)
        yield organisation, bob, carol


def both_find_her(monkeypatch):
    """Two workers look who is missing, and meet before either has told her."""
    monkeypatch.setattr(reminders, "_settled", Meeting().after(reminders._settled))


@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once_remind_once(two, monkeypatch):
    both_find_her(monkeypatch)
    assert sorted(together(two[0], *[reminders.remind_missing] * 2)) == [0, 1]
    assert reminded() == ["Carol"]
    assert OutgoingMail.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_twin_who_only_looks_reminds_twice(two, monkeypatch):
    both_find_her(monkeypatch)
    tell = reminders.tell

    def remind_once(member, week_start, due, now):
        tell([reminders._notice(member, week_start, due, now)], actor=None)
        return True

    monkeypatch.setattr("accounts.services.notices.demand_transaction", lambda: None)
    monkeypatch.setattr(reminders, "_remind_once", remind_once)
    assert together(two[0], *[reminders.remind_missing] * 2) == [1, 1]
    assert reminded() == ["Carol", "Carol"]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("before", [None, 2 * HOUR])
def test_two_clicks_at_once_remind_once(two, before):
    organisation, bob, carol = two
    if before:
        WeekReminder.objects.create(member=carol, week_start=WEEK, at=DUE - before)
    results = together(organisation, *[lambda: reminders.remind(bob, carol.pk, WEEK)] * 3)
    assert [getattr(result, "code", "") for result in results].count("reminded_already") == 2
    assert reminded() == ["Carol"]
