"""Two at once: nothing is billed twice, no number is missing. Twins show what happens without the protection.

On SQLite a transaction that writes is alone from its start; on PostgreSQL the locks keep them apart.
"""

import pytest
from django.db import connection

from accounts import audit
from accounts.services import notices
from accounts.tenancy import ScopedQuerySet
from tests import factories
from tests.cast import _member
from tests.timetracking.invoices.billing import DAY, FIRST, LAST, billed_entry
from tests.together import Meeting, together
from timesheets_site.lib import turns
from timesheets_site.lib.errors import Conflict, DomainError
from timetracking.models import Invoice, InvoiceLine, TimeEntry, Timesheet
from timetracking.services import (
    approval_reversals,
    approvals,
    coverage,
    invoice_lines,
    invoice_weeks,
    invoices,
    time_entries,
    timesheets,
)

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def people(acme):
    names = {"alice": ("Alice Adams", "ADMIN"), "bob": ("Bob Brown", "MANAGER"), "carol": ("Carol Clark", "AGENT")}
    people = {key: _member(acme, name, role) for key, (name, role) in names.items()}
    people["bob"].issues_invoices = True
    return people


@pytest.fixture
def project(acme):
    return factories.ProjectFactory(code="BCN-1")


@pytest.fixture
def entry(people, project):
    """An hour of Carol's, approved with its week by Bob."""
    entry = billed_entry(people["carol"], project=project, status="OPEN")
    sheet = timesheets.submit(people["carol"], people["carol"], DAY)
    approvals.approve(people["bob"], sheet.pk, version=sheet.version)
    entry.refresh_from_db()
    return entry


@pytest.fixture
def draft(people, project, entry):
    return drafted(people["alice"], project)


@pytest.fixture
def unprotected(monkeypatch):
    """Takes away the transactions, the turns and the locks of rows; versions and rules are still looked at."""

    def held(actor, invoice_id, version):
        invoice = Invoice.objects.select_related("client").get(pk=invoice_id)
        if version is not None and version != invoice.version:
            raise invoice_lines.stale(invoice)
        return invoice

    def locked(self, pk, version):
        row = self.get(pk=pk)
        if version is not None and row.version != version:
            raise Conflict(row)
        row.version += 1
        return row

    def held_week(actor, pk):
        found = Timesheet.objects.select_related("member__user").get(pk=pk)
        found.member.organisation = actor.organisation
        return found

    monkeypatch.setattr(invoice_lines, "held", held)
    monkeypatch.setattr(invoice_weeks, "hold", lambda invoice: [])
    monkeypatch.setattr(invoices, "_locked_entries", _entries_without_locks)
    monkeypatch.setattr(timesheets, "lock_sheet", lambda pk: Timesheet.objects.get(pk=pk))
    monkeypatch.setattr(timesheets, "held", held_week)
    monkeypatch.setattr(coverage, "hold", lambda *args, **kwargs: None)
    monkeypatch.setattr(ScopedQuerySet, "locked", locked)
    monkeypatch.setattr(turns, "_wait", lambda *args: None)
    monkeypatch.setattr(audit, "record", lambda *args, **kwargs: None)
    monkeypatch.setattr(audit, "record_all", lambda *args, **kwargs: None)
    monkeypatch.setattr(notices, "demand_transaction", lambda: None)
    for module, names in (
        (invoices, ["draft", "issue", "void"]),
        (invoice_lines, ["change", "take_over"]),
        (time_entries, ["edit", "delete"]),
        (approval_reversals, ["undo", "reopen"]),
    ):
        for name in names:
            monkeypatch.setattr(module, name, getattr(module, name).__wrapped__)


def _entries_without_locks(invoice):
    return list(invoice_lines.entries_of(invoice_weeks.entry_ids(invoice)))


def drafted(actor, project):
    return invoices.draft(actor, client=project.client, first_on=FIRST, last_on=LAST)


def meet(monkeypatch, *places):
    """A meeting behind each of these functions: (module, name)."""
    meeting = Meeting()
    for module, name in places:
        monkeypatch.setattr(module, name, meeting.after(getattr(module, name)))


def wins(results):
    """How many were done, and how many were told."""
    told = [result for result in results if isinstance(result, DomainError)]
    others = [result for result in results if isinstance(result, Exception) and result not in told]
    assert not others, others
    return len(results) - len(told), len(told)


def numbers():
    return sorted(Invoice.objects.exclude(number=None).values_list("number", flat=True))


# --- Two people, one draft --------------------------------------------------------------------------------------------


def two_issue_one(acme, people, draft, monkeypatch):
    meet(monkeypatch, (invoices, "_check_unchanged"))
    return together(
        acme,
        lambda: invoices.issue(people["alice"], draft.pk, version=draft.version),
        lambda: invoices.issue(people["bob"], draft.pk, version=draft.version),
    )


def billed_versions():
    return list(TimeEntry.objects.values_list("status", "version"))


def test_two_issue_one_draft_it_is_issued_once(acme, people, entry, draft, monkeypatch):
    results = two_issue_one(acme, people, draft, monkeypatch)
    assert wins(results) == (2, 0), "the second is a harmless success"
    assert {result.number for result in results} == {1} and numbers() == [1]
    assert billed_versions() == [("BILLED", entry.version + 1)]


def test_twin_without_the_locks_only_the_database_stops_the_second(
    acme, people, entry, draft, monkeypatch, unprotected
):
    results = two_issue_one(acme, people, draft, monkeypatch)
    assert [type(result).__name__ for result in results if isinstance(result, Exception)] != []


# --- Two drafts over the same time ------------------------------------------------------------------------------------


def two_drafts(acme, people, project, monkeypatch):
    meet(monkeypatch, (invoice_lines, "ready"))
    return together(acme, lambda: drafted(people["alice"], project), lambda: drafted(people["bob"], project))


def test_two_drafts_at_once_share_nothing(acme, people, project, entry, monkeypatch):
    results = two_drafts(acme, people, project, monkeypatch)
    assert wins(results) == (1, 1)
    assert (Invoice.objects.count(), InvoiceLine.objects.count()) == (1, 1)


def test_twin_without_the_constraint_both_have_it(acme, people, project, entry, monkeypatch, unprotected):
    [once_only] = [each for each in InvoiceLine._meta.constraints if each.name == "entry_on_one_live_invoice"]
    with connection.schema_editor() as editor:
        editor.remove_constraint(InvoiceLine, once_only)
    try:
        two_drafts(acme, people, project, monkeypatch)
        assert InvoiceLine.objects.filter(entry=entry, live=True).count() == 2
    finally:
        InvoiceLine.objects.all().delete()
        with connection.schema_editor() as editor:
            editor.add_constraint(InvoiceLine, once_only)


# --- Issuing against a change of an entry -----------------------------------------------------------------------------


def issue_and_edit(acme, people, entry, draft, monkeypatch):
    meet(monkeypatch, (invoices, "_check_unchanged"), (time_entries, "_verdict"))
    return together(
        acme,
        lambda: invoices.issue(people["alice"], draft.pk, version=draft.version),
        lambda: time_entries.edit(people["bob"], entry.pk, minutes=90),
    )


def billed_and_shown():
    """Status and minutes of the entry, and the minutes that the client is billed."""
    entry, line = TimeEntry.objects.get(), InvoiceLine.objects.get()
    return entry.status, entry.minutes, line.minutes


def test_issuing_and_editing_at_once_leave_what_the_line_says(acme, people, entry, draft, monkeypatch):
    results = issue_and_edit(acme, people, entry, draft, monkeypatch)
    assert wins(results) == (1, 1)
    assert billed_and_shown() in (("BILLED", 60, 60), ("APPROVED", 90, 60))
    assert (Invoice.objects.get().status == "issued") == (TimeEntry.objects.get().status == "BILLED")


def test_twin_without_the_locks_an_issued_invoice_says_another_thing(
    acme, people, entry, draft, monkeypatch, unprotected
):
    issue_and_edit(acme, people, entry, draft, monkeypatch)
    assert Invoice.objects.get().status == "issued"
    assert billed_and_shown()[1:] == (90, 60)


# --- Issuing against taking the approval back -------------------------------------------------------------------------


def issue_and_reopen(acme, people, draft, monkeypatch):
    sheet = Timesheet.objects.get()
    meet(monkeypatch, (invoices, "_check_unchanged"), (approval_reversals, "_check_open"))
    return together(
        acme,
        lambda: invoices.issue(people["alice"], draft.pk, version=draft.version),
        lambda: approval_reversals.reopen(people["bob"], sheet.pk, version=sheet.version, reason="Wrong day"),
    )


def test_issuing_and_reopening_at_once_one_wins(acme, people, entry, draft, monkeypatch):
    results = issue_and_reopen(acme, people, draft, monkeypatch)
    assert wins(results) == (1, 1)
    issued = Invoice.objects.get().status == "issued"
    states = TimeEntry.objects.get().status, Timesheet.objects.get().state
    assert states == (("BILLED", "approved") if issued else ("OPEN", "draft"))


def test_twin_without_the_locks_what_is_billed_lies_in_a_draft(acme, people, entry, draft, monkeypatch, unprotected):
    issue_and_reopen(acme, people, draft, monkeypatch)
    assert Invoice.objects.get().status == "issued"
    assert (TimeEntry.objects.get().status, Timesheet.objects.get().state) != ("BILLED", "approved")


def test_issuing_and_undoing_at_once_one_wins(acme, people, entry, draft):
    sheet = Timesheet.objects.get()
    results = together(
        acme,
        lambda: invoices.issue(people["alice"], draft.pk, version=draft.version),
        lambda: approval_reversals.undo(people["bob"], sheet.pk, version=sheet.version),
    )
    assert wins(results) == (1, 1)
    issued = Invoice.objects.get().status == "issued"
    states = TimeEntry.objects.get().status, Timesheet.objects.get().state
    assert states == (("BILLED", "approved") if issued else ("SUBMITTED", "submitted"))


# --- Issuing and voiding ----------------------------------------------------------------------------------------------


def two_void(acme, people, draft, monkeypatch):
    issued = invoices.issue(people["alice"], draft.pk, version=draft.version)
    meet(monkeypatch, (invoices, "_expect"))
    return together(
        acme,
        *(
            lambda who=who: invoices.void(people[who], issued.pk, version=issued.version, reason=f"By {who}")
            for who in ("alice", "bob")
        ),
    )


def test_two_void_one_invoice_it_is_voided_once(acme, people, entry, draft, monkeypatch):
    results = two_void(acme, people, draft, monkeypatch)
    assert wins(results) == (2, 0)
    assert len({result.void_reason for result in results}) == 1
    assert billed_versions() == [("APPROVED", entry.version + 2)]


def test_twin_without_the_locks_the_second_reason_is_lost(acme, people, entry, draft, monkeypatch, unprotected):
    results = two_void(acme, people, draft, monkeypatch)
    reasons = {result.void_reason for result in results if isinstance(result, Invoice)}
    refused = [result for result in results if not isinstance(result, Invoice)]  # by the trigger that keeps void ones
    assert len(reasons) == 2 or refused


def test_issuing_and_voiding_at_once_leave_one_state(acme, people, entry, draft):
    results = together(
        acme,
        lambda: invoices.issue(people["alice"], draft.pk, version=draft.version),
        lambda: invoices.void(people["bob"], draft.pk, version=None, reason="Wrong"),
    )
    assert wins(results)[0] >= 1
    status = Invoice.objects.get().status
    assert (status, TimeEntry.objects.get().status) in (("issued", "BILLED"), ("void", "APPROVED"))


# --- Numbers ----------------------------------------------------------------------------------------------------------


def two_invoices(acme, people, monkeypatch):
    drafts = []
    for number in range(2):
        other = factories.ProjectFactory(code=f"P-{number}")
        billed_entry(people["carol"], project=other, date=FIRST if number else LAST)
        drafts.append(drafted(people["alice"], other))
    meet(monkeypatch, (invoices.invoicing, "next_number"))
    return together(
        acme,
        lambda: invoices.issue(people["alice"], drafts[0].pk, version=None),
        lambda: invoices.issue(people["bob"], drafts[1].pk, version=None),
    )


def test_two_invoices_at_once_have_numbers_without_a_gap(acme, people, monkeypatch):
    assert wins(two_invoices(acme, people, monkeypatch)) == (2, 0)
    assert numbers() == [1, 2]


def test_twin_without_the_turn_one_number_is_given_twice(acme, people, monkeypatch, unprotected):
    results = two_invoices(acme, people, monkeypatch)
    assert sum(isinstance(result, Exception) for result in results) == 1, "the constraint behind refuses one"
    assert numbers() == [1]


# --- Two people change one draft --------------------------------------------------------------------------------------


def test_a_draft_changed_by_two_at_once_tells_one(acme, people, entry, draft):
    results = together(
        acme,
        lambda: invoice_lines.change(people["alice"], draft.pk, version=draft.version, note="A"),
        lambda: invoice_lines.change(people["bob"], draft.pk, version=draft.version, leave_out=[entry.pk]),
    )
    assert wins(results) == (1, 1)
    stored = Invoice.objects.get()
    assert stored.version == draft.version + 1
    assert (stored.note, stored.net) in (("A", draft.net), ("", 0))
