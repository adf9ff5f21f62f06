"""Locks that are on no row: who takes one alone waits for all who hold it, until their transactions end.

Only PostgreSQL needs them; on SQLite a transaction that writes is alone from its start. They never wait for row locks
that somebody else holds in another order, as a lock of a much-referred-to row (organisation, member) would.
"""

from __future__ import annotations

import time
from enum import IntEnum

from django.db import OperationalError, connection, transaction


class Place(IntEnum):
    """What is taken in turns; the numbers tell our locks from any others that the database knows."""

    LOCK_DATE = 0x4C4F434B
    CLOCK_TIMES = 0x4C4F434C
    INCLUDED_HOURS = 0x4C4F434D
    INVOICE_NUMBERS = 0x4C4F434E
    BUDGETS = 0x4C4F434F
    EXPORTS = 0x4C4F4350
    TIMERS = 0x4C4F4351
    REPETITION = 0x4C4F4352
    TRAIL = 0x4C4F4353


def share(place: Place, number: int) -> None:
    """Hold it together with others, until this transaction ends."""
    _wait("SELECT pg_advisory_xact_lock_shared(%s, %s)", place, number)


def alone(place: Place, number: int) -> None:
    """Hold it alone, until this transaction ends."""
    _wait("SELECT pg_advisory_xact_lock(%s, %s)", place, number)


def alone_soon(place: Place, number: int, *, tries: int = 20) -> None:
    """Hold it alone, but never keep others waiting in line behind us for more than a tenth of a second.

    They may hold rows that those wait for who share it: a patient wait could be one in a circle. Raises
    OperationalError when it could not be had. Runs in a transaction of its own, on PostgreSQL alone.
    """
    if connection.vendor != "postgresql":
        return
    for attempt in range(tries):
        try:
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute("SET LOCAL lock_timeout = '100ms'")
                cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [int(place), number % 2**31])
            return
        except OperationalError:
            if attempt == tries - 1:
                raise
            time.sleep(0.02)


def _wait(statement: str, place: Place, number: int) -> None:
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(statement, [int(place), number % 2**31])
