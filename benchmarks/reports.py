"""Reports of a month and a year beside the very statements that they run, and the CSV beside the database's own."""

from __future__ import annotations

import shutil
import statistics
from typing import Any

from benchmarks.measuring import facts_of, inside, table

MODULE = "benchmarks.inside_reports"


def reports(engine: str, sizes: tuple[int, ...], rounds: int) -> None:
    """In the largest database. The CSV of SQLite is measured beside its own shell, `sqlite3`, which has to be there."""
    size = sizes[-1]
    facts_of(engine, size)
    spent: dict[str, dict[str, Any]] = inside(engine, size, f"reports:{rounds}", MODULE)
    rows = []
    for name, found in spent.items():
        bare, report, page, fresh = (
            statistics.median(found[what]) * 1000 for what in ("bare", "report", "page", "fresh")
        )
        page_bare = statistics.median(found["page_bare"]) * 1000
        rows.append(
            [
                name, found["statements"], f"{bare:.0f}", f"{report:.0f}", f"{report / bare:.2f}", f"{page_bare:.0f}",
                f"{page:.0f}", f"{page / page_bare:.2f}", f"{fresh:.0f}", f"{fresh / page_bare:.2f}",
            ]
        )  # fmt: skip
    head = [
        "report",
        "statements",
        "bare, ms",
        "its values, ms",
        "ratio",
        "all of the page bare, ms",
        "page, ms",
        "ratio",
    ]
    table([*head, "page never shown, ms", "ratio"], rows)
    if engine == "sqlite" and not shutil.which("sqlite3"):
        print("\nThe shell of SQLite, `sqlite3`, is not here: no CSV of its own to measure beside.")
        return
    found = inside(engine, size, f"csv:{rounds}", MODULE)
    own, ours = statistics.median(found["own"]), statistics.median(found["ours"])
    table(
        ["CSV of entries", "rows", "MB", "the database's own, s", "ours, s", "ours : own"],
        [
            [
                engine,
                f"{found['rows']:,}",
                f"{found['bytes'] / 1e6:.1f}",
                f"{own:.2f}",
                f"{ours:.2f}",
                f"{ours / own:.2f}",
            ]
        ],
    )
