"""Who decides: whatever the policy and the people, nothing waits for ever and nobody decides alone what needs two."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from timetracking.rules import routing
from timetracking.rules.routing import ANY, LINE, PROJECT, Line

STAGES = [(ANY,), (LINE,), (PROJECT,), (ANY, LINE), (ANY, PROJECT), (LINE, PROJECT), (PROJECT, LINE), (LINE, ANY)]
people = st.integers(1, 6)
lines = st.builds(Line, member=people, line_manager=st.none() | people, project_manager=st.none() | people)
teams = st.frozensets(people, min_size=1)


@pytest.mark.parametrize(
    ("stages", "line", "who"),
    [
        ((ANY,), Line(5), {1, 2, 3}),
        ((LINE,), Line(5, line_manager=2), {2}),
        ((LINE,), Line(5, line_manager=9), {1, 2, 3}),  # not an active manager
        ((LINE,), Line(2, line_manager=2), {1, 3}),
        ((PROJECT,), Line(5, line_manager=2, project_manager=3), {3}),
        ((PROJECT,), Line(3, line_manager=2, project_manager=3), {2}),  # never one's own
        ((PROJECT,), Line(5), {1, 2, 3}),
    ],
)
def test_who_may_decide(stages, line, who):
    approvers = frozenset({1, 2, 3})
    may = {a for a in approvers if routing.answer(stages, line, approvers=approvers, actor=a).may_decide}
    assert may == who


@given(stages=st.sampled_from(STAGES), line=lines, approvers=teams)
def test_nothing_waits_for_ever(stages, line, approvers):
    """From any start, the people whom the answers name can bring a line to its approval, in at most two steps."""
    first = None
    for _step in range(2):
        answers = {a: routing.answer(stages, line, approvers=approvers, actor=a, first=first) for a in approvers}
        able = [a for a, answer in answers.items() if answer.may_decide]
        assert able
        done = [a for a in able if answers[a].outcome == routing.APPROVED]
        if done:
            return
        first = (able[0], answers[able[0]].acting_as)
    pytest.fail("two approvals were not enough")


@given(stages=st.sampled_from(STAGES), line=lines, approvers=teams, actor=people, stood=st.frozensets(people))
def test_nobody_decides_on_their_own_time_while_another_could(stages, line, approvers, actor, stood):
    answer = routing.answer(stages, line, approvers=approvers, actor=actor, stands_in_for=stood)
    if actor == line.member and approvers - {actor}:
        assert answer.outcome == routing.OWN


@given(
    stages=st.sampled_from([s for s in STAGES if len(s) == 2]),
    line=lines,
    approvers=teams,
    actor=people,
    stood=st.frozensets(people),
)
def test_two_approvals_are_of_two_people_unless_only_one_could(stages, line, approvers, actor, stood):
    alone = routing.answer(stages, line, approvers=approvers, actor=actor, stands_in_for=stood)
    others = approvers - {line.member} or approvers
    fit = [routing.deciders(stage, line, approvers) for stage in stages]
    if alone.outcome == routing.APPROVED:
        assert len(fit[0] | fit[1]) == 1
    if alone.outcome == routing.FIRST:
        assert alone.acting_as in others
        again = routing.answer(
            stages, line, approvers=approvers, actor=actor, stands_in_for=stood, first=(actor, alone.acting_as)
        )
        assert again.outcome == routing.WAITS and actor not in again.waits_for
