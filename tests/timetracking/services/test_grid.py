"""Cells of the weekly grid: what typing into them logs, changes and deletes, what is refused, and one Undo for all."""

from __future__ import annotations

import datetime as dt

import pytest
import time_machine

from tests import factories
from tests.cast import MONDAY
from timesheets_site.lib.errors import Conflict, Locked, OutOfReach, RuleViolation
from timetracking.models import EntryBatch, TimeEntry
from timetracking.rules import durations
from timetracking.rules.grid_cells import NAMES, Seen
from timetracking.services import grid, many_entries, time_entries
from timetracking.services.grid import Cell

NOON = dt.datetime(2026, 6, 18, 12, tzinfo=dt.UTC)


@pytest.fixture(autouse=True)
def now(acme):
    with time_machine.travel(NOON, tick=False) as clock:
        yield clock


@pytest.fixture
def ticket(acme):
    return factories.TicketFactory(title="VPN drops", billable="no")


def cell(ticket, text, *seen, day=MONDAY, key="k"):
    shown = tuple(Seen(entry.pk, entry.version, entry.minutes) for entry in seen)
    there = sum(each.minutes for each in shown)
    reading = durations.parse(text, current_minutes=there) if text else None
    return Cell(
        {"ticket": ticket.pk}, {"kind": "TICKET", "ticket": ticket}, day, shown, reading, subject=ticket.title, key=key
    )


def log(actor, ticket, minutes=60, **fields):
    return time_entries.log(
        actor, **{"kind": "TICKET", "ticket": ticket, "date": MONDAY, "minutes": minutes, "subject": "Before", **fields}
    )


def stored():
    return list(TimeEntry.objects.order_by("pk").values_list("minutes", flat=True))


def code_of(call, *args):
    with pytest.raises((RuleViolation, Conflict, OutOfReach)) as refusal:
        call(*args)
    return refusal.value.code


# --- One cell ---------------------------------------------------------------------------------------------------------


def test_an_empty_cell_logs_an_entry_with_the_defaults_of_the_form(carol, ticket):
    role = factories.WorkRoleFactory()
    work_type = factories.WorkTypeFactory(is_default=True)
    carol.default_work_role_id = role.pk
    entry = grid.fill(carol, carol, cell(ticket, "1.5")).done[0]
    entry.refresh_from_db()
    assert (entry.minutes, entry.subject, entry.date, entry.member) == (90, "VPN drops", MONDAY, carol)
    assert (entry.billable_option, entry.billable, entry.billable_decided_by) == ("NoDefault", False, "ticket")
    assert (entry.work_role, entry.work_type, entry.status) == (role, work_type, "OPEN")


def test_one_entry_gets_the_new_length_and_keeps_the_rest(carol, ticket):
    entry = log(carol, ticket, description="Kept")
    grid.fill(carol, carol, cell(ticket, "2h", entry))
    entry.refresh_from_db()
    assert (entry.minutes, entry.subject, entry.description) == (120, "Before", "Kept")


def test_a_sum_and_a_difference_are_read_from_what_is_there(carol, ticket):
    entry = log(carol, ticket)
    grid.fill(carol, carol, cell(ticket, "+15m", entry))
    assert stored() == [75]


def test_the_same_again_writes_nothing(carol, ticket):
    entry = log(carol, ticket)
    assert grid.fill(carol, carol, cell(ticket, "1:00", entry)).outcomes == []
    assert grid.fill(carol, carol, cell(ticket, "", day=MONDAY + dt.timedelta(days=1))).batch is None
    entry.refresh_from_db()
    assert entry.version == 1


def test_the_end_follows_the_new_length_as_in_the_form(carol, ticket):
    start = dt.datetime(2026, 6, 15, 8, tzinfo=dt.UTC)
    times = {"started_at": start, "ended_at": start + dt.timedelta(minutes=75), "break_minutes": 15}
    entry = log(carol, ticket, **times)
    assert entry.minutes == 60
    grid.fill(carol, carol, cell(ticket, "2h", entry))
    entry.refresh_from_db()
    assert (entry.minutes, entry.started_at, entry.ended_at) == (120, start, start + dt.timedelta(minutes=135))


def test_a_range_sets_the_clock_times(carol, ticket):
    entry = grid.fill(carol, carol, cell(ticket, "9-10:30")).done[0]
    assert (entry.minutes, entry.started_at.isoformat()) == (90, "2026-06-15T08:00:00+00:00")  # London in summer
    changed = grid.fill(carol, carol, cell(ticket, "22:00-24:00", entry)).done[0]
    assert (changed.pk, changed.minutes, changed.ended_at.isoformat()) == (entry.pk, 120, "2026-06-15T23:00:00+00:00")


def test_a_larger_sum_of_several_adds_an_entry_for_the_difference(carol, ticket):
    two = [log(carol, ticket, 60), log(carol, ticket, 30)]
    grid.fill(carol, carol, cell(ticket, "2h", *two))
    assert stored() == [60, 30, 30]


@pytest.mark.parametrize("text", ["1h", "", "9-12"])
def test_a_smaller_sum_of_several_asks_which(carol, ticket, text):
    two = [log(carol, ticket, 60), log(carol, ticket, 30)]
    assert code_of(grid.fill, carol, carol, cell(ticket, text, *two)) == "cell_has_several"
    assert stored() == [60, 30]


def test_a_cleared_cell_deletes_its_entry_and_undo_brings_it_back(carol, ticket):
    entry = log(carol, ticket)
    result = grid.fill(carol, carol, cell(ticket, "", entry))
    assert (stored(), result.batch.action) == ([], EntryBatch.Action.DELETED)
    many_entries.undo(carol, result.batch.pk)
    assert stored() == [60]


# --- Choosing among several -------------------------------------------------------------------------------------------


def test_the_chosen_one_gets_what_is_left(carol, ticket):
    one, two = log(carol, ticket, 60), log(carol, ticket, 30)
    grid.change_one(carol, carol, cell(ticket, "1h", one, two), one.pk)
    assert stored() == [30, 30]


def test_the_chosen_one_goes_where_nothing_is_left(carol, ticket):
    one, two = log(carol, ticket, 60), log(carol, ticket, 30)
    result = grid.change_one(carol, carol, cell(ticket, "1h", one, two), two.pk)
    assert (stored(), result.done[0].pk) == ([60], two.pk)
    many_entries.undo(carol, result.batch.pk)
    assert stored() == [60, 30]


def test_the_others_may_come_to_more(carol, ticket):
    one, two = log(carol, ticket, 60), log(carol, ticket, 30)
    assert code_of(grid.change_one, carol, carol, cell(ticket, "45m", one, two), two.pk) == "cell_too_full"
    assert code_of(grid.change_one, carol, carol, cell(ticket, "1h", one), two.pk) == "stale_version"


def test_all_go_together_and_come_back_together(carol, ticket):
    two = [log(carol, ticket, 60), log(carol, ticket, 30)]
    result = grid.delete_all(carol, carol, cell(ticket, "", *two))
    assert stored() == []
    many_entries.undo(carol, result.batch.pk)
    assert stored() == [60, 30]


# --- Refusals ---------------------------------------------------------------------------------------------------------


def test_the_rules_of_logging_hold(carol, ticket):
    tomorrow = MONDAY + dt.timedelta(days=4)
    assert code_of(grid.fill, carol, carol, cell(ticket, "1h", day=tomorrow)) == "date_in_future"
    log(carol, factories.TicketFactory(), 23 * 60)
    assert code_of(grid.fill, carol, carol, cell(ticket, "2h")) == "day_too_long"
    closed = factories.TicketFactory(status="closed")
    assert code_of(grid.fill, carol, carol, cell(closed, "1h")) == "record_closed"
    general = Cell({}, {"kind": "GENERAL"}, MONDAY, (), durations.parse("1h"))
    assert code_of(grid.fill, carol, carol, general) == "subject_required"
    assert len(stored()) == 1


def test_time_on_a_record_that_closed_meanwhile_stays_editable(carol, ticket):
    entry = log(carol, ticket)
    ticket.status = "closed"
    ticket.save()
    grid.fill(carol, carol, cell(ticket, "2h", entry))
    assert stored() == [120]


def test_locked_time_stays(acme, carol, ticket, now):
    entry = log(carol, ticket)
    now.shift(dt.timedelta(hours=24))
    with pytest.raises(Locked) as refusal:
        grid.fill(carol, carol, cell(ticket, "2h", entry))
    assert refusal.value.code == "edit_window_over"
    acme.lock_date = MONDAY
    acme.save()
    assert code_of(grid.fill, carol, carol, cell(ticket, "", entry)) == "period_closed"
    assert stored() == [60]


def test_managers_write_for_an_agent_and_no_agent_for_another(bob, carol, ticket):
    entry = grid.fill(bob, carol, cell(ticket, "1h")).done[0]
    assert (entry.member, entry.recorded_by) == (carol, bob)
    mine = grid.fill(bob, bob, cell(ticket, "1h")).done[0]
    assert code_of(grid.fill, carol, bob, cell(ticket, "2h", mine)) == "not_found"
    assert code_of(grid.fill, carol, carol, cell(ticket, "2h", mine)) == "stale_version"  # it is in no cell of hers


# --- What was seen ----------------------------------------------------------------------------------------------------


def test_a_cell_that_holds_something_else_by_now_is_a_conflict(carol, ticket):
    stale = cell(ticket, "2h")
    entry = log(carol, ticket)
    assert code_of(grid.fill, carol, carol, stale) == "stale_version"
    seen = cell(ticket, "2h", entry)
    entry = time_entries.edit(carol, entry.pk, description="More")
    assert code_of(grid.fill, carol, carol, seen) == "stale_version"
    seen = cell(ticket, "2h", entry)
    log(carol, ticket, 10)
    assert code_of(grid.fill, carol, carol, seen) == "stale_version"
    time_entries.delete(carol, entry.pk)
    assert code_of(grid.fill, carol, carol, cell(ticket, "", entry)) == "stale_version"
    assert stored() == [10]


def test_an_entry_of_another_cell_is_none_of_this_one(carol, ticket):
    entry = log(carol, factories.TicketFactory())
    assert code_of(grid.fill, carol, carol, cell(ticket, "2h", entry)) == "stale_version"
    tuesday = log(carol, ticket, date=MONDAY + dt.timedelta(days=1))
    assert code_of(grid.fill, carol, carol, cell(ticket, "2h", tuesday)) == "stale_version"


def test_time_on_the_project_is_not_time_on_its_task(carol):
    task = factories.TaskFactory()
    on_task = {"kind": "PROJECT", "task": task, "project": task.project}
    time_entries.log(carol, date=MONDAY, minutes=30, subject="Task", **on_task)
    row = {"project": task.project_id}
    assert set(row) < set(NAMES)
    of_project = Cell(row, {"kind": "PROJECT", "project": task.project}, MONDAY, (), durations.parse("1h"), "Project")
    grid.fill(carol, carol, of_project)
    assert stored() == [30, 60]


# --- Many cells -------------------------------------------------------------------------------------------------------


def test_a_block_is_saved_cell_by_cell_with_one_undo(carol, ticket):
    entry = log(carol, ticket)
    days = [MONDAY + dt.timedelta(days=number) for number in range(5)]
    cells = [cell(ticket, "2h", entry, key="mon")]
    cells += [cell(ticket, "1h", day=day, key=day.isoformat()) for day in days[1:]]
    block = grid.fill_all(carol, carol, cells, action=EntryBatch.Action.PASTED)
    assert stored() == [120, 60, 60, 60]
    assert {key: refusal.code for key, refusal in block.refused.items()} == {"2026-06-19": "date_in_future"}
    assert (len(block.result.done), block.result.batch.action) == (4, "pasted")
    many_entries.undo(carol, block.result.batch.pk)
    assert stored() == [60]


def test_what_asks_for_a_choice_or_is_stale_is_refused_beside_what_is_not(carol, ticket):
    two = [log(carol, ticket, 60), log(carol, ticket, 30)]
    tuesday = MONDAY + dt.timedelta(days=1)
    cells = [cell(ticket, "1h", *two, key="a"), cell(ticket, "1h", day=tuesday, key="b")]
    cells.append(cell(factories.TicketFactory(), "1h", two[0], key="c"))
    block = grid.fill_all(carol, carol, cells)
    assert {key: refusal.code for key, refusal in block.refused.items()} == {
        "a": "cell_has_several",
        "c": "stale_version",
    }
    assert stored() == [60, 30, 60]


def test_nothing_to_save_makes_no_batch(carol):
    assert grid.fill_all(carol, carol, []).result.batch is None
    assert not EntryBatch.objects.exists()


def test_nobody_saves_the_cells_of_somebody_else(bob, carol, ticket):
    assert code_of(grid.fill_all, carol, bob, [cell(ticket, "1h")]) == "not_found"
    assert code_of(grid.delete_all, carol, bob, cell(ticket, "")) == "not_found"
    assert code_of(grid.change_one, carol, bob, cell(ticket, "1h"), 1) == "not_found"
