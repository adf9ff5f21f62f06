"""The whole product without a mouse: everything is reached, seen and left again."""

import datetime as dt

import pytest
from playwright.sync_api import expect

from tests.journeys.conftest import focus_comes_to, log, named
from timetracking.models import TimeEntry, Timer

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
    focus_comes_to(page, f"day-{work.week}-h")
    for _day in range((work.today - work.week).days):
        page.keyboard.press("j")
    focus_comes_to(page, f"day-{work.today}-h")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    focus_comes_to(page, f"entry-{entries[1].pk}")
    assert page.evaluate(RING)
    page.keyboard.press("ArrowUp")
    focus_comes_to(page, f"entry-{entries[0].pk}")
    page.keyboard.press("k")
    expect(page.locator("[id^=day-]:focus")).to_be_visible()
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


def test_single_keys_are_switched_off_from_their_list_and_then_do_nothing(watched_page, as_carol, carol, work, entries):
    page = watched_page(as_carol)
    page.goto(work.week_url)
    assert page.locator("#log-time kbd").is_visible()
    page.keyboard.press("?")
    page.get_by_role("link", name="Switch single keys off").click()
    page.get_by_role("checkbox", name="Single-key shortcuts").uncheck()
    page.get_by_role("button", name="Save changes").click()
    page.wait_for_load_state()
    page.goto(work.week_url)
    page.locator(f"#entry-{entries[0].pk}").focus()
    for key in ("n", "t", "/", "?", "d", "e", "Delete", ".", "x", "g", "p"):
        page.keyboard.press(key)
        focus_comes_to(page, f"entry-{entries[0].pk}")
    page.wait_for_timeout(200)
    expect(page.locator("dialog[open]")).to_have_count(0)
    assert page.url.endswith(work.week_url)
    assert TimeEntry.objects.filter(date=work.today).count() == 3
    assert not Timer.objects.filter(member=carol).exists()
    expect(page.locator("#log-time kbd")).to_be_hidden()
    expect(page.locator("[aria-keyshortcuts]")).to_have_count(0)
    page.get_by_role("button", name="Keyboard shortcuts").click()
    page.get_by_role("link", name="Switch them on in Appearance").click()
    page.wait_for_url("**/me/appearance/")


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


EVERYWHERE = ["N", "T", "/", "?"]
GO = ["GthenW", "GthenD", "GthenR", "GthenP"]
WEEK = ["\u2190\u2192", ".", "JK", "\u2193\u2191", "X", "EEnter", "D", "Del"]
LISTED = """() => [...document.querySelectorAll("#shortcuts .keys > div")].filter((row) => row.checkVisibility())
  .map((row) => row.querySelector("dt").textContent.trim())"""


def test_the_list_names_what_works_on_each_page_and_nothing_else(watched_page, as_carol, as_bob, work, entries):
    def listed(page, path):
        page.goto(path)
        page.keyboard.press("?")
        return sorted(page.evaluate(LISTED))

    page = watched_page(as_carol)
    assert listed(page, work.week_url) == sorted(EVERYWHERE + GO + WEEK)
    page.keyboard.press("Escape")
    page.locator(f"#entry-{entries[0].pk}").focus()
    page.keyboard.press("Delete")
    page.get_by_role("button", name="Undo").wait_for()
    page.keyboard.press("?")
    assert "Z" in page.evaluate(LISTED)
    for path in ("/o/acme/tickets/", "/o/acme/reports/", "/me/appearance/"):
        assert listed(page, path) == sorted(EVERYWHERE + GO)
    assert listed(page, "/o/acme/search/?q=e") == sorted([*EVERYWHERE, *GO, "NT"])
    manager = watched_page(as_bob)
    assert listed(manager, "/o/acme/approvals/") == sorted([*EVERYWHERE, *GO, "GthenA"])  # nothing waits there


def test_g_and_a_letter_lead_from_everywhere(watched_page, as_bob, work):
    page = watched_page(as_bob)
    page.goto("/me/appearance/")
    for letter, path in (
        ("w", "/timesheets/"),
        ("d", f"/timesheets/{work.week}/grid/"),
        ("a", "/approvals/"),
        ("r", "/reports/"),
        ("p", "/projects/"),
    ):
        page.keyboard.press("g")
        page.keyboard.press(letter)
        page.wait_for_url(f"**/o/acme{path}**")


def test_the_grid_of_the_week_in_view_comes_before_this_weeks(watched_page, as_carol, work):
    before = work.week - dt.timedelta(days=7)
    page = watched_page(as_carol)
    page.goto(f"/o/acme/timesheets/{before}/")
    page.keyboard.press("g")
    page.keyboard.press("d")
    page.wait_for_url(f"**/timesheets/{before}/grid/")


def test_escape_leaves_days_and_entries(watched_page, as_carol, work, entries):
    page = watched_page(as_carol)
    page.goto(work.week_url)
    page.locator(f"#entry-{entries[0].pk}").focus()
    page.keyboard.press("Escape")
    focus_comes_to(page, "")
    page.keyboard.press("j")
    page.keyboard.press("Escape")
    focus_comes_to(page, "")


def test_an_entry_is_repeated_deleted_and_brought_back_by_keys(watched_page, as_carol, work, entries):
    page = watched_page(as_carol)
    page.goto(work.week_url)
    entry = page.locator(f"#entry-{entries[0].pk}")
    entry.focus()
    page.keyboard.press("d")
    expect(page.locator(f"{work.day} .entry")).to_have_count(4)
    entry.focus()
    page.keyboard.press("Delete")
    expect(page.locator(f"{work.day} .entry")).to_have_count(3)
    page.keyboard.press("z")
    expect(entry).to_be_visible()


def test_the_timer_is_started_and_stopped_by_a_key(watched_page, as_carol, carol, work):
    page = watched_page(as_carol)
    page.goto("/o/acme/tickets/TKT-4846/")
    page.keyboard.press("t")
    expect(page.locator("#timer")).to_contain_text("Backup job failed")
    expect(page.locator("#timer-stop[aria-keyshortcuts=T]")).to_be_visible()
    page.keyboard.press("t")
    expect(page.locator("#timer-stop")).to_have_count(0)
    assert not Timer.objects.filter(member=carol, state=Timer.State.RUNNING).exists()


def test_arrows_in_a_table_that_scrolls_are_its_own(watched_page, as_carol, work):
    page = watched_page(as_carol)
    path = f"/o/acme/timesheets/{work.week}/grid/"
    page.goto(path)
    page.locator(".tblwrap").focus()
    page.keyboard.press("ArrowLeft")
    page.wait_for_timeout(150)
    assert page.url.endswith(path)
    page.locator("h1").first.evaluate("heading => { heading.tabIndex = -1; heading.focus(); }")
    page.keyboard.press("ArrowLeft")
    page.wait_for_url(f"**/timesheets/{work.week - dt.timedelta(days=7)}/grid/")
