"""The APIs: a list of 100 entries on every surface, logging one, the query service, keeping a copy by the changes."""

from __future__ import annotations

import contextlib
import datetime as dt
import json
import statistics
import time
from dataclasses import dataclass
from typing import Any

from benchmarks.measuring import body_text, facts_of, inside, served, table
from benchmarks.server import Browser, Server

MODULE = "benchmarks.inside_api"
REQUESTS, WRITES = 30, 15
PAGE = 200


@dataclass(frozen=True)
class Call:
    """`surface` names the key. `body` is JSON as text. The answer comes packed by gzip where that is wanted."""

    name: str
    surface: str
    method: str
    path: str
    body: str = ""
    expect: int = 200
    is_packed: bool = True


def calls_of(facts: dict[str, Any], after: int) -> list[Call]:
    monday = dt.date.fromisoformat(facts["monday"])
    span = f"from={monday - dt.timedelta(days=14)}&to={monday + dt.timedelta(days=7)}"
    query = {
        "object": "time/timesheet-line",
        "fields": ["key", "entryDate", "quantity", "state", "dimensions.project.id", "dimensions.employee.id"],
        "filters": [{"$gte": {"entryDate": str(monday)}}, {"$eq": {"isBilled": "false"}}],
        "orderBy": [{"entryDate": "desc"}],
        "size": 100,
    }
    sums = {**query, "fields": ["dimensions.project.id", "sum:quantity", "count:key"], "orderBy": []}
    entry = {"kind": "GENERAL", "date": str(monday), "minutes": 1, "subject": "Measured"}
    return [
        Call("own list", "api", "GET", "/api/v1/entries?limit=100&order=-id", is_packed=False),
        Call("own list, packed", "api", "GET", "/api/v1/entries?limit=100&order=-id"),
        Call(
            "portal, three weeks of one agent", "portal", "GET", f"/api/helpdesk/time?{span}&agentId={facts['agent']}"
        ),
        Call("ConnectWise list", "connectwise", "GET", "/time/entries?pageSize=100&orderBy=id%20desc"),
        Call(
            "ConnectWise list, conditions",
            "connectwise",
            "GET",
            f"/time/entries?pageSize=100&conditions=timeStart%3E%3D%5B{monday}%5D%20and%20billableOption%3D%22Billable%22",
        ),
        Call("Grow list", "grow", "GET", "/api/timesheets?limit=100"),
        Call("Intacct query, 100 lines", "intacct", "POST", "/ia/api/v1/services/core/query", json.dumps(query)),
        Call("Intacct query, sums by project", "intacct", "POST", "/ia/api/v1/services/core/query", json.dumps(sums)),
        Call("Kimai list", "kimai", "GET", "/kimai/api/timesheets?size=100&user=all"),
        Call("log an entry", "api", "POST", "/api/v1/entries", json.dumps(entry), 201),
    ]


def api(engine: str, sizes: tuple[int, ...], rounds: int) -> None:
    """CPU of a request (server and database) as the database grows, and beside a bare view; then a whole copy."""
    ends = (sizes[0], sizes[-1])
    counts = {size: inside(engine, size, "queries", MODULE) for size in ends}
    spent: dict[str, dict[int, list[float]]] = {}
    bare: list[float] = []
    with contextlib.ExitStack() as stack:
        open_ = {
            size: (stack.enter_context(served(engine, size)), inside(engine, size, "prepare", MODULE)) for size in ends
        }
        yardstick = stack.enter_context(served(engine, ends[-1], "benchmarks.bare.wsgi:application"))
        for turn in range(rounds + 1):
            for size in ends if turn % 2 else reversed(ends):
                server, made = open_[size]
                for call in calls_of(facts_of(engine, size), made["after"]):
                    cost = cost_of(server, call, made["headers"][call.surface])
                    if turn:
                        spent.setdefault(call.name, {}).setdefault(size, []).append(cost)
            cost = cost_of(yardstick, Call("bare", "", "GET", "/bare/entries/100/", is_packed=False), {})
            if turn:
                bare.append(cost)
        copies = {size: copy(server, made) for size, (server, made) in open_.items()}
    for size in ends:
        inside(engine, size, "clean", MODULE)
    least = statistics.median(bare)
    rows = []
    for name, by_size in spent.items():
        few, many = (statistics.median(by_size[size]) for size in ends)
        beside = f"{many / least:.2f}" if name == "own list" else ""
        queries = counts[ends[1]][name]
        rows.append([name, queries, f"{few:.1f}", f"{many:.1f}", f"{many / few:.2f}", beside])
    rows.append(["bare view of the same 100 rows", 1, "", f"{least:.1f}", "", "1"])
    head = ["CPU per request, ms", "queries", *(f"{size:,}" for size in ends), "largest : smallest", ": bare view"]
    table(head, rows)
    for name in counts[ends[0]]:
        if counts[ends[0]][name] != counts[ends[1]][name]:
            print(f"{name}: {counts[ends[0]][name]} queries, with more entries {counts[ends[1]][name]}")
    table(
        ["a copy of 10,000 entries by the changes", "calls", "seconds", "CPU, s"],
        [[f"{size:,}", *figures] for size, figures in copies.items()],
    )


def cost_of(server: Server, call: Call, headers: dict[str, str]) -> float:
    """CPU milliseconds of one call, over several in a row on one connection."""
    browser = Browser(server)
    browser.headers |= {**headers, "Content-Type": "application/json"}
    if not call.is_packed:
        browser.headers["Accept-Encoding"] = "identity"
    times = WRITES if call.expect == 201 else REQUESTS
    send(browser, call)
    before = server.cpu_seconds()
    for _ in range(times):
        send(browser, call)
    return (server.cpu_seconds() - before) / times * 1000


def send(browser: Browser, call: Call) -> str:
    answer = browser.send(call.method, call.path, call.body or None)
    body = answer.read()
    if answer.status != call.expect:
        raise RuntimeError(f"{call.name}: {answer.status} {body[:500]!r}")
    return body_text(answer, body)


def copy(server: Server, made: dict[str, Any]) -> list[str]:
    """Everything that happened since an event, page by page, as a program that keeps a copy asks for it."""
    browser = Browser(server)
    browser.headers |= made["headers"]["api"]
    after, seen, calls = made["place"], set[int](), 0
    before, began = server.cpu_seconds(), time.perf_counter()
    while True:
        page = json.loads(send(browser, Call("changes", "api", "GET", f"/api/v1/changes?limit={PAGE}&after={after}")))
        calls += 1
        seen |= {item["object_id"] for item in page["items"] if item["object"] == "time_entry"}
        after = page["next"]
        if not page["more"]:
            break
    if len(seen) < 10_000:
        raise RuntimeError(f"The feed told of {len(seen)} entries.")
    return [str(calls), f"{time.perf_counter() - began:.1f}", f"{server.cpu_seconds() - before:.1f}"]
