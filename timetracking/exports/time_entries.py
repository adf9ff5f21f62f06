"""The columns of a time entry export."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from django.db.models import CharField
from django.db.models.functions import Cast
from django.utils.translation import gettext as _

from timesheets_site.lib.spreadsheets import Cells, cell
from timesheets_site.lib.workbooks import Column, Kind
from timetracking.models.time_entries import TimeEntryQuerySet

# Without values that Django converts row by row: those take as long as all the rest.
FIELDS = (
    Cast("date", CharField()), "member__display_name", "kind", "subject", "description",
    Cast("billable", CharField()), "minutes", "ticket__number", "project__code",
)  # fmt: skip
DATE, AGENT, KIND, SUBJECT, DESCRIPTION, BILLABLE, MINUTES, TICKET, PROJECT = range(len(FIELDS))
ROWS_AT_ONCE = 2_000
TRUTH = {"0": "false", "1": "true", "false": "false", "true": "true"}  # as SQLite and PostgreSQL spell it

COLUMNS = (
    Column("date", lambda row: dt.date.fromisoformat(row[DATE]), Kind.DATE),
    Column("agent", lambda row: row[AGENT]),
    Column("kind", lambda row: row[KIND], width=10),
    Column("subject", lambda row: row[SUBJECT], width=40),
    Column("description", lambda row: row[DESCRIPTION], width=40),
    Column("billable", lambda row: TRUTH[row[BILLABLE]], width=10),
    Column("duration (minutes)", lambda row: row[MINUTES], Kind.NUMBER),
    Column("linked ticket / project", lambda row: f"TKT-{row[TICKET]}" if row[TICKET] else row[PROJECT] or ""),
)


def rows_of(entries: TimeEntryQuerySet) -> Iterator[tuple[Any, ...]]:
    """The rows in the page's order, read piece by piece."""
    return iter(entries.order_by("date", "created_at", "pk").values_list(*FIELDS).iterator(chunk_size=ROWS_AT_ONCE))


def writer() -> Callable[[list[tuple[Any, ...]]], str]:
    """Writes rows as the CSV lines that `COLUMNS` describe. Days, kinds and numbers need no look at what is in them."""
    names = Cells()

    def lines(rows: list[tuple[Any, ...]]) -> str:
        return "".join(
            [
                f"{date},{names[agent]},{kind},{cell(subject)},{cell(description) if description else ''},"
                f"{TRUTH[billable]},{minutes},{f'TKT-{ticket}' if ticket else names[project]}\r\n"
                for date, agent, kind, subject, description, billable, minutes, ticket, project in rows
            ]
        )

    return lines


class Summed:
    """Rows that are added up as they pass, so that the total is that of these rows, whatever is written meanwhile."""

    def __init__(self, entries: TimeEntryQuerySet) -> None:
        self.entries, self.minutes = entries, 0

    def rows(self) -> Iterator[tuple[Any, ...]]:
        for row in rows_of(self.entries):
            self.minutes += row[MINUTES]
            yield row

    def total(self) -> Sequence[Any]:
        """The last row of a workbook: all minutes."""
        return [_("Total"), "", "", "", "", "", self.minutes, ""]
