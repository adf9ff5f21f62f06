"""Closing a period and writing into it come one after the other: no write lands behind a date that moved meanwhile.

A request reads its organisation once, at its start. Somebody may close the period before the request stores anything,
so writers ask again here, and closing waits for those who have asked and not stored yet. On SQLite a transaction that
writes is alone anyway. On PostgreSQL the two meet in an advisory lock, not in the organisation's row: a row's lock
would make those who only open a week or number a ticket wait as well, and those who close could starve.

Take it before any row is locked, on either side; then nobody can wait for each other in a ring.
"""

from __future__ import annotations

from django.db import connection

from accounts.models import Organisation

PLACE = 0x4C4F434B  # tells this lock from others that the database knows by number


def hold_still(organisation: Organisation) -> None:
    """Until this transaction ends nobody moves the lock date; `organisation` has the one that is in force now.

    Any number of writers hold it at once.
    """
    _wait("SELECT pg_advisory_xact_lock_shared(%s, %s)", organisation.pk)
    organisation.lock_date = Organisation.objects.values_list("lock_date", flat=True).get(pk=organisation.pk)


def wait_for_writers(organisation_id: int) -> None:
    """Go on when everybody who holds the lock date has stored what they write; who comes later waits for us."""
    _wait("SELECT pg_advisory_xact_lock(%s, %s)", organisation_id)


def _wait(statement: str, organisation_id: int) -> None:
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(statement, [PLACE, organisation_id % 2**31])
