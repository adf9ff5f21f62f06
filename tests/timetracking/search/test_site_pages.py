"""The pages that the search finds: no menu has one that it does not know, and it promises none that is closed."""

import re

import pytest

from accounts import site_pages
from tests.cast import browser_of
from timetracking.selectors.search import search

MENU = re.compile(r'<nav class="(?:nav|subnav)".*?</nav>', re.DOTALL)


def labels(actor, text):
    return [page.label for page in site_pages.pages_of(actor, text.split())]


def test_pages_are_found_by_what_people_call_them(alice, acme):
    assert labels(alice, "lock date") == ["Time policies", "Closed periods"]
    assert labels(alice, "password") == ["Security", "Change password"]
    assert labels(alice, "appear") == ["Appearance"]
    assert "Appearance" in labels(alice, "shortcuts")
    assert labels(alice, "invoices")[0] == "Invoices"


def test_only_what_the_person_may_open_is_found(alice, bob, carol, acme):
    assert "Time policies" not in labels(bob, "lock date") + labels(carol, "lock date")
    assert "Approvals" in labels(bob, "approvals")
    assert "Approvals" not in labels(carol, "approvals")
    assert "Appearance" in labels(carol, "theme")


@pytest.mark.parametrize("who", ["alice", "bob", "carol"])
def test_every_page_that_is_promised_opens_and_no_other_would(request, acme, who):
    member = request.getfixturevalue(who)
    browser = browser_of(member)
    for entry in site_pages.PAGES:
        status = browser.get(site_pages.address_of(entry.name, "acme")).status_code
        assert (status in (200, 302)) == site_pages.may_open(member, entry.name), (entry.name, status)


def test_with_the_feature_off_its_pages_are_gone(alice, acme):
    acme.features = []
    acme.save()
    alice.organisation = acme
    assert labels(alice, "tickets") == []
    assert "Members" in labels(alice, "members")


def test_every_item_of_the_menus_is_known(alice, acme):
    known = {site_pages.address_of(entry.name, "acme") for entry in site_pages.PAGES}
    browser = browser_of(alice)
    linked = set()
    for path in ("/o/acme/timesheets/", "/o/acme/settings/", "/me/"):
        for menu in MENU.findall(browser.get(path).content.decode()):
            linked |= set(re.findall(r'href="(/[^"]+)"', menu))
    assert len(linked) > 20
    assert linked - known - {"/o/acme/admin/"} == set()


def test_their_hits_name_the_menu(alice, acme):
    hits = search(alice, "audit").groups[-1].hits
    assert [(hit.title, hit.detail, hit.url) for hit in hits] == [("Audit log", "Settings", "/o/acme/settings/audit/")]
