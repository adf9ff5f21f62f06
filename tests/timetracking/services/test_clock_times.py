"""Editing clock times: another length moves the end, another day takes both along, in the entry's own zone."""

import datetime as dt

import pytest
import time_machine

from tests.cast import MONDAY
from timesheets_site.lib.errors import RuleViolation
from timetracking.models import TimeEntry
from timetracking.services import entry_undo, time_entries

NOON = dt.datetime(2026, 6, 18, 12, tzinfo=dt.UTC)  # a Thursday
HOUR, SECOND = dt.timedelta(hours=1), dt.timedelta(seconds=1)


@pytest.fixture(autouse=True)
def now(acme):
    with time_machine.travel(NOON, tick=False) as clock:
        yield clock


def code_of(call, *args, **kwargs):
    with pytest.raises(RuleViolation) as refusal:
        call(*args, **kwargs)
    return refusal.value.code


def from_nine(member, **fields):
    nine = dt.datetime.combine(MONDAY, dt.time(9), member.zone)
    return time_entries.log(
        member,
        kind="GENERAL",
        date=MONDAY,
        subject="Stand-up",
        minutes=None,
        started_at=nine,
        ended_at=nine + 2 * HOUR + 20 * SECOND,
        **fields,
    )


@pytest.mark.parametrize(
    ("fields", "minutes", "ends"),
    [
        ({"minutes": 75}, 75, "10:25:00"),
        ({"minutes": 110}, 110, "11:00:20"),
        ({"minutes": 110, "subject": "Same length"}, 110, "11:00:20"),
        ({"minutes": 75, "break_minutes": 30}, 75, "10:45:00"),
        ({"break_minutes": 30}, 90, "11:00:20"),
        ({"minutes": None}, 110, "11:00:20"),
    ],
)
def test_another_length_moves_the_end_and_nothing_else(carol, fields, minutes, ends):
    entry = time_entries.edit(carol, from_nine(carol, break_minutes=10).pk, **fields)
    entry.refresh_from_db()
    told = [f"{at.astimezone(carol.zone):%H:%M:%S}" for at in (entry.started_at, entry.ended_at)]
    assert (entry.minutes, told) == (minutes, ["09:00:00", ends])


@pytest.mark.parametrize(
    ("minutes", "code"),
    [(0, "minutes_too_few"), (-5, "minutes_too_few"), (1441, "day_too_long"), (10**15, "day_too_long")],
)
def test_a_length_that_no_day_has_leaves_the_end(carol, minutes, code):
    entry = from_nine(carol)
    assert code_of(time_entries.edit, carol, entry.pk, minutes=minutes) == code
    assert TimeEntry.objects.get().ended_at == entry.ended_at


def test_another_day_takes_the_clock_times_along(carol):
    entry = from_nine(carol, break_minutes=10)
    winter = dt.date(2026, 3, 2)
    entry = time_entries.edit(carol, entry.pk, date=winter)
    told = [f"{at.astimezone(carol.zone):%d %b %H:%M}" for at in (entry.started_at, entry.ended_at)]
    assert (entry.date, told) == (winter, ["02 Mar 09:00", "02 Mar 11:00"])
    back = entry_undo.undo_edit(carol, entry.pk, version=entry.version)
    assert (back.date, f"{back.started_at.astimezone(carol.zone):%d %b %H:%M}") == (MONDAY, "15 Jun 09:00")
    assert code_of(time_entries.edit, carol, entry.pk, date=MONDAY + dt.timedelta(days=10)) == "date_in_future"


def test_another_day_leaves_the_times_that_are_named(carol):
    entry = from_nine(carol)
    start, end = entry.started_at, entry.ended_at
    entry = time_entries.edit(carol, entry.pk, date=MONDAY + dt.timedelta(days=1), started_at=start, ended_at=end)
    assert (entry.started_at, entry.ended_at) == (start, end)
    back = entry_undo.undo_edit(carol, entry.pk, version=entry.version)
    assert (back.date, back.started_at, back.ended_at) == (MONDAY, start, end)
