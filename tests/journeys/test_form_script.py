"""The script of the log-time form comes with the first form, once; what is typed meanwhile is not lost."""

import time

import pytest
from playwright.sync_api import expect

from tests.journeys.conftest import named

pytestmark = pytest.mark.browser

SCRIPT = "**/static/entry-form*.js"


@pytest.fixture
def asked(watched_page, as_carol, work):
    """A browser on the week, and the times that it asked for the script."""
    page = watched_page(as_carol)
    times = []
    page.on("request", lambda request: times.append(request.url) if "entry-form" in request.url else None)
    page.goto(work.week_url)
    return page, times


def test_it_is_asked_for_by_the_first_form_and_never_again(asked, work):
    page, times = asked
    page.wait_for_load_state("networkidle")
    assert times == []
    for _form in range(2):
        page.keyboard.press("n")
        expect(page.get_by_role("combobox", name="Linked record")).to_be_focused()
        expect(page.get_by_role("listbox")).to_be_visible()
        page.keyboard.press("Escape")
        page.keyboard.press("Escape")
        expect(page.get_by_role("dialog")).to_be_hidden()
    assert len(times) == 1


def test_a_page_that_is_the_form_asks_for_it_once(asked, work):
    page, times = asked
    page.goto("/o/acme/entries/new/")
    expect(page.get_by_role("combobox", name="Linked record")).to_be_focused()
    assert len(times) == 1
    page.evaluate("document.activeElement.blur(); window.stale = true")
    page.keyboard.press("n")  # another form in this page would have the same ids
    page.wait_for_function("!window.stale")
    expect(page.get_by_role("combobox", name="Linked record")).to_be_focused()
    expect(page.get_by_role("dialog")).to_be_hidden()


@pytest.mark.parametrize("slow", [SCRIPT, "**/entries/new/"], ids=["script", "form"])
def test_what_is_typed_before_the_dialog_opens_stands_in_its_field(asked, work, slow):
    page, _times = asked

    def late(route):
        time.sleep(0.4)
        route.continue_()

    page.route(slow, late)
    page.keyboard.press("n")
    page.keyboard.type("back")
    picker = page.get_by_role("combobox", name="Linked record")
    expect(picker).to_have_value("back")
    expect(page.get_by_role("option", name=named("Backup job failed"))).to_be_visible()
    page.keyboard.type("up")
    page.keyboard.press("Enter")
    expect(page.get_by_role("textbox", name="Duration")).to_be_focused()
    expect(page.get_by_role("dialog")).to_contain_text("TKT-4846")


def test_without_it_the_form_is_a_plain_one_and_the_next_form_asks_again(asked, work):
    page, _times = asked
    page.route(SCRIPT, lambda route: route.abort())
    page.keyboard.press("n")
    expect(page.get_by_role("dialog", name="Log time")).to_be_visible()
    page.keyboard.press("Escape")
    page.problems.clear()  # the browser tells of the script that did not come
    page.unroute(SCRIPT)
    page.keyboard.press("n")
    expect(page.get_by_role("combobox", name="Linked record")).to_be_focused()
