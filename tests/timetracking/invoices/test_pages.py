"""The pages of invoices through the client: list, new, draft, issue, void, discard, history, and who may open them."""

import datetime as dt
from decimal import Decimal

import pytest
import time_machine
from django.urls import reverse

from tests import factories
from tests.cast import browser_of
from tests.timetracking.invoices.billing import DAY, FIRST, LAST, billed_entry, statuses
from timetracking.models import Invoice, InvoiceLine, TimeEntry
from timetracking.services import invoices

pytestmark = pytest.mark.django_db


def url(name, invoice=None):
    return reverse(name, args=["acme", invoice.pk] if invoice else ["acme"])


@pytest.fixture
def draft(alice, client_, entries):
    return invoices.draft(alice, client=client_, first_on=FIRST, last_on=LAST, note="For June")


@pytest.fixture
def issued(alice, draft):
    return invoices.issue(alice, draft.pk, version=draft.version)


def text_of(response):
    return response.content.decode()


# --- New --------------------------------------------------------------------------------------------------------------

ASKED = {"period": "range", "first_on": FIRST.isoformat(), "last_on": LAST.isoformat(), "grouping": "project"}


def test_what_there_is_to_bill_is_shown_before_a_draft_is_made(as_alice, carol, client_, entries, project):
    billed_entry(carol, project=project, status="SUBMITTED", minutes=45)
    billed_entry(carol, project=project, hourly_rate=None)
    page = text_of(as_alice.get(url("invoice-new"), {**ASKED, "client": client_.pk}))
    for words in ("BCN-1 Beacon", "Support tickets", "€127.75", "Waiting for approval", "No rate is set"):
        assert words in page
    assert not Invoice.objects.exists()


def test_a_draft_is_made_once(as_alice, client_, entries):
    values = {**ASKED, "client": client_.pk, "key": "a-key"}
    answers = [as_alice.post(url("invoice-new"), values) for _ in range(2)]
    draft = Invoice.objects.get()
    assert [answer["Location"] for answer in answers] == [url("invoice", draft)] * 2


def test_last_month_is_offered(as_alice, alice, carol, client_, project):
    last = alice.today().replace(day=1) - dt.timedelta(days=1)
    billed_entry(carol, project=project, date=last)
    as_alice.post(url("invoice-new"), {"client": client_.pk, "period": "month"})
    draft = Invoice.objects.get()
    assert (draft.first_on, draft.last_on) == (last.replace(day=1), last)


def test_everything_until_a_day(as_alice, client_, entries):
    as_alice.post(url("invoice-new"), {"client": client_.pk, "period": "until", "last_on": DAY.isoformat()})
    assert Invoice.objects.get().first_on == DAY


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({}, "Choose a client"),
        ({"period": "until", "last_on": ""}, "Enter the last day"),
        ({"period": "range", "first_on": "", "last_on": "2026-06-30"}, "Enter the first day"),
        ({"period": "range", "first_on": "2026-07-01", "last_on": "2026-06-30"}, "not before the first"),
        ({"period": "range", "first_on": "2020-01-01", "last_on": "2020-06-30"}, "There is nothing to bill"),
    ],
)
def test_what_is_asked_wrongly(as_alice, client_, entries, values, words):
    answer = as_alice.post(url("invoice-new"), {"client": client_.pk, **values} if values else {})
    assert answer.status_code == 422 and words in text_of(answer)


def test_a_client_of_others_is_none(as_alice, globex, entries):
    from accounts.tenancy import organisation_scope

    with organisation_scope(globex):
        foreign = factories.ClientFactory(name="Theirs")
    answer = as_alice.post(url("invoice-new"), {**ASKED, "client": foreign.pk})
    assert answer.status_code == 422 and "Theirs" not in text_of(answer)


# --- The draft --------------------------------------------------------------------------------------------------------


def test_entries_are_left_out_by_unticking_them(as_alice, draft, entries):
    values = {"version": draft.version, "was": [e.pk for e in entries], "entry": [entries[0].pk], "note": "Hello"}
    answer = as_alice.post(url("invoice-change", draft), values)
    assert answer["Location"] == url("invoice", draft)
    draft.refresh_from_db()
    assert (draft.net, draft.note) == (80, "Hello")
    page = text_of(as_alice.get(url("invoice", draft)))
    assert "1 left out" in page and "€47.75" in page
    back = {"version": draft.version, "was": [entries[0].pk], "entry": [e.pk for e in entries], "then": "issue"}
    assert as_alice.post(url("invoice-change", draft), back)["Location"] == url("invoice-issue", draft)
    assert InvoiceLine.objects.count() == 2


def test_a_whole_group_is_left_out_and_taken_in(as_alice, draft, carol, project):
    billed_entry(carol, project=project, subject="Later")
    was = {"was": list(InvoiceLine.objects.values_list("entry", flat=True))}
    ticked = {**was, "entry": was["was"]}
    as_alice.post(url("invoice-change", draft), {**ticked, "version": 1, "group_in": "BCN-1 Beacon"})
    assert InvoiceLine.objects.filter(group="BCN-1 Beacon").count() == 2
    as_alice.post(url("invoice-change", draft), {"version": 2, "group_out": "BCN-1 Beacon"})
    assert list(InvoiceLine.objects.values_list("group", flat=True)) == ["Support tickets"]
    for unreadable in ("group_in", "group_out"):
        answer = as_alice.post(url("invoice-change", draft), {"version": 3, unreadable: "a\x00"})
        assert answer.status_code == 302
    assert InvoiceLine.objects.count() == 1


def test_what_changed_is_said_and_taken_over(as_alice, draft, entries):
    TimeEntry.objects.filter(pk=entries[0].pk).update(subject="Rollout two", version=2)
    page = text_of(as_alice.get(url("invoice", draft)))
    assert "Changed since it was drafted" in page and "It was changed." in page
    assert InvoiceLine.objects.filter(text="Rollout").exists(), "looking stores nothing"
    as_alice.post(url("invoice-take-over", draft), {"version": draft.version})
    assert InvoiceLine.objects.filter(text="Rollout two").exists()
    assert "Changed since" not in text_of(as_alice.get(url("invoice", draft)))


def test_two_people_on_one_draft(as_alice, alice, draft, entries):
    as_alice.post(url("invoice-change", draft), {"version": draft.version, "note": "First"})
    typed = {"note": "Typed by the second", "was": [e.pk for e in entries], "entry": [entries[0].pk]}
    answer = as_alice.post(url("invoice-change", draft), {"version": draft.version, **typed})
    page = text_of(answer)
    assert answer.status_code == 409
    assert "Somebody changed this invoice" in page and "Typed by the second" in page
    ticked = [e.pk for e in entries if f'id="e{e.pk}" checked' in page]
    assert ticked == [entries[0].pk], "what was ticked stays so, to be sent again"
    assert (Invoice.objects.get().note, InvoiceLine.objects.count()) == ("First", 2)


def test_a_note_that_is_too_long(as_alice, draft):
    answer = as_alice.post(url("invoice-change", draft), {"version": draft.version, "note": "x" * 2001})
    assert answer.status_code == 422 and "Use at most 2,000 characters" in text_of(answer)


def test_a_long_draft_comes_in_pages(as_alice, alice, carol, client_, project, monkeypatch):
    monkeypatch.setattr("timetracking.selectors.invoice_draft.ROWS_A_PAGE", 2)
    found = [billed_entry(carol, project=project, subject=f"Entry {n}") for n in range(3)]
    draft = invoices.draft(alice, client=client_, first_on=FIRST, last_on=LAST)
    page = text_of(as_alice.get(url("invoice", draft), {"page": 2}))
    assert "Continued" in page and "Entry 2" in page and "Entry 0" not in page and "€240.00" in page
    answer = as_alice.post(url("invoice-change", draft) + "?page=2", {"version": draft.version, "was": [found[2].pk]})
    assert answer["Location"].endswith("?page=2")
    assert InvoiceLine.objects.count() == 2


# --- Issue, void, discard ---------------------------------------------------------------------------------------------


def test_issuing_asks_first(as_alice, draft):
    page = text_of(as_alice.get(url("invoice-issue", draft)))
    assert "Issue this invoice?" in page and "€127.75" in page
    assert Invoice.objects.get().status == "draft"
    answer = as_alice.post(url("invoice-issue", draft), {"version": draft.version}, follow=True)
    assert "Invoice INV-1 issued: €127.75" in text_of(answer)
    assert statuses() == ["BILLED", "BILLED"]


def test_what_changed_meanwhile_comes_back_as_the_draft(as_alice, draft, entries):
    TimeEntry.objects.filter(pk=entries[1].pk).update(status="OPEN", version=2)
    answer = as_alice.post(url("invoice-issue", draft), {"version": draft.version})
    assert answer.status_code == 409
    assert "&quot;Tunnel&quot; of Mon 15 June changed since." in text_of(answer)
    page = text_of(as_alice.get(url("invoice-issue", draft)))
    assert "Take over the changes first." in page and 'type="submit">Issue' not in page


def test_the_invoice_reads_like_the_paper(as_alice, alice, client_, entries):
    organisation = alice.organisation
    organisation.legal_name, organisation.address = "Acme Ltd", "1 Street\nLeeds"
    organisation.tax_name, organisation.tax_percent = "VAT", Decimal("17.5")
    organisation.invoice_terms = "Pay within 30 days"
    organisation.save()
    draft = invoices.draft(alice, client=client_, first_on=FIRST, last_on=LAST, note="Thank you")
    done = invoices.issue(alice, draft.pk, version=draft.version)
    page = text_of(as_alice.get(url("invoice", done)))
    for words in (
        "Invoice INV-1", "Acme Ltd", "1 Street<br>Leeds", "Harbourside", "1 Quay<br>Bristol", "GB 1", "VAT 17.5%",
        "€127.75", "€22.36", "€150.11", "Pay within 30 days", "Thank you", "Rollout", "1 – 30 June 2026",
    ):  # fmt: skip
        assert words in page, words


def test_voiding_asks_why(as_alice, issued):
    assert "This can't be undone." in text_of(as_alice.get(url("invoice-void", issued)))
    answer = as_alice.post(url("invoice-void", issued), {"version": issued.version})
    assert answer.status_code == 422 and "Say why this invoice is voided" in text_of(answer)
    answer = as_alice.post(
        url("invoice-void", issued), {"version": issued.version, "reason": "Wrong client"}, follow=True
    )
    assert "Invoice INV-1 is void" in text_of(answer) and "Wrong client" in text_of(answer)
    assert statuses() == ["APPROVED", "APPROVED"]


def test_an_issued_invoice_takes_no_changes(as_alice, issued):
    for name in ("invoice-change", "invoice-take-over", "invoice-discard"):
        answer = as_alice.post(url(name, issued), {"version": issued.version, "note": "More"}, follow=True)
        assert "This invoice is issued." in text_of(answer), name
    assert Invoice.objects.get().note == "For June"


def test_discarding_asks_first(as_alice, draft):
    assert "Discard the draft for Harbourside?" in text_of(as_alice.get(url("invoice-discard", draft)))
    as_alice.post(url("invoice-discard", draft), {"version": draft.version})
    assert not Invoice.objects.exists()


def test_the_history_says_who_did_what(as_alice, alice, issued):
    invoices.void(alice, issued.pk, version=None, reason="Wrong client")
    page = text_of(as_alice.get(url("invoice-history", issued)))
    for words in ("drafted this invoice", "issued this invoice", "voided this invoice", "Wrong client", "INV-1"):
        assert words in page


# --- The list ---------------------------------------------------------------------------------------------------------


def test_the_list_by_status_client_and_number(as_alice, alice, carol, issued, project):
    other = factories.ProjectFactory(client__name="Northwind")
    billed_entry(carol, project=other)
    invoices.draft(alice, client=other.client, first_on=FIRST, last_on=LAST)

    def rows(**params):
        page = text_of(as_alice.get(url("invoices"), params))
        body = page.partition("<tbody>")[2].partition("</tbody>")[0]
        return "INV-1<" in body, "Northwind" in body

    assert rows() == (True, True)
    assert rows(status="issued") == (True, False)
    assert rows(status="draft") == (False, True)
    assert rows(client=other.client_id) == (False, True)
    assert rows(q="inv-1") == (True, False)
    assert rows(q="\x00%") == (False, False)
    assert rows(status="nonsense", page="x", client="y") == (True, True)


def test_a_passed_due_date_is_said(as_alice, issued):
    with time_machine.travel(issued.due_on + dt.timedelta(days=2)):
        again = browser_of(issued.issued_by)
        assert "Past due date" in text_of(again.get(url("invoices")))
        assert "Past due date" in text_of(again.get(url("invoice", issued)))
    assert "Past due date" not in text_of(as_alice.get(url("invoices")))


# --- Who may ----------------------------------------------------------------------------------------------------------

PAGES = ("invoice", "invoice-issue", "invoice-void", "invoice-discard", "invoice-history", "invoice-csv", "invoice-pdf",
         "invoice-xlsx")  # fmt: skip


@pytest.mark.parametrize("name", PAGES)
def test_managers_by_grant(as_bob, bob, as_carol, as_mallory, issued, name):
    assert as_bob.get(url(name, issued)).status_code == 403
    assert as_carol.get(url(name, issued)).status_code == 403
    assert as_mallory.get(url(name, issued)).status_code == 404
    bob.issues_invoices = True
    bob.save()
    answer = as_bob.get(url(name, issued))
    assert answer.status_code in (200, 302)
    assert b"".join(answer) or answer.status_code == 302  # to its end, which closes what it reads


def test_the_navigation_has_it_for_who_may(as_alice, as_bob, acme):
    week = reverse("week", args=["acme"])
    assert f'href="{url("invoices")}"' in text_of(as_alice.get(week))
    assert f'href="{url("invoices")}"' not in text_of(as_bob.get(week))


def test_a_billed_entry_names_its_invoice(as_alice, as_carol, issued):
    query = f"?agent=all&from={FIRST}&to={LAST}"
    words = "This entry is on invoice INV-1. Void the invoice to change it."
    page = text_of(as_alice.get(reverse("week", args=["acme"]) + query))
    assert words in page and f'href="{url("invoice", issued)}"' in page
    page = text_of(as_carol.get(reverse("week", args=["acme"]) + f"?from={FIRST}&to={LAST}"))
    assert words in page and url("invoice", issued) not in page


def test_the_clients_page_says_what_there_is_to_bill(as_alice, as_bob, carol, client_, entries, project):
    billed_entry(carol, project=project, status="SUBMITTED")
    billed_entry(carol, project=project, status="REJECTED")
    client_url = reverse("client", args=["acme", client_.pk])
    page = text_of(as_alice.get(client_url))
    assert "€127.75" in page and "of 2 entries" in page and "1 entry waits for approval" in page
    assert f"{url('invoice-new')}?client={client_.pk}" in page
    assert "€" not in text_of(as_bob.get(client_url))


def test_the_history_of_an_entry_names_its_invoice(as_alice, entries, issued):
    page = text_of(as_alice.get(reverse("entry-history", args=["acme", entries[0].pk])))
    assert "issued an invoice with this entry" in page and "INV-1" in page
