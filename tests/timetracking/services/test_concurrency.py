"""Two at once: one wins, the other is told. Each test has a twin that shows what happens without the protection."""

import datetime as dt

import pytest

from accounts import audit, once
from accounts.models import OneTimeKey
from accounts.tenancy import ScopedQuerySet
from tests.cast import _member
from tests.together import Meeting, together
from timesheets_site.lib.errors import Conflict, OutOfReach, RuleViolation
from timetracking.models import TimeEntry, Timesheet
from timetracking.services import entry_checks, time_entries, timesheets

pytestmark = pytest.mark.django_db(transaction=True)
DAY = dt.date(2026, 6, 15)


@pytest.fixture
def carol(acme):
    return _member(acme, "Carol Clark", "AGENT")


@pytest.fixture
def unprotected(monkeypatch):
    """Takes away the transaction, the week's lock and the entry's lock; the checks themselves stay."""

    def lock_week(member, day):
        return Timesheet.objects.get_or_create(member=member, week_start=DAY)[0]

    def locked(self, pk, version):
        row = self.get(pk=pk)
        if version is not None and row.version != version:
            raise Conflict(row)
        row.version += 1
        return row

    monkeypatch.setattr(timesheets, "lock_week", lock_week)
    monkeypatch.setattr(timesheets, "lock_sheet", lambda pk: Timesheet.objects.get(pk=pk))
    monkeypatch.setattr(ScopedQuerySet, "locked", locked)
    monkeypatch.setattr(audit, "record", lambda *args, **kwargs: None)
    for name in ("log", "edit", "delete"):
        monkeypatch.setattr(time_entries, name, getattr(time_entries, name).__wrapped__)


def log(actor, **fields):
    return time_entries.log(actor, **{"kind": "GENERAL", "date": DAY, "minutes": 30, "subject": "Stand-up", **fields})


def kinds(results):
    return sorted(type(result).__name__ for result in results)


# --- A day has 24 hours -----------------------------------------------------------------------------------------------


def two_long_entries(acme, carol, monkeypatch):
    log(carol, minutes=1)
    monkeypatch.setattr(entry_checks, "check_day", Meeting().after(entry_checks.check_day))
    results = together(acme, *[lambda: log(carol, minutes=800)] * 2)
    return results, sum(TimeEntry.objects.values_list("minutes", flat=True))


def test_two_entries_at_once_do_not_fill_a_day_twice(acme, carol, monkeypatch):
    results, total = two_long_entries(acme, carol, monkeypatch)
    assert (kinds(results), total) == (["RuleViolation", "TimeEntry"], 801)
    assert {r.code for r in results if isinstance(r, RuleViolation)} == {"day_too_long"}


def test_twin_without_the_weeks_lock_they_do(acme, carol, monkeypatch, unprotected):
    _results, total = two_long_entries(acme, carol, monkeypatch)
    assert total == 1601


# --- One version, one writer ------------------------------------------------------------------------------------------


def two_edits(acme, carol, monkeypatch):
    entry = log(carol)
    monkeypatch.setattr(entry_checks, "check_day", Meeting().after(entry_checks.check_day))
    edits = [lambda n=n: time_entries.edit(carol, entry.pk, version=1, minutes=n) for n in (40, 50)]
    return together(acme, *edits)


def test_two_edits_of_one_version_leave_one_and_tell_the_other(acme, carol, monkeypatch):
    results = two_edits(acme, carol, monkeypatch)
    assert kinds(results) == ["Conflict", "TimeEntry"]
    winner = next(r for r in results if isinstance(r, TimeEntry))
    stored = TimeEntry.objects.get()
    assert (stored.minutes, stored.version) == (winner.minutes, 2)


def test_twin_without_the_version_one_is_lost_silently(acme, carol, monkeypatch, unprotected):
    assert kinds(two_edits(acme, carol, monkeypatch)) == ["TimeEntry", "TimeEntry"]


def test_an_edit_and_a_deletion_at_once_leave_one(acme, carol, monkeypatch):
    entry = log(carol)
    results = together(
        acme,
        lambda: time_entries.edit(carol, entry.pk, version=1, minutes=40),
        lambda: time_entries.delete(carol, entry.pk, version=1),
    )
    assert sum(isinstance(r, TimeEntry) for r in results) == 1
    assert sum(isinstance(r, Conflict | OutOfReach) for r in results) == 1


# --- A start, and a length --------------------------------------------------------------------------------------------


def start_and_length(acme, carol, monkeypatch):
    """From nine to eleven: one starts it at ten while another makes it 75 minutes; neither names a version."""
    nine = dt.datetime(2026, 6, 15, 9, tzinfo=dt.UTC)
    entry = log(carol, minutes=None, started_at=nine, ended_at=nine + dt.timedelta(hours=2))
    monkeypatch.setattr(entry_checks, "check_day", Meeting().after(entry_checks.check_day))
    edits = [{"started_at": nine + dt.timedelta(hours=1)}, {"minutes": 75}]
    together(acme, *[lambda fields=fields: time_entries.edit(carol, entry.pk, **fields) for fields in edits])
    entry = TimeEntry.objects.get()
    assert entry.ended_at - entry.started_at == dt.timedelta(minutes=entry.minutes)
    return entry.started_at.hour, entry.minutes


def test_a_length_ends_what_begins_at_the_start_that_is_stored(acme, carol, monkeypatch):
    assert start_and_length(acme, carol, monkeypatch) in [(10, 75), (10, 15)]


def test_twin_without_the_entrys_lock_one_change_is_lost(acme, carol, monkeypatch, unprotected):
    assert start_and_length(acme, carol, monkeypatch) in [(9, 75), (10, 60)]


# --- One key, one entry -----------------------------------------------------------------------------------------------


def two_clicks(acme, carol, monkeypatch):
    log(carol, minutes=1)
    monkeypatch.setattr(entry_checks, "check_date", Meeting().after(entry_checks.check_date))
    results = together(acme, *[lambda: once.once(carol, "key", "time_entry.logged", lambda: log(carol))] * 2)
    return results, TimeEntry.objects.count() - 1


def test_a_double_click_at_the_same_moment_makes_one_entry(acme, carol, monkeypatch):
    results, count = two_clicks(acme, carol, monkeypatch)
    assert count == 1
    assert sorted(repeated for _pk, repeated in results) == [False, True]
    assert len({pk for pk, _repeated in results}) == 1


def test_twin_a_key_that_is_only_looked_up_first_lets_two_through(acme, carol, monkeypatch):
    def look_then_act(actor, key, purpose, act):
        if OneTimeKey.objects.filter(member=actor, key=key).exists():
            return 0, True
        result = act()
        OneTimeKey.objects.get_or_create(member=actor, key=key, defaults={"purpose": purpose, "result_id": result.pk})
        return result.pk, False

    monkeypatch.setattr(once, "once", look_then_act)
    _results, count = two_clicks(acme, carol, monkeypatch)
    assert count == 2


# --- One sheet a week -------------------------------------------------------------------------------------------------


def test_the_first_two_entries_of_a_week_share_its_sheet(acme, carol):
    results = together(acme, *[lambda: log(carol)] * 4)
    assert kinds(results) == ["TimeEntry"] * 4
    sheet = Timesheet.objects.get()
    assert TimeEntry.objects.filter(timesheet=sheet).count() == 4
    assert sheet.version == 5
