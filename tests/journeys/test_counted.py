"""What small corrections and the payroll's file may cost, counted; other flows are counted where their stories are."""

import pytest
from playwright.sync_api import expect

from tests.journeys.conftest import Hand, log, named

pytestmark = pytest.mark.browser


@pytest.fixture
def entry(carol, work):
    return log(carol, kind="TICKET", ticket=work.ticket, subject="Printer driver rolback")


def test_a_typo_takes_three_interactions(watched_page, as_carol, work, entry):
    page = watched_page(as_carol)
    page.goto(work.week_url)
    hand = Hand(page)
    hand.click(page.get_by_role("link", name=named("Edit Printer")))
    form = page.get_by_role("dialog", name="Edit entry")
    expect(form).to_be_visible()
    hand.interactions += 1  # one run of typing
    form.get_by_role("textbox", name="Subject").fill("Printer driver rollback")
    hand.press("Enter")
    expect(page.locator(f"#entry-{entry.pk}")).to_contain_text("Printer driver rollback")
    assert hand.interactions == 3


def test_deleting_and_regretting_takes_two_and_one_key(watched_page, as_carol, work, entry):
    page = watched_page(as_carol)
    page.goto(work.week_url)
    hand = Hand(page)
    hand.click(page.get_by_role("link", name=named("Delete Printer")))
    expect(page.locator(f"#entry-{entry.pk}")).to_have_count(0)
    hand.press("z")
    expect(page.locator(f"#entry-{entry.pk}")).to_be_visible()
    assert (hand.interactions, hand.keystrokes) == (2, 1)


def test_the_payrolls_file_takes_two(watched_page, as_bob, work, carol, entry):
    page = watched_page(as_bob)
    page.goto(work.week_url)
    hand = Hand(page)
    hand.interactions += 1  # one choice from a list
    page.get_by_label("Agent").select_option(label=carol.display_name)
    expect(page.get_by_role("heading", level=1)).to_contain_text(carol.display_name)
    with page.expect_download() as download:
        hand.click(page.get_by_role("link", name="Export CSV"))
    assert "Printer" in download.value.path().read_text()
    assert (hand.interactions, hand.keystrokes) == (2, 0)
