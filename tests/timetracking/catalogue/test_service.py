"""The one service behind every noun of the catalogue: what it stores, refuses and records."""

import datetime as dt
from decimal import Decimal

import pytest
from django.db import IntegrityError

from accounts.models import AuditEvent
from accounts.permissions import Permission
from accounts.tenancy import organisation_scope
from tests import factories
from timesheets_site.lib.errors import Conflict, NotAllowed, OutOfReach, RuleViolation
from timetracking.models import (
    Activity,
    Agreement,
    AgreementRate,
    ChargeCode,
    Client,
    Project,
    Task,
    Ticket,
    WorkRole,
    WorkRoleRate,
    WorkType,
)
from timetracking.services import catalogue, time_entries
from timetracking.services.rate_book import RateBook

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
        WorkType: {"name": "Night work"},
        WorkRole: {"name": "Architect"},
        WorkRoleRate: {
            "work_role": factories.WorkRoleFactory(),
            "starts_on": dt.date(2026, 1, 1),
            "hourly_rate": Decimal(90),
        },
        AgreementRate: {
            "agreement": factories.AgreementFactory(client=client),
            "work_role": factories.WorkRoleFactory(),
            "hourly_rate": Decimal(80),
        },
    }[model]


EDITED = {
    Ticket: ("title", "Something else"),
    WorkRoleRate: ("hourly_rate", Decimal("91.5")),
    AgreementRate: ("hourly_rate", Decimal("91.5")),
}


def edited(model) -> tuple:
    """A field of each noun with another value."""
    return EDITED.get(model, ("name", "Something else"))


@pytest.fixture
def who(model, alice, bob):
    """Who may change records of the noun: a manager, and rates an admin."""
    return alice if catalogue.NOUNS[model].permission is Permission.MANAGE_RATES else bob


@pytest.mark.parametrize("model", catalogue.NOUNS, ids=lambda model: model.__name__)
class TestEveryNoun:
    def test_is_created_edited_archived_and_restored_with_events(self, model, who):
        noun = catalogue.NOUNS[model]
        record = catalogue.create(who, model, **fields_of(model))
        assert event(record).action == f"{noun.name}.created"
        assert event(record).actor == who

        name, other = edited(model)
        before = getattr(model.objects.get(pk=record.pk), name)
        record = catalogue.edit(who, record, version=record.version, **{name: other})
        assert model.objects.get(pk=record.pk).version == 2
        assert (event(record).action, event(record).changes) == (
            f"{noun.name}.updated",
            {name: [str(before), str(other)]},
        )

        catalogue.archive(who, record, version=2)
        assert not model.objects.active().filter(pk=record.pk).exists()
        assert event(record).action == f"{noun.name}.archived"
        catalogue.restore(who, model.objects.get(pk=record.pk))
        assert model.objects.active().filter(pk=record.pk).exists()
        assert event(record).action == f"{noun.name}.restored"

    def test_is_only_theirs_to_change_who_may(self, model, who, bob, carol):
        given = fields_of(model)
        with pytest.raises(NotAllowed):
            catalogue.create(carol, model, **given)
        record = catalogue.create(who, model, **given)
        for actor in (carol, bob) if who is not bob else (carol,):
            for attempt in (
                lambda actor=actor: catalogue.create(actor, model, **given),
                lambda actor=actor: catalogue.edit(actor, record, version=1),
                lambda actor=actor: catalogue.archive(actor, record),
                lambda actor=actor: catalogue.restore(actor, record),
            ):
                with pytest.raises(NotAllowed):
                    attempt()
        assert model.objects.get(pk=record.pk).version == 1

    def test_an_old_version_is_refused(self, model, who):
        record = catalogue.create(who, model, **fields_of(model))
        name, other = edited(model)
        before = getattr(record, name)
        catalogue.edit(who, record, version=1, **{name: other})
        with pytest.raises(Conflict) as refused:
            catalogue.edit(who, record, version=1, **{name: before})
        assert getattr(refused.value.current, name) == other
        assert getattr(model.objects.get(pk=record.pk), name) == other
        with pytest.raises(Conflict):
            catalogue.archive(who, record, version=1)

    def test_of_another_organisation_is_out_of_reach(self, model, who, globex):
        with organisation_scope(globex):
            theirs = model(**fields_of(model))
            if model is Ticket:
                theirs.number = 77
            theirs.save()
        with pytest.raises(OutOfReach):
            catalogue.edit(who, theirs, version=1)
        with pytest.raises(OutOfReach):
            catalogue.archive(who, theirs)

    def test_takes_only_the_nouns_fields(self, model, who):
        for name in ("version", "archived_at", "organisation", "pk", "nonsense"):
            with pytest.raises(TypeError):
                catalogue.create(who, model, **fields_of(model), **{name: 1})


UNIQUE = [model for model, noun in catalogue.NOUNS.items() if noun.unique]


@pytest.mark.parametrize("model", UNIQUE, ids=lambda model: model.__name__)
def test_a_twin_is_a_fields_error_also_under_a_race(model, who, monkeypatch):
    given = fields_of(model) | ({"number": 5} if model is Ticket else {})
    first = catalogue.create(who, model, **given)
    noun = catalogue.NOUNS[model]
    with refusal("taken") as refused:
        catalogue.create(who, model, **given)
    assert refused.value.field == noun.unique.field

    # Somebody stores the twin between our look and our save.
    look, looks = catalogue._refuse_twin, []

    def too_early(*args):
        looks.append(args)
        if len(looks) > 1:
            look(*args)

    monkeypatch.setattr(catalogue, "_refuse_twin", too_early)
    with refusal("taken"):
        catalogue.create(who, model, **given)
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


class TestRates:
    def test_a_rate_that_was_put_away_makes_room_and_comes_back_only_where_there_is_some(self, alice):
        given = fields_of(WorkRoleRate)
        first = catalogue.archive(alice, catalogue.create(alice, WorkRoleRate, **given))
        second = catalogue.create(alice, WorkRoleRate, **given)
        with refusal("taken"):
            catalogue.restore(alice, first)
        assert WorkRoleRate.objects.get(pk=first.pk).is_archived
        catalogue.archive(alice, second)
        catalogue.restore(alice, WorkRoleRate.objects.get(pk=first.pk))
        assert WorkRoleRate.objects.active().get() == first

    @pytest.mark.parametrize("role", [True, False])
    @pytest.mark.parametrize("work_type", [True, False])
    def test_an_agreement_has_one_rate_for_each_role_and_type_also_for_neither(self, alice, role, work_type):
        given = {
            "agreement": factories.AgreementFactory(),
            "work_role": factories.WorkRoleFactory() if role else None,
            "work_type": factories.WorkTypeFactory() if work_type else None,
        }
        first = catalogue.create(alice, AgreementRate, **given, hourly_rate=Decimal(80))
        with refusal("taken"):
            catalogue.create(alice, AgreementRate, **given, hourly_rate=Decimal(90))
        for other in ("work_role", "work_type"):
            named = factories.WorkRoleFactory() if other == "work_role" else factories.WorkTypeFactory()
            catalogue.create(alice, AgreementRate, **given | {other: named}, hourly_rate=Decimal(90))
        first = catalogue.archive(alice, first)
        catalogue.create(alice, AgreementRate, **given, hourly_rate=Decimal(95))
        with refusal("taken"):
            catalogue.restore(alice, first)

    def test_refusals(self, alice):
        for model in (WorkRoleRate, AgreementRate):
            for wrong in (Decimal(-1), None, Decimal("1e9")):
                with refusal("field_value") as refused:
                    catalogue.create(alice, model, **fields_of(model) | {"hourly_rate": wrong})
                assert refused.value.field == "hourly_rate"
        for day in (dt.date(1999, 12, 31), dt.date(3000, 1, 1)):
            with refusal("day_out_of_range"):
                catalogue.create(alice, WorkRoleRate, **fields_of(WorkRoleRate) | {"starts_on": day})
        with refusal("negative_amount"):
            catalogue.create(alice, WorkType, name="Gift", multiplier=Decimal(-1))

    def test_what_could_come_to_more_than_an_entry_holds_is_refused_where_it_is_set(self, alice):
        for model in (WorkRoleRate, AgreementRate, Project):
            with refusal("amount_too_large") as refused:
                catalogue.create(alice, model, **fields_of(model) | {"hourly_rate": Decimal("9999999.01")})
            assert refused.value.field == "hourly_rate"
        with refusal("amount_too_large"):
            catalogue.create(alice, WorkType, name="Feast", multiplier=Decimal("10.001"))
        kind = catalogue.create(alice, WorkType, name="Feast", multiplier=Decimal(10))
        project = catalogue.create(alice, Project, **fields_of(Project) | {"hourly_rate": Decimal(9_999_999)})
        entry = time_entries.log(
            alice, kind="PROJECT", project=project, work_type=kind, date=alice.today(), minutes=1440, subject="Long"
        )
        entry.refresh_from_db()
        assert entry.amount == 24 * 99_999_990

    def test_a_rate_stays_with_its_role_and_its_agreement(self, alice):
        rate = catalogue.create(alice, WorkRoleRate, **fields_of(WorkRoleRate))
        with pytest.raises(TypeError):
            catalogue.edit(alice, rate, version=1, work_role=factories.WorkRoleFactory())
        rate = catalogue.create(alice, AgreementRate, **fields_of(AgreementRate))
        with pytest.raises(TypeError):
            catalogue.edit(alice, rate, version=1, agreement=factories.AgreementFactory())

    def test_archived_roles_and_types_get_no_new_rates(self, alice):
        role = catalogue.archive(alice, factories.WorkRoleFactory())
        for model in (WorkRoleRate, AgreementRate):
            with refusal("archived_reference"):
                catalogue.create(alice, model, **fields_of(model) | {"work_role": role})


class TestTheTypeWhereNoneIsNamed:
    def test_is_one_at_most_and_taken_from_the_one_before(self, alice):
        regular = catalogue.create(alice, WorkType, name="Regular", is_default=True)
        remote = catalogue.create(alice, WorkType, name="Remote", is_default=True)
        assert list(WorkType.objects.filter(is_default=True)) == [remote]
        assert event(regular).changes == {"is_default": [True, False]}
        assert WorkType.objects.get(pk=regular.pk).version == 2
        catalogue.edit(alice, WorkType.objects.get(pk=regular.pk), version=2, is_default=True)
        assert list(WorkType.objects.filter(is_default=True)) == [regular]
        catalogue.edit(alice, WorkType.objects.get(pk=regular.pk), version=3, is_default=False)
        assert not WorkType.objects.filter(is_default=True).exists()

    def test_is_none_while_it_is_archived(self, alice, acme):
        regular = catalogue.create(alice, WorkType, name="Regular", is_default=True)
        regular = catalogue.archive(alice, regular)
        assert RateBook(acme).default_type() is None
        catalogue.restore(alice, regular)
        assert RateBook(acme).default_type() == regular
