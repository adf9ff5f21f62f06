"""The pieces of a timer: they add up, touch each other, and each lies on its own local day."""

import datetime as dt
import itertools
import zoneinfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from timetracking.rules import timer_pieces, weeks
from timetracking.rules.timer_pieces import MINUTE, pieces, whole_minute

ZONES = ("Europe/London", "America/New_York", "Australia/Lord_Howe", "Asia/Beirut", "America/St_Johns", "Pacific/Apia")
FIRST = dt.datetime(2020, 1, 1, tzinfo=dt.UTC)
instants = st.timedeltas(dt.timedelta(), dt.timedelta(days=3650)).map(lambda length: FIRST + length)
zones = st.sampled_from(ZONES).map(zoneinfo.ZoneInfo)
lengths = st.timedeltas(dt.timedelta(), dt.timedelta(days=4))


@given(instants, lengths, zones)
def test_the_pieces_add_up_to_the_rounded_time(start, length, zone):
    begins, stopped = whole_minute(start), start + length
    found = pieces(begins, stopped, zone)
    total = sum(piece.minutes for piece in found)
    assert total == max((whole_minute(stopped) - begins) // MINUTE, 1)
    assert abs(total * MINUTE - length) <= MINUTE


@given(instants, lengths, zones)
def test_they_touch_and_lie_each_on_one_local_day(start, length, zone):
    found = pieces(whole_minute(start), start + length, zone)
    for piece in found:
        assert 1 <= piece.minutes <= weeks.minutes_in_day(piece.date, zone)
        assert piece.started_at.astimezone(zone).date() == piece.date
        assert (piece.ended_at - dt.timedelta(seconds=1)).astimezone(zone).date() == piece.date
    assert all(one.ended_at == next_one.started_at for one, next_one in itertools.pairwise(found))
    assert len({piece.date for piece in found}) == len(found)


@given(instants, st.lists(st.timedeltas(dt.timedelta(), dt.timedelta(hours=3)), min_size=1, max_size=40), zones)
def test_timers_that_follow_each_other_share_no_minute_and_lose_none(start, lengths, zone):
    """However short: what the minimum of one minute adds is at most a minute for each timer."""
    at, until, spans, total = start, None, [], 0
    for length in lengths:
        begins = timer_pieces.counts_from(at, until)
        at += length
        found = pieces(begins, at, zone)
        until = found[-1].ended_at
        spans += [(piece.started_at, piece.ended_at) for piece in found]
        total += sum(piece.minutes for piece in found)
    assert all(one[1] <= other[0] for one, other in itertools.pairwise(spans))
    elapsed = (at - start) / MINUTE
    assert elapsed - 1 <= total <= elapsed + len(lengths) + 1


@pytest.mark.parametrize(
    ("zone", "day", "hours"),
    [("Europe/Paris", dt.date(2026, 3, 29), 23), ("Europe/Paris", dt.date(2026, 10, 25), 25)],
)
def test_a_whole_day_is_as_long_as_its_clocks_make_it(zone, day, hours):
    where = zoneinfo.ZoneInfo(zone)
    first = dt.datetime.combine(day, dt.time(), where).astimezone(dt.UTC)
    last = dt.datetime.combine(day + dt.timedelta(days=1), dt.time(), where).astimezone(dt.UTC)
    assert [(piece.date, piece.minutes) for piece in pieces(first, last, where)] == [(day, hours * 60)]


def test_a_day_that_begins_at_one_in_the_morning():
    """In Beirut clocks go forward at midnight: the day has no 00:00."""
    beirut = zoneinfo.ZoneInfo("Asia/Beirut")
    start = dt.datetime(2026, 3, 28, 21, 30, tzinfo=dt.UTC)  # 23:30
    found = pieces(start, start + dt.timedelta(hours=1), beirut)
    assert [(str(piece.date), piece.minutes) for piece in found] == [("2026-03-28", 30), ("2026-03-29", 30)]
