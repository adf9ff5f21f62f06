"""What typing into a cell asks for: every sum that is asked for comes out, and nothing is deleted that nobody chose."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.timetracking.rules.test_documents import rows
from timesheets_site.lib.errors import RuleViolation
from timetracking.rules import grid_cells
from timetracking.rules.grid_cells import Do, Seen

SEEN = st.lists(st.builds(Seen, st.integers(1, 10**12), st.integers(1, 999), st.integers(1, 1500)), max_size=5)
IDS = st.lists(st.none() | st.integers(1, 10**15), min_size=5, max_size=5)


@given(SEEN, st.none() | st.integers(1, 1440))
def test_a_plan_leads_to_the_sum_or_asks(seen, wanted):
    there = sum(entry.minutes for entry in seen)
    plan = grid_cells.plan(seen, wanted)
    after = {
        Do.NOTHING: there,
        Do.LOG: there + plan.minutes,
        Do.CHANGE: plan.minutes,
        Do.DELETE: 0,
        Do.CHOOSE: None,
    }[plan.do]
    assert after in (None, wanted or 0)
    assert plan.do != Do.CHANGE or len(seen) == 1
    assert plan.do != Do.DELETE or (len(seen) == 1 and wanted is None)
    assert (plan.do == Do.CHOOSE) == (len(seen) > 1 and (wanted or 0) < there)


@given(SEEN)
def test_what_was_seen_is_read_as_it_was_written(seen):
    assert grid_cells.read(grid_cells.written(seen)) == tuple(seen)


@given(IDS)
def test_a_row_is_read_as_it_was_written(ids):
    named = {name: pk for name, pk in zip(grid_cells.NAMES, ids, strict=True) if pk}
    assert grid_cells.read_row(grid_cells.row_name(ids)) == named


@pytest.mark.parametrize(
    "text", ["1", "1.2", "1.2.x", "-1.2.3", "1.2.3;4.5.6", "1.2.3 " * 101, "٣.1.2", "1" * 19 + ".1.1"]
)
def test_no_other_text_is_what_was_seen(text):
    with pytest.raises(RuleViolation) as refusal:
        grid_cells.read(text)
    assert refusal.value.code == "cell_unreadable"


@pytest.mark.parametrize("name", ["", "ticket", "ticket:", "ticket:x", "client:1", "ticket:1,ticket:2", "ticket:1,"])
def test_no_other_text_is_a_row(name):
    with pytest.raises(RuleViolation) as refusal:
        grid_cells.read_row(name)
    assert refusal.value.code == "cell_unreadable"


@pytest.mark.parametrize("row", rows("grid.md", "plan"))
def test_the_document_says_what_the_rule_does(row):
    there, wanted, does, minutes = row
    seen = [Seen(number, 1, int(part)) for number, part in enumerate(there.split(), 1)]
    plan = grid_cells.plan(seen, int(wanted) if wanted else None)
    assert (plan.do.value, plan.minutes) == (does, int(minutes or 0))
