"""Several reads of one moment: sums that stand side by side agree, whatever is written between them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection, transaction


@contextmanager
def one_moment() -> Iterator[None]:
    """All that is read inside is read as it was at the first read. Nothing may be written inside.

    SQLite's transactions are like that by themselves, PostgreSQL's when asked before their first statement. On SQLite
    ours keep writers away from the beginning, which these must not. Inside a transaction that runs already, reads are
    what they are there.
    """
    if connection.in_atomic_block:
        yield
        return
    wrapper: Any = connection
    usual = getattr(wrapper, "transaction_mode", None)
    try:
        if wrapper.vendor == "sqlite":
            wrapper.transaction_mode = "DEFERRED"
        with transaction.atomic():
            if wrapper.vendor == "postgresql":
                with wrapper.cursor() as cursor:
                    cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            yield
    finally:
        if wrapper.vendor == "sqlite":
            wrapper.transaction_mode = usual
