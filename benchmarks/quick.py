"""Quick entry: picker and search over 100,000 tickets, the grid and its cells, the timer's poll."""

from __future__ import annotations

import statistics
from typing import Any

from benchmarks import fill, shelf
from benchmarks.measuring import inside, table

MODULE = "benchmarks.inside_quick"


def quick(engine: str, sizes: tuple[int, ...], rounds: int) -> None:
    """Elapsed time of each answer beside its own statements run bare, at 10 thousand and at 1 million entries."""
    found: dict[int, dict[str, dict[str, Any]]] = {}
    for size in shelf.SIZES:
        fill.make(engine, shelf.name_of(size), "benchmarks.shelf")
        found[size] = inside(engine, shelf.name_of(size), str(rounds), MODULE)
    few, many = shelf.SIZES
    rows = []
    for name, at_few in found[few].items():
        bare, ours = (statistics.median(found[many][name][what]) * 1000 for what in ("bare", "ours"))
        before = statistics.median(at_few["ours"]) * 1000
        rows.append(
            [
                name, at_few["statements"], f"{bare:.1f}", f"{ours:.1f}", f"{ours / bare:.2f}", f"{before:.1f}",
                f"{ours / before:.2f}",
            ]
        )  # fmt: skip
    head = ["quick entry, 1 million entries", "statements", "bare, ms", "ours, ms", "ours : bare"]
    table([*head, "10 thousand, ms", "1 million : 10 thousand"], rows)
