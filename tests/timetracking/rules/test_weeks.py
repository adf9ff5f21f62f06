"""Weeks and days, for every zone and every change of its clocks from 2020 to 2035."""

import datetime as dt
import zoneinfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from timesheets_site.lib.errors import RuleViolation
from timetracking.rules import local_time, weeks

DAYS = st.dates(dt.date(2000, 1, 1), dt.date(2100, 12, 31))
WEEKDAYS = st.integers(0, 6)


@given(DAYS, WEEKDAYS)
def test_a_week_holds_its_day_and_begins_on_its_weekday(day, first_weekday):
    first = weeks.week_containing(day, first_weekday=first_weekday)
    assert first.weekday() == first_weekday
    assert first <= day < first + dt.timedelta(days=7)
    assert all(
        weeks.week_containing(d, first_weekday=first_weekday) == first
        for d in weeks.days_of(first, first + 6 * weeks.DAY)
    )


@given(DAYS, WEEKDAYS)
def test_periods_count_up_by_one(day, first_weekday):
    first = weeks.week_containing(day, first_weekday=first_weekday)
    year, period = weeks.year_and_period(first)
    assert weeks.year_and_period(first + dt.timedelta(days=7)) in {(year, period + 1), (year + 1, 1)}
    if first_weekday == 0:
        assert (year, period) == tuple(day.isocalendar())[:2]


def changes_of(zone):
    """The days on which a zone's offset changes, 2020 to 2035."""
    instant = dt.datetime(2020, 1, 1, tzinfo=dt.UTC)
    offset = instant.astimezone(zone).utcoffset()
    while instant.year < 2036:
        later = instant + dt.timedelta(days=1)
        if (new := later.astimezone(zone).utcoffset()) != offset:
            yield instant.astimezone(zone).date()
            yield later.astimezone(zone).date()
            offset = new
        instant = later


@pytest.mark.parametrize("name", sorted(zoneinfo.available_timezones()))
def test_every_zones_days_are_as_long_as_their_hours(name):
    """The length of a day is the sum of its hours, walked in UTC; and every local time of it is told apart."""
    zone = zoneinfo.ZoneInfo(name)
    for day in set(changes_of(zone)):
        midnight = dt.datetime.combine(day, dt.time(), dt.UTC) - dt.timedelta(hours=16)
        minutes = sum(
            15 for n in range(58 * 4) if (midnight + n * dt.timedelta(minutes=15)).astimezone(zone).date() == day
        )
        length = weeks.minutes_in_day(day, zone)
        assert length == minutes, (day, length, minutes)
        readable = 0
        for quarter in range(96):
            clock = dt.time(quarter // 4, quarter % 4 * 15)
            try:
                instant = local_time.instant(day, clock, zone)
            except RuleViolation:
                continue
            readable += 1
            assert instant.astimezone(zone).replace(tzinfo=None) == dt.datetime.combine(day, clock)
        if length != 1440:
            assert readable < 96


def test_a_skipped_and_a_doubled_time_are_refused_in_words():
    london = zoneinfo.ZoneInfo("Europe/London")
    with pytest.raises(RuleViolation) as skipped:
        local_time.instant(dt.date(2026, 3, 29), dt.time(1, 30), london, field="start")
    assert (skipped.value.code, skipped.value.field) == ("time_skipped", "start")
    assert "from 01:00 to 02:00" in str(skipped.value)
    with pytest.raises(RuleViolation) as twice:
        local_time.instant(dt.date(2026, 10, 25), dt.time(1, 30), london)
    assert twice.value.code == "time_twice"
