"""Two copies of a week at one moment: one finds what the other wrote. With a twin that does not wait."""

import datetime as dt

import pytest

from accounts.models import Membership
from accounts.tenancy import organisation_scope
from tests import factories
from tests.cast import MONDAY, _member
from tests.marks import on_postgresql_alone
from tests.together import Meeting, together
from timesheets_site.lib import turns
from timetracking.models import TimeEntry
from timetracking.services import repetition, week_copies

pytestmark = pytest.mark.django_db(transaction=True)
LAST_WEEK = MONDAY - dt.timedelta(days=7)


@pytest.fixture
def carol(transactional_db):
    acme = factories.OrganisationFactory(name="Acme", slug="acme", future_dates_allowed=True)
    with organisation_scope(acme):
        carol = _member(acme, "Carol Clark", "AGENT")
        for day in range(3):
            factories.TimeEntryFactory(member=carol, date=LAST_WEEK + dt.timedelta(days=day))
        yield carol


def both_at_once(carol, monkeypatch):
    """How many entries each of two copies wrote."""
    monkeypatch.setattr(repetition, "apart", Meeting().after(repetition.apart))

    def copy():
        actor = Membership.objects.select_related("user", "organisation").get(pk=carol.pk)
        return week_copies.copy(actor, actor, LAST_WEEK, MONDAY)

    results = together(carol.organisation, copy, copy)
    return sorted(len(filling.result.done) for filling in results)


def test_one_copies_and_the_other_finds_it_there(carol, monkeypatch):
    assert both_at_once(carol, monkeypatch) == [0, 3]
    assert TimeEntry.objects.filter(date__gte=MONDAY).count() == 3


@on_postgresql_alone
def test_twin_without_taking_turns_the_week_is_there_twice(carol, monkeypatch):
    wait = turns.alone
    monkeypatch.setattr(
        turns, "alone", lambda place, number: None if place is turns.Place.REPETITION else wait(place, number)
    )
    assert both_at_once(carol, monkeypatch) == [3, 3]
