"""An admin sets what hours cost: a role and its rate, a work type, the rate of an agreement; script on and off."""

import pytest
from playwright.sync_api import expect

from tests import factories
from timetracking.models import WorkRoleRate

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("script", [True, False], ids=["with script", "script off"])
def test_an_hour_gets_its_price(watched_page, as_alice, acme, alice, script):
    agreement = factories.AgreementFactory(name="Support by the hour")
    page = watched_page(as_alice, java_script_enabled=script)
    page.goto("/o/acme/settings/")
    menu = page.get_by_role("navigation", name="Settings")

    menu.get_by_role("link", name="Work roles and rates").click()
    page.get_by_role("link", name="New work role").first.click()
    page.get_by_label("Name", exact=True).fill("Engineer")
    page.get_by_role("button", name="Create").click()
    page.get_by_role("link", name="Engineer", exact=True).click()
    page.get_by_role("link", name="New rate").first.click()
    page.get_by_label("In force from").fill("2026-01-01")
    page.get_by_label("Hourly rate").fill("-1")
    page.get_by_role("button", name="Create").click()
    expect(page.get_by_label("Hourly rate")).to_have_value("-1")
    page.get_by_label("Hourly rate").fill("95.50")
    page.get_by_role("button", name="Create").click()
    expect(page.get_by_role("row", name="1 January 2026")).to_contain_text("€95.50")
    expect(page.get_by_role("row", name="1 January 2026")).to_contain_text("In force today")

    menu.get_by_role("link", name="Work types").click()
    page.get_by_role("link", name="New work type").first.click()
    page.get_by_label("Name", exact=True).fill("Overtime")
    page.get_by_label("Rate multiplier").fill("1.5")
    page.get_by_label("Use where none is named").check()
    page.get_by_role("button", name="Create").click()
    expect(page.get_by_role("row", name="Overtime")).to_contain_text("Where none is named")

    page.goto(f"/o/acme/agreements/{agreement.pk}/")
    page.get_by_role("link", name="New rate").click()
    page.get_by_label("Work type").select_option(label="Overtime")
    page.get_by_label("Hourly rate").fill("80")
    page.get_by_role("button", name="Create").click()
    row = page.get_by_role("row", name="Every role")
    expect(row).to_contain_text("€120.00 (× 1.5)")
    row.get_by_role("button", name="Remove").click()
    expect(page.get_by_text("No rates of its own")).to_be_visible()
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_role("row", name="Every role")).to_contain_text("€80.00")

    assert WorkRoleRate.objects.get().hourly_rate == 95.5
