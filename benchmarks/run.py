"""Measures everything and prints tables in Markdown; databases that are missing are made first.

.venv/bin/python -m benchmarks.run [--engines sqlite,postgresql] [--sizes 10000,200000,1000000] [--rounds 7]
"""

from __future__ import annotations

import argparse
import contextlib
import datetime as dt
import re
import statistics
import time
from collections.abc import Iterator
from typing import Any

from benchmarks import api, approval, fill, invoices, places, quick, reports
from benchmarks.measuring import body_text, cost_of, facts_of, inside, row, served, table
from benchmarks.pages import Page, pages_of, year_csv
from benchmarks.server import Browser

REQUESTS_A_ROUND, POSTS_A_ROUND = 60, 15
BARE_REQUESTS_A_ROUND = 150


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--engines", default=",".join(places.ENGINES))
    parser.add_argument("--sizes", default=",".join(map(str, places.SIZES)))
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--parts", default="queries,growth,bare,fresh,visit,csv,approval,reports,invoice,quick,api")
    options = parser.parse_args()
    parts, sizes = options.parts.split(","), places.sizes_from(options.sizes)
    for engine in options.engines.split(","):
        for size in sizes:
            fill.make(engine, size)
    places.python(places.database_url("sqlite", sizes[0]), "manage.py", "collectstatic", "--noinput", "-v0")
    for engine in options.engines.split(","):
        print(f"\n## {engine}", flush=True)
        for part in parts:
            PARTS[part](engine, sizes, options.rounds)


# --- Queries ----------------------------------------------------------------------------------------------------------


def queries(engine: str, sizes: tuple[int, ...], rounds: int) -> None:
    counts = {size: inside(engine, size, "queries") for size in sizes}
    names = counts[sizes[0]]
    table(
        ["queries", *(f"{size:,}" for size in sizes)],
        [[name, *(counts[size][name] for size in sizes)] for name in names],
    )


# --- CPU as the database grows ----------------------------------------------------------------------------------------


def growth(engine: str, sizes: tuple[int, ...], rounds: int) -> None:
    """CPU of a request, server and database together; the sizes take turns in every round."""
    with contextlib.ExitStack() as stack:
        places_ = {size: (stack.enter_context(served(engine, size)), inside(engine, size, "prepare")) for size in sizes}
        table(["CPU per request, ms", *(f"{size:,}" for size in sizes), "largest : smallest"], [])
        for number, page in enumerate(pages_of(facts_of(engine, sizes[0]))):
            spent: dict[int, list[float]] = {size: [] for size in sizes}
            for turn in range(rounds + 1):
                for size in sizes if turn % 2 else reversed(sizes):
                    server, cookies = places_[size]
                    own = pages_of(facts_of(engine, size))[number]
                    cost = cost_of(server, own, cookies[own.who], POSTS_A_ROUND if page.form else REQUESTS_A_ROUND)
                    if turn:  # the first round warms up
                        spent[size].append(cost)
            medians = [statistics.median(spent[size]) for size in sizes]
            row([page.name, *(f"{ms:.1f}" for ms in medians), f"{medians[-1] / medians[0]:.2f}"])
    for size in sizes:
        inside(engine, size, "clean")


# --- Beside a bare view -----------------------------------------------------------------------------------------------


def bare(engine: str, sizes: tuple[int, ...], rounds: int) -> None:
    """The agent's week against the least that a Django page can do, in turns."""
    size = sizes[0]
    facts, cookies = facts_of(engine, size), inside(engine, size, "prepare")
    week = pages_of(facts)[0]
    last = f"{facts['monday'][:8]}15"
    yardstick = Page("bare view", "agent", f"/bare/{facts['agent']}/{facts['monday']}/{last}/")
    with served(engine, size) as ours, served(engine, size, "benchmarks.bare.wsgi:application") as theirs:
        rows_there = body_text(*Browser(theirs, cookies["agent"]).get(yardstick.path)).count("<tr>") - 1
        rows_here = body_text(*Browser(ours, cookies["agent"]).get(week.path)).count('class="entry')
        spent: dict[str, list[float]] = {"ours": [], "bare": []}
        for turn in range(rounds + 1):
            pair = [("ours", ours, week), ("bare", theirs, yardstick)]
            for name, server, page in pair if turn % 2 else reversed(pair):
                cost = cost_of(server, page, cookies["agent"], BARE_REQUESTS_A_ROUND)
                if turn:
                    spent[name].append(cost)
    here, there = statistics.median(spent["ours"]), statistics.median(spent["bare"])
    table(
        ["week page beside a bare view", "rows", "CPU per request, ms", "ratio"],
        [
            ["bare view", rows_there, f"{there:.1f}", "1"],
            ["week page", rows_here, f"{here:.1f}", f"{here / there:.2f}"],
        ],
    )


def fresh(engine: str, sizes: tuple[int, ...], rounds: int) -> None:
    """The same with another week each time, so that nothing that was rendered before is of use."""
    size = sizes[-1]
    facts, cookies = facts_of(engine, size), inside(engine, size, "prepare")
    monday = dt.date.fromisoformat(facts["monday"])
    mondays = [monday - dt.timedelta(weeks=n) for n in range(min(facts["weeks"] - 1, 500))]
    spent: dict[str, list[float]] = {"ours": [], "bare": []}
    with served(engine, size) as ours, served(engine, size, "benchmarks.bare.wsgi:application") as theirs:
        here, there = Browser(ours, cookies["agent"]), Browser(theirs, cookies["agent"])
        for turn in range(0, len(mondays) - 50, 50):
            for name, server, browser in (("ours", ours, here), ("bare", theirs, there)):
                before = server.cpu_seconds()
                for first in mondays[turn : turn + 50]:
                    last = first + dt.timedelta(days=6)
                    path = f"/bare/{facts['agent']}/{first}/{last}/"
                    browser.get(path if name == "bare" else f"/o/{facts['slug']}/timesheets/{first}/")
                if turn:
                    spent[name].append((server.cpu_seconds() - before) / 50 * 1000)
    cost, least = statistics.median(spent["ours"]), statistics.median(spent["bare"])
    table(
        ["another week each time", "CPU per request, ms", "ratio"],
        [["bare view", f"{least:.1f}", "1"], ["week page", f"{cost:.1f}", f"{cost / least:.2f}"]],
    )


# --- A first visit ----------------------------------------------------------------------------------------------------


def visit(engine: str, sizes: tuple[int, ...], rounds: int) -> None:
    """What a browser with an empty cache is sent for a page and all that the page names, headers included."""
    size = sizes[0]
    facts, cookies = facts_of(engine, size), inside(engine, size, "prepare")
    rows = []
    with served(engine, size) as server:
        for name, cookie, path in (("week", cookies["agent"], pages_of(facts)[0].path), ("sign-in", "", "/login/")):
            browser = Browser(server, cookie)
            answer, body = browser.get(path)
            sizes_sent = {path: sent(answer, body)}
            for asset in dict.fromkeys(assets(body_text(answer, body))):
                sizes_sent[asset] = sent(*Browser(server).get(asset))
            rows.append([f"{name}: all", len(sizes_sent), f"{sum(sizes_sent.values()):,}"])
            rows += [[f"{name}: {path}", "", f"{count:,}"] for path, count in sizes_sent.items()]
    table(["first visit", "requests", "bytes sent"], rows)


def assets(html: str) -> Iterator[str]:
    """Style sheets, icons and scripts that the page names; a picture inside the address itself is no request."""
    for tag in re.findall(r"<(?:link|script|img)\b[^>]*>", html):
        for address in re.findall(r'\b(?:href|src)="([^"]+)"', tag):
            if not address.startswith("data:"):
                yield address


def sent(answer: Any, body: bytes) -> int:
    head = "HTTP/1.1 200 OK\r\n" + "".join(f"{name}: {value}\r\n" for name, value in answer.getheaders()) + "\r\n"
    return len(head) + len(body)


# --- CSV --------------------------------------------------------------------------------------------------------------


def csv(engine: str, sizes: tuple[int, ...], rounds: int) -> None:
    """Everyone's last year as CSV: how quick, and how much memory the worker takes while it streams."""
    from benchmarks.server import PeakMemory

    rows = []
    for size in sizes:
        facts, cookies = facts_of(engine, size), inside(engine, size, "prepare")
        with served(engine, size) as server:
            browser = Browser(server, cookies["manager"])
            browser.get(year_csv(facts, days=5))
            with PeakMemory(server) as memory:
                began = time.perf_counter()
                answer = browser.send("GET", year_csv(facts), headers={"Accept-Encoding": "identity"})
                first, lines, count = 0.0, 0, 0
                while chunk := answer.read1(65536):
                    first = first or time.perf_counter() - began
                    lines, count = lines + chunk.count(b"\n"), count + len(chunk)
                seconds = time.perf_counter() - began
        grown = (memory.peak - memory.before) / 2**20
        lines -= 1
        rows.append(
            [
                f"{size:,}",
                f"{lines:,}",
                f"{count / 1e6:.1f}",
                f"{lines / seconds:,.0f}",
                f"{first * 1000:.0f}",
                f"{grown:.1f}",
            ]
        )
    table(["entries", "rows", "MB", "rows a second", "first byte, ms", "memory grown, MiB"], rows)


PARTS = {
    "queries": queries,
    "growth": growth,
    "bare": bare,
    "fresh": fresh,
    "visit": visit,
    "csv": csv,
    "approval": approval.approval,
    "reports": reports.reports,
    "invoice": invoices.invoices,
    "quick": quick.quick,
    "api": api.api,
}

if __name__ == "__main__":
    main()
