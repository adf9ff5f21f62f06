"""The whole product without a mouse: everything is reached, seen and left again."""

import pytest
from playwright.sync_api import expect

from tests.journeys.conftest import focused, log, named

pytestmark = pytest.mark.browser

# Around what has the focus, or around the label that holds it.
RING = """() => [document.activeElement, document.activeElement.closest("label")].some((part) => {
  const style = part && getComputedStyle(part);
  return style && (style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2 || style.boxShadow !== "none");
})"""


@pytest.fixture
def entries(carol, work):
    return [log(carol, subject=f"Work {number}") for number in (1, 2, 3)]


def test_the_first_tab_leads_past_the_frame(watched_page, as_carol, work):
    page = watched_page(as_carol)
    page.goto(work.week_url)
    page.keyboard.press("Tab")
    skip = page.get_by_role("link", name="Skip to main content")
    expect(skip).to_be_focused()
    expect(skip).to_be_in_viewport()
    page.keyboard.press("Enter")
    expect(page.locator("#main")).to_be_focused()


def test_everything_in_reach_of_tab_shows_where_the_focus_is(watched_page, as_carol, work, entries):
    page = watched_page(as_carol)
    page.goto(work.week_url)
    unseen, reached = [], set()
    for _step in range(80):
        page.keyboard.press("Tab")
        at = page.evaluate("document.activeElement.outerHTML.slice(0, 120)")
        if at in reached or at.startswith("<body"):
            break
        reached.add(at)
        if not page.evaluate(RING) or not page.evaluate(
            "(() => { const b = document.activeElement.getBoundingClientRect();"
            " return b.bottom > 0 && b.top < innerHeight; })()"
        ):
            unseen.append(at)
    assert unseen == []
    for part in ("log-time", "week-prev", f"edit-{entries[0].pk}", f"delete-{entries[2].pk}", f"add-{work.today}"):
        assert any(f'id="{part}"' in each for each in reached), part


def test_days_and_entries_by_letters_and_arrows(watched_page, as_carol, work, entries):
    page = watched_page(as_carol)
    page.goto(work.week_url)
    page.keyboard.press("j")
    assert focused(page) == f"day-{work.week}-h"
    for _day in range((work.today - work.week).days):
        page.keyboard.press("j")
    assert focused(page) == f"day-{work.today}-h"
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    assert focused(page) == f"entry-{entries[1].pk}"
    assert page.evaluate(RING)
    page.keyboard.press("ArrowUp")
    assert focused(page) == f"entry-{entries[0].pk}"
    page.keyboard.press("k")
    assert focused(page).startswith("day-")
    page.locator(f"#entry-{entries[0].pk}").focus()
    page.keyboard.press("Delete")
    expect(page.locator(f"#entry-{entries[0].pk}")).to_have_count(0)
    expect(page.locator(f"#entry-{entries[1].pk}")).to_be_focused()


def test_the_dialog_is_entered_filled_and_left_by_keys(watched_page, as_carol, work, entries):
    page = watched_page(as_carol)
    page.goto(work.week_url)
    page.locator(f"#edit-{entries[1].pk}").focus()
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog", name="Edit entry")
    expect(dialog).to_be_visible()
    for _step in range(40):  # the focus goes round inside the dialog (and by the browser's own bars)
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement === document.body || !!document.activeElement.closest('dialog')")
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    expect(page.locator(f"#edit-{entries[1].pk}")).to_be_focused()


def test_the_picker_is_walked_by_arrows_and_escape_closes_before_it_clears(watched_page, as_carol, work):
    page = watched_page(as_carol)
    page.goto(work.week_url)
    page.keyboard.press("n")
    picker = page.get_by_role("combobox", name="Linked record")
    expect(picker).to_have_attribute("aria-expanded", "true")
    page.keyboard.press("ArrowDown")
    marked = picker.get_attribute("aria-activedescendant")
    expect(page.locator(f"#{marked}")).to_have_attribute("aria-selected", "true")
    page.keyboard.type("netw")
    expect(page.get_by_role("listbox").get_by_role("option", name=named("Network refresh"))).to_be_visible()
    page.keyboard.press("Escape")
    expect(picker).to_have_attribute("aria-expanded", "false")
    expect(picker).to_have_value("netw")
    page.keyboard.press("Escape")
    expect(picker).to_have_value("")
    page.keyboard.type("4846")
    expect(page.get_by_role("listbox").get_by_role("option", name=named("Backup job failed"))).to_be_visible()
    page.keyboard.press("Tab")  # an exact reference is picked by leaving the field
    expect(page.get_by_role("textbox", name="Duration")).to_be_focused()
    expect(page.get_by_role("dialog")).to_contain_text("TKT-4846")


def test_single_keys_can_be_switched_off(watched_page, as_carol, carol, work, entries):
    carol.user.single_key_shortcuts = False
    carol.user.save()
    page = watched_page(as_carol)
    page.goto(work.week_url)
    page.keyboard.press("n")
    page.keyboard.press("j")
    expect(page.get_by_role("dialog")).to_be_hidden()
    assert focused(page) == ""


def test_the_list_of_keys_names_those_of_the_page(watched_page, as_carol, work, entries):
    page = watched_page(as_carol)
    page.goto(work.week_url)
    page.keyboard.press("?")
    shortcuts = page.get_by_role("dialog", name="Keyboard shortcuts")
    expect(shortcuts).to_contain_text("Next or previous day")
    page.keyboard.press("Escape")
    expect(shortcuts).to_be_hidden()
    page.keyboard.press("g")
    page.keyboard.press("p")
    page.wait_for_url("**/projects/")
