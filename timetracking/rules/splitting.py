"""How the minutes and clock times of an entry are shared out between the two parts that it is split into."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

MINUTE = dt.timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Part:
    """One of the two. Instants are None where the entry had none."""

    minutes: int
    break_minutes: int = 0
    started_at: dt.datetime | None = None
    ended_at: dt.datetime | None = None


def parts(
    minutes: int,
    first: int,
    *,
    started_at: dt.datetime | None = None,
    ended_at: dt.datetime | None = None,
    break_minutes: int = 0,
) -> tuple[Part, Part]:
    """An entry of `minutes` in two: the first gets `first` of them (1 to `minutes` - 1), the other the rest.

    The parts follow each other: where the first ends the second begins. The break was somewhere in the longer part (the
    first, if they are alike). Only a start, or only an end, is kept likewise.

    >>> nine, noon = (dt.datetime(2026, 6, 15, hour, tzinfo=dt.UTC) for hour in (9, 12))
    >>> a, b = parts(150, 60, started_at=nine, ended_at=noon, break_minutes=30)
    >>> [(part.minutes, part.break_minutes, f"{part.started_at:%H:%M}-{part.ended_at:%H:%M}") for part in (a, b)]
    [(60, 0, '09:00-10:00'), (90, 30, '10:00-12:00')]
    >>> parts(30, 20)
    (Part(minutes=20, break_minutes=0, started_at=None, ended_at=None), Part(minutes=10, break_minutes=0, \
started_at=None, ended_at=None))
    """
    rest = minutes - first
    if first < 1 or rest < 1:
        raise ValueError("both parts need a minute")
    breaks = (break_minutes, 0) if first >= rest else (0, break_minutes)
    if started_at is not None:
        between = started_at + (first + breaks[0]) * MINUTE
    elif ended_at is not None:
        between = ended_at - (rest + breaks[1]) * MINUTE
    else:
        return Part(first, breaks[0]), Part(rest, breaks[1])
    has_end = ended_at is not None
    return (
        Part(first, breaks[0], started_at, between if has_end else None),
        Part(rest, breaks[1], between if started_at is not None else None, ended_at),
    )
