"""Whatever JSON is sent for a line is read, or refused with its place; nothing else happens."""

from __future__ import annotations

import contextlib
import datetime as dt

from hypothesis import given, settings
from hypothesis import strategies as st

from timetracking.api.intacct import line_bodies
from timetracking.api.intacct.bodies import Ref, Sent
from timetracking.api.refusals import BadRequest

SCALARS = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False), st.text(max_size=8))
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(st.sampled_from(["key", "id", "name", "amount", "project", "nsp::a", "x"]), inner, max_size=3),
    ),
    max_leaves=6,
)
LINES = st.dictionaries(st.sampled_from([*sorted(line_bodies.KNOWN), "nsp::b", "colour"]), VALUES, max_size=5)


@settings(max_examples=150, deadline=None)
@given(LINES)
def test_a_line_is_read_or_refused_with_its_place(value):
    line, place = None, "lines.0"
    try:
        line = line_bodies.read(value, "lines.0")
        line_bodies.check_new(line)
    except BadRequest as refusal:
        place = refusal.field
    assert place.startswith("lines.0")
    if line is None:
        return
    for read in (line.sent.day, line.sent.minutes, line.sent.flag, line.sent.ref, line.sent.text):
        for name in value:
            with contextlib.suppress(BadRequest):
                read(name)


def test_what_a_reference_names():
    sent = Sent({"a": {}, "b": None, "c": {"key": None}, "d": {"key": 7}, "e": {"name": "x"}}, "", "abcde")
    assert [sent.ref(name) for name in "abcde"] == [
        Ref(at="a"), None, None, Ref("7", "", "d"), Ref(at="e"),
    ]  # fmt: skip


def test_hours_and_days():
    sent = Sent({"a": "7.5", "b": 0.33, "c": "2026-03-02"}, "", "abc")
    assert (sent.minutes("a"), sent.minutes("b"), sent.day("c")) == (450, 20, dt.date(2026, 3, 2))
