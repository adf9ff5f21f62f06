"""Time that is filed under the sheet of another week than that of its date: locks follow the sheet, days stay whole."""

from __future__ import annotations

import datetime as dt

import pytest

from tests import factories
from timesheets_site.lib.errors import Locked, RuleViolation
from timetracking.models import TimeEntry, Timesheet
from timetracking.selectors.integrity import findings
from timetracking.services import many_entries, partner_values, time_entries, timesheets

MONDAY, LATER = dt.date(2026, 6, 1), dt.date(2026, 6, 10)
pytestmark = pytest.mark.django_db
TIME = {"kind": "GENERAL", "date": LATER, "minutes": 60, "subject": "Travel"}


@pytest.fixture(autouse=True)
def at_noon(time_machine):
    time_machine.move_to(dt.datetime(2026, 6, 18, 12, tzinfo=dt.UTC))


def state_of(entry: TimeEntry) -> tuple[dt.date, dt.date, str]:
    entry = TimeEntry.objects.select_related("timesheet").get(pk=entry.pk)
    return entry.timesheet.week_start, entry.date, entry.status


def test_an_entry_stays_under_the_sheet_that_was_named(acme, carol):
    entry = time_entries.log(carol, week=MONDAY, **TIME)
    assert state_of(entry) == (MONDAY, LATER, "OPEN")
    time_entries.edit(carol, entry.pk, minutes=90)
    assert state_of(entry) == (MONDAY, LATER, "OPEN")
    assert Timesheet.objects.count() == 1  # the week of its date was held, and not opened


def test_a_new_date_takes_it_home_unless_the_sheet_is_named(acme, carol):
    entry = time_entries.log(carol, week=MONDAY, **TIME)
    time_entries.edit(carol, entry.pk, date=dt.date(2026, 6, 11), week=MONDAY)
    assert state_of(entry)[:2] == (MONDAY, dt.date(2026, 6, 11))
    time_entries.edit(carol, entry.pk, date=dt.date(2026, 6, 12))
    assert state_of(entry)[:2] == (dt.date(2026, 6, 8), dt.date(2026, 6, 12))


def test_locks_follow_the_sheet(acme, carol, bob):
    entry = time_entries.log(carol, week=MONDAY, **TIME)
    timesheets.submit(carol, carol, MONDAY)
    assert state_of(entry)[2] == "SUBMITTED"
    with pytest.raises(Locked, match="submitted"):
        time_entries.edit(carol, entry.pk, minutes=90)
    with pytest.raises(Locked, match="submitted"):
        time_entries.log(carol, week=MONDAY, **TIME)
    time_entries.log(carol, **TIME)  # the week of the date is open


def test_a_day_is_no_longer_for_being_filed_twice(acme, carol):
    time_entries.log(carol, week=MONDAY, **{**TIME, "minutes": 800})
    with pytest.raises(RuleViolation, match="A day has 24 hours"):
        time_entries.log(carol, **{**TIME, "minutes": 800})


def test_deleted_and_restored_it_is_where_it_was(acme, carol):
    entry = time_entries.log(carol, week=MONDAY, **TIME)
    time_entries.delete(carol, entry.pk)
    many_entries.carry_out(carol, many_entries.Action.LOGGED, [many_entries.Restore(entry.pk)])
    assert state_of(entry) == (MONDAY, LATER, "OPEN")


def test_integrity_wants_to_know_who_filed_it(acme, carol):
    entry = time_entries.log(carol, week=MONDAY, **TIME)
    assert [finding.what for finding in findings()] == ["of 2026-06-10 is in the week of 2026-06-01"]
    partner_values.keep("intacct", entry, {"filed": True})
    assert list(findings()) == []


def test_the_page_shows_it_on_its_day_and_once(acme, carol, as_carol):
    time_entries.log(carol, week=MONDAY, **TIME)
    factories.TimeEntryFactory(member=carol, date=LATER, minutes=15, subject="Support")
    own = as_carol.get("/o/acme/timesheets/2026-06-01/").content.decode()
    later = as_carol.get("/o/acme/timesheets/2026-06-08/").content.decode()
    assert ("Travel" in own, "Travel" in later, "Support" in later) == (False, True, True)
    assert "1h 15m" in later or "1:15" in later


def test_the_approval_shows_it_on_its_day(acme, carol, bob, as_bob):
    entry = time_entries.log(carol, week=MONDAY, **TIME)
    factories.TimeEntryFactory(member=carol, date=MONDAY, minutes=30)
    timesheets.submit(carol, carol, MONDAY)
    page = as_bob.get(f"/o/acme/approvals/{entry.timesheet_id}/").content.decode()
    assert "Wednesday 10 June" in page
    assert "Monday 1 June" in page
