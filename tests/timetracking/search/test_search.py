"""The search of every page: what it finds for whom, in which order, and what can be done with it."""

import datetime as dt
import re

import pytest
from django.utils import timezone

from accounts.models import Membership
from accounts.tenancy import organisation_scope
from tests import factories
from tests.cast import browser_of
from timetracking.models import Project, Ticket
from timetracking.selectors.search import search

URL = "/o/acme/search/"
GLANCE = {"HX-Request": "true", "HX-Target": "search-hits"}


@pytest.fixture
def records(acme):
    client = factories.ClientFactory(name="Harbourside", identifier="HBR")
    other = factories.ClientFactory(name="Larch Street")
    factories.TicketFactory(client=client, number=4846, title="Backup job failed")
    factories.TicketFactory(client=other, number=4847, title="Backup of the backup")
    factories.TicketFactory(client=client, number=5100, title="Backup closed long ago", status="closed")
    factories.TicketFactory(client=other, number=48460, title="Printer offline")
    factories.ProjectFactory(client=client, code="PRJ-112", name="Network refresh")
    factories.ProjectFactory(client=other, code="PRJ-1120", name="Backup sites", status="closed")
    return client


def found(actor, text, limit=5) -> dict[str, list[str]]:
    return {group.name: [hit.title for hit in group.hits] for group in search(actor, text, limit).groups}


class TestWhatIsFound:
    @pytest.mark.parametrize(
        ("text", "tickets"),
        [
            ("backup", ["Backup of the backup", "Backup job failed", "Backup closed long ago"]),
            ("FAILED job", ["Backup job failed"]),
            ("harbour backup", ["Backup job failed", "Backup closed long ago"]),
            ("tkt-4847", ["Backup of the backup"]),
            ("4847", ["Backup of the backup"]),
            ("back%", []),
            ("_", []),
        ],
    )
    def test_every_word_is_in_title_or_client_or_is_the_number(self, carol, records, text, tickets):
        assert found(carol, text).get("tickets", []) == tickets

    def test_groups_come_in_the_same_order(self, bob, records):
        factories.MembershipFactory(user__name="Harbourside Harry")
        groups = search(bob, "harbourside").groups
        assert [group.name for group in groups] == ["tickets", "projects", "clients", "people"]
        assert [group.label for group in groups] == ["Tickets", "Projects", "Clients", "People"]

    def test_a_client_is_found_by_its_short_name(self, carol, records):
        assert found(carol, "hbr") == {"clients": ["Harbourside"]}

    @pytest.mark.parametrize("text", ["", "   ", "\x00"])
    def test_nothing_is_found_by_nothing(self, carol, records, text):
        assert search(carol, text).groups == []

    def test_what_is_over_comes_last_and_is_marked(self, carol, records):
        archived = factories.TicketFactory(client=records, number=9000, title="Backup of the archive")
        Ticket.objects.filter(pk=archived.pk).update(archived_at=timezone.now())
        group = next(group for group in search(carol, "backup").groups if group.name == "tickets")
        marks = [(hit.title, hit.mark) for hit in group.hits]
        assert marks[2:] == [("Backup of the archive", "Archived"), ("Backup closed long ago", "Closed")]
        assert {mark for _title, mark in marks[:2]} == {""}
        projects = [(hit.title, hit.mark) for hit in search(carol, "prj").groups[0].hits]
        assert projects == [("Network refresh", ""), ("Backup sites", "Closed")]

    def test_more_than_is_shown_lead_to_the_list(self, carol, records):
        for number in range(6):
            factories.TicketFactory(client=records, number=100 + number, title=f"Gizmo {number}")
        group = search(carol, "gizmo").groups[0]
        assert len(group.hits) == 5
        assert group.more_url == "/o/acme/tickets/?q=gizmo&state=all"
        assert search(carol, "gizmo", limit=6).groups[0].more_url == ""


class TestReferences:
    @pytest.mark.parametrize("text", ["4846", "TKT-4846", " tkt-4846 "])
    def test_a_ticket_by_its_number_is_the_first_of_all(self, carol, records, text):
        project = factories.ProjectFactory(client=records, code="4846-A", name="TKT-4846 follow-up")
        hits = search(carol, text)
        assert hits.groups[0].hits[0].detail == "TKT-4846 · Harbourside"
        assert hits.only == hits.exact == hits.groups[0].hits[0]
        assert [hit.url for group in hits.groups for hit in group.hits].count(hits.exact.url) == 1
        assert project.name in [hit.title for group in hits.groups for hit in group.hits] or "A" not in text

    @pytest.mark.parametrize("text", ["PRJ-112", "prj-112"])
    def test_a_project_by_its_code_comes_before_tickets_and_longer_codes(self, carol, records, text):
        factories.TicketFactory(client=records, title="Follow-up of PRJ-112")
        hits = search(carol, text)
        assert [group.name for group in hits.groups][:2] == ["projects", "tickets"]
        assert [hit.title for hit in hits.groups[0].hits] == ["Network refresh", "Backup sites"]
        assert hits.only.url == "/o/acme/projects/PRJ-112/"

    def test_a_closed_one_opens_too(self, carol, records):
        assert search(carol, "5100").only.mark == "Closed"

    def test_a_charge_code_is_no_page(self, carol, records):
        factories.ChargeCodeFactory(code="MTNG", name="Meetings")
        assert search(carol, "MTNG").only is None

    def test_of_two_hits_neither_is_the_only_one(self, carol, records):
        assert search(carol, "backup").only is None
        assert search(carol, "printer offline").only.title == "Printer offline"


class TestLogging:
    def hit(self, actor, text):
        return search(actor, text).groups[0].hits[0]

    def test_records_in_use_take_time_and_timers(self, carol, records):
        ticket, project = Ticket.objects.get(number=4846), Project.objects.get(code="PRJ-112")
        hit = self.hit(carol, "4846")
        assert (hit.log_url, hit.record) == (f"/o/acme/entries/new/?ticket={ticket.pk}", f"ticket:{ticket.pk}")
        hit = self.hit(carol, "PRJ-112")
        assert (hit.log_url, hit.record) == (f"/o/acme/entries/new/?project={project.pk}", f"project:{project.pk}")

    def test_closed_ones_take_none_but_in_their_days_of_grace(self, acme, carol, records):
        assert (self.hit(carol, "5100").log_url, self.hit(carol, "5100").record) == ("", "")
        Ticket.objects.filter(number=5100).update(closed_at=timezone.now())
        acme.closed_ticket_grace_days = 7
        acme.save()
        carol = Membership.objects.select_related("organisation", "user").get(pk=carol.pk)
        assert self.hit(carol, "5100").log_url
        Ticket.objects.filter(number=5100).update(closed_at=timezone.now() - dt.timedelta(days=9))
        assert not self.hit(carol, "5100").log_url


class TestPeople:
    def test_managers_find_colleagues_by_name_and_address(self, bob, carol, records):
        for text in ("carol", "carol@acme"):
            hit = search(bob, text).only
            assert (hit.title, hit.url) == ("Carol Clark", f"/o/acme/timesheets/?agent={carol.pk}")
            assert [link.url for link in hit.links] == [f"/o/acme/members/{carol.pk}/"]

    def test_agents_find_none(self, carol, bob, records):
        assert found(carol, "bob") == {}

    def test_who_left_comes_last_and_is_marked(self, bob, carol, records):
        gone = factories.MembershipFactory(user__name="Carla Gone")
        Membership.objects.filter(pk=gone.pk).update(is_active=False)
        hits = next(group for group in search(bob, "car").groups if group.name == "people").hits
        assert [(hit.title, hit.mark) for hit in hits] == [("Carol Clark", ""), ("Carla Gone", "Inactive")]


class TestTenancy:
    def test_nothing_of_another_organisation_is_found(self, acme, globex, alice, mallory, records):
        with organisation_scope(globex):
            factories.TicketFactory(client=factories.ClientFactory(name="Harbour Globex"), number=1, title="Backup X")
            assert [hit.title for group in search(mallory, "backup").groups for hit in group.hits] == ["Backup X"]
            assert found(mallory, "harbour") == {"tickets": ["Backup X"], "clients": ["Harbour Globex"]}
            assert found(mallory, "alice") == {}
            assert search(mallory, "4846").only is None

    def test_the_page_is_none_for_an_outsider(self, acme, mallory, records):
        assert browser_of(mallory).get(URL, {"q": "backup"}).status_code == 404


class TestThePage:
    def test_hits_have_their_buttons(self, as_carol, records):
        page = as_carol.get(URL, {"q": "backup"}).content.decode()
        ticket = Ticket.objects.get(number=4846)
        assert f'href="/o/acme/entries/new/?ticket={ticket.pk}" hx-get=' in page
        assert f'name="record" value="ticket:{ticket.pk}"' in page
        assert re.search(r'action="/o/acme/timer/start/" hx-post=', page)
        closed = Ticket.objects.get(number=5100)
        assert closed.title in page and f"ticket={closed.pk}" not in page and f"ticket:{closed.pk}" not in page

    def test_a_reference_and_an_only_hit_open_by_themselves(self, as_carol, records):
        for query, url in (("4846", "/o/acme/tickets/TKT-4846/"), ("printer", "/o/acme/tickets/TKT-48460/")):
            answer = as_carol.get(URL, {"q": query})
            assert (answer.status_code, answer.url) == (302, url)

    def test_under_the_field_nothing_opens_by_itself(self, as_carol, records):
        answer = as_carol.get(URL, {"q": "4846"}, headers=GLANCE)
        assert answer.status_code == 200
        text = answer.content.decode()
        assert "<html" not in text and "Backup job failed" in text
        assert 'data-say="1 result"' in text

    def test_an_empty_field_empties_what_was_found(self, as_carol, records):
        assert as_carol.get(URL, {"q": " "}, headers=GLANCE).content.decode().strip() == ""

    def test_nothing_found_is_said(self, as_carol, records):
        for headers in ({}, GLANCE):
            assert "Nothing found" in as_carol.get(URL, {"q": "zebra"}, headers=headers).content.decode()

    def test_every_page_has_the_field_but_that_of_the_search(self, as_carol, records):
        assert 'id="search-q"' in as_carol.get("/o/acme/tickets/").content.decode()
        page = as_carol.get(URL, {"q": "backup"}).content.decode()
        assert 'id="search-q"' not in page and 'id="search-page-q"' in page

    def test_what_is_typed_is_shown_as_text(self, as_carol, records):
        page = as_carol.get(URL, {"q": "<script>alert(1)</script>"}).content.decode()
        assert "<script>alert" not in page

    def test_its_queries_do_not_grow_with_what_is_found(self, as_alice, records, count_queries):
        as_alice.get(URL, {"q": "backup"}, headers=GLANCE)
        few = count_queries(lambda: as_alice.get(URL, {"q": "backup"}, headers=GLANCE))
        for number in range(30):
            client = factories.ClientFactory(name=f"Backup {number}")
            factories.TicketFactory(client=client, number=100 + number, title=f"Backup {number}")
            factories.ProjectFactory(client=client, code=f"BCK-{number}", name="Backup")
            factories.MembershipFactory(user__name=f"Backup {number}")
        assert count_queries(lambda: as_alice.get(URL, {"q": "backup"}, headers=GLANCE)) == few
        assert few <= 10


class TestWords:
    def test_a_dozen_words_are_enough(self, carol, records, count_queries):
        text = "backup " * 100
        assert found(carol, text)["tickets"]
