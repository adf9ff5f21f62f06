"""What an invoice of 5,000 entries costs, beside the bare statements that write the same rows."""

from __future__ import annotations

import statistics

from benchmarks import fill, invoiced
from benchmarks.measuring import inside, table

MODULE = "benchmarks.inside_invoices"


def invoices(engine: str, sizes: tuple[int, ...], rounds: int) -> None:
    fill.make(engine, invoiced.NAME, "benchmarks.invoiced")
    spent = inside(engine, invoiced.NAME, "measure", MODULE)
    medians = {
        name: tuple(statistics.median(each) for each in zip(*costs, strict=True)) for name, costs in spent.items()
    }
    rows = []
    for name in ("draft", "issue"):
        (wall, cpu), bare = medians[name], medians[f"bare {name}"]
        rows.append([f"{name}: the same rows by bare statements", f"{bare[0]:.2f}", f"{bare[1]:.2f}", "1", "1"])
        rows.append([name, f"{wall:.2f}", f"{cpu:.2f}", f"{wall / bare[0]:.1f}", f"{cpu / bare[1]:.1f}"])
    rows += [[name, f"{medians[name][0]:.2f}", f"{medians[name][1]:.2f}", "", ""] for name in ("void", "PDF")]
    table([f"invoice of {invoiced.ENTRIES:,} entries", "elapsed, s", "CPU, s", "elapsed : bare", "CPU : bare"], rows)
