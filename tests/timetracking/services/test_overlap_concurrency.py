"""Two entries at once that overlap across the week's last midnight: each holds another week's lock. With a twin."""

import datetime as dt

import pytest

from accounts import audit
from accounts.models import Membership
from accounts.tenancy import organisation_scope
from tests import factories
from tests.cast import _member
from tests.together import Meeting, together
from timesheets_site.lib import turns
from timetracking.models import TimeEntry, Timesheet
from timetracking.services import entry_checks, settling, time_entries, timesheets

pytestmark = pytest.mark.django_db(transaction=True)
SUNDAY, MONDAY = dt.date(2026, 6, 14), dt.date(2026, 6, 15)
MIDNIGHT = dt.datetime(2026, 6, 14, 23, tzinfo=dt.UTC)  # in London
HOUR = dt.timedelta(hours=1)


@pytest.fixture
def carol(transactional_db):
    acme = factories.OrganisationFactory(name="Acme", slug="acme", overlap="refuse")
    with organisation_scope(acme):
        carol = _member(acme, "Carol Clark", "AGENT")
        for day in (SUNDAY, MONDAY):
            factories.TimeEntryFactory(member=carol, date=day)
        yield carol


def both_at_once(carol, monkeypatch):
    """How it ended for an entry of Sunday evening and one of Monday's first hours."""
    monkeypatch.setattr(entry_checks, "check_overlap", Meeting().after(entry_checks.check_overlap))

    def log(day, start, end):
        actor = Membership.objects.select_related("user", "organisation").get(pk=carol.pk)
        return time_entries.log(
            actor, kind="GENERAL", date=day, subject="Move", minutes=None, started_at=start, ended_at=end
        )

    results = together(
        carol.organisation,
        lambda: log(SUNDAY, MIDNIGHT - HOUR, MIDNIGHT + HOUR),
        lambda: log(MONDAY, MIDNIGHT, MIDNIGHT + 2 * HOUR),
    )
    return sorted(getattr(result, "code", type(result).__name__) for result in results)


def test_one_is_stored_and_the_other_told(carol, monkeypatch):
    assert both_at_once(carol, monkeypatch) == ["TimeEntry", "overlaps"]
    assert TimeEntry.objects.count() == 3


def test_twin_without_taking_turns_both_are_stored(carol, monkeypatch):
    monkeypatch.setattr(turns, "alone", lambda place, number: None)
    # Nor the transaction, without which SQLite lets nobody else write.
    monkeypatch.setattr(
        timesheets, "lock_week", lambda member, day: Timesheet.objects.get(week_start__range=(day - 6 * 24 * HOUR, day))
    )
    monkeypatch.setattr(audit, "record", lambda *args, **kwargs: None)
    monkeypatch.setattr(settling, "settle", lambda *args, **kwargs: None)
    monkeypatch.setattr(time_entries, "log", time_entries.log.__wrapped__)
    assert both_at_once(carol, monkeypatch) == ["TimeEntry", "TimeEntry"]
