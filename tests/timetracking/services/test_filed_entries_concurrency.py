"""Two writers of one day, of whom one files under the sheet of another week: the day never holds more than it can."""

from __future__ import annotations

import datetime as dt

import pytest

from tests.cast import _member
from tests.marks import on_postgresql_alone
from tests.together import Meeting, together
from timesheets_site.lib.errors import RuleViolation
from timetracking.models import TimeEntry
from timetracking.services import coverage, entry_checks, entry_weeks, time_entries

pytestmark = pytest.mark.django_db(transaction=True)
MONDAY, LATER = dt.date(2026, 6, 1), dt.date(2026, 6, 10)
TIME = {"kind": "GENERAL", "date": LATER, "minutes": 800, "subject": "Travel"}


@pytest.fixture
def carol(acme):
    return _member(acme, "Carol Clark", "AGENT")


def both(acme, carol, monkeypatch, *, opened=True):
    if opened:
        for day in (LATER, MONDAY):  # so that the earlier week has the higher id
            time_entries.log(carol, **{**TIME, "date": day, "minutes": 1})
    monkeypatch.setattr(entry_checks, "check_day", Meeting().after(entry_checks.check_day))
    return together(
        acme,
        lambda: time_entries.log(carol, week=MONDAY, **TIME),
        lambda: time_entries.log(carol, **TIME),
    )


@pytest.mark.parametrize("opened", [True, False])
def test_one_of_two_is_told_that_the_day_is_full(acme, carol, monkeypatch, opened):
    results = both(acme, carol, monkeypatch, opened=opened)
    assert sorted(type(result).__name__ for result in results) == ["RuleViolation", "TimeEntry"]
    assert TimeEntry.objects.minutes_on(LATER) <= 1440


@on_postgresql_alone
def test_without_the_second_lock_the_day_overflows(acme, carol, monkeypatch):
    monkeypatch.setattr(entry_weeks, "hold", lambda drawn, member, days: coverage.hold(drawn))
    results = both(acme, carol, monkeypatch)
    assert not any(isinstance(result, RuleViolation) for result in results)
    assert TimeEntry.objects.minutes_on(LATER) > 1440


def test_those_who_file_and_move_the_other_way_round_do_not_wait_in_a_ring(acme, carol):
    one = time_entries.log(carol, **{**TIME, "minutes": 10})
    other = time_entries.log(carol, **{**TIME, "date": MONDAY, "minutes": 10})
    results = together(
        acme,
        lambda: time_entries.edit(carol, one.pk, week=MONDAY, minutes=20),
        lambda: time_entries.edit(carol, other.pk, week=LATER, minutes=20),
    )
    assert [type(result) for result in results] == [TimeEntry, TimeEntry]
