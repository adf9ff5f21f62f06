"""Rows of the weekly grid: added once, taken out while empty, and not by everybody."""

from __future__ import annotations

import datetime as dt

import pytest
import time_machine

from accounts.models import AuditEvent
from tests import factories
from tests.cast import MONDAY
from timesheets_site.lib.errors import OutOfReach, RuleViolation
from timetracking.models import GridRow, Timesheet
from timetracking.models.record_links import name_of
from timetracking.services import grid_rows

NOON = dt.datetime(2026, 6, 18, 12, tzinfo=dt.UTC)
THURSDAY = dt.date(2026, 6, 18)


@pytest.fixture(autouse=True)
def now(acme):
    with time_machine.travel(NOON, tick=False) as clock:
        yield clock


@pytest.fixture(params=["Ticket", "Project", "Task", "ChargeCode", "Activity"])
def record(request, acme):
    return getattr(factories, f"{request.param}Factory")()


def test_a_row_belongs_to_the_week_of_its_day(carol, record):
    row = grid_rows.add(carol, carol, THURSDAY, record)
    stored = GridRow.objects.get()
    assert (stored.pk, stored.member, stored.week_start, stored.record) == (row.pk, carol, MONDAY, record)
    assert stored.token == f"{name_of(record)}:{record.pk}"
    event = AuditEvent.objects.get(action="grid_row.added")
    assert (event.actor, event.on_behalf_of, event.object_id) == (carol, None, row.pk)
    name, _colon, pk = stored.token.partition(":")
    assert event.changes[f"{name}_id"] == [None, int(pk)]
    assert not Timesheet.objects.exists()  # a row is no time


def test_adding_twice_is_harmless(carol, record):
    first = grid_rows.add(carol, carol, MONDAY, record)
    assert grid_rows.add(carol, carol, THURSDAY, record).pk == first.pk
    grid_rows.add(carol, carol, MONDAY + dt.timedelta(days=7), record)
    assert GridRow.objects.count() == 2
    assert AuditEvent.objects.filter(action="grid_row.added").count() == 2


def test_the_week_begins_where_the_organisation_says(acme, carol):
    acme.first_weekday = 6
    acme.save()
    carol.organisation.first_weekday = 6
    assert grid_rows.add(carol, carol, THURSDAY, factories.TicketFactory()).week_start == MONDAY - dt.timedelta(days=1)


@pytest.mark.parametrize(
    ("make", "code"),
    [
        (lambda: None, "link_required"),
        (lambda: factories.TicketFactory(status="closed"), "record_closed"),
        (lambda: factories.ProjectFactory(status="closed"), "record_closed"),
        (lambda: factories.TaskFactory(project__status="closed"), "record_closed"),
    ],
)
def test_what_takes_no_time_is_refused(carol, make, code):
    with pytest.raises(RuleViolation) as refusal:
        grid_rows.add(carol, carol, MONDAY, make())
    assert (refusal.value.code, refusal.value.field) == (code, "record")
    assert not GridRow.objects.exists()


def test_a_week_keeps_so_many_rows(carol, monkeypatch):
    monkeypatch.setattr(grid_rows, "MOST", 2)
    kept = [factories.TicketFactory() for _number in range(2)]
    for ticket in kept:
        grid_rows.add(carol, carol, MONDAY, ticket)
    with pytest.raises(RuleViolation) as refusal:
        grid_rows.add(carol, carol, MONDAY, factories.TicketFactory())
    assert refusal.value.code == "too_many_rows"
    assert grid_rows.add(carol, carol, MONDAY, kept[0])  # is there already


def test_a_manager_adds_for_an_agent_and_no_agent_for_another(alice, bob, carol):
    row = grid_rows.add(bob, carol, MONDAY, factories.TicketFactory())
    assert (row.member, AuditEvent.objects.get(action="grid_row.added").on_behalf_of) == (carol, carol)
    with pytest.raises(OutOfReach):
        grid_rows.add(carol, bob, MONDAY, factories.TicketFactory())


def test_a_row_is_taken_out_with_what_a_race_left_beside_it(carol, bob, record):
    row = grid_rows.add(carol, carol, MONDAY, record)
    twin = GridRow(member=carol, week_start=MONDAY)
    twin.record = record
    twin.save()
    others = [
        grid_rows.add(bob, bob, MONDAY, record),
        grid_rows.add(carol, carol, MONDAY + dt.timedelta(days=7), record),
        grid_rows.add(carol, carol, MONDAY, factories.TicketFactory()),
    ]
    assert grid_rows.remove(carol, row.pk).token == row.token
    assert set(GridRow.objects.all()) == set(others)
    event = AuditEvent.objects.get(action="grid_row.removed")
    name, _colon, pk = row.token.partition(":")
    assert event.changes[f"{name}_id"] == [int(pk), None]
    with pytest.raises(OutOfReach):
        grid_rows.remove(carol, row.pk)


def test_nobody_takes_out_the_row_of_somebody_else(alice, bob, carol):
    row = grid_rows.add(bob, bob, MONDAY, factories.TicketFactory())
    with pytest.raises(OutOfReach):
        grid_rows.remove(carol, row.pk)
    grid_rows.remove(alice, row.pk)
    assert AuditEvent.objects.get(action="grid_row.removed").on_behalf_of == bob
