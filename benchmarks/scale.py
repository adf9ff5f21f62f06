"""How much there is in a measured database, and where in it a week, an entry or a step of a week stands."""

from __future__ import annotations

import datetime as dt

AGENTS, DAYS, A_DAY = 50, 5, 7
A_WEEK = AGENTS * DAYS * A_DAY
MONDAY = dt.date(2026, 11, 9)
MANAGER, ADMIN = 2, 3
"""Agents of these numbers decide on weeks."""


def weeks_of(size: int) -> int:
    """How many weeks `size` entries take; the oldest holds what is left over."""
    return -(-size // A_WEEK)


def monday_of(week: int, weeks: int) -> dt.date:
    """Weeks count from the oldest; the last is the measured one."""
    return MONDAY - dt.timedelta(weeks=weeks - 1 - week)


def sheet_number(week: int, agent: int) -> int:
    """The id of an agent's sheet."""
    return week * AGENTS + agent


def entry_numbers(size: int, week: int, agent: int) -> list[int]:
    """The ids of an agent's entries of a week: they are counted day by day, agent by agent."""
    skipped = weeks_of(size) * A_WEEK - size
    first = week * A_WEEK - skipped + (agent - 1) * A_DAY + 1
    numbers = (first + day * AGENTS * A_DAY + place for day in range(DAYS) for place in range(A_DAY))
    return [number for number in numbers if number > 0]
