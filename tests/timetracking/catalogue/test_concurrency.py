"""Two who create at once: both get what they asked for, or one is told; each with a twin without the protection."""

import datetime as dt

import pytest
from django.db import connection

from accounts import audit
from tests import factories
from tests.cast import _member
from tests.together import Meeting, together
from timesheets_site.lib.errors import RuleViolation
from timetracking.models import AgreementRate, Client, Ticket, WorkRoleRate, WorkType
from timetracking.services import catalogue

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def bob(acme):
    return _member(acme, "Bob Brown", "MANAGER")


@pytest.fixture
def alice(acme):
    return _member(acme, "Alice Adams", "ADMIN")


def two_tickets(acme, bob, monkeypatch) -> list:
    client = factories.ClientFactory()
    monkeypatch.setattr(catalogue, "_number", Meeting().after(catalogue._number))
    return together(acme, *[lambda: catalogue.create(bob, Ticket, title="Printer", client=client)] * 2)


def test_two_tickets_at_once_get_two_numbers(acme, bob, monkeypatch):
    results = two_tickets(acme, bob, monkeypatch)
    assert sorted(ticket.number for ticket in results) == [1, 2]


def test_twin_without_the_lock_one_is_refused(acme, bob, monkeypatch):
    def number(ticket, fields):
        fields["number"] = (Ticket.objects.order_by("-number").values_list("number", flat=True).first() or 0) + 1

    monkeypatch.setattr(catalogue, "_number", number)
    monkeypatch.setattr(audit, "record", lambda *args, **kwargs: None)
    monkeypatch.setattr(catalogue, "create", catalogue.create.__wrapped__)
    results = two_tickets(acme, bob, monkeypatch)
    assert sorted(type(result).__name__ for result in results) == ["RuleViolation", "Ticket"]


def test_two_clients_of_one_name_are_one_and_a_fields_error(acme, bob, monkeypatch):
    monkeypatch.setattr(catalogue, "_refuse_twin", Meeting().after(catalogue._refuse_twin))
    results = together(acme, *[lambda: catalogue.create(bob, Client, name="Larkspur")] * 2)
    refused = [result for result in results if isinstance(result, RuleViolation)]
    assert [(refusal.code, refusal.field) for refusal in refused] == [("taken", "name")]
    assert Client.objects.count() == 1


def rates_of(noun) -> dict:
    """A role's rate of one day, or an agreement's for everything: two empty fields are never equal to a database."""
    if noun is WorkRoleRate:
        return {"work_role": factories.WorkRoleFactory(), "starts_on": dt.date(2026, 6, 1), "hourly_rate": 90}
    return {"agreement": factories.AgreementFactory(), "hourly_rate": 90}


@pytest.mark.parametrize("noun", [WorkRoleRate, AgreementRate])
def test_two_rates_of_the_same_are_one_and_a_fields_error(acme, alice, monkeypatch, noun):
    given = rates_of(noun)
    monkeypatch.setattr(catalogue, "_refuse_twin", Meeting().after(catalogue._refuse_twin))
    results = together(acme, *[lambda: catalogue.create(alice, noun, **given)] * 2)
    assert [result.code for result in results if isinstance(result, RuleViolation)] == ["taken"]
    assert noun.objects.count() == 1


def choose_two(acme, alice, monkeypatch) -> list:
    """Alice makes two types the one that is used where none is named; a third one was it."""
    factories.WorkTypeFactory(is_default=True)
    types = [factories.WorkTypeFactory(), factories.WorkTypeFactory()]
    monkeypatch.setattr(catalogue, "_take_from_the_other", Meeting().after(catalogue._take_from_the_other))
    return together(acme, *[lambda t=t: catalogue.edit(alice, t, version=1, is_default=True) for t in types])


def test_two_types_chosen_at_once_are_one(acme, alice, monkeypatch):
    results = choose_two(acme, alice, monkeypatch)
    assert [type(result) for result in results] == [WorkType, WorkType]
    assert WorkType.objects.filter(is_default=True).count() == 1


@pytest.mark.skipif(connection.vendor == "sqlite", reason="SQLite lets one write at a time, with or without a turn")
def test_twin_without_the_turn_one_of_the_choices_fails(acme, alice, monkeypatch):
    monkeypatch.setattr(catalogue, "_wait_for_a_turn", lambda *args: None)
    results = choose_two(acme, alice, monkeypatch)
    assert WorkType in [type(result) for result in results]
    assert [result for result in results if not isinstance(result, WorkType)] != []
