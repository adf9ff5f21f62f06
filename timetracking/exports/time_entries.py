"""The columns of a time entry export."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from timesheets_site.lib.spreadsheets import Column
from timetracking.models.time_entries import TimeEntryQuerySet

FIELDS = (
    "date", "member__display_name", "kind", "subject", "description", "billable", "minutes", "ticket__number",
    "project__code",
)  # fmt: skip
DATE, AGENT, KIND, SUBJECT, DESCRIPTION, BILLABLE, MINUTES, TICKET, PROJECT = range(len(FIELDS))
ROWS_AT_ONCE = 2_000

COLUMNS = (
    Column("date", lambda row: row[DATE].isoformat()),
    Column("agent", lambda row: row[AGENT]),
    Column("kind", lambda row: row[KIND]),
    Column("subject", lambda row: row[SUBJECT]),
    Column("description", lambda row: row[DESCRIPTION]),
    Column("billable", lambda row: "true" if row[BILLABLE] else "false"),
    Column("duration (minutes)", lambda row: row[MINUTES]),
    Column("linked ticket / project", lambda row: f"TKT-{row[TICKET]}" if row[TICKET] else row[PROJECT] or ""),
)


def rows_of(entries: TimeEntryQuerySet) -> Iterator[tuple[Any, ...]]:
    """The rows in the page's order, read piece by piece."""
    return iter(entries.order_by("date", "created_at", "pk").values_list(*FIELDS).iterator(chunk_size=ROWS_AT_ONCE))
