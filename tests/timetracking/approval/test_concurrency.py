"""Two at once: one wins, the other is told. Each test has a twin that shows what happens without the protection."""

from __future__ import annotations

import datetime as dt

import pytest

from accounts import audit
from accounts.services import notices
from accounts.tenancy import ScopedQuerySet
from tests import factories
from tests.cast import _member
from tests.together import Meeting, together
from timesheets_site.lib.errors import Conflict, RuleViolation
from timetracking.models import ApprovalEvent, TimeEntry, Timesheet
from timetracking.rules import approval
from timetracking.services import approvals, time_entries, timesheets

pytestmark = pytest.mark.django_db(transaction=True)
DAY = dt.date(2026, 6, 15)


@pytest.fixture
def people(acme):
    names = {"alice": ("Alice Adams", "ADMIN"), "bob": ("Bob Brown", "MANAGER"), "carol": ("Carol Clark", "AGENT")}
    return {key: _member(acme, name, role) for key, (name, role) in names.items()}


@pytest.fixture
def entry(people):
    return factories.TimeEntryFactory(member=people["carol"], date=DAY, minutes=60)


@pytest.fixture
def sheet(people, entry):
    """Carol's week, submitted."""
    return timesheets.submit(people["carol"], people["carol"], DAY)


@pytest.fixture
def unprotected(monkeypatch):
    """Takes away the transactions and the locks of weeks and entries; versions and rules are still looked at."""

    def held(actor, pk):
        found = Timesheet.objects.select_related("member__user").get(pk=pk)
        found.member.organisation = actor.organisation
        return found

    def locked(self, pk, version):
        row = self.get(pk=pk)
        if version is not None and row.version != version:
            raise Conflict(row)
        row.version += 1
        return row

    monkeypatch.setattr(timesheets, "held", held)
    monkeypatch.setattr(timesheets, "_held", lambda member, day: (Timesheet.objects.get(member=member), False))
    monkeypatch.setattr(timesheets, "lock_sheet", lambda pk: Timesheet.objects.get(pk=pk))
    monkeypatch.setattr(approvals, "_locked", lambda actor, ids: {pk: held(actor, pk) for pk in ids})
    monkeypatch.setattr(ScopedQuerySet, "locked", locked)
    monkeypatch.setattr(audit, "record", lambda *args, **kwargs: None)
    monkeypatch.setattr(audit, "record_all", lambda *args, **kwargs: None)
    monkeypatch.setattr(notices, "demand_transaction", lambda: None)
    for module, names in (
        (approvals, ["_decided"]),
        (timesheets, ["submit", "recall"]),
        (time_entries, ["edit", "delete"]),
    ):
        for name in names:
            monkeypatch.setattr(module, name, getattr(module, name).__wrapped__)


def wins(results):
    """How many were done, and how many were told."""
    told = [result for result in results if isinstance(result, Conflict | RuleViolation)]
    others = [result for result in results if isinstance(result, Exception) and result not in told]
    assert not others, others
    return len(results) - len(told), len(told)


def steps():
    return list(ApprovalEvent.objects.order_by("pk").values_list("action", flat=True))


def meet(monkeypatch, *places):
    """A meeting behind each of these functions: (module, name)."""
    meeting = Meeting()
    for module, name in places:
        monkeypatch.setattr(module, name, meeting.after(getattr(module, name)))


# --- Two managers -----------------------------------------------------------------------------------------------------


def two_managers(acme, people, sheet, monkeypatch):
    meet(monkeypatch, (approvals, "planned"))
    return together(
        acme,
        lambda: approvals.approve(people["alice"], sheet.pk, version=sheet.version),
        lambda: approvals.reject(people["bob"], sheet.pk, version=sheet.version, reason="No"),
    )


def test_two_managers_at_once_one_decides(acme, people, sheet, monkeypatch):
    results = two_managers(acme, people, sheet, monkeypatch)
    assert wins(results) == (1, 1) and len(steps()) == 2
    last = ApprovalEvent.objects.order_by("pk").last()
    assert Timesheet.objects.get().state == last.to_state


def test_twin_without_the_lock_both_do(acme, people, sheet, monkeypatch, unprotected):
    assert wins(two_managers(acme, people, sheet, monkeypatch)) == (2, 0)
    assert sorted(steps()) == ["approved", "rejected", "submitted"]


# --- Approve against edit ---------------------------------------------------------------------------------------------


def approve_against_edit(acme, people, sheet, entry, monkeypatch):
    meet(monkeypatch, (approvals, "planned"), (time_entries, "_verdict"))
    shown = TimeEntry.objects.get(pk=entry.pk).version
    return together(
        acme,
        lambda: approvals.approve(people["alice"], sheet.pk, version=sheet.version),
        lambda: time_entries.edit(people["bob"], entry.pk, version=shown, minutes=90),
    )


def test_what_was_approved_is_what_was_shown(acme, people, sheet, entry, monkeypatch):
    assert wins(approve_against_edit(acme, people, sheet, entry, monkeypatch)) == (1, 1)
    stored = TimeEntry.objects.get()
    assert (stored.status, stored.minutes) in (("APPROVED", 60), ("SUBMITTED", 90))


def test_twin_without_the_lock_the_approver_saw_something_else(acme, people, sheet, entry, monkeypatch, unprotected):
    assert wins(approve_against_edit(acme, people, sheet, entry, monkeypatch)) == (2, 0)
    assert "approved" in steps() and TimeEntry.objects.get().minutes == 90


# --- Submit against delete --------------------------------------------------------------------------------------------


def submit_against_delete(acme, people, entry, monkeypatch):
    carol = people["carol"]
    meet(monkeypatch, (approval, "may_submit"), (time_entries, "_verdict"))
    return together(
        acme,
        lambda: timesheets.submit(carol, carol, DAY, version=1),
        lambda: time_entries.delete(carol, entry.pk, version=1),
    )


def test_submit_and_delete_at_once_one_wins(acme, people, entry, monkeypatch):
    assert wins(submit_against_delete(acme, people, entry, monkeypatch)) == (1, 1)
    assert bool(steps()) == TimeEntry.objects.exists()


def test_twin_without_the_lock_a_deleted_entry_is_submitted(acme, people, entry, monkeypatch, unprotected):
    assert wins(submit_against_delete(acme, people, entry, monkeypatch)) == (2, 0)
    assert "submitted" in steps() and not TimeEntry.objects.exists()


# --- Recall against approve -------------------------------------------------------------------------------------------


def recall_against_approve(acme, people, sheet, monkeypatch):
    meet(monkeypatch, (approvals, "planned"), (approval, "may_recall"))
    return together(
        acme,
        lambda: timesheets.recall(people["carol"], sheet.pk, version=sheet.version),
        lambda: approvals.approve(people["bob"], sheet.pk, version=sheet.version),
    )


def test_recall_and_approve_at_once_one_wins(acme, people, sheet, monkeypatch):
    assert wins(recall_against_approve(acme, people, sheet, monkeypatch)) == (1, 1)
    stored = Timesheet.objects.get().state, TimeEntry.objects.get().status
    assert stored in (("draft", "OPEN"), ("approved", "APPROVED"))


def test_twin_without_the_lock_both_happen(acme, people, sheet, monkeypatch, unprotected):
    assert wins(recall_against_approve(acme, people, sheet, monkeypatch)) == (2, 0)
    assert sorted(steps()) == ["approved", "recalled", "submitted"]


# --- Many at once -----------------------------------------------------------------------------------------------------


def test_two_bulk_decisions_over_the_same_weeks_decide_each_once(acme, people):
    shown = []
    for n in range(8):
        member = _member(acme, f"Dora{n} Diaz", "AGENT")
        factories.TimeEntryFactory(member=member, date=DAY)
        sent = timesheets.submit(member, member, DAY)
        shown.append((sent.pk, sent.version))
    first, second = together(
        acme,
        lambda: approvals.approve_many(people["alice"], shown),
        lambda: approvals.approve_many(people["bob"], shown[::-1]),
    )
    done = [answer for answer in (*first, *second) if answer.refusal is None and answer.event]
    assert len(done) == 8 and steps().count("approved") == 8
    assert {answer.refusal.code for answer in (*first, *second) if answer.refusal} == {"stale_version"}


def test_two_who_move_entries_between_the_same_weeks_never_wait_in_a_ring(acme, people):
    carol, later = people["carol"], DAY + dt.timedelta(days=7)
    for _round in range(5):
        there = factories.TimeEntryFactory(member=carol, date=DAY, minutes=1)
        back = factories.TimeEntryFactory(member=carol, date=later, minutes=1)
        results = together(
            acme,
            lambda pk=there.pk: time_entries.edit(people["alice"], pk, date=later),
            lambda pk=back.pk: time_entries.edit(people["bob"], pk, date=DAY),
        )
        assert kinds_of(results) == ["TimeEntry", "TimeEntry"]


def kinds_of(results):
    return sorted(type(result).__name__ for result in results)
