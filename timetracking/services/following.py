"""Entries follow their ticket or project to another client or agreement, and are decided anew."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.db.models import F
from django.utils import timezone

from accounts import lock_date
from accounts.models import Membership
from timetracking.models import Agreement, Project, Ticket, TimeEntry
from timetracking.rules import weeks
from timetracking.rules.coverage import month_of
from timetracking.rules.rerating import DECIDED
from timetracking.services import coverage
from timetracking.services.entry_decisions import decide
from timetracking.services.rate_book import RateBook
from timetracking.services.time_entries import DECIDING

ROWS_AT_ONCE = 500


def hold(actor: Membership, record: Any, fields: Mapping[str, Any]) -> list[coverage.Pool]:
    """Take what `follow` will write, before the record itself is locked: writers of its entries come in that order.

    Costs nothing where the record keeps its client and agreement; the caller compares the version of what it read.
    """
    if not isinstance(record, Ticket | Project) or not _moves(record, fields):
        return []
    lock_date.hold_still(actor.organisation)
    new: Agreement | None = fields.get("agreement", record.agreement)
    months = _entries_of(actor, record).dates("date", "month")
    drawn = coverage.pools(
        (agreement, _first_day(agreement, month))
        for month in months
        for agreement in (record.agreement, new)
        if agreement
    )
    drawn = [pool.whole() for pool in drawn]
    coverage.hold(drawn, also=_entries_of(actor, record))
    return drawn


def _moves(record: Ticket | Project, fields: Mapping[str, Any]) -> bool:
    return any(name in fields and fields[name] != getattr(record, name) for name in ("client", "agreement"))


def follow(actor: Membership, record: Ticket | Project, drawn: list[coverage.Pool]) -> int:
    """Give the entries of a record its new client and agreement; how many there were. Part of the record's own edit.

    What is billed, or lies in a closed period, stays as it is.
    """
    entries = _entries_of(actor, record)
    count = int(
        entries.repoint(
            client=record.client, agreement=record.agreement, version=F("version") + 1, updated_at=timezone.now()
        )
    )
    book = RateBook(actor.organisation)
    pks = list(entries.values_list("pk", flat=True))
    for start in range(0, len(pks), ROWS_AT_ONCE):
        rows = TimeEntry.with_deleted.select_related(*DECIDING).filter(pk__in=pks[start : start + ROWS_AT_ONCE])
        decided = list(rows)
        for entry in decided:
            decide(entry, book)
        TimeEntry.with_deleted.bulk_update(decided, DECIDED, batch_size=ROWS_AT_ONCE)
    coverage.share_out(actor, drawn)
    return count


def _entries_of(actor: Membership, record: Ticket | Project) -> Any:
    place = {"ticket" if isinstance(record, Ticket) else "project": record}
    entries = TimeEntry.with_deleted.filter(**place).exclude(status=TimeEntry.Status.BILLED)
    if closed_until := actor.organisation.lock_date:
        entries = entries.filter(date__gt=closed_until)
    return entries


def _first_day(agreement: Agreement, month: dt.date) -> dt.date:
    """The first day of the month on which the agreement may be in force."""
    _month, end = month_of(month)
    return min(max(month, agreement.starts_on), end - weeks.DAY)
