"""Batches while others write: nobody waits in a ring, nothing is written twice or lost."""

import datetime as dt

import pytest
from django.db.utils import OperationalError

from tests import factories
from tests.cast import _member
from tests.marks import on_postgresql_alone
from tests.together import Meeting, together
from timesheets_site.lib.errors import Conflict, DomainError
from timetracking.models import EntryBatch, TimeEntry, Timesheet
from timetracking.services import approvals, coverage, entry_links, many_entries, time_entries, timesheets
from timetracking.services.many_entries import Delete, Edit, Log

pytestmark = pytest.mark.django_db(transaction=True)
DAY = dt.date(2026, 6, 15)
WEEK = dt.timedelta(days=7)
Action = EntryBatch.Action


@pytest.fixture
def people(acme):
    names = {"bob": ("Bob Brown", "MANAGER"), "carol": ("Carol Clark", "AGENT"), "dave": ("Dave Dunn", "MANAGER")}
    return {key: _member(acme, name, role) for key, (name, role) in names.items()}


def fields_of(**fields):
    return {"kind": "GENERAL", "date": DAY, "minutes": 30, "subject": "Stand-up", **fields}


def log(actor, **fields):
    return time_entries.log(actor, **fields_of(**fields))


def change(actor, entries, **fields):
    steps = [Edit(entry.pk, fields, entry.version) for entry in entries]
    return many_entries.carry_out(actor, Action.EDITED, steps)


def failures(results):
    """What no person could act on: deadlocks, above all."""
    return [result for result in results if isinstance(result, Exception) and not isinstance(result, DomainError)]


# --- Two batches over the same weeks ----------------------------------------------------------------------------------


def opposite(acme, people, monkeypatch):
    """Carol's weeks and Bob's, one batch from each end; each stops after its first step until the other has one."""
    carols, bobs = log(people["carol"]), log(people["bob"], date=DAY - WEEK)
    monkeypatch.setattr(time_entries, "edit", Meeting().after(time_entries.edit))
    return together(
        acme,
        lambda: change(people["bob"], [carols, bobs], subject="By Bob"),
        lambda: change(people["dave"], [bobs, carols], subject="By Dave"),
    )


def test_two_batches_over_the_same_weeks_come_one_after_the_other(acme, people, monkeypatch):
    results = opposite(acme, people, monkeypatch)
    assert failures(results) == []
    assert sorted(len(result.done) for result in results) == [0, 2]
    assert {type(o.refusal) for result in results for o in result.refused} == {Conflict}
    assert len(set(TimeEntry.objects.values_list("subject", flat=True))) == 1
    assert EntryBatch.objects.count() == 1


@on_postgresql_alone
def test_twin_without_holding_first_they_wait_in_a_ring(acme, people, monkeypatch):
    monkeypatch.setattr(many_entries, "_hold", lambda *args: None)
    monkeypatch.setattr(many_entries, "_place", lambda step, found: (0, DAY))  # as they were given
    assert [type(failure) for failure in failures(opposite(acme, people, monkeypatch))] == [OperationalError]


# --- A batch and one entry --------------------------------------------------------------------------------------------


def test_a_batch_and_a_single_edit_leave_one_change_of_each_entry(acme, people, monkeypatch):
    entries = [log(people["carol"], date=DAY - n * WEEK) for n in range(3)]
    monkeypatch.setattr(coverage, "hold", Meeting().after(coverage.hold))
    batch, single = together(
        acme,
        lambda: change(people["carol"], entries, subject="Together"),
        lambda: time_entries.edit(people["bob"], entries[1].pk, version=1, subject="Alone"),
    )
    assert failures([batch, single]) == []
    assert len(batch.done) == (2 if isinstance(single, TimeEntry) else 3)
    assert {entry.version for entry in TimeEntry.objects.all()} == {2}


def opened_by_both(acme, people, monkeypatch):
    """A batch that logs on a ticket and then in a new week; another who opened that week, and needs the ticket."""
    ticket = factories.TicketFactory()
    carol, met = people["carol"], Meeting(2)
    log(carol, date=DAY - WEEK)
    on = {"kind": "TICKET", "ticket": ticket}
    monkeypatch.setattr(entry_links, "check_still", met.after(entry_links.check_still))
    monkeypatch.setattr(timesheets, "_open", met.after(timesheets._open))
    steps = [Log(carol, fields_of(date=DAY - WEEK, **on)), Log(carol, fields_of(**on))]
    return together(
        acme,
        lambda: many_entries.carry_out(carol, Action.LOGGED, steps),
        lambda: time_entries.log(people["bob"], member=carol, **fields_of(**on)),
    )


@on_postgresql_alone
def test_a_week_that_both_open_keeps_nobody_waiting_in_a_ring(acme, people, monkeypatch):
    assert failures(opened_by_both(acme, people, monkeypatch)) == []
    assert TimeEntry.objects.count() == 4 and Timesheet.objects.count() == 2


@on_postgresql_alone
def test_twin_who_opens_weeks_unheld_waits_in_a_ring(acme, people, monkeypatch):
    monkeypatch.setattr(timesheets, "hold_unopened", lambda *args: None)
    found = failures(opened_by_both(acme, people, monkeypatch))
    assert [type(failure) for failure in found] == [OperationalError]


# --- A batch and an approval ------------------------------------------------------------------------------------------


def test_a_batch_and_an_approval_of_the_same_weeks(acme, people, monkeypatch):
    """Bob changes entries of two weeks while Dave approves both: whoever is first, the other sees what was done."""
    carol = people["carol"]
    entries = [log(carol, date=DAY - n * WEEK) for n in range(2)]
    sheets = [timesheets.submit(carol, carol, entry.date) for entry in entries]
    for entry in entries:
        entry.refresh_from_db()
    monkeypatch.setattr(coverage, "hold", Meeting().after(coverage.hold))
    batch, answers = together(
        acme,
        lambda: change(people["bob"], entries, subject="Changed"),
        lambda: approvals.approve_many(people["dave"], [(sheet.pk, sheet.version) for sheet in reversed(sheets)]),
    )
    assert failures([batch, answers]) == []
    approved = [answer for answer in answers if answer.refusal is None]
    assert (len(batch.done), len(approved)) in ((2, 0), (0, 2), (2, 2))
    assert set(TimeEntry.objects.values_list("status", flat=True)) <= {"SUBMITTED", "APPROVED"}
    if batch.done and not approved:
        assert {type(answer.refusal) for answer in answers} == {Conflict}


# --- Undo -------------------------------------------------------------------------------------------------------------


def test_undone_twice_at_once_it_is_undone_once(acme, people):
    carol = people["carol"]
    entries = [log(carol, date=DAY - n * WEEK) for n in range(2)]
    batch = many_entries.carry_out(carol, Action.DELETED, [Delete(entry.pk) for entry in entries]).batch
    results = together(acme, *[lambda: many_entries.undo(carol, batch.pk)] * 2)
    assert failures(results) == []
    assert sorted(len(result.outcomes) for result in results) == [0, 2]
    assert TimeEntry.objects.count() == 2


def test_an_undo_and_a_batch_of_another_over_the_same_weeks(acme, people, monkeypatch):
    """The undo moves entries back into another week, which it holds from the start."""
    carol = people["carol"]
    entries = [log(carol, date=DAY, subject=str(n)) for n in range(2)]
    log(carol, date=DAY - WEEK)
    moved = change(carol, entries, date=DAY - WEEK)
    monkeypatch.setattr(time_entries, "edit", Meeting().after(time_entries.edit))
    undone, other = together(
        acme,
        lambda: many_entries.undo(carol, moved.batch.pk),
        lambda: change(people["bob"], list(reversed(moved.done)), date=DAY - 2 * WEEK),
    )
    assert failures([undone, other]) == []
    assert sorted([len(undone.done), len(other.done)]) == [0, 2]
