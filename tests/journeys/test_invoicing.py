"""Approved time becomes an invoice, in a real browser: with script, and with script off on a phone."""

import re

import pytest
from playwright.sync_api import expect

from tests.timetracking.invoices.billing import FIRST, LAST, billed_entry
from timetracking.models import Invoice, TimeEntry

pytestmark = pytest.mark.browser


@pytest.fixture
def billed(work, carol):
    """Two approved entries of June, an hour at 80 each: on the project, and on the ticket."""
    return [
        billed_entry(carol, project=work.project, subject="Rollout"),
        billed_entry(carol, ticket=work.ticket, subject="Restore"),
    ]


def drafted(page):
    """Chooses client and days, looks at what there is, and makes the draft."""
    page.goto("/o/acme/invoices/")
    page.get_by_role("link", name="New invoice").first.click()
    page.get_by_role("combobox", name="Client").select_option(label="Harbourside")
    page.get_by_role("radio", name="From one day to another").check()
    page.get_by_label("From", exact=True).fill(FIRST.isoformat())
    page.get_by_label("To", exact=True).fill(LAST.isoformat())
    page.get_by_role("button", name="Show what can be billed").click()
    expect(page.get_by_role("table", name="What can be billed")).to_contain_text("€160.00")
    page.get_by_role("button", name="Create draft").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Draft for Harbourside")


def test_from_approved_time_to_a_void_invoice(watched_page, as_alice, alice, billed, work):
    page = watched_page(as_alice)
    drafted(page)
    page.get_by_role("checkbox", name="Restore").uncheck()
    page.get_by_label("Note to the client").fill("For June")
    page.get_by_role("button", name="Save draft").last.click()
    expect(page.locator(".inv-bar")).to_contain_text("€80.00")
    expect(page.get_by_text("1 left out")).to_be_visible()
    page.get_by_role("button", name="Take all of it in").click()
    expect(page.locator(".inv-bar")).to_contain_text("€160.00")

    page.get_by_role("button", name="Issue…").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Issue this invoice?")
    page.get_by_role("button", name="Issue invoice").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Invoice INV-1")
    expect(page.locator(".paper")).to_contain_text("For June")
    page.get_by_text("Download").click()
    with page.expect_download() as download:
        page.get_by_role("link", name="PDF").click()
    assert download.value.suggested_filename == "invoice_acme_INV-1.pdf"
    assert set(TimeEntry.objects.filter(pk__in=[e.pk for e in billed]).values_list("status", flat=True)) == {"BILLED"}

    page.get_by_role("link", name="Void…").click()
    page.get_by_label("Reason").fill("Sent to the old address")
    page.get_by_role("button", name="Void invoice").click()
    expect(page.locator(".banner.danger")).to_contain_text("Sent to the old address")
    page.get_by_role("link", name="History").click()
    expect(page.get_by_role("listitem").filter(has_text="voided this invoice")).to_contain_text(alice.display_name)


def test_without_script_on_a_phone(watched_page, as_alice, billed, work):
    page = watched_page(as_alice, java_script_enabled=False, viewport={"width": 390, "height": 844})
    drafted(page)
    page.get_by_role("checkbox", name="Rollout").uncheck()
    page.get_by_role("button", name="Issue…").click()
    expect(page.locator(".facts")).to_contain_text("€80.00")
    page.get_by_role("button", name="Issue invoice").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Invoice INV-1")
    page.goto(work.week_url + f"?agent=all&from={FIRST}&to={LAST}")
    locked = page.locator(f"#entry-{billed[1].pk}")
    locked.locator("summary").click()
    locked.get_by_role("link", name="Open the invoice").click()
    expect(page).to_have_url(re.compile(r"/invoices/\d+/$"))
    assert Invoice.objects.get().reference == "INV-1"


def test_what_changed_meanwhile_is_taken_over(watched_page, as_alice, billed):
    page = watched_page(as_alice)
    drafted(page)
    TimeEntry.objects.filter(pk=billed[0].pk).update(status="OPEN", version=2)
    page.get_by_role("button", name="Issue…").click()
    expect(page.get_by_text("Take over the changes first.")).to_be_visible()
    page.get_by_role("link", name="Back to the draft").click()
    expect(page.get_by_text("Rollout, Mon 15 June: It is not approved any more.")).to_be_visible()
    page.get_by_role("button", name="Take over changes").click()
    expect(page.locator(".inv-bar")).to_contain_text("€80.00")
