"""Every page in a real browser: no axe violation, nothing wider than the screen, no label cut off.

A page is opened once; width and theme are changed in place. The second theme is the same document in other colours, so
it is only asked about those.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page as Tab

from tests import filled, pages
from tests.site import pseudo_locale

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.tour]

WIDE, PHONE, NARROWEST = {"width": 1440, "height": 900}, {"width": 390, "height": 844}, {"width": 320, "height": 700}
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
COLOURS = ["color-contrast", "link-in-text-block"]
STRUCTURE = {"runOnly": {"type": "tag", "values": TAGS}, "rules": {rule: {"enabled": False} for rule in COLOURS}}

# Leaves only what a report needs of axe's long answer.
# Of an open menu only what is in it: what it covers was looked at before.
RUN_AXE = """async (options) => {
  const shown = document.querySelector("details.menu[open] > .panel") ?? document;
  const { violations } = await axe.run(shown, { resultTypes: ["violations"], ...options });
  return violations.map((v) => `${v.id}: ${v.nodes.slice(0, 3).map((n) => n.html.slice(0, 160) + " " +
    n.any.concat(n.all).map((c) => c.message).join(" ")).join(" | ")}`);
}"""
IN_THEME = """(theme) => {
  document.documentElement.dataset.theme = theme;
  for (let depth = 0; depth < 9; depth += 1) {
    document.body.getBoundingClientRect();
    for (const animation of document.getAnimations()) animation.finish(); // each colour takes a moment
  }
}"""
OVERFLOW = """() => {
  const wide = document.documentElement.scrollWidth - document.documentElement.clientWidth;
  if (wide <= 0) return "";
  const edge = document.documentElement.clientWidth;
  const guilty = [...document.querySelectorAll("body *")].filter((e) => e.getBoundingClientRect().right > edge + 1);
  return `${wide}px too wide: ${guilty.slice(-3).map((e) => e.outerHTML.slice(0, 120)).join(" | ")}`;
}"""
CUT_OFF = """() => [...document.querySelectorAll(
    "button, .btn, .qchip, .chip, label, legend, summary, h1, h2, h3, th, dt, .fsel, " +
    ".pills a, .nav a, .tabbar a, .subnav a")]
  .filter((e) => !e.closest(".vh, [hidden]") && !e.classList.contains("vh") && e.checkVisibility() && e.clientWidth > 1)
  .filter((e) => e.scrollWidth > e.clientWidth + 1 && getComputedStyle(e).display !== "inline")
  .map((e) => `${e.scrollWidth} in ${e.clientWidth}: ${e.outerHTML.slice(0, 140)}`)"""


class Tour:
    """Opens each page of the site as the person it is for, one browser for each, and collects what is wrong."""

    def __init__(self, site: filled.Site, open_browser: Callable[..., Tab]) -> None:
        self.site, self.open_browser = site, open_browser
        self.script = ""
        """Put into each page that is opened."""
        self.tabs: dict[str, Tab] = {}
        self.wrong: list[str] = []

    def tab(self, who: str) -> Tab:
        if who not in self.tabs:
            self.tabs[who] = self.open_browser(self.site.client(who), reduced_motion="reduce")
            self.tabs[who].add_init_script(self.script)
        return self.tabs[who]

    def stops(self, part: int | None = None, *, variants: bool = True) -> Iterator[tuple[str, Tab]]:
        """Every page, or every second one; with or without what a page looks like otherwise."""
        stops = [page for page in pages.all_pages(self.site) if variants or ":" not in page.label]
        for page in stops if part is None else stops[part::2]:
            tab = self.tab(page.who)
            answer = tab.goto(page.path)
            if answer is None or answer.status != page.status:
                self.wrong.append(f"{page.label}: status {answer and answer.status}, not {page.status}")
            tab.problems[:] = [
                problem for problem in tab.problems if "status of 40" not in problem
            ]  # those are asked for
            yield page.label, tab

    def found(self, where: str, *what: str) -> None:
        self.wrong += [f"{where}: {each}" for each in what if each]


def check_in_both_themes(tour: Tour, where: str, tab: Tab) -> None:
    tab.wait_for_load_state()  # a form that was sent answers with a page whose style sheet may be on its way yet
    tab.evaluate(IN_THEME, "light")
    tour.found(f"{where}, light", *tab.evaluate(RUN_AXE, {"runOnly": {"type": "tag", "values": TAGS}}))
    tab.evaluate(IN_THEME, "dark")
    tour.found(f"{where}, dark", *tab.evaluate(RUN_AXE, {"runOnly": {"type": "rule", "values": COLOURS}}))


@pytest.fixture
def tour(site, watched_page) -> Tour:
    return Tour(site, watched_page)


@pytest.mark.parametrize("part", [0, 1])
def test_every_page_at_every_width_in_both_themes(tour, part):
    """In two halves, for two workers. Colours are the same at every width, so they are asked at one.

    Variants of a page ("week: nothing logged") are made of the same parts: they are asked once, and about width.
    """
    tour.script = Axe().axe_script
    for label, tab in tour.stops(part):
        if ":" in label:
            tab.set_viewport_size(WIDE)
            tour.found(f"{label} at 1440", *tab.evaluate(RUN_AXE, {"runOnly": {"type": "tag", "values": TAGS}}))
        else:
            tab.set_viewport_size(PHONE)
            tour.found(f"{label} at 390", *tab.evaluate(RUN_AXE, STRUCTURE))
            tab.set_viewport_size(WIDE)
            check_in_both_themes(tour, f"{label} at 1440", tab)
        tab.set_viewport_size(NARROWEST)
        tour.found(f"{label} at 320", tab.evaluate(OVERFLOW))
    assert tour.wrong == [], "\n".join(tour.wrong)


@pytest.mark.parametrize("size", [WIDE, PHONE], ids=["1440", "390"])
def test_axe_finds_nothing_in_what_opens(tour, size):
    """The dialog with the picker's list open, menus, the shortcuts, refused forms, two versions, toasts."""
    tour.script = Axe().axe_script
    for where, tab in opened_things(tour, size):
        check_in_both_themes(tour, where, tab)
        tour.found(where, tab.evaluate(OVERFLOW))
    assert tour.wrong == [], "\n".join(tour.wrong)


def opened_things(tour: Tour, size: dict[str, int]) -> Iterator[tuple[str, Tab]]:
    site, phone = tour.site, size is PHONE
    tab = tour.tab("carol")
    tab.set_viewport_size(size)
    tab.goto(site.path("week"))
    tab.get_by_role("link", name="Log time", exact=True).locator("visible=true").click()
    tab.get_by_role("listbox").wait_for()
    yield "dialog, picker open", tab
    tab.get_by_role("combobox", name="Linked record").fill("Gizmo")
    tab.get_by_role("group", name="Tickets").wait_for()
    yield "dialog, search", tab
    tab.get_by_role("combobox", name="Linked record").press("Escape")
    tab.locator(".dlg-f .primary").click()
    tab.get_by_role("alert").wait_for()
    yield "dialog, refused", tab
    tab.get_by_role("group", name="Kind").get_by_text("General").click()
    tab.get_by_role("textbox", name="Duration").fill("20m")
    tab.get_by_role("textbox", name="Subject").fill("Gizmo 30")
    tab.locator(".dlg-f .primary").click()
    tab.get_by_role("button", name="Undo").wait_for()
    yield "toast", tab
    if not phone:
        tab.get_by_role("button", name="Keyboard shortcuts").click()
        yield "shortcuts", tab
        tab.keyboard.press("Escape")
        tab.keyboard.press("/")
        tab.keyboard.type("Gizmo")
        tab.locator("#search-hits [data-hit]").first.wait_for()
        tab.keyboard.press("ArrowDown")
        yield "search, found", tab
        tab.keyboard.press("Escape")
    for menu in tab.locator("details.menu > summary").all():
        if menu.is_visible():
            menu.click()
            yield f"menu {menu.evaluate('e => e.outerHTML.slice(0, 60)')}", tab
            tab.keyboard.press("Escape")
    if phone:
        tab.get_by_role("button", name="Filter and export").click()
        yield "filters", tab
    tab.goto(site.path("week-of", day=site.ids["sheets"]["draft"].week_start))
    tab.locator("#week-submit").click()
    tab.get_by_role("textbox", name="Note").wait_for()
    yield "submit dialog", tab
    tab.locator(".dlg-f .primary").click()
    tab.get_by_role("button", name="Recall").wait_for()
    yield "submitted, toast", tab
    tab.goto(site.path("week-history", day=site.ids["sheets"]["reopened"].week_start))
    tab.locator(".history summary").first.click()
    yield "history, entries open", tab
    tab.goto(site.path("entry-edit"))
    tab.locator("[name=version]").evaluate("field => field.value = '1'")
    tab.get_by_role("textbox", name="Subject").fill("Gizmo 31")
    tab.locator(".dlg-f .primary").click()
    tab.get_by_role("button", name="Keep mine").wait_for()
    yield "two versions", tab
    tab = tour.tab("alice")
    tab.set_viewport_size(size)
    for name, button in (("client-new", "Create"), ("invitations", "Send invitation"), ("me", "Save changes")):
        tab.goto(site.path(name))
        if name == "me":
            tab.get_by_role("textbox", name="Name").fill("")
        tab.get_by_role("button", name=button, exact=True).click()
        tab.get_by_role("alert").first.wait_for()
        yield f"{name}, refused", tab
    tour.tab("carol").goto("about:blank")  # a page of hers would go on asking for the timer of a member who is none
    tab.goto(site.path("member"))
    tab.get_by_role("button", name="Deactivate").click()
    tab.get_by_role("button", name="Undo").wait_for()
    yield "banner with undo", tab
    yield from opened_approvals(tour, size)
    yield from opened_selections(tour, size)
    tab = tour.tab("nobody")
    tab.set_viewport_size(size)
    tab.goto("/login/")
    tab.get_by_role("textbox", name="E-mail address").fill("alice@acme.test")
    tab.get_by_label("Password", exact=True).fill("wrong")
    tab.get_by_role("button", name="Sign in").click()
    tab.get_by_role("alert").wait_for()
    yield "sign-in, refused", tab
    tour.tab("dora").set_viewport_size(size)
    tour.tab("dora").goto("/mfa/recovery-codes/")
    tour.tab("dora").get_by_role("button", name="Make new codes").click()
    tour.tab("dora").get_by_role("heading", name="Save your recovery codes").wait_for()
    yield "recovery codes", tour.tab("dora")


def opened_selections(tour: Tour, size: dict[str, int]) -> Iterator[tuple[str, Tab]]:
    """Entries selected in the week, on a ticket and in a report; what to change in them, and what would happen."""
    site, tab = tour.site, tour.tab("bob")
    tab.set_viewport_size(size)
    for name in ("ticket", "report-entries", "week"):
        tab.goto(site.path(name, "?agent=all" if name == "week" else ""))
        tab.locator("label.picking:visible").click()
        tab.locator(".pick:not(.all):visible").first.check()
        yield f"{name}, an entry selected", tab
    tab.get_by_role("button", name="Edit…").click()
    tab.get_by_role("dialog").get_by_role("textbox", name="Subject").fill("Gizmo 32")
    yield "change many", tab
    tab.get_by_role("button", name="See what would change").click()
    tab.locator(".plan").wait_for()
    yield "what would change", tab


def opened_approvals(tour: Tour, size: dict[str, int]) -> Iterator[tuple[str, Tab]]:
    site, tab = tour.site, tour.tab("bob")
    tab.set_viewport_size(size)
    tab.goto(site.path("approvals"))
    tab.locator("#inbox li input").first.check()
    yield "a week selected", tab
    tab.locator("#inbox summary").filter(has_text="Reject").click()
    yield "reason for many", tab
    tab.goto(site.path("approval"))
    tab.locator(".rv .no").first.click()
    yield "an entry rejected", tab
    tab.locator(".decide .primary").click()
    tab.locator(".rv .err").wait_for()
    yield "a reason missing", tab
    tab.locator(".decide summary").click()
    yield "reason for a week", tab
    tab.locator("[name=version]").evaluate("field => field.value = '1'")
    tab.locator(".decide .primary").click()
    tab.locator("#review [role=alert]").wait_for()
    yield "a week that changed", tab
    tab.goto(site.path("approvals", "?select=clean&team=all"))
    tab.locator("#inbox li input").first.check()
    tab.locator("#inbox [name=approve]").click()
    tab.locator("[data-toast]").wait_for()
    yield "weeks approved", tab


def test_a_third_longer_text_fits_on_every_page(tour):
    def check(label: str, tab: Tab) -> None:
        for size in (WIDE, PHONE):
            tab.set_viewport_size(size)
            tour.found(f"{label} at {size['width']}", tab.evaluate(OVERFLOW), *tab.evaluate(CUT_OFF))

    with pseudo_locale.spoken():
        for label, tab in tour.stops(variants=False):
            assert "[" in (tab.locator("h1").first.text_content() or "") + tab.title(), label  # it is spoken
            check(label, tab)
        tab = tour.tab("carol")
        tab.goto(tour.site.path("week"))
        tab.locator("a[hx-get*='entries/new']").locator("visible=true").first.click()
        tab.get_by_role("listbox").wait_for()
        check("dialog", tab)
    assert tour.wrong == [], "\n".join(tour.wrong)
