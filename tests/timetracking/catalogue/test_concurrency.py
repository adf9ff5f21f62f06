"""Two who create at once: both get what they asked for, or one is told; each with a twin without the protection."""

import pytest

from accounts import audit
from accounts.tenancy import organisation_scope
from tests import factories
from tests.cast import _member
from tests.together import Meeting, together
from timesheets_site.lib.errors import RuleViolation
from timetracking.models import Client, Ticket
from timetracking.services import catalogue

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def acme(transactional_db):
    organisation = factories.OrganisationFactory(name="Acme", slug="acme")
    with organisation_scope(organisation):
        yield organisation


@pytest.fixture
def bob(acme):
    return _member(acme, "Bob Brown", "MANAGER")


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
