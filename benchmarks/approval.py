"""What approval costs: the inbox with few and many weeks, a review, a bulk decision, one decision as years go by."""

from __future__ import annotations

import statistics
from typing import Any

from benchmarks import fill, waiting
from benchmarks.measuring import cpu_and_wall_of, facts_of, inside, served, table
from benchmarks.pages import Page
from benchmarks.server import Server

MODULE = "benchmarks.inside_approval"
REQUESTS_A_ROUND = 40
FULL_PAGE = "inbox, 55 weeks wait (50 on the page)"


def approval(engine: str, sizes: tuple[int, ...], rounds: int) -> None:
    fill.make(engine, waiting.NAME, "benchmarks.waiting")
    pages(engine, rounds)
    bulk(engine, rounds)
    one(engine, sizes, rounds)


def pages(engine: str, rounds: int) -> None:
    """The manager's pages; what is compared takes turns in every round."""
    facts = facts_of(engine, waiting.NAME)
    cookies = inside(engine, waiting.NAME, "cookies", MODULE)
    many, week = "many", facts["reviewed"]
    asked = {
        "inbox, 10 weeks wait": ("few", "approvals/"),
        FULL_PAGE: ("page", "approvals/"),
        "inbox, 1,000 weeks wait (50 on the page)": (many, "approvals/"),
        "the same, those without checks selected": (many, "approvals/?select=clean"),
        "review of a week of 40 entries": (many, f"approvals/{week}/"),
    }
    spent: dict[str, list[tuple[float, float]]] = {name: [] for name in asked}
    with served(engine, waiting.NAME) as server:
        for turn in range(rounds + 1):
            for name in list(asked) if turn % 2 else reversed(asked):
                slug, path = asked[name]
                cost = _cost(server, Page(name, slug, f"/o/{slug}/{path}"), cookies[slug])
                if turn:  # the first round warms up
                    spent[name].append(cost)
    medians = {
        name: tuple(statistics.median(each) for each in zip(*costs, strict=True)) for name, costs in spent.items()
    }
    full = medians[FULL_PAGE]
    table(
        ["page, manager", "CPU, ms", "elapsed, ms", "CPU : full page", "elapsed : full page"],
        [
            [name, f"{cpu:.1f}", f"{wall:.1f}", f"{cpu / full[0]:.2f}", f"{wall / full[1]:.2f}"]
            for name, (cpu, wall) in medians.items()
        ],
    )


def _cost(server: Server, page: Page, cookie: str) -> tuple[float, float]:
    return cpu_and_wall_of(server, page, cookie, REQUESTS_A_ROUND)


def bulk(engine: str, rounds: int) -> None:
    """200 weeks of 8,000 entries approved at once, beside the same rows written by bare statements."""
    found = inside(engine, waiting.NAME, "bulk", MODULE)
    ours, bare = (
        tuple(statistics.median(each) for each in zip(*found[name], strict=True)) for name in ("service", "bare")
    )
    table(
        ["200 weeks of 8,000 entries", "elapsed, s", "CPU, s", "elapsed : bare", "CPU : bare"],
        [
            [name, f"{wall:.2f}", f"{cpu:.2f}", f"{wall / bare[0]:.1f}", f"{cpu / bare[1]:.1f}"]
            for name, (wall, cpu) in {
                "the same rows written by bare statements": bare,
                "approved by the service": ours,
            }.items()
        ],
    )


def one(engine: str, sizes: tuple[int, ...], rounds: int) -> None:
    """One week of 35 entries approved, in databases of different sizes that take turns."""
    spent: dict[int, list[dict[str, Any]]] = {size: [] for size in sizes}
    for turn in range(rounds):
        for size in sizes if turn % 2 else reversed(sizes):
            spent[size].append(inside(engine, size, "one", MODULE))
    rows = []
    for name in ("CPU", "elapsed"):
        medians = [statistics.median(each[name] for each in spent[size]) for size in sizes]
        rows.append([f"{name}, ms", *(f"{ms:.1f}" for ms in medians), f"{medians[-1] / medians[0]:.2f}"])
    years = [f"{size:,} ({facts_of(engine, size)['weeks']} weeks of each agent)" for size in sizes]
    table(["approve a week", *years, "largest : smallest"], rows)
