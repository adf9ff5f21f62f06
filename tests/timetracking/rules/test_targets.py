"""What is expected on a day: a week's hours split, dated changes, holidays, days off; and sums against single days."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.working_time import Free, Schedule, WorkingTime
from timetracking.rules import targets
from timetracking.rules.targets import DAY, DAY_OFF, HALF, HOLIDAY, NOT_HERE, PLAIN, WEEKDAY, DayTarget, Targets

MONDAY = dt.date(2026, 12, 21)
EVER = dt.date.min
FULL = Schedule(EVER, 2250, 0b0011111)
CHRISTMAS, BOXING_DAY = dt.date(2026, 12, 25), dt.date(2026, 12, 26)  # a Friday and a Saturday
HOLIDAYS = {CHRISTMAS: "Christmas Day", BOXING_DAY: "Boxing Day"}


def of(*schedules, **known):
    return Targets(WorkingTime(schedules or (FULL,), **known))


def off(first, last=None, part="whole", name="Leave"):
    return Free(first, last or first, part, name)


# --- Splitting --------------------------------------------------------------------------------------------------------


@given(st.integers(0, 10_080), st.integers(1, 127))
def test_a_plain_week_sums_to_the_weekly_hours_whatever_its_first_weekday(minutes, weekdays):
    own = of(Schedule(EVER, minutes, weekdays))
    for n in range(7):
        assert own.between(MONDAY + n * DAY, MONDAY + (n + 6) * DAY) == minutes
    shares = [share for share in targets.split(minutes, weekdays) if share]
    assert not shares or max(shares) - min(shares) <= 1


def test_the_minutes_that_are_left_over_fall_on_the_first_days():
    assert targets.split(1003, 0b0101101) == (251, 0, 251, 251, 0, 250, 0)


def test_who_works_on_no_weekday_is_expected_on_none():
    own = of(Schedule(EVER, 600, 0))
    assert own.on(MONDAY) == DayTarget(0, WEEKDAY) and own.between(MONDAY, MONDAY + 30 * DAY) == 0


def test_who_has_no_hours_has_no_days_off_for_that():
    assert of(Schedule(EVER, 0, 0b0011111)).on(MONDAY) == DayTarget(0, PLAIN)


# --- A single day -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("known", "day", "expected"),
    [
        ({}, MONDAY, DayTarget(450)),
        ({}, BOXING_DAY, DayTarget(0, WEEKDAY)),
        ({"holidays": HOLIDAYS}, CHRISTMAS, DayTarget(0, HOLIDAY, "Christmas Day")),
        ({"holidays": HOLIDAYS}, BOXING_DAY, DayTarget(0, HOLIDAY, "Boxing Day")),  # on a Saturday: it names itself
        ({"free": (off(MONDAY),)}, MONDAY, DayTarget(0, DAY_OFF, "Leave")),
        ({"free": (off(MONDAY - DAY, MONDAY + DAY),)}, MONDAY, DayTarget(0, DAY_OFF, "Leave")),
        ({"free": (off(MONDAY, part="half"),)}, MONDAY, DayTarget(225, HALF, "Leave")),
        ({"free": (off(BOXING_DAY, part="half"),)}, BOXING_DAY, DayTarget(0, WEEKDAY)),
        (
            {"free": (off(MONDAY, part="half"), off(MONDAY, part="half", name="B"))},
            MONDAY,
            DayTarget(225, HALF, "Leave"),
        ),
        ({"free": (off(MONDAY, part="half"), off(MONDAY, name="B"))}, MONDAY, DayTarget(0, DAY_OFF, "B")),
        ({"free": (off(MONDAY), off(MONDAY, part="half", name="B"))}, MONDAY, DayTarget(0, DAY_OFF, "Leave")),
        ({"free": (off(CHRISTMAS),), "holidays": HOLIDAYS}, CHRISTMAS, DayTarget(0, HOLIDAY, "Christmas Day")),
        ({"free": (off(CHRISTMAS, part="worked"),), "holidays": HOLIDAYS}, CHRISTMAS, DayTarget(450)),
        ({"free": (off(BOXING_DAY, part="worked"),), "holidays": HOLIDAYS}, BOXING_DAY, DayTarget(0, WEEKDAY)),
        ({"free": (off(MONDAY, part="worked"),)}, MONDAY, DayTarget(450)),
        (  # worked says nothing of days off
            {"free": (off(CHRISTMAS, part="worked"), off(CHRISTMAS)), "holidays": HOLIDAYS},
            CHRISTMAS,
            DayTarget(0, DAY_OFF, "Leave"),
        ),
        (
            {"free": (off(CHRISTMAS, part="worked"), off(CHRISTMAS, part="half")), "holidays": HOLIDAYS},
            CHRISTMAS,
            DayTarget(225, HALF, "Leave"),
        ),
        ({"joined_on": MONDAY + DAY}, MONDAY, DayTarget(0, NOT_HERE)),
        ({"joined_on": MONDAY}, MONDAY, DayTarget(450)),
        ({"joined_on": BOXING_DAY, "holidays": HOLIDAYS}, CHRISTMAS, DayTarget(0, NOT_HERE)),
    ],
)
def test_a_day(known, day, expected):
    assert of(**known).on(day) == expected
    assert of(**known).on(day).is_off is (expected.reason in (WEEKDAY, HOLIDAY, DAY_OFF))


def test_half_of_odd_minutes_is_rounded_up():
    own = of(Schedule(EVER, 2255, 0b0011111), free=(off(MONDAY, part="half"),))
    assert own.on(MONDAY).minutes == 226  # of 451


def test_hours_that_change_in_the_middle_of_a_week():
    wednesday = MONDAY + 2 * DAY
    own = of(FULL, Schedule(wednesday, 1200, 0b0010101))  # Mondays, Wednesdays and Fridays
    assert [own.on(MONDAY + n * DAY).minutes for n in range(7)] == [450, 450, 400, 0, 400, 0, 0]
    assert own.between(MONDAY, MONDAY + 6 * DAY) == 1700
    assert own.schedule_on(wednesday - DAY) == FULL and own.schedule_on(wednesday).weekly_minutes == 1200


# --- Sums -------------------------------------------------------------------------------------------------------------

days = st.integers(-40, 80).map(lambda n: MONDAY + n * DAY)
schedules = st.lists(
    st.builds(Schedule, days, st.integers(0, 3000), st.integers(0, 127)), max_size=3, unique_by=lambda s: s.starts_on
).map(lambda rows: (FULL, *sorted(rows, key=lambda row: row.starts_on)))
free = st.lists(
    st.builds(
        lambda first, length, part: Free(first, first + length * DAY, part, part),
        days, st.integers(0, 9), st.sampled_from(["whole", "half", "worked"]),
    ),
    max_size=5,
).map(tuple)  # fmt: skip
known_times = st.builds(
    WorkingTime, schedules, st.one_of(st.just(EVER), days), free, st.dictionaries(days, st.text(max_size=3), max_size=6)
)


@given(known_times, days, st.integers(-2, 60))
def test_a_sum_is_that_of_its_days(known, first, length):
    own, last = Targets(known), first + length * DAY
    single = [own.on(first + n * DAY).minutes for n in range(length + 1)]
    assert own.between(first, last) == sum(single) >= 0
    assert list(own.by_day(first, last).values()) == single


@given(known_times, days, st.dictionaries(days, st.integers(1, 1440), max_size=6))
def test_time_off_takes_away_at_most_what_was_expected_on_its_day(known, first, off_by_day):
    own, last = Targets(known), first + 13 * DAY
    left = [max(minutes - off_by_day.get(day, 0), 0) for day, minutes in own.by_day(first, last).items()]
    assert own.less(first, last, off_by_day) == sum(left)


@given(known_times, days, st.dictionaries(days, st.integers(1, 1440), max_size=6))
def test_time_off_alone_never_reaches_beyond_the_target(known, first, off_by_day):
    expected = Targets(known).by_day(first, first + 13 * DAY)
    logged = {day: minutes for day, minutes in off_by_day.items() if day in expected}
    assert 0 <= sum(logged.values()) - targets.idle(logged, expected) <= sum(expected.values())
