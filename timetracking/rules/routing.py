"""Who decides on a line: any manager, the line manager, the project's manager, or two of these.

People are ids of memberships here. Whoever approves is an active manager or admin; a policy that names nobody fit (no
line manager, general time under a project's manager) falls back, so that nothing waits for ever.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from accounts.models import Organisation

ANY, LINE, PROJECT = "any", "line", "project"
APPROVED, FIRST, WAITS, NOT_YOURS, OWN = "approved", "first", "waits", "not_yours", "own"


@dataclass(frozen=True, slots=True)
class Line:
    """What routing asks of an entry: whose it is, who leads that member, who leads the project."""

    member: int
    line_manager: int | None = None
    project_manager: int | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """What an approval of a line by somebody comes to.

    `outcome`: APPROVED; FIRST (of two approvals); WAITS (they gave theirs, or it does not help); NOT_YOURS; OWN.
    `acting_as` is the person in whose place it was given, `waits_for` who can still decide.
    """

    outcome: str
    acting_as: int | None = None
    waits_for: frozenset[int] = frozenset()

    @property
    def may_decide(self) -> bool:
        return self.outcome in (APPROVED, FIRST)


def stages_of(organisation: Organisation) -> tuple[str, ...]:
    """The approvals that a line needs in this organisation: one, or two."""
    return tuple(stage for stage in (organisation.approval_first, organisation.approval_second) if stage)


def deciders(stage: str, line: Line, approvers: frozenset[int]) -> frozenset[int]:
    """Who may give one approval of a line. `approvers` are the organisation's active managers and admins.

    >>> sorted(deciders(ANY, Line(member=3), frozenset({1, 2, 3})))
    [1, 2]
    >>> sorted(deciders(LINE, Line(member=3, line_manager=2), frozenset({1, 2})))
    [2]
    >>> sorted(deciders(PROJECT, Line(member=3, line_manager=2), frozenset({1, 2})))
    [2]
    >>> sorted(deciders(LINE, Line(member=3), frozenset({1, 2})))
    [1, 2]
    >>> sorted(deciders(ANY, Line(member=1), frozenset({1})))
    [1]
    """
    others = approvers - {line.member} or approvers
    if stage == PROJECT and line.project_manager in others:
        return frozenset({line.project_manager})
    if stage in (PROJECT, LINE) and line.line_manager in others:
        return frozenset({line.line_manager})
    return others


def addressed(stages: Iterable[str], lines: Iterable[Line], approvers: frozenset[int]) -> frozenset[int]:
    """To whom a submitted week goes: whom the policy names. Where any manager may decide, that is the line manager, or
    everybody who may decide if there is none.

    >>> sorted(addressed((ANY,), [Line(member=3, line_manager=2)], frozenset({1, 2})))
    [2]
    >>> sorted(addressed((ANY,), [Line(member=3)], frozenset({1, 2, 3})))
    [1, 2]
    >>> sorted(addressed((LINE, PROJECT), [Line(3, line_manager=2, project_manager=1)], frozenset({1, 2, 9})))
    [1, 2]
    """
    different = set(lines)
    return frozenset().union(
        *(deciders(LINE if stage == ANY else stage, line, approvers) for stage in stages for line in different)
    )


def answer(
    stages: Sequence[str],
    line: Line,
    *,
    approvers: frozenset[int],
    actor: int,
    stands_in_for: frozenset[int] = frozenset(),
    first: tuple[int, int] | None = None,
) -> Answer:
    """What it comes to when `actor` approves a line now.

    `stages` are one or two of the policy's words. `first` is the first of two approvals, if there is one: who gave it,
    and in whose place. One person gives one of two approvals, unless nobody else could give the other.

    >>> both = {"approvers": frozenset({1, 2, 9}), "stages": (LINE, PROJECT)}
    >>> line = Line(member=5, line_manager=1, project_manager=2)
    >>> answer(line=line, actor=1, **both).outcome, answer(line=line, actor=2, first=(1, 1), **both).outcome
    ('first', 'approved')
    >>> answer(line=line, actor=9, **both).outcome, answer(line=line, actor=1, first=(1, 1), **both).outcome
    ('not_yours', 'waits')
    >>> answer(line=line, actor=9, stands_in_for=frozenset({2}), first=(1, 1), **both)
    Answer(outcome='approved', acting_as=2, waits_for=frozenset())
    >>> answer(line=Line(member=5, line_manager=1, project_manager=1), actor=1, **both).outcome
    'approved'
    >>> answer((LINE,), Line(1), approvers=frozenset({1}), actor=1, stands_in_for=frozenset({2})).outcome
    'approved'
    """
    if line.member == actor and approvers - {actor}:
        return Answer(OWN, waits_for=_all(stages, line, approvers))
    fit = [deciders(stage, line, approvers) for stage in stages]
    everybody = frozenset().union(*fit)
    acting = ((frozenset({actor}) | stands_in_for) & approvers) - {line.member} or frozenset({actor})
    mine = [group & acting for group in fit]
    if not any(mine):
        return Answer(NOT_YOURS, waits_for=everybody)
    if len(fit) == 1 or len(everybody) == 1:
        return Answer(APPROVED, _as(actor, mine[0] or mine[-1]))
    if first is None or first[1] not in everybody:
        narrow, wide = sorted((0, 1), key=lambda n: len(fit[n]))
        own = mine[narrow] or mine[wide]
        return Answer(FIRST, _as(actor, own), everybody - own)
    by, acting_as = first
    for given, missing in ((0, 1), (1, 0)):
        if by != actor and acting_as in fit[given] and mine[missing]:
            return Answer(APPROVED, _as(actor, mine[missing]))
    completing = frozenset().union(*(fit[1 - n] for n in (0, 1) if acting_as in fit[n])) - {by, acting_as}
    return Answer(WAITS, waits_for=completing or everybody - {actor})


def _all(stages: Sequence[str], line: Line, approvers: frozenset[int]) -> frozenset[int]:
    return frozenset().union(*(deciders(stage, line, approvers) for stage in stages))


def _as(actor: int, group: frozenset[int]) -> int:
    return actor if actor in group else min(group)
