"""An agreement's included hours: used up month by month, in order of work date."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Claim:
    """Billed minutes of one billable entry. `fixed` keeps the `covered` minutes it has: it is billed, or closed."""

    entry_id: int
    date: dt.date
    billed_minutes: int
    covered: int = 0
    fixed: bool = False


@dataclass(frozen=True)
class Share:
    """What one entry has of the `included` minutes of its month.

    Those `used_before` it are earlier ones, and what was billed already.
    """

    month: dt.date
    included: int
    used_before: int
    covered: int


def month_of(day: dt.date) -> tuple[dt.date, dt.date]:
    """First day of the day's month, and first day of the next.

    >>> month_of(dt.date(2026, 12, 31))
    (datetime.date(2026, 12, 1), datetime.date(2027, 1, 1))
    """
    first = day.replace(day=1)
    return first, (first + dt.timedelta(days=32)).replace(day=1)


def spread(included: int, claims: Iterable[Claim]) -> dict[int, int]:
    """Covered minutes by entry, of all claims of one agreement and month.

    What is fixed keeps its share; the rest is used up by work date, then in the order of logging.

    >>> day = dt.date(2026, 6, 1)
    >>> spread(100, [Claim(2, day, 60), Claim(1, day, 60), Claim(3, day.replace(day=2), 30)])
    {1: 60, 2: 40, 3: 0}
    >>> spread(100, [Claim(1, day, 60), Claim(2, day.replace(day=2), 60, covered=60, fixed=True)])
    {2: 60, 1: 40}
    """
    ordered = sorted(claims, key=lambda claim: (not claim.fixed, claim.date, claim.entry_id))
    left, covered = included, {}
    for claim in ordered:
        share = claim.covered if claim.fixed else max(min(claim.billed_minutes, left), 0)
        covered[claim.entry_id] = share
        left -= share
    return covered
