"""Two members who log on a project's last hour at once: one of them gets it. With a twin."""

import pytest
from django.db import connection

from accounts import audit
from accounts.models import Membership
from accounts.tenancy import organisation_scope
from tests import factories
from tests.cast import MONDAY, _member
from tests.together import Meeting, together
from timesheets_site.lib import turns
from timetracking.models import Project, TimeEntry, Timesheet
from timetracking.models.time_entries import TimeEntryQuerySet
from timetracking.services import entry_links, settling, time_entries, timesheets

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def acme(transactional_db):
    acme = factories.OrganisationFactory(name="Acme", slug="acme", over_budget="refuse", future_dates_allowed=True)
    with organisation_scope(acme):
        yield acme


@pytest.fixture
def people(acme):
    people = [_member(acme, name, "AGENT") for name in ("Carol Clark", "Dora Diaz")]
    for member in people:
        factories.TimesheetFactory(member=member, week_start=MONDAY)
    factories.ProjectFactory(code="PRJ-112", budget_minutes=60)
    return people


def both_at_once(acme, people, monkeypatch):
    """How it ended for two entries of an hour; each has written its own before either adds up."""
    spent = TimeEntryQuerySet.spent
    meeting = Meeting()

    def meet_then_add_up(entries):
        sums = spent(entries)
        meeting()
        return sums

    monkeypatch.setattr(TimeEntryQuerySet, "spent", meet_then_add_up)

    def log(member):
        actor = Membership.objects.select_related("user", "organisation").get(pk=member.pk)
        project = Project.objects.get(code="PRJ-112")
        return time_entries.log(actor, kind="PROJECT", project=project, date=MONDAY, minutes=60, subject="Move")

    results = together(acme, *[lambda member=member: log(member) for member in people])
    return sorted(getattr(result, "code", type(result).__name__) for result in results), results


def test_one_gets_the_last_hour(acme, people, monkeypatch):
    codes, results = both_at_once(acme, people, monkeypatch)
    assert codes == ["TimeEntry", "budget_exceeded"], results
    assert TimeEntry.objects.count() == 1


def test_twin_without_taking_turns_both_are_stored(acme, people, monkeypatch):
    monkeypatch.setattr(turns, "alone", lambda place, number: None)
    monkeypatch.setattr(entry_links, "check_still", lambda entry: None)  # it holds the project
    if connection.vendor == "sqlite":  # nor the transaction, without which SQLite lets nobody else write
        monkeypatch.setattr(timesheets, "lock_week", lambda member, day: Timesheet.objects.get(member=member))
        monkeypatch.setattr(audit, "record", lambda *args, **kwargs: None)
        monkeypatch.setattr(settling, "settle", lambda *args, **kwargs: None)
        monkeypatch.setattr(time_entries, "log", time_entries.log.__wrapped__)
    both_at_once(acme, people, monkeypatch)
    assert TimeEntry.objects.count() == 2
