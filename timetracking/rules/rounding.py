"""Billed minutes: worked minutes rounded by a billing increment. What was worked is never rounded."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from timetracking.models.billing import Rounding

LARGEST_STEP = 480


class Level(StrEnum):
    """Whose increment it is."""

    AGREEMENT = "agreement"
    CLIENT = "client"
    ORGANISATION = "organisation"


@dataclass(frozen=True)
class Increment:
    """Steps of `step` minutes, rounded up or to the nearest (half up), and at least `minimum`."""

    step: int
    rounding: str = Rounding.UP.value
    minimum: int = 0
    level: str = Level.ORGANISATION.value

    def __str__(self) -> str:
        """As it is stored with an entry.

        >>> str(Increment(15, "up", 30, "client"))
        'client:15:up:30'
        """
        return f"{self.level}:{self.step}:{self.rounding}:{self.minimum}"


def parse(stored: str) -> Increment | None:
    """The increment that an entry was rounded by; None for an entry that was not.

    >>> parse("client:15:up:30"), parse("")
    (Increment(step=15, rounding='up', minimum=30, level='client'), None)
    """
    if not stored:
        return None
    level, step, rounding, minimum = stored.split(":")
    return Increment(int(step), rounding, int(minimum), level)


def first_set(levels: Iterable[tuple[str, int | None, str, int]]) -> Increment:
    """The increment of the first level that has one, with its own rounding and minimum: they go together.

    Each level is (name, step or None, rounding, minimum).

    >>> first_set([("agreement", None, "up", 0), ("client", 6, "nearest", 0), ("organisation", 15, "up", 15)])
    Increment(step=6, rounding='nearest', minimum=0, level='client')
    """
    for level, step, rounding, minimum in levels:
        if step is not None:
            return Increment(step, rounding, minimum, level)
    return Increment(1)


def billed(minutes: int, by: Increment) -> int:
    """What is charged for worked minutes.

    >>> billed(52, Increment(15)), billed(60, Increment(15)), billed(1, Increment(15, minimum=30))
    (60, 60, 30)
    >>> billed(52, Increment(15, "nearest")), billed(53, Increment(15, "nearest")), billed(4, Increment(10, "nearest"))
    (45, 60, 0)
    >>> billed(50, Increment(20, "nearest")), billed(1500, Increment(480))
    (60, 1920)
    """
    if by.rounding == Rounding.NEAREST:
        rounded = (2 * minutes + by.step) // (2 * by.step) * by.step
    else:
        rounded = -(-minutes // by.step) * by.step
    return max(rounded, by.minimum)


def billed_by(minutes: int, step: int, rounding: str, minimum: int) -> int:
    """`billed`, by an increment's parts.

    >>> billed_by(52, 15, "up", 0)
    60
    """
    return billed(minutes, Increment(step, rounding, minimum))
