"""A ticket's, a project's and a client's page: totals for everybody, names and entries for those who may see them."""

import datetime as dt
from decimal import Decimal

import pytest
import time_machine

from accounts.tenancy import organisation_scope
from tests import factories
from timetracking.models import Project, Ticket, TimeEntry

pytestmark = pytest.mark.usefixtures("acme", "thursday")
CARD = {"HX-Request": "true", "HX-Target": "time-card"}


@pytest.fixture
def thursday():
    with time_machine.travel(dt.datetime(2026, 6, 18, 10, tzinfo=dt.UTC), tick=False):
        yield


@pytest.fixture
def ticket() -> Ticket:
    return factories.TicketFactory(number=4846, title="Backup failed", estimate_minutes=240, description="It broke")


@pytest.fixture
def project() -> Project:
    return factories.ProjectFactory(code="PRJ-112", name="Migration", budget_minutes=600)


@pytest.fixture
def worked(ticket, project, bob, carol) -> list[TimeEntry]:
    entry = factories.TimeEntryFactory
    return [
        entry(ticket=ticket, member=carol, minutes=90, subject="Carol on the ticket"),
        entry(ticket=ticket, member=bob, minutes=30, subject="Bob on the ticket", billable=False),
        entry(project=project, member=carol, minutes=300, subject="Carol on the project"),
        entry(project=project, member=bob, minutes=200, subject="Bob on the project", date=dt.date(2026, 6, 8)),
        entry(ticket=ticket, member=bob, minutes=999, deleted_at=dt.datetime(2026, 6, 17, tzinfo=dt.UTC)),
    ]


PAGES = pytest.mark.parametrize("url", ["/o/acme/tickets/TKT-4846/", "/o/acme/projects/PRJ-112/"])


@PAGES
class TestBothPages:
    def test_agents_see_everybodys_total_and_their_own_entries(self, url, as_carol, worked):
        answer = as_carol.get(url)
        page = answer.content.decode()
        card = answer.context["card"]
        assert card.usage.used == (120 if "tickets" in url else 500)
        assert "Carol on the" in page
        assert "Bob on the" not in page
        assert "Bob Brown" not in page
        assert "By agent" not in page

    def test_managers_see_who(self, url, as_bob, worked):
        page = as_bob.get(url).content.decode()
        assert "Carol on the" in page
        assert "Bob on the" in page
        assert "Carol Clark" in page

    def test_outsiders_find_nothing(self, url, as_mallory, worked):
        assert as_mallory.get(url).status_code == 404
        assert as_mallory.get(url.replace("acme", "globex")).status_code == 404

    def test_log_time_opens_the_form_filled_in(self, url, as_carol, ticket, project):
        page = as_carol.get(url).content.decode()
        query = f"kind=TICKET&amp;ticket={ticket.pk}" if "tickets" in url else f"kind=PROJECT&amp;project={project.pk}"
        address = f'href="/o/acme/entries/new/?{query}"'
        assert page.count(address) == 3
        assert f'hx-get="/o/acme/entries/new/?{query}" hx-target="#dialog-host"' in page

    def test_the_card_asks_for_what_changed(self, url, as_carol, worked):
        page = as_carol.get(url).content.decode()
        assert f'hx-get="{url}" hx-trigger="entries-changed from:body"' in page
        fragment = as_carol.get(url, headers=CARD).content.decode()
        assert fragment.lstrip().startswith('<section class="card timecard" id="time-card"')
        assert 'id="record-entries"' in fragment
        assert 'hx-swap-oob="true"' in fragment
        assert "Bob Brown" not in fragment
        assert "<html" not in fragment

    def test_costs_the_same_however_busy(self, url, as_bob, ticket, project, bob, carol, count_queries):
        where = {"ticket": ticket} if "tickets" in url else {"project": project}
        factories.TimeEntryFactory(member=bob, **where)
        as_bob.get(url)
        quiet = count_queries(lambda: as_bob.get(url))
        for member in (bob, carol, factories.MembershipFactory()):
            factories.TimeEntryFactory.create_batch(15, member=member, **where)
        for assignee in (bob, carol):
            factories.TaskFactory(project=project).assignees.add(assignee)
        busy = count_queries(lambda: as_bob.get(url))
        assert busy <= quiet + ("projects" in url)  # one for all tasks' assignees, once there are tasks
        assert busy <= 15

    def test_many_entries_have_pages(self, url, as_bob, ticket, project, bob):
        where = {"ticket": ticket} if "tickets" in url else {"project": project}
        factories.TimeEntryFactory.create_batch(26, member=bob, **where)
        assert len(as_bob.get(url).context["rows"]) == 25
        assert len(as_bob.get(url, {"page": 2}).context["rows"]) == 1
        assert as_bob.get(url, {"page": "x"}).status_code == 200

    def test_edit_controls_or_the_reason(self, url, as_carol, carol, ticket, project):
        where = {"ticket": ticket} if "tickets" in url else {"project": project}
        fresh = factories.TimeEntryFactory(member=carol, **where)
        old = factories.TimeEntryFactory(member=carol, created_at=dt.datetime(2026, 6, 17, 9, tzinfo=dt.UTC), **where)
        page = as_carol.get(url).content.decode()
        assert f'id="edit-{fresh.pk}"' in page
        assert f'id="edit-{old.pk}"' not in page
        assert "You could change this until" in page

    @pytest.mark.parametrize("archived", [True, False])
    def test_what_takes_no_time_says_so_instead(self, url, as_bob, as_carol, ticket, project, archived):
        record = ticket if "tickets" in url else project
        if archived:
            record.archived_at = dt.datetime(2026, 6, 1, tzinfo=dt.UTC)
        else:
            record.status = "closed"
        record.save()
        page = as_bob.get(url).content.decode()
        words = "is archived. Restore it to log time." if archived else "is closed. Reopen it to log time."
        assert f"{record.reference} {words}" in page
        assert f"ticket={record.pk}" not in page
        assert f"kind=PROJECT&amp;project={record.pk}" not in page
        page = as_carol.get(url).content.decode()
        assert "Ask a manager to" in page
        assert "/restore/" not in page

    def test_only_managers_are_offered_to_edit(self, url, as_bob, as_carol, ticket, project):
        assert f'href="{url}edit/"' in as_bob.get(url).content.decode()
        assert f'href="{url}edit/"' not in as_carol.get(url).content.decode()


def test_a_ticket_is_found_by_number_and_reference(as_carol, ticket):
    for ref in ("TKT-4846", "4846", "tkt-4846"):
        assert as_carol.get(f"/o/acme/tickets/{ref}/").status_code == 200
    for ref in ("TKT-4847", "x", "9" * 10, "TKT-"):
        assert as_carol.get(f"/o/acme/tickets/{ref}/").status_code == 404


def test_a_ticket_shows_what_is_left_of_its_estimate(as_carol, worked):
    card = as_carol.get("/o/acme/tickets/TKT-4846/").context["card"]
    assert (card.usage.used, card.billable, card.not_billable) == (120, 90, 30)
    assert (card.usage.percent, card.usage.left, card.usage.state) == (50, 120, "")
    assert (card.billable_bar, card.other_bar) == (37, 13)


@pytest.mark.parametrize(
    ("minutes", "chip", "words"),
    [(480, "80% used", "80% of the budget is used, 2h is left."), (660, "110% used", "The budget is used up.")],
)
def test_a_project_warns_in_words(as_carol, project, bob, minutes, chip, words):
    factories.TimeEntryFactory(project=project, member=bob, minutes=minutes)
    page = as_carol.get("/o/acme/projects/PRJ-112/").content.decode()
    assert chip in page
    assert words in page


def test_a_project_counts_the_organisations_weeks(as_bob, acme_organisation, project, bob):
    for day, minutes in ((14, 60), (15, 30), (21, 15)):
        factories.TimeEntryFactory(project=project, member=bob, date=dt.date(2026, 6, day), minutes=minutes)
    factories.TimeEntryFactory(project=project, member=bob, date=dt.date(2026, 1, 5), minutes=400)
    chart = as_bob.get("/o/acme/projects/PRJ-112/").context["chart"]
    assert [(bar.label, bar.total) for bar in chart.bars[-2:]] == [("8 Jun", 60), ("15 Jun", 45)]
    assert chart.total == 105
    assert "8 June" in chart.takeaway
    acme_organisation.first_weekday = 6
    acme_organisation.save()
    chart = as_bob.get("/o/acme/projects/PRJ-112/").context["chart"]
    assert [(bar.label, bar.total) for bar in chart.bars[-1:]] == [("14 Jun", 90)]


def test_a_project_adds_up_its_agents(as_bob, project, bob):
    for n in range(14):
        factories.TimeEntryFactory(project=project, member=factories.MembershipFactory(), minutes=10 + n)
    agents = as_bob.get("/o/acme/projects/PRJ-112/").context["agents"]
    assert len(agents) == 13
    assert agents[-1].name == "2 others"
    assert sum(share.minutes for share in agents) == sum(range(10, 24))


def test_a_project_forecasts(as_bob, project, bob):
    for week in (1, 2, 3, 4):
        day = dt.date(2026, 6, 15) - dt.timedelta(weeks=week)
        factories.TimeEntryFactory(project=project, member=bob, date=day, minutes=60)
    page = as_bob.get("/o/acme/projects/PRJ-112/").content.decode()
    assert "At 1h a week the budget runs out around 30 July 2026." in page


def test_money_is_for_those_who_see_rates(as_alice, as_bob, project):
    Project.objects.filter(pk=project.pk).update(hourly_rate=Decimal("95.5"), budget_amount=12000)
    page = as_alice.get("/o/acme/projects/PRJ-112/").content.decode()
    assert "€95.50" in page
    assert "€12,000.00" in page
    page = as_bob.get("/o/acme/projects/PRJ-112/").content.decode()
    assert "€" not in page


def test_a_projects_tasks_can_be_logged_on(as_carol, project):
    task = factories.TaskFactory(project=project, name="Cutover")
    done = factories.TaskFactory(project=project, name="Pilot", status="done")
    page = as_carol.get("/o/acme/projects/PRJ-112/").content.decode()
    assert f"project={project.pk}&amp;task={task.pk}" in page
    assert f"task={done.pk}" not in page
    assert "Pilot" in page


class TestClientPage:
    def test_shows_what_is_open(self, as_carol, as_bob, carol):
        client = factories.ClientFactory(name="Larkspur")
        ticket = factories.TicketFactory(client=client, title="Printer")
        factories.TicketFactory(client=client, title="Backup", status="closed")
        factories.ProjectFactory(client=client, name="Migration")
        factories.AgreementFactory(client=client, name="Managed backup")
        factories.TimeEntryFactory(ticket=ticket, member=carol, minutes=45)
        page = as_carol.get(f"/o/acme/clients/{client.pk}/").content.decode()
        assert "Printer" in page
        assert "Migration" in page
        assert 'datetime="PT0H45M"' in page
        assert "Backup" not in page
        assert "Managed backup" not in page
        assert "/new/?client" not in page
        page = as_bob.get(f"/o/acme/clients/{client.pk}/").content.decode()
        assert "Managed backup" in page
        assert f"/o/acme/tickets/new/?client={client.pk}" in page

    def test_of_another_organisation_is_not_found(self, as_bob, globex):
        with organisation_scope(globex):
            theirs = factories.ClientFactory()
        assert as_bob.get(f"/o/acme/clients/{theirs.pk}/").status_code == 404

    def test_costs_the_same_however_busy(self, as_bob, count_queries):
        client = factories.ClientFactory()
        url = f"/o/acme/clients/{client.pk}/"
        factories.TicketFactory(client=client)
        factories.ProjectFactory(client=client)
        as_bob.get(url)
        quiet = count_queries(lambda: as_bob.get(url))
        factories.TicketFactory.create_batch(5, client=client)
        factories.ProjectFactory.create_batch(5, client=client)
        factories.AgreementFactory.create_batch(5, client=client)
        assert count_queries(lambda: as_bob.get(url)) == quiet
