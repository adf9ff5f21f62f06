"""Two workers that see a budget at its mark at once tell once. With a twin."""

import pytest
from django.db import transaction

from accounts.models import Notification
from accounts.tenancy import organisation_scope
from tests import factories
from tests.cast import _member
from tests.together import Meeting, together
from timetracking.models import BudgetWarning
from timetracking.services import budget_warnings

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def acme(transactional_db):
    acme = factories.OrganisationFactory(name="Acme", slug="acme")
    with organisation_scope(acme):
        project = factories.ProjectFactory(budget_minutes=60, manager=_member(acme, "Bob Brown", "MANAGER"))
        factories.TimeEntryFactory(project=project, minutes=60)
        yield acme


def two_workers(acme, monkeypatch):
    """Both have found the budget at its mark before either stores it."""
    found = budget_warnings.burns
    monkeypatch.setattr(budget_warnings, "burns", Meeting().after(lambda *args: list(found(*args))))
    results = together(acme, budget_warnings.warn, budget_warnings.warn)
    assert not [result for result in results if isinstance(result, Exception)], results
    return sorted(results)


def test_two_workers_tell_once(acme, monkeypatch):
    assert two_workers(acme, monkeypatch) == [0, 1]
    assert Notification.objects.count() == 1
    assert BudgetWarning.objects.count() == 2


def test_twin_asking_first_and_storing_then_tells_twice(acme, monkeypatch):
    asked = Meeting()

    def careless(burn, mark, now):
        is_new = not BudgetWarning.objects.filter(**burn.key, percent=mark).exists()
        asked()
        return is_new

    monkeypatch.setattr(budget_warnings, "_is_first", careless)
    monkeypatch.setattr(budget_warnings, "_settle", budget_warnings._settle.__wrapped__)
    tell = budget_warnings.tell
    monkeypatch.setattr(budget_warnings, "tell", transaction.atomic(tell))
    assert two_workers(acme, monkeypatch) == [1, 1]
    assert Notification.objects.count() == 2
