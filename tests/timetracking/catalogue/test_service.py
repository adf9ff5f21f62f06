"""The one service behind every noun of the catalogue: what it stores, refuses and records."""

import datetime as dt

import pytest
from django.db import IntegrityError

from accounts.models import AuditEvent
from accounts.tenancy import organisation_scope
from tests import factories
from timesheets_site.lib.errors import Conflict, NotAllowed, OutOfReach, RuleViolation
from timetracking.models import Activity, Agreement, ChargeCode, Client, Project, Task, Ticket
from timetracking.services import catalogue

pytestmark = pytest.mark.usefixtures("acme")


def refusal(code: str):
    return pytest.raises(RuleViolation, check=lambda error: error.code == code)


def event(record) -> AuditEvent:
    return AuditEvent.objects.filter(object_id=record.pk, object_type=record._meta.model_name).latest("pk")


def fields_of(model) -> dict:
    """The least that a new record of each noun needs."""
    client = factories.ClientFactory()
    return {
        Client: {"name": "Larkspur Primary School"},
        Agreement: {"client": client, "name": "Managed backup", "starts_on": dt.date(2026, 1, 1)},
        Project: {"code": "PRJ-112", "name": "Migration", "client": client},
        Task: {"project": factories.ProjectFactory(client=client), "name": "Cutover"},
        Ticket: {"title": "Backup failed", "client": client},
        ChargeCode: {"code": "MTNG", "name": "Meetings"},
        Activity: {"name": "Renewal call", "client": client},
    }[model]


@pytest.mark.parametrize("model", catalogue.NOUNS, ids=lambda model: model.__name__)
class TestEveryNoun:
    def test_is_created_edited_archived_and_restored_with_events(self, model, bob):
        noun = catalogue.NOUNS[model]
        record = catalogue.create(bob, model, **fields_of(model))
        assert event(record).action == f"{noun.name}.created"
        assert event(record).actor == bob

        name = "title" if model is Ticket else "name"
        before = getattr(record, name)
        record = catalogue.edit(bob, record, version=record.version, **{name: "Something else"})
        assert model.objects.get(pk=record.pk).version == 2
        assert (event(record).action, event(record).changes) == (
            f"{noun.name}.updated",
            {name: [before, "Something else"]},
        )

        catalogue.archive(bob, record, version=2)
        assert not model.objects.active().filter(pk=record.pk).exists()
        assert event(record).action == f"{noun.name}.archived"
        catalogue.restore(bob, model.objects.get(pk=record.pk))
        assert model.objects.active().filter(pk=record.pk).exists()
        assert event(record).action == f"{noun.name}.restored"

    def test_is_not_the_agents_to_change(self, model, bob, carol):
        given = fields_of(model)
        with pytest.raises(NotAllowed):
            catalogue.create(carol, model, **given)
        record = catalogue.create(bob, model, **given)
        for attempt in (
            lambda: catalogue.edit(carol, record, version=1),
            lambda: catalogue.archive(carol, record),
            lambda: catalogue.restore(carol, record),
        ):
            with pytest.raises(NotAllowed):
                attempt()
        assert model.objects.get(pk=record.pk).version == 1

    def test_an_old_version_is_refused(self, model, bob):
        record = catalogue.create(bob, model, **fields_of(model))
        name = "title" if model is Ticket else "name"
        catalogue.edit(bob, record, version=1, **{name: "First"})
        with pytest.raises(Conflict) as refused:
            catalogue.edit(bob, record, version=1, **{name: "Second"})
        assert getattr(refused.value.current, name) == "First"
        assert getattr(model.objects.get(pk=record.pk), name) == "First"
        with pytest.raises(Conflict):
            catalogue.archive(bob, record, version=1)

    def test_of_another_organisation_is_out_of_reach(self, model, bob, globex):
        with organisation_scope(globex):
            theirs = model(**fields_of(model))
            if model is Ticket:
                theirs.number = 77
            theirs.save()
        with pytest.raises(OutOfReach):
            catalogue.edit(bob, theirs, version=1)
        with pytest.raises(OutOfReach):
            catalogue.archive(bob, theirs)

    def test_takes_only_the_nouns_fields(self, model, bob):
        for name in ("version", "archived_at", "organisation", "pk", "nonsense"):
            with pytest.raises(TypeError):
                catalogue.create(bob, model, **fields_of(model), **{name: 1})


UNIQUE = [model for model, noun in catalogue.NOUNS.items() if noun.unique]


@pytest.mark.parametrize("model", UNIQUE, ids=lambda model: model.__name__)
def test_a_twin_is_a_fields_error_also_under_a_race(model, bob, monkeypatch):
    given = fields_of(model) | ({"number": 5} if model is Ticket else {})
    first = catalogue.create(bob, model, **given)
    noun = catalogue.NOUNS[model]
    with refusal("taken") as refused:
        catalogue.create(bob, model, **given)
    assert refused.value.field == noun.unique.field

    # Somebody stores the twin between our look and our save.
    look, looks = catalogue._refuse_twin, []

    def too_early(*args):
        looks.append(args)
        if len(looks) > 1:
            look(*args)

    monkeypatch.setattr(catalogue, "_refuse_twin", too_early)
    with refusal("taken"):
        catalogue.create(bob, model, **given)
    assert model.objects.filter(**{noun.unique.field: getattr(first, noun.unique.field)}).count() == 1


def test_the_twin_in_another_organisation_is_nobodys_business(bob, globex):
    with organisation_scope(globex):
        factories.ProjectFactory(code="PRJ-112")
    assert catalogue.create(bob, Project, **fields_of(Project)).code == "PRJ-112"


def test_an_archived_twin_says_so(bob):
    catalogue.archive(bob, catalogue.create(bob, Client, name="Larkspur"))
    with refusal("taken") as refused:
        catalogue.create(bob, Client, name="Larkspur")
    assert "archived" in str(refused.value)


def test_other_broken_constraints_are_not_hidden(bob, monkeypatch):
    def broken(*args, **kwargs):
        raise IntegrityError("something else")

    monkeypatch.setattr(Client, "save", broken)
    with pytest.raises(IntegrityError):
        catalogue.create(bob, Client, name="Larkspur")


class TestTickets:
    def test_get_the_next_free_number(self, bob):
        assert catalogue.create(bob, Ticket, **fields_of(Ticket)).number == 1
        catalogue.create(bob, Ticket, **fields_of(Ticket), number=4846)
        assert catalogue.create(bob, Ticket, **fields_of(Ticket)).number == 4847

    def test_number_per_organisation(self, bob, globex):
        with organisation_scope(globex):
            factories.TicketFactory(number=900)
        assert catalogue.create(bob, Ticket, **fields_of(Ticket)).number == 1

    @pytest.mark.parametrize("number", [0, 10**9])
    def test_number_fits_its_address(self, bob, number):
        with refusal("ticket_number_range"):
            catalogue.create(bob, Ticket, **fields_of(Ticket), number=number)

    def test_agreement_is_the_clients(self, bob):
        given = fields_of(Ticket)
        with refusal("agreement_of_another_client"):
            catalogue.create(bob, Ticket, **given, agreement=factories.AgreementFactory())
        ticket = catalogue.create(bob, Ticket, **given, agreement=factories.AgreementFactory(client=given["client"]))
        with refusal("agreement_of_another_client"):
            catalogue.edit(bob, ticket, version=1, client=factories.ClientFactory())

    def test_closed_at_follows_the_status(self, bob):
        ticket = catalogue.create(bob, Ticket, **fields_of(Ticket))
        ticket = catalogue.edit(bob, ticket, version=1, status="closed")
        closed_at = Ticket.objects.get(pk=ticket.pk).closed_at
        assert closed_at is not None
        assert set(event(ticket).changes) == {"status", "closed_at"}
        ticket = catalogue.edit(bob, ticket, version=2, title="Still closed")
        assert Ticket.objects.get(pk=ticket.pk).closed_at == closed_at
        catalogue.edit(bob, ticket, version=3, status="open")
        assert Ticket.objects.get(pk=ticket.pk).closed_at is None

    def test_assignee_is_active_and_of_here(self, bob, carol, mallory):
        given = fields_of(Ticket)
        ticket = catalogue.create(bob, Ticket, **given, assignee=carol)
        carol.is_active = False
        carol.save()
        with refusal("inactive_member"):
            catalogue.create(bob, Ticket, **given, assignee=carol)
        catalogue.edit(bob, ticket, version=1, assignee=carol, title="Kept with who had it")
        with pytest.raises(OutOfReach):
            catalogue.create(bob, Ticket, **given, assignee=mallory)

    def test_new_ones_are_not_for_archived_clients(self, bob):
        given = fields_of(Ticket)
        ticket = catalogue.create(bob, Ticket, **given)
        given["client"] = catalogue.archive(bob, given["client"])
        with refusal("archived_reference"):
            catalogue.create(bob, Ticket, **given)
        catalogue.edit(bob, ticket, version=1, client=given["client"], title="Corrected")

    def test_values_that_do_not_fit_are_refused_by_field(self, bob):
        given = fields_of(Ticket)
        for wrong in ({"title": ""}, {"title": "x" * 201}, {"status": "nonsense"}, {"estimate_minutes": -1}):
            with refusal("field_value") as refused:
                catalogue.create(bob, Ticket, **given | wrong)
            assert refused.value.field in wrong
        for missing in ("title", "client"):
            with refusal("field_value") as refused:
                catalogue.create(bob, Ticket, **{name: given[name] for name in given if name != missing})
            assert refused.value.field == missing
        assert not Ticket.objects.exists()


class TestProjects:
    @pytest.mark.parametrize("code", ["a/b", "..", "new", "New", "a b", "-x", "x" * 31, "é"])
    def test_codes_fit_their_address(self, bob, code):
        with pytest.raises(RuleViolation) as refused:
            catalogue.create(bob, Project, **fields_of(Project) | {"code": code})
        assert refused.value.field == "code"

    def test_end_is_not_before_the_start(self, bob):
        days = {"starts_on": dt.date(2026, 5, 4), "ends_on": dt.date(2026, 5, 3)}
        with refusal("ends_before_start"):
            catalogue.create(bob, Project, **fields_of(Project), **days)

    def test_money_is_for_those_who_see_rates(self, alice, bob):
        with pytest.raises(NotAllowed):
            catalogue.create(bob, Project, **fields_of(Project), hourly_rate=95)
        project = catalogue.create(alice, Project, **fields_of(Project), hourly_rate=95, budget_amount=12000)
        with pytest.raises(NotAllowed):
            catalogue.edit(bob, project, version=1, hourly_rate=1)
        catalogue.edit(bob, project, version=1, name="Without the money")
        with refusal("negative_amount"):
            catalogue.edit(alice, project, version=2, budget_amount=-1)
        project.refresh_from_db()
        assert (project.hourly_rate, project.budget_amount) == (95, 12000)


class TestTasks:
    def test_people_are_active_and_told_in_the_history(self, bob, carol, mallory):
        given = fields_of(Task)
        task = catalogue.create(bob, Task, **given, assignees=[carol])
        assert event(task).changes["assignees"] == [[], [carol.pk]]
        task = catalogue.edit(bob, task, version=1, assignees=[carol, bob])
        assert event(task).changes == {"assignees": [[carol.pk], sorted([carol.pk, bob.pk])]}
        with pytest.raises(OutOfReach):
            catalogue.edit(bob, task, version=2, assignees=[mallory])
        carol.is_active = False
        carol.save()
        catalogue.edit(bob, task, version=2, assignees=[carol])
        with refusal("inactive_member"):
            catalogue.create(bob, Task, **given | {"name": "Another"}, assignees=[carol])

    def test_stays_in_its_project(self, bob):
        task = catalogue.create(bob, Task, **fields_of(Task))
        with pytest.raises(TypeError):
            catalogue.edit(bob, task, version=1, project=factories.ProjectFactory())

    def test_done_is_closed(self, bob):
        task = catalogue.create(bob, Task, **fields_of(Task), status="done")
        assert Task.objects.get(pk=task.pk).closed_at is not None


def test_nothing_changed_is_no_event(bob):
    client = catalogue.create(bob, Client, name="Larkspur")
    catalogue.edit(bob, client, version=1, name="Larkspur")
    assert event(client).action == "client.created"


def test_archived_already_is_a_harmless_success(bob):
    client = catalogue.archive(bob, catalogue.create(bob, Client, name="Larkspur"))
    count = AuditEvent.objects.count()
    assert catalogue.archive(bob, client).version == client.version
    assert AuditEvent.objects.count() == count
