"""Sending a week, taking it back, and sending it again after a rejection: with mouse, keys, a thumb, and script off."""

import datetime as dt
import re

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.conftest import Hand, log, named
from timetracking.models import TimeEntry, Timesheet
from timetracking.services import approvals, time_entries, timesheets

pytestmark = pytest.mark.browser
PHONE = {"width": 390, "height": 844}


@pytest.fixture
def sofia(acme, bob, carol):
    """Carol's line manager."""
    bob.display_name = "Sofia Marini"
    bob.save()
    carol.line_manager = bob
    carol.save()
    return bob


@pytest.fixture
def week(carol, work, sofia):
    """Carol's week, with two entries of today and nothing else."""
    for entry in TimeEntry.objects.all():
        time_entries.delete(carol, entry.pk)
    return [log(carol, kind="TICKET", ticket=work.ticket, subject=f"Piece {n}") for n in (1, 2)]


def sheet(entries) -> Timesheet:
    return Timesheet.objects.get(pk=entries[0].timesheet_id)


def status(page: Page):
    return page.get_by_role("region", name="Week status")


def dialog(page: Page):
    return page.get_by_role("dialog", name=named("Submit week"))


def asked(page: Page) -> None:
    """The question is open, with the focus on its button, and as ready as it is when a person has read it."""
    expect(dialog(page).get_by_role("button", name="Submit", exact=True)).to_be_focused()
    page.wait_for_timeout(100)  # htmx takes 20 ms to settle; before, the form would send itself as a page


def number(work) -> int:
    return (work.week + dt.timedelta(days=3)).isocalendar().week


def rejected(sofia, entries) -> None:
    approvals.decide(
        sofia, sheet(entries).pk, version=None, approve=[entries[0].pk], reject={entries[1].pk: "Say who it was for"}
    )


def test_a_week_is_submitted_in_two_steps_and_recalled_from_the_toast(watched_page, as_carol, work, week):
    page = watched_page(as_carol)
    page.goto(work.week_url)
    hand = Hand(page)
    hand.click(status(page).get_by_role("link", name="Submit week"))
    expect(dialog(page)).to_contain_text("billable.")
    hand.click(dialog(page).get_by_role("button", name="Submit", exact=True))
    expect(status(page)).to_contain_text("Sent to Sofia Marini on")
    assert hand.interactions == 2
    expect(page.get_by_role("dialog")).to_be_hidden()
    expect(page.locator("#say")).to_have_text(f"Week {number(work)} sent to Sofia Marini.")
    expect(status(page)).to_be_focused()
    expect(page.locator(f"{work.day} .entry [data-edit]")).to_have_count(0)  # the cards came along
    expect(page.locator(f"{work.day} .add")).to_have_count(0)
    assert sheet(week).state == "submitted"
    page.get_by_role("region", name="Notifications").get_by_role("button", name="Recall").click()
    expect(status(page)).to_contain_text("Draft")
    expect(page.locator(f"{work.day} .entry [data-edit]")).to_have_count(2)
    assert sheet(week).state == "draft"


def test_a_note_goes_along(watched_page, as_carol, work, week):
    page = watched_page(as_carol)
    page.goto(work.week_url)
    status(page).get_by_role("link", name="Submit week").click()
    dialog(page).get_by_role("textbox", name="Note").fill("Friday off")
    dialog(page).get_by_role("button", name="Submit", exact=True).click()
    expect(status(page)).to_contain_text("Submitted")
    assert sheet(week).note == "Friday off"


def test_recall_on_the_page(watched_page, as_carol, carol, work, week):
    timesheets.submit(carol, carol, work.today)
    page = watched_page(as_carol)
    page.goto(work.week_url)
    status(page).get_by_role("link", name="Recall").dblclick()
    expect(status(page)).to_contain_text("Draft")
    expect(page.locator("#say")).to_have_text(f"Week {number(work)} recalled.")
    assert sheet(week).state == "draft"


def test_ready_from_the_menu_and_back(watched_page, as_carol, work, week):
    page = watched_page(as_carol)
    page.goto(work.week_url)
    status(page).locator("summary").click()
    status(page).get_by_role("link", name="Mark as ready").click()
    expect(status(page)).to_contain_text("Marked ready. Submit it when you like.")
    status(page).get_by_role("link", name="Back to draft").click()
    expect(status(page)).to_contain_text("Draft")
    assert sheet(week).state == "draft"


def test_a_rejected_entry_is_fixed_and_the_week_sent_again(watched_page, as_carol, carol, sofia, work, week):
    timesheets.submit(carol, carol, work.today)
    rejected(sofia, week)
    page = watched_page(as_carol)
    page.goto(work.week_url)
    expect(status(page)).to_contain_text("Sofia Marini rejected 1 entry.")
    card = page.locator(f"#entry-{week[1].pk}")
    expect(card).to_contain_text("Say who it was for")
    expect(card).to_have_class(re.compile(r"\brej\b"))
    hand = Hand(page)
    hand.click(card.get_by_role("link", name=named("Edit Piece 2")))
    page.get_by_role("dialog", name="Edit entry").get_by_role("textbox", name="Subject").wait_for()
    page.get_by_role("textbox", name="Subject").focus()
    page.keyboard.press("End")
    hand.type(" for Mr Marlow")
    hand.press("Enter")
    expect(card).to_contain_text("Piece 2 for Mr Marlow")
    hand.click(status(page).get_by_role("link", name="Submit again"))
    hand.click(dialog(page).get_by_role("button", name="Submit", exact=True))
    expect(status(page)).to_contain_text("1 of 2 entries approved, 1 still waiting.")
    assert hand.interactions + 1 <= 6  # and the notification before them
    assert (sheet(week).submissions, sheet(week).state) == (2, "partiallyApproved")


def test_from_the_notification_to_the_week_in_one_step(watched_page, as_carol, carol, sofia, work, week):
    timesheets.submit(carol, carol, work.today)
    rejected(sofia, week)
    page = watched_page(as_carol)
    page.goto("/o/acme/notifications/")
    page.get_by_role("main").get_by_role("button", name=named("rejected")).or_(
        page.get_by_role("main").get_by_role("link", name=named("rejected"))
    ).first.click()
    expect(status(page)).to_contain_text("Sofia Marini rejected 1 entry.")


def test_only_what_was_rejected_is_shown_on_request(watched_page, as_carol, carol, sofia, work, week):
    timesheets.submit(carol, carol, work.today)
    rejected(sofia, week)
    page = watched_page(as_carol)
    page.goto(work.week_url)
    status(page).get_by_role("link", name="Show the 1").click()
    expect(page.locator(".entry h3")).to_have_text(["Piece 2"])
    expect(page).to_have_url(re.compile("status=REJECTED"))
    page.get_by_role("link", name="Clear filters").click()
    expect(page.locator(".entry")).to_have_count(2)


def test_with_keys_alone(watched_page, as_carol, carol, work, week):
    page = watched_page(as_carol)
    page.goto(work.week_url)
    page.locator("#week-submit").focus()
    page.keyboard.press("Enter")
    asked(page)
    page.keyboard.press("Escape")
    expect(page.locator("#week-submit")).to_be_focused()
    page.keyboard.press("Enter")
    asked(page)
    page.keyboard.press("Enter")
    expect(status(page)).to_be_focused()
    page.keyboard.press("Tab")
    expect(page.locator("#week-recall")).to_be_focused()
    page.keyboard.press("Enter")
    expect(status(page)).to_contain_text("Draft")
    assert sheet(week).state == "draft"


def test_what_is_missing_is_filled_in_on_the_way(watched_page, acme, as_carol, work, week):
    acme.description_required = "billable"
    acme.save()
    TimeEntry.objects.filter(pk=week[0].pk).update(description="There")
    page = watched_page(as_carol)
    page.goto(work.week_url)
    status(page).get_by_role("link", name="Submit week").click()
    expect(dialog(page)).to_contain_text("1 entry needs a description.")
    expect(dialog(page).get_by_role("button", name="Submit", exact=True)).to_have_count(0)
    dialog(page).get_by_role("link", name=named("Piece 2")).click()
    form = page.get_by_role("dialog", name="Edit entry")
    form.get_by_role("textbox", name="Description").fill("Called back")
    form.get_by_role("button", name="Save changes").click()
    expect(page.get_by_role("dialog")).to_be_hidden()
    status(page).get_by_role("link", name="Submit week").click()
    dialog(page).get_by_role("button", name="Submit", exact=True).click()
    expect(status(page)).to_contain_text("Sent to Sofia Marini")


def test_the_focus_is_left_alone_once_the_form_stands_in_the_open_dialog(watched_page, acme, as_carol, work, week):
    acme.description_required = "billable"
    acme.save()
    page = watched_page(as_carol)
    page.goto(work.week_url)
    status(page).get_by_role("link", name="Submit week").click()
    page.evaluate("document.addEventListener('htmx:afterSwap', () => window.id_description?.focus())")
    dialog(page).get_by_role("link", name=named("Piece 2")).click()
    description = page.get_by_role("dialog", name="Edit entry").get_by_role("textbox", name="Description")
    expect(description).to_be_focused()
    page.wait_for_timeout(100)
    expect(description).to_be_focused()


def test_a_week_that_changed_meanwhile_is_shown_as_it_is_before_it_is_sent(watched_page, as_carol, carol, work, week):
    page = watched_page(as_carol)
    page.goto(work.week_url)
    status(page).get_by_role("link", name="Submit week").click()
    dialog(page).get_by_role("textbox", name="Note").fill("All there")
    log(carol, subject="From the other tab", minutes=45)
    dialog(page).get_by_role("button", name="Submit", exact=True).click()
    expect(dialog(page).get_by_role("alert")).to_contain_text("This week changed while you were looking.")
    expect(page.locator(work.day)).to_contain_text("From the other tab")
    expect(dialog(page).get_by_role("textbox", name="Note")).to_have_value("All there")
    dialog(page).get_by_role("button", name="Submit", exact=True).click()
    expect(status(page)).to_contain_text("Sent to Sofia Marini")
    assert sheet(week).note == "All there"


def test_the_manager_decides_first_and_the_recall_is_told_so(watched_page, as_carol, carol, sofia, work, week):
    timesheets.submit(carol, carol, work.today)
    page = watched_page(as_carol)
    page.goto(work.week_url)
    approvals.approve(sofia, sheet(week).pk, version=None)
    status(page).get_by_role("link", name="Recall").click()
    expect(page.get_by_role("region", name="Notifications")).to_contain_text("This week changed while you were looking")
    expect(status(page)).to_contain_text("Approved by Sofia Marini")
    assert sheet(week).state == "approved"


def test_asking_to_reopen(watched_page, as_carol, carol, sofia, work, week):
    timesheets.submit(carol, carol, work.today)
    approvals.approve(sofia, sheet(week).pk, version=None)
    page = watched_page(as_carol)
    page.goto(work.week_url)
    status(page).get_by_role("link", name="Ask to reopen").click()
    ask = page.get_by_role("dialog", name=named("Ask to reopen"))
    ask.get_by_role("textbox", name="What has to change").fill("Wrong client")
    ask.get_by_role("button", name="Ask to reopen").click()
    expect(status(page)).to_contain_text("Reopening was asked for on")
    page.get_by_role("link", name="History of this week").click()
    expect(page.get_by_role("listitem").first).to_contain_text("Carol Clark asked to reopen this week")
    expect(page.get_by_role("listitem").first).to_contain_text("Wrong client")


def test_on_a_phone(watched_page, as_carol, work, week):
    page = watched_page(as_carol, viewport=PHONE, has_touch=True, is_mobile=True)
    page.goto(work.week_url)
    hand = Hand(page)
    hand.tap(status(page).get_by_role("link", name="Submit week"))
    hand.tap(dialog(page).get_by_role("button", name="Submit", exact=True))
    expect(status(page)).to_contain_text("Sent to Sofia Marini")
    assert hand.interactions == 2


def test_a_manager_submits_for_somebody(watched_page, as_bob, carol, sofia, work, week):
    page = watched_page(as_bob)
    page.goto(f"{work.week_url}?agent={carol.pk}")
    status(page).get_by_role("link", name="Submit for Carol Clark").click()
    dialog(page).get_by_role("button", name="Submit", exact=True).click()
    expect(status(page).get_by_role("link", name="Review")).to_be_visible()
    assert sheet(week).submitted_by == sofia


# --- Script off -------------------------------------------------------------------------------------------------------


@pytest.fixture
def plain(watched_page, as_carol, work, week):
    page = watched_page(as_carol, java_script_enabled=False)
    page.goto(work.week_url)
    return page


def test_submit_and_recall_without_script(plain, work, week):
    status(plain).get_by_role("link", name="Submit week").click()
    expect(plain.get_by_role("heading", level=1)).to_contain_text(f"Submit week {number(work)}?")
    plain.get_by_role("button", name="Submit", exact=True).click()
    expect(plain.get_by_role("status").filter(has_text="sent to Sofia Marini")).to_be_visible()
    expect(status(plain)).to_contain_text("Submitted")
    status(plain).get_by_role("link", name="Recall").click()
    plain.get_by_role("button", name="Recall", exact=True).click()
    expect(status(plain)).to_contain_text("Draft")
    assert sheet(week).state == "draft"


def test_the_banner_takes_a_submission_back_without_script(plain, week):
    status(plain).get_by_role("link", name="Submit week").click()
    plain.get_by_role("button", name="Submit", exact=True).dblclick()
    plain.get_by_role("button", name="Undo").click()
    expect(status(plain)).to_contain_text("Draft")
    assert list(sheet(week).events.order_by("pk").values_list("action", flat=True)) == ["submitted", "recalled"]


def test_fix_and_submit_again_without_script(plain, carol, sofia, work, week):
    timesheets.submit(carol, carol, work.today)
    rejected(sofia, week)
    plain.goto(work.week_url)
    plain.get_by_role("link", name=named("Edit Piece 2")).click()
    plain.get_by_role("textbox", name="Subject").fill("For Mr Marlow")
    plain.get_by_role("button", name="Save changes").click()
    status(plain).get_by_role("link", name="Submit again").click()
    plain.get_by_role("button", name="Submit", exact=True).click()
    expect(status(plain)).to_contain_text("1 of 2 entries approved, 1 still waiting.")
    plain.get_by_role("link", name="History of this week").click()
    expect(plain.get_by_role("listitem").filter(has_text="approved in part and rejected in part")).to_be_visible()


def test_ready_and_back_without_script(plain, week):
    status(plain).locator("summary").click()
    status(plain).get_by_role("link", name="Mark as ready").click()
    plain.get_by_role("button", name="Mark as ready").click()
    status(plain).get_by_role("link", name="Back to draft").click()
    plain.get_by_role("button", name="Back to draft").click()
    expect(status(plain)).to_contain_text("Draft")
