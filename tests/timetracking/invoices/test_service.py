"""Drafting, issuing, voiding and discarding: the success, each refusal by its code, the events."""

import datetime as dt
from decimal import Decimal

import pytest

from accounts.models import AuditEvent
from tests import factories
from tests.timetracking.invoices.billing import DAY, FIRST, LAST, billed_entry, events, statuses
from timesheets_site.lib.errors import Conflict, NotAllowed, OutOfReach, RuleViolation
from timetracking.models import ApprovalEvent, Invoice, InvoiceLine, TimeEntry, Timesheet
from timetracking.services import invoice_lines, invoices, time_entries, timesheets

pytestmark = pytest.mark.django_db


def drafted(actor, client, **options):
    return invoices.draft(actor, **{"client": client, "first_on": FIRST, "last_on": LAST, **options})


@pytest.fixture
def draft(alice, client_, entries):
    return drafted(alice, client_)


@pytest.fixture
def issued(alice, draft):
    return invoices.issue(alice, draft.pk, version=draft.version)


def refused(code, call):
    with pytest.raises(RuleViolation) as refusal:
        call()
    assert refusal.value.code == code
    return str(refusal.value)


# --- Drafting ---------------------------------------------------------------------------------------------------------


def test_a_draft_copies_what_can_be_billed(alice, client_, entries, draft):
    assert (draft.minutes, draft.net, draft.tax, draft.total) == (90, Decimal("127.75"), 0, Decimal("127.75"))
    lines = list(
        InvoiceLine.objects.values_list("entry", "group", "text", "agent", "minutes", "amount", "entry_version")
    )
    assert sorted(lines) == [
        (entries[0].pk, "BCN-1 Beacon", "Rollout", "Carol Clark", 60, Decimal(80), 1),
        (entries[1].pk, "Support tickets", "Tunnel", "Carol Clark", 30, Decimal("47.75"), 1),
    ]
    assert statuses() == ["APPROVED", "APPROVED"]
    assert events() == ["invoice.drafted"]
    assert AuditEvent.objects.get(action="invoice.drafted").changes["entries"] == [[], [entry.pk for entry in entries]]


def test_what_is_never_billed_stays_off(alice, carol, client_, entries, project):
    other = factories.ProjectFactory()
    for fields in (
        {"project": project, "status": "SUBMITTED"},
        {"project": project, "status": "REJECTED"},
        {"project": project, "status": "OPEN"},
        {"project": project, "hourly_rate": None},
        {"project": project, "billable": False},
        {"project": project, "date": LAST + dt.timedelta(days=1)},
        {"project": project, "deleted_at": entries[0].created_at},
        {"project": other},
        {"billable": False, "client": client_},  # general time for the client
    ):
        billed_entry(carol, **fields)
    drafted(alice, client_)
    assert set(InvoiceLine.objects.values_list("entry", flat=True)) == {entry.pk for entry in entries}


def test_time_at_no_charge_stands_there_at_nothing(alice, carol, client_, project):
    billed_entry(carol, project=project, no_charge=True, minutes=45)
    draft = drafted(alice, client_)
    assert (draft.minutes, draft.net) == (45, 0)
    assert InvoiceLine.objects.get().no_charge


def test_where_approval_is_waived_all_but_rejected_time_is_billed(alice, carol, client_, project):
    alice.organisation.unapproved_invoiced = True
    for status in ("OPEN", "SUBMITTED", "REJECTED", "APPROVED"):
        billed_entry(carol, project=project, status=status)
    draft = drafted(alice, client_)
    assert InvoiceLine.objects.count() == 3
    invoices.issue(alice, draft.pk, version=draft.version)
    assert statuses() == ["BILLED", "BILLED", "REJECTED", "BILLED"]


def test_everything_until_a_day_begins_with_the_earliest(alice, carol, client_, project, entries):
    billed_entry(carol, project=project, date=dt.date(2026, 3, 2))
    assert drafted(alice, client_, first_on=None).first_on == dt.date(2026, 3, 2)


def test_a_second_draft_does_not_offer_what_the_first_has(alice, carol, client_, draft, project):
    refused("nothing_to_bill", lambda: drafted(alice, client_))
    billed_entry(carol, project=project, subject="Later")
    assert drafted(alice, client_).net == 80


@pytest.mark.parametrize(
    ("options", "code"),
    [
        ({"first_on": LAST, "last_on": FIRST}, "period_order"),
        ({"first_on": dt.date(2020, 1, 1), "last_on": dt.date(2020, 2, 1)}, "nothing_to_bill"),
        ({"grouping": "colour"}, "grouping_unknown"),
        ({"note": "x" * 2001}, "text_too_long"),
    ],
)
def test_drafts_that_are_refused(alice, client_, entries, options, code):
    refused(code, lambda: drafted(alice, client_, **options))
    assert not Invoice.objects.exists()


@pytest.mark.parametrize("act", ["draft", "issue", "void", "discard", "change", "take_over"])
def test_only_who_may_see_invoices(bob, carol, act, client_, draft):
    calls = {
        "draft": lambda who: drafted(who, client_),
        "issue": lambda who: invoices.issue(who, draft.pk, version=None),
        "void": lambda who: invoices.void(who, draft.pk, version=None, reason="Why"),
        "discard": lambda who: invoices.discard(who, draft.pk, version=None),
        "change": lambda who: invoice_lines.change(who, draft.pk, version=None, note="Hello"),
        "take_over": lambda who: invoice_lines.take_over(who, draft.pk, version=None),
    }
    carol.issues_invoices = True  # a grant gives an agent nothing
    for who in (bob, carol):
        with pytest.raises(NotAllowed):
            calls[act](who)
    bob.issues_invoices = True
    if code := {"draft": "nothing_to_bill", "void": "invoice_draft"}.get(act):  # let in, and refused for what it is
        refused(code, lambda: calls[act](bob))
    else:
        calls[act](bob)


# --- Changing a draft -------------------------------------------------------------------------------------------------


def test_entries_are_left_out_and_taken_in_again(alice, entries, draft):
    draft = invoice_lines.change(alice, draft.pk, version=draft.version, leave_out=[entries[0].pk])
    assert (draft.minutes, draft.net) == (30, Decimal("47.75"))
    draft = invoice_lines.change(alice, draft.pk, version=draft.version, take_in=[entries[0].pk])
    assert (draft.minutes, draft.net) == (90, Decimal("127.75"))
    assert events() == ["invoice.drafted", "invoice.updated", "invoice.updated"]


def test_grouping_moves_the_lines_and_costs_nothing(alice, draft):
    changed = invoice_lines.change(alice, draft.pk, version=draft.version, grouping="ticket", note="  For June ")
    assert set(InvoiceLine.objects.values_list("group", flat=True)) == {"BCN-1 Beacon", "TKT-4846 VPN drops"}
    assert (changed.note, changed.net) == ("For June", draft.net)


def test_a_change_of_nothing_is_no_change(alice, entries, draft):
    same = invoice_lines.change(alice, draft.pk, version=draft.version, take_in=[entries[0].pk], note="")
    assert same.version == draft.version and events() == ["invoice.drafted"]


def test_two_people_on_one_draft(alice, entries, draft):
    invoice_lines.change(alice, draft.pk, version=draft.version, note="First")
    for call in (
        lambda: invoice_lines.change(alice, draft.pk, version=draft.version, note="Second"),
        lambda: invoices.issue(alice, draft.pk, version=draft.version),
        lambda: invoices.discard(alice, draft.pk, version=draft.version),
    ):
        with pytest.raises(Conflict):
            call()


def test_taking_in_what_another_draft_has_is_a_conflict(alice, client_, entries, draft):
    draft = invoice_lines.change(alice, draft.pk, version=None, leave_out=[entries[0].pk])
    drafted(alice, client_)
    with pytest.raises(Conflict):
        invoice_lines.change(alice, draft.pk, version=None, take_in=[entries[0].pk])
    assert InvoiceLine.objects.count() == 2


def test_changes_are_taken_over(alice, entries, draft):
    time_entries.edit(alice, entries[0].pk, subject="Rollout and training")
    time_entries.delete(alice, entries[1].pk)
    draft = invoice_lines.take_over(alice, draft.pk, version=draft.version)
    line = InvoiceLine.objects.get()
    assert (line.text, line.entry_version) == ("Rollout and training", 2)
    entry = TimeEntry.objects.get(pk=entries[0].pk)
    assert (draft.net, line.amount, line.hourly_rate) == (entry.amount, entry.amount, entry.hourly_rate)
    changes = AuditEvent.objects.filter(action="invoice.updated").get().changes
    assert changes == {"left_out": [[entries[1].pk], []], "taken_over": [[], [entries[0].pk]]}


def test_a_rate_that_went_away_stays_in_sight_and_is_not_issued(alice, entries, draft):
    TimeEntry.objects.filter(pk=entries[0].pk).update(hourly_rate=None, amount=0, version=2)
    draft = invoice_lines.take_over(alice, draft.pk, version=draft.version)
    assert InvoiceLine.objects.count() == 2
    refused("no_rate", lambda: invoices.issue(alice, draft.pk, version=draft.version))


# --- Issuing ----------------------------------------------------------------------------------------------------------


def test_issuing_numbers_it_and_locks_its_entries(alice, entries, issued):
    assert (issued.status, issued.number, issued.reference) == ("issued", 1, "INV-1")
    assert issued.due_on - issued.issued_on == dt.timedelta(days=30)
    assert issued.recipient["address"] == "1 Quay\nBristol" and issued.sender["name"] == "Acme"
    assert statuses() == ["BILLED", "BILLED"]
    assert set(TimeEntry.objects.values_list("version", flat=True)) == {2}
    assert events() == ["invoice.drafted", "invoice.issued"]
    told = AuditEvent.objects.filter(action="time_entry.billed").order_by("object_id")
    assert [event.object_id for event in told] == [entry.pk for entry in entries]
    assert told[0].changes == {"status": ["APPROVED", "BILLED"], "invoice": ["", "INV-1"]}
    words = refused("billed", lambda: time_entries.edit(alice, entries[0].pk, subject="More"))
    assert words == "This entry is on invoice INV-1. Void the invoice to change it."


def test_tax_is_that_of_the_net_sum(alice, client_, entries):
    organisation = alice.organisation
    organisation.tax_name, organisation.tax_percent = "VAT", Decimal(20)
    organisation.legal_name, organisation.payment_days, organisation.first_invoice_number = "Acme Ltd", 14, 204
    organisation.save()
    draft = drafted(alice, client_)
    done = invoices.issue(alice, draft.pk, version=draft.version)
    assert (done.net, done.tax, done.total) == (Decimal("127.75"), Decimal("25.55"), Decimal("153.30"))
    assert (done.reference, done.sender["name"]) == ("INV-204", "Acme Ltd")
    assert done.due_on - done.issued_on == dt.timedelta(days=14)


def test_numbers_have_no_gaps_and_void_ones_keep_theirs(alice, carol, client_, project):
    numbers = []
    for count in range(3):
        billed_entry(carol, project=project, subject=f"Entry {count}")
        draft = drafted(alice, client_)
        numbers.append(invoices.issue(alice, draft.pk, version=draft.version).number)
        if count == 1:
            invoices.void(alice, draft.pk, version=None, reason="Wrong")
    assert numbers == [1, 2, 3]


def test_a_prefix_that_makes_an_old_number_again(alice, carol, client_, project, issued):
    organisation = alice.organisation
    organisation.invoice_prefix = "INV-1"
    organisation.save()
    Invoice.objects.filter(pk=issued.pk).update(version=9)  # what may change is free
    billed_entry(carol, project=project)
    draft = drafted(alice, client_)
    assert invoices.issue(alice, draft.pk, version=draft.version).reference == "INV-12"


def test_issuing_twice_is_done_once(alice, draft, issued):
    again = invoices.issue(alice, draft.pk, version=draft.version)
    assert (again.number, again.version) == (issued.number, issued.version)
    assert events() == ["invoice.drafted", "invoice.issued"]
    with pytest.raises(Conflict):
        invoices.issue(alice, draft.pk, version=draft.version - 1)


def test_an_empty_draft_is_not_issued(alice, entries, draft):
    draft = invoice_lines.change(alice, draft.pk, version=None, leave_out=[entry.pk for entry in entries])
    refused("invoice_empty", lambda: invoices.issue(alice, draft.pk, version=draft.version))


@pytest.mark.parametrize(
    "fields",
    [
        {"version": 7},
        {"amount": 81},
        {"covered_minutes": 30},
        {"status": "OPEN"},
        {"deleted_at": "2026-06-20T12:00:00Z"},
        {"billable": False, "amount": 0},
    ],
)
def test_nothing_is_issued_that_changed_since(alice, entries, draft, fields):
    TimeEntry.objects.filter(pk=entries[1].pk).update(**fields)
    with pytest.raises(Conflict) as conflict:
        invoices.issue(alice, draft.pk, version=draft.version)
    assert '"Tunnel" of Mon 15 June' in str(conflict.value)
    assert Invoice.objects.get().status == "draft"
    assert "BILLED" not in TimeEntry.with_deleted.values_list("status", flat=True)


def test_nothing_is_issued_for_another_client(alice, entries, draft):
    TimeEntry.objects.filter(pk=entries[1].pk).repoint(client=factories.ClientFactory())
    with pytest.raises(Conflict):
        invoices.issue(alice, draft.pk, version=draft.version)


def test_nothing_is_issued_at_an_old_tax(alice, draft):
    organisation = alice.organisation
    organisation.tax_percent = Decimal(19)
    organisation.save()
    with pytest.raises(Conflict):
        invoices.issue(alice, draft.pk, version=draft.version)
    draft = invoice_lines.take_over(alice, draft.pk, version=draft.version)
    assert invoices.issue(alice, draft.pk, version=draft.version).tax == Decimal("24.27")


def test_an_unknown_invoice(alice, acme):
    with pytest.raises(OutOfReach):
        invoices.issue(alice, 999, version=None)


# --- Weeks ------------------------------------------------------------------------------------------------------------


def test_a_week_stays_approved_and_its_approval_is_not_undone_any_more(alice, bob, carol, project, client_):
    from timetracking.services import approval_reversals, approvals

    billed_entry(carol, project=project, status="OPEN")
    sheet = timesheets.submit(carol, carol, DAY)
    answer = approvals.approve(bob, sheet.pk, version=sheet.version)
    draft = drafted(alice, client_)
    invoices.issue(alice, draft.pk, version=draft.version)
    assert Timesheet.objects.get().state == "approved"
    refused("nothing_to_undo", lambda: approval_reversals.undo(bob, sheet.pk, version=answer.sheet.version))
    invoices.void(alice, draft.pk, version=None, reason="Wrong client")
    assert Timesheet.objects.get().state == "approved" and statuses() == ["APPROVED"]
    assert [event.action for event in ApprovalEvent.objects.order_by("pk")] == ["submitted", "approved"]


def test_billing_a_week_that_waits_is_told_in_its_history(alice, carol, project, client_):
    alice.organisation.unapproved_invoiced = True
    alice.organisation.save()
    billed_entry(carol, project=project, status="OPEN")
    timesheets.submit(carol, carol, DAY)
    draft = drafted(alice, client_)
    invoices.issue(alice, draft.pk, version=draft.version)
    sheet = Timesheet.objects.get()
    assert (sheet.state, sheet.posting_date) == ("approved", sheet.week_end)
    last = ApprovalEvent.objects.order_by("pk").last()
    assert (last.action, last.from_state, last.to_state) == ("changed", "submitted", "approved")
    assert list(last.lines.values_list("from_status", "to_status")) == [("SUBMITTED", "BILLED")]


# --- Voiding and discarding -------------------------------------------------------------------------------------------


def test_voiding_gives_the_entries_back(alice, client_, issued):
    void = invoices.void(alice, issued.pk, version=issued.version, reason=" Wrong client ")
    assert (void.status, void.reference, void.void_reason) == ("void", "INV-1", "Wrong client")
    assert statuses() == ["APPROVED", "APPROVED"]
    assert not InvoiceLine.objects.filter(live=True).exists() and InvoiceLine.objects.count() == 2
    assert events("time_entry.unbilled") == ["time_entry.unbilled"] * 2
    again = drafted(alice, client_)
    assert again.total == issued.total


def test_voiding_twice_is_done_once(alice, issued):
    void = invoices.void(alice, issued.pk, version=issued.version, reason="Wrong")
    assert invoices.void(alice, issued.pk, version=issued.version, reason="Wrong").version == void.version
    assert events() == ["invoice.drafted", "invoice.issued", "invoice.voided"]


def test_included_hours_are_shared_out_again(alice, carol, client_):
    agreement = factories.AgreementFactory(client=client_, included_minutes_a_month=60)
    project = factories.ProjectFactory(client=client_, agreement=agreement)
    later = billed_entry(carol, project=project, agreement=agreement, covered_minutes=60)
    draft = drafted(alice, client_)
    invoices.issue(alice, draft.pk, version=draft.version)
    earlier = billed_entry(carol, project=project, agreement=agreement, date=FIRST)
    invoices.void(alice, draft.pk, version=None, reason="Wrong")
    shares = dict(TimeEntry.objects.values_list("pk", "covered_minutes"))
    assert shares == {earlier.pk: 60, later.pk: 0}


def test_what_can_not_be_voided(alice, draft):
    refused("invoice_draft", lambda: invoices.void(alice, draft.pk, version=None, reason="Wrong"))
    done = invoices.issue(alice, draft.pk, version=None)
    refused("reason_required", lambda: invoices.void(alice, done.pk, version=None, reason="  "))


def test_an_issued_or_void_invoice_is_not_changed(alice, entries, issued):
    for code in ("invoice_issued", "invoice_void"):
        refused(code, lambda: invoice_lines.change(alice, issued.pk, version=None, note="More"))
        refused(code, lambda: invoice_lines.take_over(alice, issued.pk, version=None))
        refused(code, lambda: invoices.discard(alice, issued.pk, version=None))
        invoices.void(alice, issued.pk, version=None, reason="Wrong")
    refused("invoice_void", lambda: invoices.issue(alice, issued.pk, version=None))


def test_a_discarded_draft_leaves_its_entries_and_no_number(alice, client_, draft):
    invoices.discard(alice, draft.pk, version=draft.version)
    assert not Invoice.objects.exists() and statuses() == ["APPROVED", "APPROVED"]
    assert events() == ["invoice.drafted", "invoice.discarded"]
    again = drafted(alice, client_)
    assert invoices.issue(alice, again.pk, version=again.version).number == 1
