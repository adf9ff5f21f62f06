"""Ids: which numbers can be one, and those that are given out before their rows exist."""

from __future__ import annotations

from django.db import connection, models

LARGEST_ID = 2**63 - 1
LARGEST_VERSION = 2**31 - 1
"""What the columns of ids and of versions hold; a database refuses, with an error, to compare with more."""


def fits(number: int) -> bool:
    """Can this be an id at all?

    >>> fits(5), fits(0), fits(2**63)
    (True, False, False)
    """
    return 1 <= number <= LARGEST_ID


def reserve(model: type[models.Model]) -> int:
    """The next id of a table, which no other row will get. An id that is never used leaves a gap."""
    table = model._meta.db_table
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SELECT nextval(pg_get_serial_sequence(%s, 'id'))", [table])
            return int(cursor.fetchone()[0])
        cursor.execute("UPDATE sqlite_sequence SET seq = seq + 1 WHERE name = %s", [table])
        if not cursor.rowcount:
            cursor.execute("INSERT INTO sqlite_sequence (name, seq) VALUES (%s, 1)", [table])
        cursor.execute("SELECT seq FROM sqlite_sequence WHERE name = %s", [table])
        return int(cursor.fetchone()[0])


def is_free(model: type[models.Model], number: int) -> bool:
    """Has no row this id, whosever it is?"""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT 1 FROM {connection.ops.quote_name(model._meta.db_table)} WHERE id = %s", [number])  # noqa: S608
        return cursor.fetchone() is None


def pass_over(model: type[models.Model], number: int) -> None:
    """From now on the table gives out ids above this one only."""
    table = model._meta.db_table
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            sequence = "pg_get_serial_sequence(%s, 'id')"
            cursor.execute(f"SELECT setval({sequence}, GREATEST(nextval({sequence}), %s))", [table, table, number])
            return
        cursor.execute("UPDATE sqlite_sequence SET seq = max(seq, %s) WHERE name = %s", [number, table])
        if not cursor.rowcount:
            cursor.execute("INSERT INTO sqlite_sequence (name, seq) VALUES (%s, %s)", [table, number])
