"""What every measurement shares: a served database, the cost of a request, tables in Markdown."""

from __future__ import annotations

import contextlib
import json
import re
import time
import uuid
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlencode

from benchmarks import places
from benchmarks.pages import Page
from benchmarks.server import Browser, Server

Facts = dict[str, Any]


def facts_of(engine: str, size: int | str) -> Facts:
    return json.loads(places.marker(engine, size).read_text())


def inside(engine: str, size: int | str, what: str, module: str = "benchmarks.inside") -> dict[str, Any]:
    """Run one step of a module like `benchmarks.inside` on a database."""
    facts = json.dumps(facts_of(engine, size))
    url = places.database_url(engine, size)
    return json.loads(places.python(url, "-m", module, what, facts, capture=True))


@contextlib.contextmanager
def served(engine: str, size: int | str, module: str = "timesheets_site.wsgi:application") -> Iterator[Server]:
    database = f"bench_{size}" if engine == "postgresql" else ""
    with Server(places.database_url(engine, size), module, database) as server:
        yield server


def table(head: list[str], rows: list[list[Any]]) -> None:
    print("\n| " + " | ".join(head) + " |")
    print("|" + " --- |" + " ---: |" * (len(head) - 1))
    for cells in rows:
        row(cells)


def row(cells: list[Any]) -> None:
    print("| " + " | ".join(str(cell) for cell in cells) + " |", flush=True)


def cost_of(server: Server, page: Page, cookie: str, times: int) -> float:
    """CPU milliseconds of one request, over several in a row on one connection."""
    return cpu_and_wall_of(server, page, cookie, times)[0]


def cpu_and_wall_of(server: Server, page: Page, cookie: str, times: int) -> tuple[float, float]:
    """CPU and elapsed milliseconds of one request, over several in a row on one connection."""
    browser = Browser(server, cookie)
    send = sender(browser, page)
    send()
    before, began = server.cpu_seconds(), time.perf_counter()
    for _ in range(times):
        send()
    elapsed = time.perf_counter() - began
    return (server.cpu_seconds() - before) / times * 1000, elapsed / times * 1000


def sender(browser: Browser, page: Page) -> Callable[[], None]:
    if page.form is None:
        return lambda: browser.get(page.path) and None
    answer, body = browser.get(page.path)
    found = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', body_text(answer, body))
    cookie = re.search(r"[\w-]*csrf=\w+", answer.getheader("Set-Cookie") or "")
    if not found or not cookie:
        raise RuntimeError("The form carries no CSRF token.")
    headers = page.headers | {
        "Content-Type": "application/x-www-form-urlencoded",
        "X-CSRFToken": found[1],
        "Cookie": f"{browser.headers['Cookie']}; {cookie[0]}",
    }

    def post() -> None:
        form = urlencode({**(page.form or {}), "key": uuid.uuid4().hex})
        answer = browser.send("POST", page.path, form, headers)
        body = answer.read()
        if answer.status != page.expect:
            raise RuntimeError(f"{page.name}: {answer.status} {body_text(answer, body)[:3000]}")

    return post


def body_text(answer: Any, body: bytes) -> str:
    encoding = answer.getheader("Content-Encoding")
    if encoding == "gzip":
        import gzip

        body = gzip.decompress(body)
    elif encoding == "br":
        import brotli

        body = brotli.decompress(body)
    return body.decode()
