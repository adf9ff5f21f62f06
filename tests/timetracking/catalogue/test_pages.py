"""The pages that every noun has: list, create, edit, archive, restore; who may open them, and what bad input gets."""

import datetime as dt
import re
from decimal import Decimal

import pytest

from accounts.models import AuditEvent
from accounts.permissions import Permission
from accounts.tenancy import organisation_scope
from tests import factories
from timetracking.models import Client, Project, Task, Ticket, WorkRole
from timetracking.services import catalogue
from timetracking.views import catalogue_nouns
from timetracking.views.catalogue_nouns import TASKS

NOUNS = pytest.mark.parametrize("noun", catalogue_nouns.ALL, ids=lambda noun: noun.name)
FACTORIES = {
    "ticket": factories.TicketFactory,
    "project": factories.ProjectFactory,
    "task": factories.TaskFactory,
    "client": factories.ClientFactory,
    "agreement": factories.AgreementFactory,
    "charge-code": factories.ChargeCodeFactory,
    "activity": factories.ActivityFactory,
    "work-type": factories.WorkTypeFactory,
    "work-role": factories.WorkRoleFactory,
    "work-role-rate": factories.WorkRoleRateFactory,
    "agreement-rate": factories.AgreementRateFactory,
}
PARENTS = {
    "task": factories.ProjectFactory,
    "work-role-rate": factories.WorkRoleFactory,
    "agreement-rate": factories.AgreementFactory,
}
TYPED = {"ticket": ("title", "Else", "Other"), "work-role-rate": ("hourly_rate", "91.5", "92.5"),
         "agreement-rate": ("hourly_rate", "91.5", "92.5")}  # fmt: skip
"""The field of each noun that these tests change, and two values that a person may type."""
HUGE = "9" * 30


def post_of(noun, client, **other) -> dict:
    """What a person types for a new record of each noun."""
    return (
        {
            "ticket": {"title": "Backup failed", "client": client.pk, "status": "new"},
            "project": {"code": "PRJ-112", "name": "Migration", "client": client.pk, "status": "active"},
            "task": {"name": "Cutover", "status": "open"},
            "client": {"name": "Larkspur Primary School"},
            "agreement": {
                "client": client.pk,
                "name": "Backup",
                "starts_on": "2026-01-01",
                "billable_option": "NoDefault",
            },
            "charge-code": {"code": "MTNG", "name": "Meetings"},
            "activity": {"name": "Renewal call", "client": client.pk},
            "work-type": {"name": "Night work", "multiplier": "2", "billable_option": "NoDefault"},
            "work-role": {"name": "Architect"},
            "work-role-rate": {"starts_on": "2026-06-01", "hourly_rate": "90"},
            "agreement-rate": {"work_role": role_of(noun), "hourly_rate": "80"},
        }[noun.name]
        | {"key": "k1"}
        | other
    )


def role_of(noun) -> int | str:
    if noun.name != "agreement-rate":
        return ""
    return (WorkRole.objects.filter(name="Able").first() or factories.WorkRoleFactory(name="Able")).pk


def parent_of(noun, record=None):
    """What the noun's address names above it: that of the record, or a new one."""
    if record is not None and noun.parent:
        return getattr(record, noun.parent)
    return PARENTS[noun.name]() if noun.parent else None


def field_of(noun) -> tuple[str, str, str]:
    return TYPED.get(noun.name, ("name", "Else", "Other"))


def stored(record, field) -> str:
    value = getattr(record, field)
    return format(value.normalize(), "f") if isinstance(value, Decimal) else value


@pytest.fixture
def as_who(noun, as_alice, as_bob):
    """Signed in as who may change records of the noun: a manager, and rates an admin."""
    return as_alice if noun.change is Permission.MANAGE_RATES else as_bob


@pytest.fixture
def who(noun, alice, bob):
    return alice if noun.change is Permission.MANAGE_RATES else bob


def urls_of(noun, record) -> list[str]:
    return [noun.url(suffix, "acme", record) for suffix in ("-edit", "-archive", "-restore")]


@pytest.mark.usefixtures("acme")
@NOUNS
class TestEveryNoun:
    def test_is_created_found_edited_archived_and_restored(self, noun, as_who):
        client, parent, model = factories.ClientFactory(), parent_of(noun), noun.listing.model
        url = noun.new_url("acme", parent)
        assert as_who.get(url).status_code == 200
        before = set(model.objects.values_list("pk", flat=True))
        answer = as_who.post(url, post_of(noun, client))
        record = model.objects.exclude(pk__in=before).get()
        assert answer.status_code == 302
        assert answer.url == noun.home("acme", record)

        page = as_who.get(noun.list_url("acme", parent), {"q": "a"}).content.decode()
        assert str(record).split()[-1] in page

        edit, archive, restore = urls_of(noun, record)
        page = as_who.get(edit).content.decode()
        field, other, _another = field_of(noun)
        assert f'value="{post_of(noun, client)[field]}"' in page
        typed = post_of(noun, client) | {"version": 1, field: other, "number": getattr(record, "number", "")}
        assert as_who.post(edit, typed).status_code == 302
        assert stored(model.objects.get(pk=record.pk), field) == other

        answer = as_who.post(archive, {"version": 2}, follow=True)
        assert f'action="{restore}"' in answer.content.decode()
        assert model.objects.get(pk=record.pk).is_archived
        assert as_who.post(restore).status_code == 302
        assert not model.objects.get(pk=record.pk).is_archived

    def test_twice_sent_is_once_stored(self, noun, as_who):
        client, parent, model = factories.ClientFactory(), parent_of(noun), noun.listing.model
        before = model.objects.count()
        answers = [as_who.post(noun.new_url("acme", parent), post_of(noun, client)) for _ in range(2)]
        assert [answer.status_code for answer in answers] == [302, 302]
        assert answers[0].url == answers[1].url
        assert model.objects.count() == before + 1

    def test_rates_are_closed_to_managers(self, noun, as_bob):
        record = FACTORIES[noun.name]()
        parent = parent_of(noun, record)
        expected = 403 if noun.change is Permission.MANAGE_RATES else 200
        assert as_bob.get(noun.list_url("acme", parent)).status_code == expected
        assert as_bob.get(noun.new_url("acme", parent)).status_code == expected
        if expected == 403:
            assert [as_bob.post(url, {}).status_code for url in urls_of(noun, record)] == [403] * 3

    def test_pages_of_management_are_closed_to_agents(self, noun, as_carol):
        record = FACTORIES[noun.name]()
        parent = parent_of(noun, record)
        assert as_carol.get(noun.new_url("acme", parent)).status_code == 403
        assert as_carol.post(noun.new_url("acme", parent), {}).status_code == 403
        assert [as_carol.post(url, {}).status_code for url in urls_of(noun, record)] == [403] * 3
        readable = 200 if noun.name in ("ticket", "project", "client") else 403
        assert as_carol.get(noun.list_url("acme", parent)).status_code == readable

    def test_outsiders_find_nothing(self, noun, as_mallory, globex):
        record = FACTORIES[noun.name]()
        parent = parent_of(noun, record)
        addresses = [noun.list_url("acme", parent), noun.new_url("acme", parent), *urls_of(noun, record)]
        addresses += [noun.url("", "acme", record)] if noun.has_page else []
        assert {as_mallory.get(url).status_code for url in addresses} == {404}
        assert {as_mallory.post(url, {}).status_code for url in addresses} == {404}
        here = [url.replace("/o/acme/", "/o/globex/") for url in urls_of(noun, record)]
        assert {as_mallory.post(url, {}).status_code for url in here} == {404}
        record.refresh_from_db()
        assert (record.version, record.archived_at) == (1, None)

    def test_an_old_version_shows_both(self, noun, as_who, who):
        record = FACTORIES[noun.name]()
        field, typed_here, stored_there = field_of(noun)
        edit = urls_of(noun, record)[0]
        typed = {k: v for k, v in as_who.get(edit).context["form"].initial.items() if v is not None}
        typed = {name: value for name, value in typed.items() if value != []} | {field: typed_here, "version": 1}
        catalogue.edit(who, record, version=1, **{field: stored_there})
        answer = as_who.post(edit, typed)
        page = answer.content.decode()
        assert answer.status_code == 409
        assert f">{stored_there}</td>" in page
        assert f">{typed_here}</td>" in page
        assert f'value="{typed_here}"' in page
        assert re.search(r'name="version" value="2"', page)
        record.refresh_from_db()
        assert stored(record, field) == stored_there
        assert as_who.post(edit, typed | {"version": 2}).status_code == 302
        record.refresh_from_db()
        assert stored(record, field) == typed_here
        assert as_who.post(urls_of(noun, record)[1], {"version": 1}).status_code == 409

    def test_what_is_missing_or_broken_comes_back_with_422(self, noun, as_who):
        record = FACTORIES[noun.name]()
        parent = parent_of(noun, record)
        odd = ("%ED%A0%80%FF", "%E2%80%AE", "nonsense%")
        a_name_takes_them = noun.name == "work-role"  # which has nothing but a name
        for url in (noun.new_url("acme", parent), urls_of(noun, record)[0]):
            for junk in ("", "%00", HUGE * 100, *(() if a_name_takes_them else odd)):
                body = "&".join(f"{name}={junk}" for name in [*noun.form.base_fields, "key", "version"])
                answer = as_who.post(url, body, content_type="application/x-www-form-urlencoded")
                assert answer.status_code == 422, (url, junk)
        assert noun.listing.model.objects.count() == 1

    def test_a_list_costs_the_same_however_long(self, noun, as_who, count_queries):
        record = FACTORIES[noun.name]()
        parent = parent_of(noun, record)
        url = noun.list_url("acme", parent)
        as_who.get(url)
        quiet = count_queries(lambda: as_who.get(url))
        more = FACTORIES[noun.name].create_batch(20, **({noun.parent: parent} if parent else {}))
        if noun.listing.time_field:
            for busy in more[:5]:
                factories.TimeEntryFactory(**{noun.listing.time_field: busy})
        assert count_queries(lambda: as_who.get(url)) == quiet
        assert quiet <= 10

    def test_odd_questions_are_no_errors(self, noun, as_who):
        record = FACTORIES[noun.name]()
        parent = parent_of(noun, record)
        url = noun.list_url("acme", parent)
        for name, values in {
            "q": ["%", "_", "'", "x" * 5000, "TKT-1", "🙈", "\u0000"],
            "state": ["nonsense", "all", "archived", "closed"],
            "sort": ["nonsense", "--ref", "organisation__name", "-title", "name"],
            "page": ["0", "-1", "x", HUGE],
            "mine": ["1", "x"],
        }.items():
            for value in values:
                assert as_who.get(url, {name: value}).status_code in (200, 400), (name, value)

    def test_says_how_to_begin_when_empty(self, noun, as_who):
        parent = parent_of(noun)
        page = as_who.get(noun.list_url("acme", parent)).content.decode()
        if noun.name != "project" or parent is None:
            assert str(noun.words.none_yet) in page
        page = as_who.get(noun.list_url("acme", parent), {"q": "nowhere"}).content.decode()
        assert str(noun.words.none_found) in page

    def test_htmx_gets_the_list_alone(self, noun, as_who):
        page = as_who.get(noun.list_url("acme", parent_of(noun)), headers={"HX-Request": "true"}).content.decode()
        assert page.lstrip().startswith('<div id="records"')

    def test_off_means_not_there(self, noun, as_who, acme_organisation):
        record = FACTORIES[noun.name]()
        parent = parent_of(noun, record)
        acme_organisation.features = []
        acme_organisation.save()
        assert as_who.get(noun.list_url("acme", parent)).status_code == 404


@pytest.mark.usefixtures("acme")
class TestLists:
    def test_fifty_a_page(self, as_bob):
        factories.TicketFactory.create_batch(51, client=factories.ClientFactory())
        first, second = (as_bob.get("/o/acme/tickets/", {"page": n, "sort": "ref"}).context["rows"] for n in (1, 2))
        assert (len(first), len(second)) == (50, 1)

    def test_filters_of_tickets(self, as_carol, carol):
        larkspur, abbot = factories.ClientFactory(name="Larkspur"), factories.ClientFactory(name="Abbot")
        factories.TicketFactory(number=1, title="Printer", client=larkspur, assignee=carol)
        factories.TicketFactory(number=2, title="Backup", client=abbot, status="closed")
        old = factories.TicketFactory(number=3, title="Old", client=abbot)
        Ticket.objects.filter(pk=old.pk).update(archived_at=dt.datetime(2026, 1, 1, tzinfo=dt.UTC))

        def found(**params) -> list[str]:
            rows = as_carol.get("/o/acme/tickets/", params).context["found"].page.object_list
            return [row.title for row in rows]

        assert found() == ["Printer"]
        assert found(state="closed") == ["Backup"]
        assert found(state="archived") == ["Old"]
        assert found(state="all", sort="title") == ["Backup", "Old", "Printer"]
        assert found(state="all", sort="-title") == ["Printer", "Old", "Backup"]
        assert found(state="all", client=abbot.pk) == ["Old", "Backup"]
        assert found(mine="1") == ["Printer"]
        assert found(q="TKT-1") == ["Printer"]
        assert found(q="lark print") == ["Printer"]
        assert found(q="nothing") == []

    @pytest.mark.parametrize("client", ["x", "0", HUGE, "-1"])
    def test_unknown_clients_are_not_found(self, as_bob, client):
        assert as_bob.get("/o/acme/tickets/", {"client": client}).status_code == 404

    def test_a_foreign_client_is_like_none(self, as_bob, globex):
        with organisation_scope(globex):
            theirs = factories.ClientFactory()
        assert as_bob.get("/o/acme/tickets/", {"client": theirs.pk}).status_code == 404

    def test_show_what_is_logged_and_left(self, as_carol, bob):
        ticket = factories.TicketFactory(estimate_minutes=240)
        factories.TimeEntryFactory(ticket=ticket, member=bob, minutes=90)
        row = as_carol.get("/o/acme/tickets/").context["rows"][0]
        assert [cell.minutes for _column, cell in row["cells"] if cell.minutes is not None] == [90, 150]
        assert f"ticket={ticket.pk}" in row["log_url"]

    def test_offer_no_log_time_where_none_is_taken(self, as_carol):
        factories.TicketFactory(status="closed")
        row = as_carol.get("/o/acme/tickets/", {"state": "closed"}).context["rows"][0]
        assert row["log_url"] == ""


@pytest.mark.usefixtures("acme")
class TestForms:
    def test_a_foreign_client_is_refused_and_nothing_stored(self, as_bob, globex):
        with organisation_scope(globex):
            theirs = factories.ClientFactory(name="Theirs")
        answer = as_bob.post("/o/acme/tickets/new/", post_of(catalogue_nouns.TICKETS, theirs))
        assert answer.status_code == 422
        assert "Theirs" not in answer.content.decode()
        assert not Ticket.objects.exists()

    def test_a_foreign_assignee_is_refused(self, as_bob, mallory, bob):
        client, project = factories.ClientFactory(), factories.ProjectFactory()
        typed = post_of(catalogue_nouns.TICKETS, client, assignee=mallory.pk)
        assert as_bob.post("/o/acme/tickets/new/", typed).status_code == 422
        for people in ([mallory.pk], [bob.pk, mallory.pk], [HUGE], ["x"], ["1", ""]):
            typed = post_of(TASKS, client, assignees=people)
            assert as_bob.post(f"/o/acme/projects/{project.code}/tasks/new/", typed).status_code == 422
        assert not Ticket.objects.exists()
        assert not Task.objects.exists()

    def test_money_is_only_for_those_who_see_rates(self, as_alice, as_bob):
        project = factories.ProjectFactory(hourly_rate=95, budget_amount=12000)
        edit = f"/o/acme/projects/{project.code}/edit/"
        assert 'name="hourly_rate"' in as_alice.get(edit).content.decode()
        page = as_bob.get(edit).content.decode()
        assert "hourly_rate" not in page
        assert "12000" not in page
        typed = post_of(catalogue_nouns.PROJECTS, project.client, hourly_rate="1", budget_amount="1", version=1)
        assert as_bob.post(edit, typed | {"code": project.code}).status_code == 302
        project.refresh_from_db()
        assert (project.name, project.hourly_rate, project.budget_amount) == ("Migration", 95, 12000)
        typed = post_of(catalogue_nouns.PROJECTS, project.client, hourly_rate="99.5", budget_amount="", version=2)
        assert as_alice.post(edit, typed | {"code": project.code}).status_code == 302
        project.refresh_from_db()
        assert (project.hourly_rate, project.budget_amount) == (99.5, None)
        for wrong in ("-1", "NaN", "Infinity", "1e400", HUGE):
            typed = post_of(catalogue_nouns.PROJECTS, project.client, hourly_rate=wrong, version=3)
            assert as_alice.post(edit, typed).status_code == 422

    @pytest.mark.parametrize(
        ("typed", "stored"), [("120", 7200), ("120h", 7200), ("4h 30m", 270), ("1,5", 90), ("90m", 90), ("", None)]
    )
    def test_budgets_are_typed_in_hours(self, as_bob, typed, stored):
        form = post_of(catalogue_nouns.PROJECTS, factories.ClientFactory(), budget_minutes=typed)
        assert as_bob.post("/o/acme/projects/new/", form).status_code == 302
        assert Project.objects.get().budget_minutes == stored

    @pytest.mark.parametrize(("minutes", "typed"), [(7230, "120h 30m"), (66_540, "1109h")])
    def test_a_budget_reads_back_as_it_was_typed(self, as_bob, minutes, typed):
        project = factories.ProjectFactory(budget_minutes=minutes)
        assert f'value="{typed}"' in as_bob.get(f"/o/acme/projects/{project.code}/edit/").content.decode()

    @pytest.mark.parametrize("typed", ["0", "abc", "1:75", "-5", "1000000h", "9" * 39])
    def test_odd_budgets_are_refused_and_kept(self, as_bob, typed):
        form = post_of(catalogue_nouns.PROJECTS, factories.ClientFactory(), budget_minutes=typed)
        answer = as_bob.post("/o/acme/projects/new/", form)
        assert answer.status_code == 422
        assert f'value="{typed}"' in answer.content.decode()

    def test_a_taken_name_is_said_beside_its_field(self, as_bob):
        factories.ClientFactory(name="Larkspur")
        answer = as_bob.post("/o/acme/clients/new/", {"name": "Larkspur", "key": "k"})
        assert answer.status_code == 422
        assert answer.context["form"].errors["name"] == ["There is a client with this name already."]

    def test_a_used_key_with_other_values_is_refused(self, as_bob):
        as_bob.post("/o/acme/clients/new/", {"name": "Larkspur", "key": "k"})
        assert as_bob.post("/o/acme/clients/new/", {"name": "Abbot", "key": "k"}).status_code == 422
        assert Client.objects.count() == 1

    def test_fields_that_only_the_server_sets_change_nothing(self, as_bob):
        client = factories.ClientFactory()
        typed = {"name": "New", "version": 1, "archived_at": "2020-01-01", "organisation": 99, "id": 99}
        as_bob.post(f"/o/acme/clients/{client.pk}/edit/", typed)
        client.refresh_from_db()
        assert (client.name, client.archived_at, client.organisation_id) == ("New", None, client.organisation_id)

    def test_archived_clients_are_not_offered_but_kept(self, as_bob, bob):
        ticket = factories.TicketFactory()
        catalogue.archive(bob, ticket.client)
        pattern = f'<option value="{ticket.client_id}">{ticket.client.name}'
        assert pattern not in as_bob.get("/o/acme/tickets/new/").content.decode()
        kept = as_bob.get(f"/o/acme/tickets/{ticket.reference}/edit/").content.decode()
        assert pattern.replace('">', '" selected>') in kept

    def test_a_client_may_come_with_the_link(self, as_bob):
        client = factories.ClientFactory()
        page = as_bob.get("/o/acme/tickets/new/", {"client": client.pk}).content.decode()
        assert f'<option value="{client.pk}" selected' in page
        assert as_bob.get("/o/acme/tickets/new/", {"client": HUGE}).status_code == 200

    def test_reads_change_nothing(self, as_bob):
        client = factories.ClientFactory()
        for action in ("archive", "restore"):
            assert as_bob.get(f"/o/acme/clients/{client.pk}/{action}/").status_code == 405
        assert not AuditEvent.objects.filter(object_type="client").exists()

    @pytest.mark.parametrize("pk", [0, HUGE])
    def test_odd_ids_are_not_found(self, as_bob, pk):
        assert as_bob.get(f"/o/acme/clients/{pk}/").status_code == 404
        assert as_bob.get(f"/o/acme/agreements/{pk}/edit/").status_code == 404
