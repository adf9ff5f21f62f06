"""When somebody who forgot their timer may have stopped: what is proposed to them, earliest first."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from timetracking.rules.timer_pieces import whole_minute


class Why(StrEnum):
    TARGET = "target"
    """The day's target was reached then."""
    ENTRY = "entry"
    """What was written down by hand ended then."""
    LIMIT = "limit"
    """It had run for as long as the organisation thinks anybody works."""
    NOW = "now"


@dataclass(frozen=True, slots=True)
class Proposal:
    why: Why
    at: dt.datetime


def proposals(
    started_at: dt.datetime,
    now: dt.datetime,
    *,
    limit_minutes: int,
    left_of_target: int = 0,
    ended_entries: Sequence[dt.datetime] = (),
) -> list[Proposal]:
    """The ends that are worth a click: whole minutes after the start and not after `now`, each only once, and now.

    All instants are aware. `left_of_target` are the minutes that were missing from the target of the day on which it
    began, without this timer; `ended_entries` are the ends of the member's entries.

    >>> at = lambda hour, minute=0: dt.datetime(2026, 6, 17, hour, minute, tzinfo=dt.UTC)
    >>> said = lambda found: [(p.why.value, f"{p.at:%H:%M}") for p in found]
    >>> said(proposals(at(7), at(19), limit_minutes=600, left_of_target=450, ended_entries=[at(6), at(9, 30)]))
    [('entry', '09:30'), ('target', '14:30'), ('limit', '17:00'), ('now', '19:00')]
    >>> said(proposals(at(7), at(8), limit_minutes=600, left_of_target=450, ended_entries=[at(8)]))
    [('now', '08:00')]
    """
    start, latest = whole_minute(started_at), whole_minute(now)
    latest = latest if latest <= now else latest - dt.timedelta(minutes=1)
    found = [Proposal(Why.LIMIT, start + dt.timedelta(minutes=limit_minutes))]
    if left_of_target > 0:
        found.append(Proposal(Why.TARGET, start + dt.timedelta(minutes=left_of_target)))
    if last := max((end for end in ended_entries if end <= now), default=None):
        found.append(Proposal(Why.ENTRY, last))
    taken = {latest: Proposal(Why.NOW, latest)}
    for proposal in found:
        if started_at < proposal.at <= latest:
            taken.setdefault(proposal.at, proposal)
    return sorted(taken.values(), key=lambda proposal: proposal.at)
