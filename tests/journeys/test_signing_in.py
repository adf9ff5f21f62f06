"""From nobody to a member with a second factor and back, with script and without it."""

from base64 import b32decode

import pytest
from playwright.sync_api import expect

from tests.accounts.helpers import code_of, wait_for_time_to_type
from tests.factories import PASSWORD
from tests.journeys.conftest import named

pytestmark = pytest.mark.browser


def sign_in(page, member):
    page.goto("/")
    page.get_by_role("textbox", name="E-mail address").fill(member.user.email)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()


@pytest.mark.parametrize("script", [True, False], ids=["script", "no script"])
def test_password_then_a_second_factor_then_its_code(watched_page, carol, work, script):
    page = watched_page(java_script_enabled=script)
    sign_in(page, carol)
    expect(page).to_have_title(named("· Acme · Timesheets"))
    page.goto("/me/security/")
    page.get_by_role("link", name="Turn on").click()
    wait_for_time_to_type()
    key = b32decode(page.locator(".steps .mono").inner_text().replace(" ", "")).hex()
    page.get_by_role("textbox", name=named("code")).fill(code_of(key))
    page.get_by_role("button", name="Turn on").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Save your recovery codes")
    codes = page.locator(".codes li").all_inner_texts()
    assert len(set(codes)) == 10
    page.get_by_role("checkbox").check()
    page.get_by_role("button", name="Continue").click()
    expect(page.locator("body")).to_contain_text("Two-step sign-in is on.")

    page.context.clear_cookies()
    sign_in(page, carol)
    expect(page.get_by_role("heading", level=1)).to_have_text("Enter your code")
    page.goto(work.week_url)  # half signed in opens nothing
    expect(page.get_by_role("heading", level=1)).to_have_text("Enter your code")
    page.get_by_role("textbox", name=named("code")).fill(code_of(key, 1))
    page.get_by_role("button", name="Continue").click()
    expect(page.locator("#log-time")).to_be_visible()

    page.context.clear_cookies()
    sign_in(page, carol)
    page.get_by_role("link", name="Use a recovery code").click()
    page.get_by_role("textbox").fill(codes[0])
    page.get_by_role("button", name="Continue").click()
    expect(page.locator("#log-time")).to_be_visible()


def test_a_wrong_password_says_nothing_about_which_part(watched_page, carol):
    page = watched_page()
    page.goto("/login/")
    for email in (carol.user.email, "nobody@example.test"):
        page.get_by_role("textbox", name="E-mail address").fill(email)
        page.get_by_label("Password", exact=True).fill("wrong")
        page.get_by_role("button", name="Sign in", exact=True).click()
        expect(page.get_by_role("alert")).to_contain_text("That e-mail address and password don’t match.")


def test_the_way_back_leads_to_where_one_was(watched_page, carol, work):
    page = watched_page()
    page.goto("/o/acme/tickets/TKT-4846/")
    page.get_by_role("textbox", name="E-mail address").fill(carol.user.email)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Show password").click()
    expect(page.get_by_label("Password", exact=True)).to_have_attribute("type", "text")
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Backup job failed")


def test_signing_out_ends_it(watched_page, as_carol, work):
    page = watched_page(as_carol)
    page.goto(work.week_url)
    page.locator("summary", has=page.locator("svg")).and_(page.get_by_label("Your account")).click()
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Sign in")
    page.go_back()
    page.goto(work.week_url)
    expect(page.get_by_role("heading", level=1)).to_have_text("Sign in")
