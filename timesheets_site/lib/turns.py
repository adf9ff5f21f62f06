"""Locks that are on no row: who takes one alone waits for all who hold it, until their transactions end.

Only PostgreSQL needs them; on SQLite a transaction that writes is alone from its start. They never wait for row locks
that somebody else holds in another order, as a lock of a much-referred-to row (organisation, member) would.
"""

from __future__ import annotations

from enum import IntEnum

from django.db import connection


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


def share(place: Place, number: int) -> None:
    """Hold it together with others, until this transaction ends."""
    _wait("SELECT pg_advisory_xact_lock_shared(%s, %s)", place, number)


def alone(place: Place, number: int) -> None:
    """Hold it alone, until this transaction ends."""
    _wait("SELECT pg_advisory_xact_lock(%s, %s)", place, number)


def _wait(statement: str, place: Place, number: int) -> None:
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(statement, [int(place), number % 2**31])
