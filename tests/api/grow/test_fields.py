"""Whatever is sent as a field, it is read or it is none: nothing is raised, and nothing is out of its range."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from timesheets_site.lib.numbers import LARGEST_ID
from timetracking.api.grow import fields, words

ANYTHING = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(), st.lists(st.integers(), max_size=2),
    st.text("0123456789.-+eE ", max_size=60), st.dates().map(str), st.datetimes().map(str),
)  # fmt: skip


@given(ANYTHING)
def test_any_value_is_read_or_none(value):
    number, whole, day = fields.number(value), fields.whole_number(value), fields.day(value)
    assert number is None or (isinstance(number, Decimal) and 0 <= number < 10**6)
    assert whole is None or 0 <= whole <= LARGEST_ID
    assert day is None or isinstance(day, dt.date)


@given(st.integers(0, 10**6))
def test_what_is_readable_says_the_minutes(minutes):
    hours, _h, rest = words.readable(minutes * 60).rpartition("h")
    assert int(hours or 0) * 60 + int(rest.strip(" m") or 0) == minutes
