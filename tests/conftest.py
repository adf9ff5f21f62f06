"""What every test gets: quick passwords, no network, a browser where one is wanted. The people are in tests/cast.py."""

import functools
import os
import socket
import sqlite3
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import hypothesis
import pytest
from django.conf import settings
from django.db import connection, connections
from django.test import Client, override_settings
from django.test.utils import CaptureQueriesContext
from playwright.sync_api import ConsoleMessage, Page, Response
from whitenoise.middleware import WhiteNoiseMiddleware

from tests import browser

pytest_plugins = ["tests.append_only", "tests.cast", "tests.clock"]

# Playwright's sync API keeps an event loop running in this thread, where Django would refuse the ORM.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "1")

CHROMIUM_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-sync",
    "--disable-background-networking",
    "--disable-component-update",
    "--no-first-run",
    "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE localhost , EXCLUDE 127.0.0.1",
]
# How long an example takes is the machine's business. Each run asks the same cases; SEARCH=1 draws others.
hypothesis.settings.register_profile("house", deadline=None, derandomize="SEARCH" not in os.environ)
hypothesis.settings.load_profile("house")
LOOPBACK = ("127.", "::1", "localhost")
TIMEOUT_MS = 10_000


# --- Safety and speed -------------------------------------------------------------------------------------------------


@pytest.fixture(scope="session", autouse=True)
def no_network() -> Iterator[None]:
    """Refuse every connection that leaves this machine."""

    def guarded(name: str) -> Callable[[socket.socket, Any], Any]:
        original = getattr(socket.socket, name)

        @functools.wraps(original)
        def connect(self: socket.socket, address: Any) -> Any:
            if self.family in (socket.AF_INET, socket.AF_INET6) and not str(address[0]).startswith(LOOPBACK):
                self.close()
                raise RuntimeError(f"The network is off in tests: {address[0]}:{address[1]}")
            return original(self, address)

        return connect

    with pytest.MonkeyPatch.context() as patch:
        for name in ("connect", "connect_ex"):
            patch.setattr(socket.socket, name, guarded(name))
        yield


@pytest.fixture(scope="session", autouse=True)
def files_of_their_own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Exports that tests make stay out of `var/`."""
    folder = tmp_path_factory.mktemp("exports")
    exports = {**settings.STORAGES["exports"], "OPTIONS": {"location": folder}}
    with override_settings(EXPORTS_DIR=folder, STORAGES={**settings.STORAGES, "exports": exports}):
        yield


@pytest.fixture(scope="session", autouse=True)
def quick_passwords() -> Iterator[None]:
    """The real hasher is slow on purpose: 0.2 s for each user made."""
    with override_settings(PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"]):
        yield


@pytest.fixture(scope="session", autouse=True)
def static_files_are_listed_once() -> Iterator[None]:
    """Each test client builds the middleware anew, and WhiteNoise would look through 200 files: 20 ms each time."""
    listed: dict[str, Any] = {}
    look_through = WhiteNoiseMiddleware.add_files_from_finders

    def add_files(self: WhiteNoiseMiddleware) -> None:
        if not listed:
            look_through(self)
            listed.update(self.files)
        self.files.update(listed)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(WhiteNoiseMiddleware, "add_files_from_finders", add_files)
        yield


@pytest.fixture(scope="session")
def django_db_modify_db_settings(
    django_db_modify_db_settings: None, request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Give SQLite a file of its own, so that two test runs at once do not meet.

    In memory would be quicker still, but there threads (the live server's) get "table is locked" whatever the timeout.
    """
    if connection.vendor == "sqlite" and not request.config.getoption("reuse_db"):
        settings = connections["default"].settings_dict
        settings["TEST"]["NAME"] = str(tmp_path_factory.mktemp("database") / "test.sqlite3")
        pragmas = settings["OPTIONS"].get("init_command", "")
        settings["OPTIONS"]["init_command"] = pragmas.replace("synchronous=FULL", "synchronous=OFF")


@pytest.fixture
def var_folder(tmp_path: Path, db: None) -> Path:
    """A folder like `var/` with a database that is migrated and empty, for programs that a test starts."""
    name = connections["default"].settings_dict["NAME"]
    with closing(sqlite3.connect(name)) as ours, closing(sqlite3.connect(tmp_path / "db.sqlite3")) as theirs:
        ours.backup(theirs)
    return tmp_path


# --- Counting queries -------------------------------------------------------------------------------------------------


class QueryCount(int):
    """A number of queries that remembers them; when two differ, the failing test shows the difference."""

    queries: list[str]

    def __new__(cls, queries: list[str]) -> "QueryCount":
        count = super().__new__(cls, len(queries))
        count.queries = queries
        return count


@pytest.fixture
def count_queries(db: None) -> Callable[[Callable[[], Any]], QueryCount]:
    """``count_queries(lambda: client.get(url))`` is the number of queries it took; ``.queries`` has their SQL.

    Locks that are on no row (`timesheets_site/lib/turns.py`) are not counted: only PostgreSQL needs them.
    """

    def count(action: Callable[[], Any]) -> QueryCount:
        connection.queries_log.clear()  # Django keeps 9,000 at most, over all that a test counts
        with CaptureQueriesContext(connection) as captured:
            action()
        asked = (query["sql"] for query in captured.captured_queries)
        return QueryCount([sql for sql in asked if "pg_advisory_xact_lock" not in sql])

    return count


def pytest_assertrepr_compare(op: str, left: object, right: object) -> list[str] | None:
    if not (isinstance(left, QueryCount) and isinstance(right, QueryCount)):
        return None
    lines = [f"{left} {op} {right} queries"]
    for name, here, there in (("left", left, right), ("right", right, left)):
        extra = Counter(here.queries) - Counter(there.queries)
        lines += [f"only {name}: {times} x {sql[:300]}" for sql, times in extra.items()]
    return lines


# --- The browser ------------------------------------------------------------------------------------------------------


@functools.cache
def chromium() -> str | None:
    return browser.find()


PURE = ("timetracking/", "accounts/", "timesheets_site/", "tests/timetracking/rules/", "tests/architecture/")
MAIN_JOURNEYS = ("logging", "submitting", "approving", "timing")
NO_DATABASE_DECIDES = (
    "tests/site/", "tests/docs/", "tests/admin/test_browser.py", "tests/api/test_conformance.py",
    "tests/api/test_description.py", "tests/test_permission_table.py",
)  # fmt: skip


@pytest.hookimpl(tryfirst=True)  # before `-m` looks at the marks
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Without a browser its tests are skipped; with REQUIRE_BROWSER=1 they fail instead.

    What asks no database is not asked again on the second one, nor is how a page behaves beside the main journeys.
    """
    for item in items:
        if _is_a_side_journey(item):
            item.add_marker(pytest.mark.journey)
    if settings.DATABASES["default"]["ENGINE"].endswith("postgresql"):
        left_out = {item for item in items if _is_pure(item) or _is_a_side_journey(item)}
        config.hook.pytest_deselected(items=list(left_out))
        items[:] = [item for item in items if item not in left_out]
    wanted = [item for item in items if item.get_closest_marker("browser")]
    for item in wanted:  # a browser on a busy machine; `-rR` names what was run again, and it is looked into
        item.add_marker(pytest.mark.flaky(reruns=1))
    if wanted and not os.environ.get("REQUIRE_BROWSER") and not chromium():
        for item in wanted:
            item.add_marker(pytest.mark.skip(reason="no Chromium: install one or set CHROMIUM=/path/to/it"))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Why a story was run again: what passes the second time can be a fault of ours all the same."""
    for report in terminalreporter.stats.get("rerun", []):
        terminalreporter.section(f"the first run of {report.nodeid}")
        terminalreporter.line(report.longreprtext)


def _is_pure(item: pytest.Item) -> bool:
    if item.nodeid.startswith(NO_DATABASE_DECIDES):
        return True
    asks = item.get_closest_marker("django_db") or "db" in getattr(item, "fixturenames", ())
    return item.nodeid.startswith(PURE) and not asks


def _is_a_side_journey(item: pytest.Item) -> bool:
    main = tuple(f"tests/journeys/test_{name}" for name in MAIN_JOURNEYS)
    return item.nodeid.startswith("tests/journeys/") and not item.nodeid.startswith(main)


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    path = chromium()
    if path is None:
        pytest.fail("no Chromium: install one or set CHROMIUM=/path/to/it")
    return {**browser_type_launch_args, "args": CHROMIUM_FLAGS, **browser.launch_args(path)}


class Problems(list[str]):
    """What went wrong in a page: console errors (each CSP violation is one), exceptions, answers of 500 and more."""

    EXPECTED = ("status of 409", "status of 422")  # a refused form; Chromium reports it as an error

    def watch(self, page: Page) -> None:
        page.on("console", self._console)
        page.on("pageerror", lambda error: self.append(f"exception: {error.stack}"))
        page.on("response", self._response)

    def _console(self, message: ConsoleMessage) -> None:
        if message.type == "error" and not any(part in message.text for part in self.EXPECTED):
            self.append(f"console: {message.text} {message.location.get('url', '')}")

    def _response(self, response: Response) -> None:
        if response.status >= 500:
            self.append(f"{response.status}: {response.url}")


@pytest.fixture
def watched_page(live_server: Any, new_context: Any, settings: Any) -> Iterator[Callable[..., Page]]:
    """``watched_page(as_carol)`` opens a browser signed in as that test client; without one, as nobody.

    Paths are enough: ``page.goto("/week/")``. Each call is a browser of its own, so two people can meet in one test.
    The test fails at its end if a page had problems; those that belong to the story are cleared by
    ``page.problems.clear()``.
    """
    pages: list[Page] = []

    def open_page(client: Client | None = None, **options: Any) -> Page:
        context = new_context(base_url=live_server.url, **options)
        context.set_default_timeout(TIMEOUT_MS)
        if client is not None:
            names = (settings.SESSION_COOKIE_NAME, settings.CSRF_COOKIE_NAME)
            cookies = [{"name": name, "value": client.cookies[name].value} for name in names if name in client.cookies]
            context.add_cookies([{**cookie, "url": live_server.url} for cookie in cookies])
        page = context.new_page()
        page.problems = Problems()
        page.problems.watch(page)
        pages.append(page)
        return page

    yield open_page
    assert [problem for page in pages for problem in page.problems] == []


@pytest.fixture
def shots() -> Path:
    """A folder for screenshots that people look at; nothing compares them."""
    folder = browser.ROOT / "var" / "shots"
    folder.mkdir(parents=True, exist_ok=True)
    return folder
