"""The stories of work that is done again: one key, one dialog, one Undo; with script off, and on a phone."""

import datetime as dt
import re

import pytest
from playwright.sync_api import expect

from tests.journeys.conftest import Hand, log
from timetracking.models import Favourite, TimeEntry, WeekTemplate
from timetracking.services import week_templates

pytestmark = pytest.mark.browser
DAY = dt.timedelta(days=1)


@pytest.fixture
def last_week(acme, carol, work):
    """A week with two entries that can be copied whatever weekday it is today, and one on a ticket that was closed."""
    TimeEntry.with_deleted.all().delete()
    acme.future_dates_allowed = True
    acme.save()
    monday = work.week - 7 * DAY
    log(carol, date=monday, minutes=90, subject="Plans", kind="PROJECT", project=work.project)
    log(carol, date=monday + DAY, minutes=30, subject="Stand-up")
    log(carol, date=monday + DAY, minutes=30, subject="Backups", kind="TICKET", ticket=work.ticket)
    type(work.ticket).objects.update(status="closed")
    return monday


def of_this_week(work):
    return TimeEntry.objects.filter(date__gte=work.week)


def test_repeat_an_entry_today(watched_page, as_carol, carol, work):
    """Budget: focus the entry, D; 2 interactions, 1 keystroke."""
    entry = log(carol, subject="Backups", minutes=45, kind="TICKET", ticket=work.ticket)
    page = watched_page(as_carol)
    page.goto(work.week_url)
    hand = Hand(page)
    hand.click(page.locator(f"#entry-{entry.pk} h3"))
    hand.press("d")
    expect(page.locator(f"{work.day} .entry", has_text="Backups")).to_have_count(2)
    assert hand.interactions <= 2 and hand.keystrokes <= 1
    expect(page.locator(f"#entry-{TimeEntry.objects.latest('pk').pk}")).to_be_focused()  # and could be repeated again
    page.keyboard.press("z")
    expect(page.locator(f"{work.day} .entry", has_text="Backups")).to_have_count(1)


def test_the_menu_repeats_on_other_days_moves_and_splits(watched_page, as_carol, carol, work):
    entry = log(carol, subject="Backups", minutes=90)
    page = watched_page(as_carol)
    page.goto(work.week_url)
    more = page.locator(f"#more-{entry.pk}")
    more.click()
    page.get_by_role("link", name="Repeat on other days").click()
    dialog = page.get_by_role("dialog", name="Repeat on other days")
    expect(dialog.get_by_role("checkbox").first).to_be_focused()
    dialog.get_by_role("button", name="Repeat", exact=True).click()
    expect(page.locator(f"{work.day} .entry", has_text="Backups")).to_have_count(2)

    more.click()
    page.get_by_role("link", name="Split").click()
    dialog = page.get_by_role("dialog", name="Split entry")
    field = dialog.get_by_role("textbox", name="Stays on this entry")
    expect(field).to_be_focused()
    field.fill("1h")
    dialog.get_by_role("textbox", name="Subject of the rest").fill("Restore")
    page.keyboard.press("Enter")
    expect(page.locator(f"#entry-{entry.pk} .dur")).to_have_text("1h")
    expect(page.locator(f"{work.day} .entry", has_text="Restore")).to_contain_text("30m")
    page.keyboard.press("z")
    expect(page.locator(f"#entry-{entry.pk} .dur")).to_have_text(re.compile("1h 30m"))

    more.click()
    page.get_by_role("link", name="Move to another day").click()
    dialog = page.get_by_role("dialog", name="Move to another day")
    dialog.get_by_role("button", name="Yesterday").click()
    expect(page.locator(f"{work.day} #entry-{entry.pk}")).to_have_count(0)
    entry.refresh_from_db()
    assert entry.date == work.today - DAY


def test_copy_last_week(watched_page, as_carol, work, last_week):
    """Two clicks; what is closed is named; a second time nothing comes; one Undo takes all of it back."""
    page = watched_page(as_carol)
    page.goto(work.week_url)
    expect(page.get_by_text("Nothing logged this week.")).to_be_visible()
    hand = Hand(page)
    hand.click(page.get_by_role("link", name="Copy last week"))
    dialog = page.get_by_role("dialog", name="Copy last week")
    expect(dialog).to_contain_text("2 entries, 2h. 1 is skipped.")
    expect(dialog).to_contain_text("TKT-4846 is closed")
    hand.click(dialog.get_by_role("button", name="Log 2 entries"))
    expect(page.locator(".entry", has_text=re.compile("Plans|Stand-up"))).to_have_count(2)
    assert hand.interactions == 2
    expect(page.locator("#toasts")).to_contain_text("Copied 2 entries, 2h")
    expect(page.locator("#toasts")).to_contain_text("TKT-4846 is closed")
    page.keyboard.press("z")
    expect(page.locator(".entry")).to_have_count(0)
    assert not of_this_week(work).exists()


def test_only_rows_lead_into_the_grid(watched_page, as_carol, work, last_week):
    page = watched_page(as_carol)
    page.goto(work.week_url)
    page.get_by_role("link", name="Copy last week").click()
    page.get_by_role("dialog").get_by_role("button", name="Only rows, into the grid").click()
    page.wait_for_url(re.compile("/grid/"))
    expect(page.get_by_role("rowheader", name=re.compile("Network refresh"))).to_be_visible()
    expect(page.get_by_text("Copied 1 row", exact=True)).to_be_visible()
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_role("rowheader", name=re.compile("Network refresh"))).to_have_count(0)


def test_a_week_is_kept_as_template_and_used(watched_page, as_carol, carol, work, last_week):
    page = watched_page(as_carol)
    page.goto(f"/o/acme/timesheets/{last_week}/")
    page.get_by_label("More for this week").click()
    page.get_by_role("link", name="Save this week as template").click()
    expect(page.get_by_role("group", name="Line 1")).to_be_visible()
    page.get_by_role("textbox", name="Name").fill("Usual")
    page.get_by_role("button", name="Save template").click()
    expect(page.get_by_role("rowheader", name="Usual")).to_be_visible()
    assert WeekTemplate.objects.get(member=carol).name == "Usual"
    page.goto(work.week_url)
    page.get_by_label("More for this week").click()
    page.get_by_role("link", name="Use a template").click()
    page.get_by_role("link", name="Use Usual").click()
    dialog = page.get_by_role("dialog", name="Use “Usual”")
    dialog.get_by_role("button", name="Log 2 entries").click()
    expect(page.locator("#toasts")).to_contain_text("Copied 2 entries, 2h")
    page.get_by_role("link", name="Show the week").click()
    expect(page.locator(".entry", has_text=re.compile("Plans|Stand-up"))).to_have_count(2)


def test_several_days_from_the_log_time_form(watched_page, as_carol, work, last_week):
    page = watched_page(as_carol)
    page.goto(work.week_url)
    page.keyboard.press("n")
    dialog = page.get_by_role("dialog", name="Log time")
    dialog.get_by_text("General", exact=True).click()
    dialog.get_by_role("textbox", name="Duration").fill("20m")
    dialog.get_by_role("textbox", name="Subject").fill("Rota")
    dialog.get_by_text("More days").click()
    for name in ("Mon", "Tue", "Wed", "Thu", "Fri"):
        dialog.get_by_role("checkbox", name=name).check()
    page.keyboard.press("Enter")
    days = {work.week + n * DAY for n in range(5)} | {work.today}
    expect(page.locator(".entry", has_text="Rota")).to_have_count(len(days))
    page.keyboard.press("z")
    expect(page.locator(".entry", has_text="Rota")).to_have_count(0)


def test_a_record_is_starred_and_heads_the_picker(watched_page, as_carol, carol, work):
    page = watched_page(as_carol)
    page.goto(f"/o/acme/projects/{work.project.code}/")
    page.get_by_role("button", name="Favourite: Network refresh").click()
    expect(page.get_by_role("button", name="Favourite: Network refresh")).to_have_attribute("aria-pressed", "true")
    expect(page.get_by_role("button", name="Favourite: Network refresh")).to_be_focused()
    page.goto(work.week_url)
    page.keyboard.press("n")
    listed = page.get_by_role("listbox", name="Records")
    expect(listed.get_by_role("group").first).to_have_accessible_name("Favourites")
    listed.get_by_role("option").first.click()
    star = page.get_by_role("dialog").get_by_role("button", name="Favourite")
    expect(star).to_have_attribute("aria-pressed", "true")
    star.click()
    expect(star).to_have_attribute("aria-pressed", "false")
    assert not Favourite.objects.exists()


def test_all_of_it_without_script(watched_page, as_carol, carol, work, last_week):
    page = watched_page(as_carol, java_script_enabled=False)
    page.goto(work.week_url)
    page.get_by_role("link", name="Copy last week").click()
    page.get_by_role("button", name="Log 2 entries").click()
    expect(page.locator(".entry")).to_have_count(2)
    plans = of_this_week(work).get(subject="Plans")
    page.get_by_role("button", name="Undo").click()
    expect(page.locator(".entry")).to_have_count(0)

    entry = log(carol, subject="Backups", minutes=90)
    page.goto(work.week_url)
    page.locator(f"#more-{entry.pk}").click()
    page.get_by_role("link", name="Repeat today").click()
    page.get_by_role("button", name="Repeat", exact=True).click()
    expect(page.locator(f"{work.day} .entry")).to_have_count(2)
    page.locator(f"#more-{entry.pk}").click()
    page.get_by_role("link", name="Split").click()
    page.get_by_role("textbox", name="Stays on this entry").fill("1h")
    page.get_by_role("button", name="Split").click()
    expect(page.locator(f"{work.day} .entry")).to_have_count(3)
    page.locator(f"#more-{entry.pk}").click()
    page.get_by_role("link", name="Move to another day").click()
    page.get_by_role("button", name="Yesterday").click()
    entry.refresh_from_db()
    assert (entry.date, entry.minutes, plans.pk != entry.pk) == (work.today - DAY, 60, True)

    page.goto("/o/acme/pick/?q=network")
    page.get_by_role("button", name="Favourite: Network refresh").click()
    expect(page.get_by_role("status").filter(has_text="is a favourite")).to_be_visible()
    assert Favourite.objects.get(member=carol).project == work.project


def test_on_a_phone(watched_page, as_carol, carol, work, last_week):
    template = week_templates.create(carol, name="Usual", lines=[week_templates.Line(subject="Rota", minutes=[15] * 7)])
    page = watched_page(as_carol, viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    page.goto(f"/o/acme/timesheets/{work.week}/templates/{template.pk}/")
    page.get_by_role("button", name="Log 7 entries").tap()
    expect(page.locator(f"{work.day} .entry")).to_have_count(1)
    entry = of_this_week(work).get(date=work.today)
    page.locator(f"#more-{entry.pk}").tap()
    page.get_by_role("link", name="Repeat today").tap()
    expect(page.locator(f"{work.day} .entry")).to_have_count(2)
    for path in (f"{work.week_url}templates/", f"{work.week_url}templates/{template.pk}/",
                 f"/o/acme/timesheets/{work.week}/copy-last-week/", f"/o/acme/entries/{entry.pk}/split/",
                 f"/o/acme/entries/{entry.pk}/duplicate/", f"/o/acme/entries/{entry.pk}/move/"):  # fmt: skip
        page.goto(path)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path
