"""Two tabs that fill one cell at once, and a tab against the log-time form: one is told. With twins."""

from __future__ import annotations

import pytest

from accounts.models import Membership
from accounts.tenancy import organisation_scope
from tests import factories
from tests.cast import MONDAY, _member
from tests.marks import on_postgresql_alone
from tests.together import Meeting, together
from timetracking.models import Ticket, TimeEntry, Timesheet
from timetracking.rules import durations
from timetracking.rules.grid_cells import Seen
from timetracking.services import coverage, entry_links, grid, time_entries, timesheets
from timetracking.services.grid import Cell

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def carol(transactional_db):
    acme = factories.OrganisationFactory(name="Acme", slug="acme", edit_window_hours=24)
    with organisation_scope(acme):
        carol = _member(acme, "Carol Clark", "AGENT")
        factories.TimeEntryFactory(member=carol, date=MONDAY)  # the week is open
        factories.TicketFactory(title="VPN drops")
        yield carol


def actor(carol):
    return Membership.objects.select_related("user", "organisation").get(pk=carol.pk)


def save(carol, text, *seen):
    """As one request would, with members and records of its own."""
    ticket = Ticket.objects.select_related("client", "agreement").get()
    me = actor(carol)
    reading = durations.parse(text) if text else None
    link = {"kind": "TICKET", "ticket": ticket}
    return grid.fill(me, me, Cell({"ticket": ticket.pk}, link, MONDAY, seen, reading, ticket.title))


def ends(results):
    return sorted(getattr(result, "code", type(result).__name__) for result in results)


def minutes():
    return list(TimeEntry.objects.exclude(ticket=None).order_by("pk").values_list("minutes", flat=True))


def two_tabs(carol, monkeypatch):
    monkeypatch.setattr(grid._Place, "expect", Meeting().after(grid._Place.expect))
    return ends(together(carol.organisation, lambda: save(carol, "1h"), lambda: save(carol, "2h")))


def test_of_two_tabs_in_an_empty_cell_one_is_told(carol, monkeypatch):
    assert two_tabs(carol, monkeypatch) == ["Result", "stale_version"]
    assert len(minutes()) == 1


def test_twin_without_looking_again_both_are_stored(carol, monkeypatch):
    monkeypatch.setattr(grid._Place, "expect", lambda place, written: written)
    assert two_tabs(carol, monkeypatch) == ["Result", "Result"]
    assert sorted(minutes()) == [60, 120]


@on_postgresql_alone
def test_twin_without_the_lock_of_the_week_both_look_too_early(carol, monkeypatch):
    monkeypatch.setattr(coverage, "hold", lambda *args, **kwargs: None)
    monkeypatch.setattr(entry_links, "check_still", lambda entry: None)  # holds the ticket, which would do here
    monkeypatch.setattr(timesheets, "lock_week", lambda member, day: Timesheet.objects.get(member=member))
    assert two_tabs(carol, monkeypatch) == ["Result", "Result"]


def entry_of(carol):
    ticket = Ticket.objects.get()
    return factories.TimeEntryFactory(member=carol, date=MONDAY, ticket=ticket, minutes=60)


def test_of_a_cell_and_the_form_one_is_told(carol):
    entry = entry_of(carol)
    results = together(
        carol.organisation,
        lambda: save(carol, "2h", Seen(entry.pk, 1, 60)),
        lambda: time_entries.edit(actor(carol), entry.pk, version=1, minutes=30),
    )
    assert [getattr(result, "code", "") for result in results].count("stale_version") == 1
    assert minutes() in ([120], [30])


def test_a_cell_that_is_cleared_while_it_is_changed_loses_nothing_unseen(carol):
    entry = entry_of(carol)
    results = together(
        carol.organisation,
        lambda: save(carol, "", Seen(entry.pk, 1, 60)),
        lambda: save(carol, "2h", Seen(entry.pk, 1, 60)),
    )
    assert ends(results).count("Result") == 1
    assert minutes() in ([], [120])


def test_an_entry_that_comes_in_between_keeps_the_difference_from_being_added(carol):
    entry = entry_of(carol)
    ticket = Ticket.objects.get()
    other = factories.TimeEntryFactory(member=carol, date=MONDAY, ticket=ticket, minutes=30)
    results = together(
        carol.organisation,
        lambda: save(carol, "2h", Seen(entry.pk, 1, 60), Seen(other.pk, 1, 30)),
        lambda: save(carol, "3h", Seen(entry.pk, 1, 60), Seen(other.pk, 1, 30)),
    )
    assert ends(results) == ["Result", "stale_version"]
    assert sum(minutes()) in (120, 180)
