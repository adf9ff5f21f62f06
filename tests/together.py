"""Calls that run at the same time, each in a thread with a database connection of its own."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from django.db import connection

from accounts.tenancy import organisation_scope


def together(organisation: Any, *calls: Callable[[], Any]) -> list[Any]:
    """The results of `calls`, or the exceptions that they raised, in order."""
    start = threading.Barrier(len(calls))

    def run(call: Callable[[], Any]) -> Any:
        try:
            with organisation_scope(organisation):
                start.wait(10)
                return call()
        except Exception as refusal:  # the test looks at it
            return refusal
        finally:
            connection.close()

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(run, calls))


class Meeting:
    """A place in the code where two threads wait for each other: both get there only if nothing keeps them apart.

    Where a lock keeps the second away, the first goes on alone after `patience` seconds.
    """

    def __init__(self, patience: float = 0.7) -> None:
        self.barrier = threading.Barrier(2)
        self.patience = patience

    def __call__(self) -> None:
        try:
            self.barrier.wait(self.patience)
        except threading.BrokenBarrierError:
            return  # alone, as it should be

    def after(self, function: Callable[..., Any]) -> Callable[..., Any]:
        """`function`, with the meeting behind it."""

        def then_meet(*args: Any, **kwargs: Any) -> Any:
            result = function(*args, **kwargs)
            self()
            return result

        return then_meet
