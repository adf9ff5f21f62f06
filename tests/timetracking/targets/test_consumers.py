"""What compares time with what was expected asks one rule: weeks, checks, overtime, missing weeks, reports."""

from __future__ import annotations

import datetime as dt

import pytest

from accounts.models import CapacityChange, DayOff, Membership, Notification, Organisation
from tests.factories import ChargeCodeFactory, MembershipFactory, TicketFactory, TimeEntryFactory
from tests.timetracking.targets.conftest import CHRISTMAS, DAY, EVE, MONDAY, NOON, WEEK
from timetracking.models import Timesheet
from timetracking.selectors import report_address
from timetracking.selectors.report_values import computed
from timetracking.selectors.reports import report_of
from timetracking.selectors.targets import own_targets, targets_of
from timetracking.services import reminders, timesheets


def off(member, first, last=None, part="whole", name="Leave"):
    return DayOff.objects.create(member=member, first_on=first, last_on=last or first, part=part, name=name)


def changed(member, day, minutes, weekdays=0b0011111):
    return CapacityChange.objects.create(
        member=member, starts_on=day, weekly_capacity_minutes=minutes, working_weekdays=weekdays
    )


@pytest.fixture
def leave(acme):
    return ChargeCodeFactory(code="AL", name="Annual leave", is_time_off=True)


# --- The week ---------------------------------------------------------------------------------------------------------


def days(response):
    return {card.iso[-2:]: card for card in response.context["week"].days}


def test_a_holiday_names_itself_and_lowers_the_weeks_target(england, as_carol, carol):
    off(None, EVE, part="half", name="Christmas Eve")
    response = as_carol.get(WEEK)
    cards, page = days(response), response.context["week"]
    assert [cards[day].empty_text for day in ("21", "24", "25", "26", "27")] == [
        "Nothing logged", "Christmas Eve: half a day off", "Christmas Day", "Boxing Day", "Day off",
    ]  # fmt: skip
    assert [day for day, card in cards.items() if card.is_day_off] == ["25", "26", "27"]
    assert page.kpis[0].left == "0% of 26h 15m"
    assert "<b>26h 15m</b> to go this week" in page.status.text


def test_a_days_meter_is_full_at_its_own_target(england, as_carol, carol):
    off(None, EVE, part="half", name="Christmas Eve")
    for day, minutes in ((MONDAY, 225), (EVE, 225), (CHRISTMAS, 225)):
        TimeEntryFactory(member=carol, date=day, minutes=minutes)
    cards = days(as_carol.get(WEEK))
    assert [cards[day].rest_width for day in ("21", "24", "25")] == [
        "49.4",
        "99.4",
        "49.4",
    ]  # a day off: of a usual one


def test_hours_that_changed_in_the_middle_of_the_week(england, as_carol, carol):
    changed(carol, MONDAY + 2 * DAY, 1200, 0b0001100)  # from Wednesday on: Wednesdays and Thursdays
    response = as_carol.get(WEEK)
    assert response.context["week"].kpis[0].left == "0% of 35h"
    assert [day for day, card in days(response).items() if card.is_day_off] == ["25", "26", "27"]


def test_a_member_in_another_country_has_other_days(england, as_carol, carol):
    epiphany = dt.date(2027, 1, 6)
    Membership.objects.filter(pk=carol.pk).update(holiday_calendar="DE-BY")
    response = as_carol.get("/o/acme/timesheets/2027-01-04/")
    assert days(response)["06"].empty_text == "Epiphany"
    Membership.objects.filter(pk=carol.pk).update(holiday_calendar="-")
    assert not days(as_carol.get(WEEK))["25"].is_day_off
    assert own_targets(Membership.objects.get(pk=carol.pk), epiphany, epiphany).on(epiphany).minutes == 450


def test_the_week_of_an_organisation_that_begins_on_sunday(england, carol):
    Organisation.objects.update(first_weekday=6)
    own = own_targets(carol, MONDAY - DAY, MONDAY + 5 * DAY)
    assert own.between(MONDAY - DAY, MONDAY + 5 * DAY) == 4 * 450


def test_everyones_week_has_no_target(england, as_bob):
    response = as_bob.get(f"{WEEK}?agent=all")
    assert [day for day, card in days(response).items() if card.is_day_off] == ["26", "27"]
    assert response.context["week"].kpis[0].left == "0 entries"


def test_a_week_in_which_nothing_is_expected(later, as_carol, carol):
    off(carol, MONDAY, MONDAY + 6 * DAY)
    status = as_carol.get(WEEK).context["week"].status
    assert (status.chip, str(status.text)) == ("Draft", "Nothing is expected this week")
    TimeEntryFactory(member=carol, date=MONDAY)
    assert as_carol.get(WEEK).context["week"].status.chip == "Overdue"


@pytest.mark.parametrize("query", ["", "?billable=no"])  # filtered, the week's sums are asked of the database
def test_leave_that_is_logged_on_a_day_off_fills_no_other_day(england, as_carol, carol, leave, query):
    off(carol, MONDAY)
    for day in (MONDAY, MONDAY + DAY):  # on Monday nothing was expected, on Tuesday a day
        TimeEntryFactory(member=carol, date=day, minutes=450, charge_code=leave)
    page = as_carol.get(WEEK + query).context["week"]
    assert "<b>15h</b> to go" in page.status.text
    assert page.kpis[0].left == "33% of 22h 30m" and "15<i>h</i>" in page.kpis[0].hm


def test_before_a_submission_only_days_on_which_something_was_expected_are_missed(england, as_carol, carol):
    off(carol, MONDAY)
    TimeEntryFactory(member=carol, date=MONDAY + DAY, minutes=450)
    html = as_carol.get(f"{WEEK}submit/").content.decode()
    assert "Wednesday and Thursday have no time" in html


# --- What an approver sees --------------------------------------------------------------------------------------------


def submitted(carol, minutes=450, number=4):
    for n in range(number):
        TimeEntryFactory(member=carol, date=MONDAY + n * DAY, minutes=minutes)
    timesheets.submit(carol, carol, MONDAY)
    return Timesheet.objects.get(member=carol, week_start=MONDAY)


def test_a_holiday_is_not_below_the_target(england, as_bob, carol):
    sheet = submitted(carol)
    assert "below_target" not in sheet.checks
    assert "Target of 30h met" in as_bob.get(f"/o/acme/approvals/{sheet.pk}/").content.decode()
    DayOff.objects.create(first_on=CHRISTMAS, last_on=CHRISTMAS, part="worked", name="Christmas Day")
    html = as_bob.get(f"/o/acme/approvals/{sheet.pk}/").content.decode()
    assert "7h 30m below the target" in html and "of 37h 30m in this week" in html


def test_overtime_is_what_goes_beyond_the_weeks_own_target(england, as_bob, carol, leave):
    TimeEntryFactory(member=carol, date=CHRISTMAS, minutes=450, charge_code=leave)  # leave on a holiday is no overtime
    submitted(carol, minutes=460)
    html = as_bob.get("/o/acme/approvals/").content.decode()
    assert "Overtime 40m" in html


def test_the_inbox_costs_the_same_for_one_and_for_many(england, as_bob, carol, count_queries):
    submitted(carol)
    as_bob.get("/o/acme/approvals/")
    few = count_queries(lambda: as_bob.get("/o/acme/approvals/"))
    for _ in range(12):
        other = MembershipFactory()
        other.organisation = england
        changed(other, MONDAY, 2000)
        off(other, EVE)
        submitted(other)
    assert count_queries(lambda: as_bob.get("/o/acme/approvals/")) == few


# --- Missing weeks ----------------------------------------------------------------------------------------------------


def missing(client) -> str:
    return client.get(f"/o/acme/approvals/?status=missing&week={MONDAY}").content.decode()


def test_who_was_off_all_week_misses_none(later, as_bob, alice, bob, carol):
    assert "Carol Clark" in missing(as_bob) and "Alice Adams" in missing(as_bob)
    off(carol, MONDAY, EVE)  # and Friday is a holiday
    assert "Carol Clark" not in missing(as_bob) and "Alice Adams" in missing(as_bob)
    assert reminders.remind_missing() == 2
    assert set(Notification.objects.values_list("member", flat=True)) == {alice.pk, bob.pk}
    TimeEntryFactory(member=carol, date=MONDAY)
    assert "Carol Clark" in missing(as_bob), "who began it"


def test_who_works_only_on_a_holiday_s_weekday_misses_none(later, as_bob, carol):
    Membership.objects.filter(pk=carol.pk).update(working_weekdays=0b0010000)
    assert "Carol Clark" not in missing(as_bob)
    off(None, CHRISTMAS, part="worked")
    assert "Carol Clark" in missing(as_bob)


# --- Reports ----------------------------------------------------------------------------------------------------------


def capacity(alice, carol, first, last) -> int:
    query = report_address.read(alice, {"from": str(first), "to": str(last), "agent": str(carol.pk)})
    return next(person.capacity for person in computed(query).people.members if person.id == carol.pk)


def test_capacity_is_what_was_expected_less_leave_once(england, alice, carol, leave, now):
    now.move_to(NOON + 30 * DAY)
    week = (MONDAY, MONDAY + 6 * DAY)
    assert capacity(alice, carol, *week) == 4 * 450
    off(carol, MONDAY)
    assert capacity(alice, carol, *week) == 3 * 450
    for day in (MONDAY, CHRISTMAS):  # off already
        TimeEntryFactory(member=carol, date=day, minutes=450, charge_code=leave)
    assert capacity(alice, carol, *week) == 3 * 450
    TimeEntryFactory(member=carol, date=MONDAY + DAY, minutes=200, charge_code=leave)
    TimeEntryFactory(member=carol, date=MONDAY + DAY, minutes=450, charge_code=ChargeCodeFactory(code="PTO"))
    assert capacity(alice, carol, *week) == 3 * 450 - 200, "a code is time off by its mark, not by its name"
    changed(carol, MONDAY + 2 * DAY, 900)
    assert capacity(alice, carol, *week) == 250 + 2 * 180
    now.move_to(NOON)
    assert capacity(alice, carol, *week) == 250, "days to come do not count"


def test_capacity_counts_from_the_day_on_which_a_member_joined(england, alice, carol, now):
    now.move_to(NOON + 30 * DAY)
    Membership.objects.filter(pk=carol.pk).update(joined_at=dt.datetime(2026, 12, 23, 9, tzinfo=dt.UTC))
    assert capacity(alice, carol, MONDAY, MONDAY + 6 * DAY) == 2 * 450


def test_utilisation_of_a_week_with_a_holiday(england, alice, carol, now):
    now.move_to(NOON + 30 * DAY)
    TimeEntryFactory(member=carol, ticket=TicketFactory(), date=MONDAY, minutes=900)
    words = {"from": str(MONDAY), "to": str(MONDAY + 6 * DAY), "agent": str(carol.pk)}
    figures = report_of(report_address.read(alice, words)).figures
    assert next(figure.value for figure in figures if figure.label == "Utilisation") == "50%"


def test_a_report_asks_the_same_for_one_and_for_many(england, alice, carol, count_queries, now):
    words = {"from": "2026-01-01", "to": "2026-12-31", "by": "agent"}
    run = lambda: report_of(report_address.read(alice, words))  # noqa: E731
    TimeEntryFactory(member=carol, date=MONDAY)
    run()
    few = count_queries(run)
    for _ in range(15):
        other = MembershipFactory()
        changed(other, MONDAY, 600)
        off(other, EVE)
        TimeEntryFactory(member=other, date=MONDAY)
    assert count_queries(run) == few


# --- Walls ------------------------------------------------------------------------------------------------------------


def test_days_off_of_another_organisation_are_theirs(england, carol, globex, mallory):
    from accounts.tenancy import organisation_scope

    with organisation_scope(globex):
        off(None, MONDAY)
        changed(mallory, MONDAY, 60)
    assert targets_of(england, [carol], MONDAY, MONDAY)[carol.pk].on(MONDAY).minutes == 450
