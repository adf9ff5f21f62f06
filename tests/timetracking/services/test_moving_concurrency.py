"""A ticket that gets another client while somebody logs on it: the entry is never left with the old one."""

from __future__ import annotations

import datetime as dt
import threading
import time

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests import factories
from tests.cast import _member
from tests.together import together
from timesheets_site.lib.errors import RuleViolation
from timetracking.models import Ticket, TimeEntry
from timetracking.services import catalogue, entry_links, time_entries

pytestmark = pytest.mark.django_db(transaction=True)
DAY = dt.date(2026, 6, 15)


@pytest.fixture
def carol(acme):
    return _member(acme, "Carol Clark", "AGENT")


@pytest.fixture
def bob(acme):
    return _member(acme, "Bob Brown", "MANAGER")


def log_and_move(acme, carol, bob, monkeypatch, check=entry_links.check_still):
    """Bob moves the ticket while Carol has stored and not committed; the entry's client, and the ticket's new one."""
    ticket, other = factories.TicketFactory(), factories.ClientFactory()
    stored = threading.Event()

    def then_take_time(entry):
        check(entry)
        stored.set()
        time.sleep(0.5)

    monkeypatch.setattr(entry_links, "check_still", then_take_time)

    def log():
        fresh = Ticket.objects.select_related("client", "agreement").get(pk=ticket.pk)
        return time_entries.log(carol, kind="TICKET", ticket=fresh, date=DAY, minutes=30, subject="Backup")

    def move():
        fresh = Ticket.objects.get(pk=ticket.pk)
        stored.wait(10)
        return catalogue.edit(bob, fresh, version=1, client=other, agreement=None)

    results = together(acme, log, move)
    assert [type(result) for result in results] == [TimeEntry, Ticket]
    return TimeEntry.objects.get().client, other


def test_who_moves_the_ticket_waits_and_takes_the_entry_along(acme, carol, bob, monkeypatch):
    client, other = log_and_move(acme, carol, bob, monkeypatch)
    assert client == other


@pytest.mark.skipif(connection.vendor == "sqlite", reason="SQLite lets one write at a time, held record or not")
def test_twin_without_holding_the_record_the_entry_is_left_behind(acme, carol, bob, monkeypatch):
    client, other = log_and_move(acme, carol, bob, monkeypatch, check=lambda entry: None)
    assert client != other


def stale(carol, bob):
    """What Carol read is old by the time that she sends it."""
    ticket, other = factories.TicketFactory(), factories.ClientFactory()
    catalogue.edit(bob, Ticket.objects.get(pk=ticket.pk), version=1, client=other)
    return lambda: time_entries.log(carol, kind="TICKET", ticket=ticket, date=DAY, minutes=30, subject="Backup"), other


def test_what_was_read_before_the_move_is_refused_and_stores_nothing(carol, bob):
    log, _other = stale(carol, bob)
    with pytest.raises(RuleViolation, check=lambda refusal: refusal.code == "record_moved"):
        log()
    assert not TimeEntry.objects.exists()


def test_twin_without_looking_again_it_has_the_old_client(carol, bob, monkeypatch):
    monkeypatch.setattr(entry_links, "check_still", lambda entry: None)
    log, other = stale(carol, bob)
    assert log().client != other


def statements(call):
    """Which of the two tables is asked or written by each statement, in order: `weeks` read, `entries` written."""
    with CaptureQueriesContext(connection) as captured:
        call()
    marks = {'FROM "timetracking_timesheet"': "weeks", 'UPDATE "timetracking_timeentry"': "entries"}
    return [name for query in captured.captured_queries for mark, name in marks.items() if mark in query["sql"]]


def test_the_weeks_of_what_moves_are_held_before_its_entries_as_by_every_writer(carol, bob):
    ticket = factories.TicketFactory()
    factories.TimeEntryFactory(member=carol, ticket=ticket)
    fresh = Ticket.objects.get(pk=ticket.pk)
    moved = statements(lambda: catalogue.edit(bob, fresh, version=1, client=factories.ClientFactory(), agreement=None))
    assert moved[0] == "weeks" and "entries" in moved


def test_an_edit_that_names_the_same_client_holds_no_week(carol, bob):
    ticket = factories.TicketFactory()
    factories.TimeEntryFactory(member=carol, ticket=ticket)
    same = Ticket.objects.get(pk=ticket.pk)
    assert statements(lambda: catalogue.edit(bob, same, version=1, client=same.client, agreement=None)) == []
