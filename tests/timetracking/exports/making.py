"""A kind of export for tests: as many rows as are asked for, and something that happens on the way."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from timesheets_site.lib.errors import RuleViolation
from timesheets_site.lib.workbooks import Column, Kind
from timetracking.services import export_jobs
from timetracking.services.export_jobs import Export

COLUMNS = (Column("n", lambda row: row, Kind.NUMBER), Column("text", lambda row: f"=row {row}"))


class Numbers:
    """`at[n]` is called before row n is handed on."""

    def __init__(self) -> None:
        self.at: dict[int, Callable[[], object]] = {}
        self.closed = False

    def opened(self, actor, parameters) -> Export:
        if not parameters.get("rows"):
            raise RuleViolation("rows_required", "Say how many rows.", "rows")
        count = int(parameters["rows"])
        return Export(f"{count} numbers", "num/bers", COLUMNS, lambda: self.rows(count), lambda: count)

    def rows(self, count: int) -> Iterator[int]:
        try:
            for number in range(1, count + 1):
                if act := self.at.get(number):
                    act()
                yield number
        finally:
            self.closed = True


def ask(actor, rows=10, file_format="csv"):
    return export_jobs.ask(actor, "numbers", {"rows": str(rows)}, file_format=file_format)


def text_of(job) -> str:
    with export_jobs.storage().open(export_jobs.stored_as(job)) as stored:
        return stored.read().decode("utf-8-sig")
