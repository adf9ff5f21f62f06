"""Closing a period while somebody writes into it: nothing is stored behind the date. Twins go without the lock."""

import datetime as dt

import pytest
from django.db import connection

from accounts import audit, lock_date
from accounts.models import Membership, Organisation
from accounts.services import organisations
from tests import factories
from tests.cast import _member
from tests.together import Meeting, together
from timesheets_site.lib.errors import Locked
from timetracking.models import PeriodReopening, TimeEntry, Timesheet
from timetracking.rules import locking
from timetracking.services import periods, time_entries, timesheets

pytestmark = pytest.mark.django_db(transaction=True)
DAY = dt.date(2026, 5, 29)
MAY = dt.date(2026, 5, 1)


@pytest.fixture
def alice(acme):
    return _member(acme, "Alice Adams", "ADMIN")


@pytest.fixture
def carol(acme):
    return _member(acme, "Carol Clark", "AGENT")


@pytest.fixture
def unprotected(monkeypatch):
    """Takes away the lock of the date, and the transaction, without which SQLite lets nobody else write."""
    monkeypatch.setattr(lock_date, "hold_still", lambda organisation: None)
    if connection.vendor == "sqlite":
        monkeypatch.setattr(timesheets, "lock_week", lambda member, day: Timesheet.objects.get(member=member))
        monkeypatch.setattr(timesheets, "lock_sheet", lambda pk: Timesheet.objects.get(pk=pk))
        monkeypatch.setattr(audit, "record", lambda *args, **kwargs: None)
        for name in ("log", "edit"):
            monkeypatch.setattr(time_entries, name, getattr(time_entries, name).__wrapped__)


def as_read_now(member):
    """The member as a request of their own would have them: nothing is shared between two threads."""
    return Membership.objects.select_related("user", "organisation").get(pk=member.pk)


def log(actor, **fields):
    return time_entries.log(actor, **{"kind": "GENERAL", "date": DAY, "minutes": 30, "subject": "Stand-up", **fields})


def behind_the_date(acme, alice, monkeypatch, write, close):
    """`write` has been told that the period is open when `close` begins. What is in it when `close` has committed, and
    what is in it at the end: the same, unless something was stored behind the date."""
    told_open = Meeting(patience=10)
    closed = Meeting(patience=1.5)

    def verdict(rule):
        def asked(*args, **kwargs):
            answer = rule(*args, **kwargs)
            if answer.allowed:
                told_open()
                closed()  # waits for the close; where that has to wait for us, goes on after a while
            return answer

        return asked

    for name in ("may_log", "may_change"):
        monkeypatch.setattr(locking, name, verdict(getattr(locking, name)))

    def closing():
        told_open()
        result = close()
        then = contents()
        closed()
        return result, then

    written, (_closed, then) = together(acme, write, closing)
    return written, then, contents()


def contents():
    return sorted(TimeEntry.objects.values_list("pk", "minutes"))


def close_may(alice):
    return lambda: periods.close_month(as_read_now(alice), MAY, version=1)


def test_an_entry_is_stored_before_the_close_or_not_at_all(acme, alice, carol, monkeypatch):
    log(carol)
    carol = as_read_now(carol)
    written, then, in_the_end = behind_the_date(acme, alice, monkeypatch, lambda: log(carol), close_may(alice))
    assert isinstance(written, TimeEntry)
    assert then == in_the_end and len(then) == 2
    assert Organisation.objects.get(pk=acme.pk).lock_date == dt.date(2026, 5, 31)


def test_twin_without_the_lock_an_entry_lands_behind_the_date(acme, alice, carol, monkeypatch, unprotected):
    factories.TimeEntryFactory(member=carol, date=DAY)
    carol = as_read_now(carol)
    _written, then, in_the_end = behind_the_date(acme, alice, monkeypatch, lambda: log(carol), close_may(alice))
    assert (len(then), len(in_the_end)) == (1, 2)


def test_an_edit_is_stored_before_the_close_or_not_at_all(acme, alice, carol, monkeypatch):
    entry = log(carol)
    carol = as_read_now(carol)
    _written, then, in_the_end = behind_the_date(
        acme, alice, monkeypatch, lambda: time_entries.edit(carol, entry.pk, minutes=45), close_may(alice)
    )
    assert then == in_the_end == [(entry.pk, 45)]


def test_twin_without_the_lock_an_edit_lands_behind_the_date(acme, alice, carol, monkeypatch, unprotected):
    entry = factories.TimeEntryFactory(member=carol, date=DAY)
    carol = as_read_now(carol)
    _written, then, in_the_end = behind_the_date(
        acme, alice, monkeypatch, lambda: time_entries.edit(carol, entry.pk, minutes=45), close_may(alice)
    )
    assert (then, in_the_end) == ([(entry.pk, 30)], [(entry.pk, 45)])


def end_now(alice, carol):
    organisations.edit(alice, version=1, lock_date=dt.date(2026, 5, 31))
    until = dt.datetime.now(dt.UTC) + dt.timedelta(days=1)
    reopening = periods.reopen_for(as_read_now(alice), carol, first_on=MAY, until_at=until)
    return lambda: periods.end_reopening(as_read_now(alice), reopening.pk)


def test_who_ends_a_reopening_waits_for_writers_too(acme, alice, carol, monkeypatch):
    end = end_now(alice, carol)
    log(carol)
    carol = as_read_now(carol)
    _written, then, in_the_end = behind_the_date(acme, alice, monkeypatch, lambda: log(carol), end)
    assert then == in_the_end and len(then) == 2
    assert PeriodReopening.objects.get().ended_at is not None


def test_twin_without_the_lock_an_entry_lands_in_what_was_closed_again(acme, alice, carol, monkeypatch, unprotected):
    end = end_now(alice, carol)
    factories.TimeEntryFactory(member=carol, date=DAY)
    carol = as_read_now(carol)
    _written, then, in_the_end = behind_the_date(acme, alice, monkeypatch, lambda: log(carol), end)
    assert (len(then), len(in_the_end)) == (1, 2)


def test_many_writers_and_a_close_meet_without_waiting_in_a_ring(acme, alice):
    """Each opens a week of their own, for which the organisation's row is held as well."""
    members = [as_read_now(_member(acme, f"Member{n} Miller", "AGENT")) for n in range(6)]
    calls = [lambda member=member: log(member) for member in members]
    *written, closed = together(acme, *calls, close_may(alice))
    assert isinstance(closed, Organisation)
    assert all(isinstance(result, TimeEntry | Locked) for result in written), written
    assert TimeEntry.objects.count() == sum(isinstance(result, TimeEntry) for result in written)
