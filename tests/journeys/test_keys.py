"""A key is made in the browser, seen once, used by a program, revoked, and opens nothing any more."""

import http.client
import json
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import expect

from tests.cast import browser_of

pytestmark = pytest.mark.browser


def asked(page, secret):
    """What the API answers to this key: the status and the name of who asks."""
    connection = http.client.HTTPConnection(urlsplit(page.url).netloc)
    connection.request("GET", "/api/v1/me", headers={"Authorization": f"Bearer {secret}"})
    answer = connection.getresponse()
    body = json.load(answer)
    connection.close()
    return answer.status, body.get("member_id")


def make(page, name):
    page.get_by_role("link", name="Make a key").click()
    page.get_by_role("textbox", name="Name", exact=True).fill(name)
    page.get_by_role("checkbox", name="Reports").check()
    page.get_by_role("button", name="Make the key").click()
    expect(page.locator(".banner")).to_contain_text("never shown again")
    secret = page.locator("#new-secret").inner_text()
    page.get_by_role("link", name="I have copied it").click()
    expect(page.get_by_role("row", name=name)).to_contain_text("Reports")
    return secret


def revoke(page, name):
    page.get_by_role("link", name=f"Revoke {name}").click()
    page.get_by_role("button", name="Revoke").click()
    expect(page.get_by_role("status").filter(has_text=f"{name} is revoked")).to_be_visible()


@pytest.mark.parametrize("script", [True, False], ids=["script", "no script"])
def test_a_key_from_its_making_to_its_end(watched_page, carol, as_carol, work, script):
    page = watched_page(as_carol, java_script_enabled=script)
    page.goto("/me/tokens/")
    secret = make(page, "Laptop script")
    expect(page.locator("body")).not_to_contain_text(secret)
    assert asked(page, secret) == (200, carol.pk)
    page.reload()
    row = page.get_by_role("row", name="Laptop script")
    expect(row).to_contain_text("127.0.0.1")
    page.get_by_role("link", name="Edit Laptop script").click()
    page.get_by_role("checkbox", name="Only reads").check()
    page.get_by_role("button", name="Save changes").click()
    expect(row).to_contain_text("Only reads")
    revoke(page, "Laptop script")
    assert asked(page, secret) == (401, None)
    expect(page.get_by_role("heading", name="Revoked and expired")).to_be_visible()


def test_an_admin_gives_a_program_a_key_and_takes_it_away(watched_page, alice, work):
    page = watched_page(browser_of(alice))
    page.goto("/o/acme/settings/integrations/")
    page.get_by_role("link", name="Add an integration").click()
    page.get_by_role("textbox", name="Name").fill("Payroll export")
    page.get_by_role("combobox", name="Role").select_option(label="Manager")
    page.get_by_role("button", name="Add", exact=True).click()
    secret = make(page, "Nightly run")
    status, member_id = asked(page, secret)
    assert status == 200 and member_id != alice.pk
    page.get_by_role("button", name="Deactivate").click()
    expect(page.locator(".card").first).to_contain_text("Deactivated")
    assert asked(page, secret) == (401, None)
