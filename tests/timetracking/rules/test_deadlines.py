"""Deadlines over clock changes: always at the member's own clock, never lost, never twice in one week."""

import datetime as dt
import zoneinfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from timetracking.rules import deadlines

ZONES = ("UTC", "Europe/London", "America/New_York", "Asia/Kathmandu", "Australia/Lord_Howe", "Pacific/Apia")
MONDAY = dt.date(2026, 6, 15)


@pytest.mark.parametrize(
    ("zone", "day", "time", "due"),
    [
        ("Europe/London", 1, dt.time(10), "2026-06-22T09:00:00+00:00"),
        ("Asia/Tokyo", 1, dt.time(10), "2026-06-22T01:00:00+00:00"),
        ("Europe/London", 0, dt.time(0), "2026-06-20T23:00:00+00:00"),
        ("Europe/London", 28, dt.time(23, 59), "2026-07-19T22:59:00+00:00"),
    ],
)
def test_days_count_from_the_last_day_of_the_week(zone, day, time, due):
    assert deadlines.due_at(MONDAY, days=day, time=time, zone=zoneinfo.ZoneInfo(zone)).isoformat() == due


@given(
    week=st.dates(dt.date(2020, 1, 1), dt.date(2035, 12, 31)),
    zone=st.sampled_from(ZONES),
    days=st.integers(0, 28),
    time=st.times(),
)
def test_at_that_time_there_or_just_after_a_gap(week, zone, days, time):
    there = zoneinfo.ZoneInfo(zone)
    due = deadlines.due_at(week, days=days, time=time, zone=there)
    local = due.astimezone(there).replace(tzinfo=None)
    wanted = dt.datetime.combine(week + dt.timedelta(days=6 + days), time)
    assert due.utcoffset() == dt.timedelta(0)
    assert dt.timedelta(0) <= local - wanted <= dt.timedelta(hours=1)


@given(
    hours=st.integers(0, 16 * 366 * 24),
    zone=st.sampled_from(ZONES),
    first_weekday=st.integers(0, 6),
    days=st.integers(0, 28),
    time=st.times(),
)
def test_the_last_due_week_is_due_and_the_next_is_not(hours, zone, first_weekday, days, time):
    now = dt.datetime(2020, 1, 1, tzinfo=dt.UTC) + dt.timedelta(hours=hours)
    policy = {"days": days, "time": time, "zone": zoneinfo.ZoneInfo(zone)}
    week, due = deadlines.last_due_week(now, first_weekday=first_weekday, **policy)
    assert week.weekday() == first_weekday
    assert due == deadlines.due_at(week, **policy)
    assert due <= now < deadlines.due_at(week + deadlines.WEEK, **policy)
