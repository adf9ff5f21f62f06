"""The catalogue in the admin: created, edited, archived and restored by the service of the pages; never deleted."""

from __future__ import annotations

import pytest
from django.contrib.admin.models import LogEntry

from accounts.models import AuditEvent
from accounts.tenancy import organisation_scope
from tests import factories
from tests.admin.conftest import form_of
from timetracking.models import Client, Project, Task, Ticket, WorkRoleRate, WorkType
from timetracking.services import catalogue

ROOT = "/o/acme/admin/timetracking/"
MAKERS = {
    "client": factories.ClientFactory,
    "agreement": factories.AgreementFactory,
    "project": factories.ProjectFactory,
    "task": factories.TaskFactory,
    "ticket": factories.TicketFactory,
    "chargecode": factories.ChargeCodeFactory,
    "activity": factories.ActivityFactory,
    "worktype": factories.WorkTypeFactory,
    "workrole": factories.WorkRoleFactory,
    "workrolerate": factories.WorkRoleRateFactory,
    "agreementrate": factories.AgreementRateFactory,
}


def change(row) -> str:
    return f"{ROOT}{row._meta.model_name}/{row.pk}/change/"


def test_a_client_is_created_and_told_like_on_the_page(send, acme, alice):
    assert send(f"{ROOT}client/add/", name="Harbour").status_code == 302
    made = AuditEvent.objects.get()
    catalogue.create(alice, Client, name="Harbour 2", identifier="", billing_increment_minutes=None, notes="")
    on_page = AuditEvent.objects.exclude(pk=made.pk).get()
    assert (made.action, made.actor, set(made.changes)) == ("client.created", alice, set(on_page.changes))
    assert LogEntry.objects.count() == 0


def test_a_record_is_edited(send, acme):
    project = factories.ProjectFactory(name="Old")
    assert send(change(project), name="New").status_code == 302
    project.refresh_from_db()
    assert (project.name, project.version) == ("New", 2)
    event = AuditEvent.objects.get()
    assert (event.action, event.changes) == ("project.updated", {"name": ["Old", "New"]})


def test_a_stale_form_changes_nothing(admin, acme, alice):
    client = factories.ClientFactory(name="Old")
    form = form_of(admin.get(change(client)))
    catalogue.edit(alice, client, version=1, name="Theirs")
    response = admin.post(change(client), {**form, "name": "Mine"})
    assert response.status_code == 409
    assert "Stored now: Theirs" in response.content.decode()
    client.refresh_from_db()
    assert client.name == "Theirs"


def test_a_refusal_of_the_service_stands_at_its_field(send, acme):
    factories.ClientFactory(name="Harbour")
    response = send(f"{ROOT}client/add/", name="Harbour")
    assert response.status_code == 422
    assert response.context["adminform"].form.errors["name"] == ["There is a client with this name already."]
    assert Client.objects.count() == 1


def test_the_assignees_of_a_task_go_through_the_service(send, acme, carol, bob):
    task = factories.TaskFactory()
    assert send(change(task), assignees=[bob.pk, carol.pk]).status_code == 302
    assert set(task.assignees.all()) == {bob, carol}
    assert AuditEvent.objects.get().changes == {"assignees": [[], sorted([bob.pk, carol.pk])]}


@pytest.mark.parametrize("forged", ["abc", "9" * 40, "-1", "²"])
def test_forged_assignees_are_refused(send, acme, bob, forged):
    task = factories.TaskFactory()
    assert send(change(task), assignees=[bob.pk, forged]).status_code == 422
    assert not task.assignees.exists()


def test_people_and_records_of_another_organisation_cannot_be_chosen(send, acme, globex, mallory):
    with organisation_scope(globex):
        client, agreement = (
            factories.ClientFactory(name="Secret client"),
            factories.AgreementFactory(name="Secret deal"),
        )
        project = factories.ProjectFactory(name="Secret project")
    task, own, ticket = factories.TaskFactory(), factories.ProjectFactory(), factories.TicketFactory()
    for row, sent in (
        (task, {"assignees": [mallory.pk]}),
        (own, {"client": client.pk}),
        (own, {"agreement": agreement.pk}),
        (own, {"manager": mallory.pk}),
        (ticket, {"assignee": mallory.pk}),
        (factories.ChargeCodeFactory(), {"project": project.pk}),
        (factories.ActivityFactory(), {"client": client.pk}),
    ):
        response = send(change(row), **sent)
        assert response.status_code == 422, sent
        page = response.content.decode()
        assert "Secret" not in page
        assert "Mallory" not in page
    assert not AuditEvent.objects.exists()


def test_pickers_offer_nothing_of_another_organisation(admin, acme, globex, mallory):
    with organisation_scope(globex):
        factories.ClientFactory(name="Secret client")
    factories.ClientFactory(name="Own client")
    base = {"app_label": "timetracking", "model_name": "project", "term": ""}
    found = admin.get("/o/acme/admin/autocomplete/", {**base, "field_name": "client"}).json()["results"]
    assert [row["text"] for row in found] == ["Own client"]
    people = admin.get("/o/acme/admin/autocomplete/", {**base, "field_name": "manager"}).json()["results"]
    assert [row["text"] for row in people] == ["Alice Adams"]
    devices = {"app_label": "otp_totp", "model_name": "totpdevice", "field_name": "user", "term": ""}
    users = admin.get("/o/acme/admin/autocomplete/", devices).json()["results"]
    assert [row["text"] for row in users] == ["Alice Adams"]


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ({"field_name": "billable"}, 403),
        ({"model_name": "nothing"}, 403),
        ({"page": "9" * 30}, 404),
        ({"term": "x" * 5000}, 200),
    ],
)
def test_pickers_take_forged_questions(admin, acme, query, status):
    base = {"app_label": "timetracking", "model_name": "project", "field_name": "client", "term": ""}
    assert admin.get("/o/acme/admin/autocomplete/", {**base, **query}).status_code == status


def test_rates_are_set_by_the_service_of_the_pages(send, acme):
    role, agreement = factories.WorkRoleFactory(), factories.AgreementFactory()
    add = f"{ROOT}workrolerate/add/"
    assert send(add, work_role=role.pk, starts_on="2026-06-01", hourly_rate="90").status_code == 302
    refused = send(add, work_role=role.pk, starts_on="2026-06-01", hourly_rate="95")
    assert refused.status_code == 422
    assert refused.context["adminform"].form.errors["starts_on"] == ["This role has a rate from this day on already."]
    rate = WorkRoleRate.objects.get()
    assert send(change(rate), hourly_rate="91.5").status_code == 302
    add = f"{ROOT}agreementrate/add/"
    assert send(add, agreement=agreement.pk, work_role=role.pk, hourly_rate="80").status_code == 302
    assert send(add, agreement=agreement.pk, work_role=role.pk, hourly_rate="85").status_code == 422
    assert list(AuditEvent.objects.order_by("pk").values_list("action", flat=True)) == [
        "work_role_rate.created",
        "work_role_rate.updated",
        "agreement_rate.created",
    ]


def test_another_work_type_is_used_where_none_is_named(send, acme):
    first, second = factories.WorkTypeFactory(is_default=True), factories.WorkTypeFactory()
    assert send(change(second), is_default="on").status_code == 302
    assert list(WorkType.objects.filter(is_default=True)) == [second]
    assert [event.object_id for event in AuditEvent.objects.order_by("pk")] == [first.pk, second.pk]


@pytest.mark.parametrize("name", MAKERS)
def test_nothing_can_be_deleted(admin, acme, name):
    row = MAKERS[name]()
    assert "deletelink" not in admin.get(change(row)).content.decode()
    assert admin.post(f"{ROOT}{name}/{row.pk}/delete/", {"post": "yes"}).status_code == 403
    assert type(row).objects.filter(pk=row.pk).exists()


@pytest.mark.parametrize("name", MAKERS)
def test_records_are_archived_and_restored_one_by_one(admin, acme, name):
    row = MAKERS[name]()
    chosen = {"_selected_action": [row.pk], "index": 0}
    page = admin.post(f"{ROOT}{name}/", {**chosen, "action": "archive"}, follow=True).content.decode()
    assert "1 record archived." in page
    row.refresh_from_db()
    assert row.is_archived
    admin.post(f"{ROOT}{name}/", {**chosen, "action": "restore"})
    row.refresh_from_db()
    assert not row.is_archived
    noun = catalogue.NOUNS[type(row)].name
    assert [event.action for event in AuditEvent.objects.order_by("pk")] == [f"{noun}.archived", f"{noun}.restored"]


@pytest.mark.parametrize("name", MAKERS)
def test_records_of_another_organisation_do_not_exist(admin, acme, globex, name):
    with organisation_scope(globex):
        row = MAKERS[name]()
    # deleting is refused whatever the id
    for rest, status in (("change/", 404), ("history/", 404), ("delete/", 403)):
        for pk in (row.pk, 987654):
            assert admin.get(f"{ROOT}{name}/{pk}/{rest}").status_code == status
            assert admin.post(f"{ROOT}{name}/{pk}/{rest}", {"post": "yes"}).status_code == status
    assert str(row) not in admin.get(f"{ROOT}{name}/").content.decode()
    admin.post(f"{ROOT}{name}/", {"action": "archive", "_selected_action": [row.pk], "index": 0})
    with organisation_scope(globex):
        row.refresh_from_db()
        assert not row.is_archived


@pytest.mark.parametrize("name", MAKERS)
def test_lists_cost_the_same_however_long(admin, acme, count_queries, name):
    MAKERS[name]()
    url = f"{ROOT}{name}/"
    admin.get(url)
    few = count_queries(lambda: admin.get(url))
    for _ in range(5):
        MAKERS[name]()
    assert count_queries(lambda: admin.get(url)) == few
    assert count_queries(lambda: admin.get(url, {"q": "e"})) <= few


FORGED = ["q=%27%22%3C", "p=99999999999999999999", "o=99.-99", "archived=maybe", "status__exact=nonsense", "all="]


@pytest.mark.parametrize("name", MAKERS)
def test_forged_questions_to_a_list(admin, acme, name):
    MAKERS[name]()
    for query in FORGED:
        assert admin.get(f"{ROOT}{name}/?{query}").status_code in (200, 302, 400), query


@pytest.mark.parametrize("pk", ["0", "-1", "abc", "9" * 40, "1_2F", "%00"])
def test_forged_ids(admin, acme, pk):
    for rest in ("change/", "delete/", "history/", ""):
        assert admin.get(f"{ROOT}client/{pk}/{rest}").status_code in (302, 400, 403, 404)
    assert admin.get(f"{ROOT}client/{pk}/change/").status_code in (400, 404)


def test_a_ticket_without_a_number_gets_the_next(send, acme):
    client = factories.ClientFactory()
    factories.TicketFactory(number=41)
    assert send(f"{ROOT}ticket/add/", client=client.pk, title="Printer", status="new", number="").status_code == 302
    assert Ticket.objects.get(title="Printer").number == 42


def test_what_is_fixed_stays(send, acme):
    task, other = factories.TaskFactory(), factories.ProjectFactory()
    assert send(change(task), project=other.pk, name="New").status_code == 302
    assert Task.objects.get().project == task.project
    assert Project.objects.count() == 2
