"""What the worker does at intervals, besides sending mails. Apps add their jobs when they start."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Job:
    """`run` may be at work in several workers at once, and may be run sooner than `every` (at each start).

    What `takes_long` gets a question, whether the worker is told to end, and then leaves the rest for another time.
    """

    name: str
    every: dt.timedelta
    run: Callable[..., object]
    takes_long: bool = False


JOBS: list[Job] = []
