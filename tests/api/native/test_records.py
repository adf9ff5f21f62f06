"""Records, members, reports and invoices by the own API: what is found, what is written, and what stays hidden."""

from __future__ import annotations

import datetime as dt

import pytest

from accounts.permissions import Permission
from tests import factories, invoices_in_states
from timetracking.api.native.catalogue import LISTED
from timetracking.models import Project, Task
from timetracking.rules import weeks
from timetracking.services.catalogue_nouns import NOUNS

API = "/api/v1"


@pytest.fixture
def project(acme):
    client = factories.ClientFactory(name="Harbourside", notes="Slow payer", tax_number="X1")
    return factories.ProjectFactory(client=client, code="BCN-1", name="Beacon", hourly_rate=125, budget_amount=900)


def test_a_record_is_made_changed_put_away_and_brought_back(program, alice, carol, project):
    caller = program("api", alice)
    body = {"code": "LGT-1", "name": "Lighthouse", "client_id": project.client_id, "billable": None}
    made = caller.post(f"{API}/projects", {**body, "hourly_rate": "99.5", "starts_on": "2026-06-01"})
    told = made.json()
    assert (made.status_code, told["billable"], told["hourly_rate"]) == (201, None, "99.50")
    path = made["Location"]
    assert caller.get(path).json() == told
    changed = caller.patch(path, {"name": "Lighthouse 2", "billable": True}, If_Match=made["ETag"])
    assert (changed.json()["billable"], changed["ETag"]) == (True, '"2"')
    assert caller.patch(path, {"name": "Late"}, If_Match=made["ETag"]).status_code == 412
    assert caller.patch(path, {"name": "Late", "version": 1}).status_code == 409
    assert caller.post(f"{path}/archive").json()["archived_at"]
    assert told["id"] not in [each["id"] for each in caller.get(f"{API}/projects").json()["items"]]
    assert [each["id"] for each in caller.get(f"{API}/projects?archived=true").json()["items"]] == [told["id"]]
    assert caller.post(f"{path}/restore").json()["archived_at"] is None
    task = {"name": "Wiring", "project_id": told["id"], "assignee_ids": [carol.pk]}
    assert caller.post(f"{API}/tasks", task).json()["assignee_ids"] == [carol.pk]
    assert Task.objects.get().assignees.get() == carol


@pytest.mark.parametrize(
    ("body", "status", "field"),
    [
        ({"name": "Lighthouse"}, 422, "code"),
        ({"code": "BCN-1"}, 422, "code"),
        ({"code": " BCN-1 "}, 422, "code"),
        ({"name": " \n "}, 422, "name"),
        ({"code": "new"}, 422, "code"),
        ({"client_id": 10**30}, 404, ""),
        ({"agreement_id": "other"}, 422, "agreement_id"),
        ({"client_id": None}, 422, "client_id"),
        ({"hourly_rate": "1e5"}, 422, "hourly_rate"),
        ({"hourly_rate": "99999999.00"}, 422, "hourly_rate"),
        ({"budget_minutes": 10**20}, 422, "budget_minutes"),
        ({"starts_on": "2026-02-30"}, 422, "starts_on"),
        ({"starts_on": "2026-02-02", "ends_on": "2026-01-01"}, 422, "ends_on"),
        ({"status": "gone"}, 422, "status"),
        ({"organisation_id": 5}, 422, "organisation_id"),
        ({"version": 5}, 422, "version"),
    ],
)
def test_what_is_no_project_is_refused_by_its_field(program, alice, project, body, status, field):
    if body.get("agreement_id") == "other":
        body = {"agreement_id": factories.AgreementFactory().pk}
    whole = {"code": "LGT-1", "name": "Lighthouse", "client_id": project.client_id, **body}
    if field == "code" and "code" not in body:
        del whole["code"]
    answer = program("api", alice).post(f"{API}/projects", whole)
    assert (answer.status_code, list(answer.json()["errors"])) == (status, [field] if field else [])
    assert Project.objects.count() == 1


def test_what_is_not_for_everybody_is_null(program, alice, bob, carol, project):
    def told(member, path: str) -> dict[str, object]:
        return program("api", member).get(f"{API}/{path}").json()

    client, one = f"clients/{project.client_id}", f"projects/{project.pk}"
    assert (told(carol, client)["notes"], told(bob, client)["notes"]) == (None, "Slow payer")
    assert [told(who, one)["hourly_rate"] for who in (carol, bob, alice)] == [None, None, "125.00"]
    assert program("api", bob).patch(f"{API}/{one}", {"hourly_rate": "1"}).status_code == 403
    assert program("api", alice, areas=["records"]).get(f"{API}/{one}").json()["hourly_rate"] is None


def test_records_are_found_by_words_client_and_change(program, carol, project):
    caller = program("api", carol)
    other = factories.ProjectFactory(code="ZZZ-1", name="Quay")

    def found(query: str, noun: str = "projects") -> list[int]:
        return [each["id"] for each in caller.get(f"{API}/{noun}?{query}").json()["items"]]

    assert found("q=harbour+beacon") == [project.pk]
    assert found(f"client_id={project.client_id}") == [project.pk]
    assert found("updated_since=2099-01-01T00:00:00Z") == []
    assert caller.get(f"{API}/projects?client_id={10**19}").status_code == 404
    assert found("updated_since=2020-01-01T00:00:00Z&order=-id") == [other.pk, project.pk]
    first = caller.get(f"{API}/projects?limit=1").json()
    assert found(f"limit=1&cursor={first['next']}") == [other.pk]
    assert caller.get(f"{API}/clients?cursor={first['next']}").status_code == 400
    ticket = factories.TicketFactory(number=4846)
    assert found("q=TKT-4846", "tickets") == [ticket.pk]


def test_rates_are_managed_by_nobody_here():
    written = {noun.name for noun in LISTED if NOUNS[noun.model].permission is not Permission.MANAGE_RATES}
    assert {noun.name for noun in LISTED} - written == {"work_type", "work_role"}


def test_an_agent_finds_only_themself_among_the_members(program, bob, carol, acme):
    assert [each["id"] for each in program("api", carol).get(f"{API}/members").json()["items"]] == [carol.pk]
    found = program("api", bob).get(f"{API}/members?q=carol&active=all").json()["items"]
    assert [(each["id"], each["email"], each["role"]) for each in found] == [(carol.pk, "carol@acme.test", "AGENT")]


def test_a_report_adds_up_and_shows_money_to_who_sees_it(program, alice, bob, carol, project):
    day = carol.today()
    for member, minutes in ((carol, 60), (carol, 30), (bob, 45)):
        factories.TimeEntryFactory(member=member, project=project, date=day, minutes=minutes, amount=100)
    path = f"{API}/reports?from={day}&to={day}&by=agent&then=month"
    for who, minutes, amount in ((alice, 135, "300.00"), (bob, 135, None), (carol, 90, None)):
        told = program("api", who).get(path).json()
        assert (told["total"]["minutes"], told["total"]["amount"]) == (minutes, amount)
        assert sum(group["minutes"] for group in told["groups"]) == minutes
        assert {inner["key"] for group in told["groups"] for inner in group["groups"]} == {str(day.replace(day=1))}
    assert program("api", carol).get(f"{path}&agent={bob.pk}").status_code == 404
    for query in ("by=who", "range=ever&by=week", "from=2026-06-02&to=2026-06-01", "colour=red", "sort=colour"):
        assert program("api", alice).get(f"{API}/reports?{query}").status_code in (400, 422), query


def test_an_invoice_is_read_line_by_line_without_internal_notes(program, alice, carol, project):
    week = weeks.week_containing(carol.today() - dt.timedelta(days=28), first_weekday=0)
    ticket = factories.TicketFactory(client=project.client)
    made = invoices_in_states.make(alice, carol, project.client, project, ticket, week)
    caller = program("api", alice)
    listed = caller.get(f"{API}/invoices?client_id={project.client_id}").json()["items"]
    assert {each["id"] for each in listed} == {invoice.pk for invoice in made.values()}
    issued = next(each for each in listed if each["status"] == "issued")
    whole = caller.get(f"{API}/invoices/{issued['id']}").json()
    assert {name: whole[name] for name in issued} == issued
    assert whole["lines"] and whole["recipient"]["name"] == "Harbourside"
    assert "internal" not in caller.get(f"{API}/invoices/{issued['id']}").content.decode()
    assert program("api", alice, areas=["time"]).get(f"{API}/invoices").status_code == 403


@pytest.mark.parametrize("path", ["projects", "tasks", "members", "invoices", "reports?by=project"])
def test_lists_cost_the_same_however_long(program, alice, project, count_queries, path):
    caller, address = program("api", alice), f"{API}/{path}"
    factories.TaskFactory(project=project).assignees.set([alice])
    factories.TimeEntryFactory(member=alice, project=project, date=alice.today(), minutes=5)
    caller.get(address)
    before = count_queries(lambda: caller.get(address))
    for _each in range(4):
        more = factories.ProjectFactory()
        factories.TaskFactory(project=more).assignees.set([factories.MembershipFactory()])
        factories.TimeEntryFactory(member=alice, project=more, date=alice.today(), minutes=5)
    assert count_queries(lambda: caller.get(address)) == before
