"""Every address, asked by everybody: the answers are those of tests/permission_table.py, and no address is missing."""

from __future__ import annotations

import copy
import re
from collections.abc import Iterator

import pytest
from django.db import transaction
from django.http import HttpResponseBase
from django.test import Client

from accounts.models import AuditEvent
from tests import filled, pages
from tests.marks import on_sqlite_alone
from tests.permission_table import PEOPLE, TABLE
from timetracking.models import TimeEntry

WHO = ("nobody", "carol", "bob", "alice", "mallory", "alice")
REPORT_FILES = ("report-csv", "report-xlsx", "report-entries-csv", "report-entries-xlsx")
INVOICE_FILES = ("invoice-csv", "invoice-xlsx", "invoice-pdf")
REFERENCE = re.compile(rb'<span class="mono">[0-9a-f-]{36}</span>')


@pytest.fixture
def site(acme, alice, bob, carol, mallory) -> filled.Site:
    site = filled.fill(acme, alice, bob, carol)
    site.people["mallory"] = mallory
    for who in WHO[1:]:
        site.client(who)
    return site


def address(site: filled.Site, name: str) -> str:
    return "/o/acme/admin/" if name == "admin:*" else site.path(name)


def ask(site: filled.Site, method: str, path: str, who: str, **options: bool) -> HttpResponseBase:
    """The answer; whatever it changed is undone."""
    client = Client(**options)
    if who != "nobody":
        client.cookies = copy.deepcopy(site.client(who).cookies)
    with transaction.atomic():
        response = getattr(client, method)(path)
        if response.streaming:
            list(response.streaming_content)
        transaction.set_rollback(True)
    return response


def wrong_answers(site: filled.Site, method: str, column: int) -> Iterator[str]:
    for name, row in TABLE.items():
        expected = int(row[0 if method == "get" else 1].split()[column])
        answer = ask(site, method, address(site, name), WHO[column]).status_code
        if answer != expected:
            yield f"{name}: {method.upper()} by {PEOPLE[column]} is {answer}, not {expected}"


def test_every_address_is_in_the_table_and_every_row_is_an_address():
    named = {name for name, _parts in filled.named_urls()}
    assert named - set(TABLE) == set(), "without a row"
    assert set(TABLE) - named == set(), "rows without an address"
    assert all(len(cells.split()) == len(PEOPLE) for row in TABLE.values() for cells in row)


def test_every_page_of_the_table_is_walked_by_the_tests_of_the_whole_site(site):
    opened = {name for name, (get, _post) in TABLE.items() if "200" in get.split()}
    walked = {page.name for page in pages.all_pages(site)}
    assert opened - walked == {
        "livez",
        "readyz",
        "api-docs",  # whose words are those of the description: tests/api/test_description.py
        "week-export",
        *REPORT_FILES,
        *INVOICE_FILES,
        "export-file",
        "rerate-export",
    }, "pages that tests/pages.py does not list"


@on_sqlite_alone
@pytest.mark.parametrize("method", ["get", "post"])
def test_every_address_answers_everybody_as_the_table_says(site, method):
    wrong = [line for column in range(5) for line in wrong_answers(site, method, column)]
    site.organisation.features = []
    site.organisation.save()
    wrong += wrong_answers(site, method, 5)
    assert wrong == []


@on_sqlite_alone
def test_without_a_csrf_token_nothing_is_written_anywhere(site):
    events = AuditEvent.unscoped.count()
    let_in = []
    for name in TABLE:
        answer = ask(site, "post", address(site, name), "alice", enforce_csrf_checks=True).status_code
        if answer != 403:
            let_in.append(f"{name}: {answer}")
    assert let_in == []
    assert AuditEvent.unscoped.count() == events


def body(response: HttpResponseBase) -> bytes:
    return REFERENCE.sub(b"", response.content)  # the number for the log differs each time


def test_for_an_outsider_a_record_is_as_if_it_did_not_exist(site):
    """On Acme's addresses as on those of no organisation; and in her own, with Acme's ids, as with none."""
    told = []
    nothing = {slug: body(ask(site, "get", f"/o/{slug}/members/{filled.UNKNOWN}/", "mallory"))
               for slug in ("no-such", "globex")}  # fmt: skip
    for name in TABLE:
        if not address(site, name).startswith("/o/acme/") or name == "admin:*":
            continue
        records = filled.parts_of(name) - {"slug", "day"}
        unknown = {part: "NONE" if part == "code" else filled.UNKNOWN for part in records}
        for method in ("get", "post"):
            answers = [(ask(site, method, site.path(name), "mallory"), "no-such")]
            if records:
                answers.append((ask(site, method, site.path(name, slug="globex"), "mallory"), "globex"))
            for answer, slug in answers:
                if answer.status_code == 404 and body(answer) == nothing[slug]:
                    continue
                none = ask(site, method, site.path(name, **unknown, slug=slug), "mallory")
                refused = (answer.status_code, none.status_code)
                if refused not in ((404, 404), (405, 405)) or body(answer) != body(none):
                    told.append(f"{method.upper()} {site.path(name, slug=slug)}: {refused}")
    assert told == []


def test_an_agent_finds_no_entry_of_a_colleague(site):
    """Within the organisation a record outside one's reach is a 404 as well: that it exists is told to nobody."""
    colleagues = TimeEntry.objects.filter(member=site.people["alice"]).first()
    told = []
    for name, methods in {
        "entry-edit": ("get", "post"),
        "entry-delete": ("get", "post"),
        "entry-undo": ("post",),
        "entry-restore": ("post",),
        "entry-history": ("get",),
    }.items():
        for method in methods:
            answer = ask(site, method, site.path(name, entry_id=colleagues.pk), "carol")
            none = ask(site, method, site.path(name, entry_id=filled.UNKNOWN), "carol")
            if answer.status_code != 404 or body(answer) != body(none):
                told.append(f"{method.upper()} {name}: {answer.status_code}")
    assert told == []
