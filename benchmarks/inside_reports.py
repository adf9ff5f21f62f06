"""Reports measured inside a process of the product. Started by `benchmarks.reports`; prints JSON."""

from __future__ import annotations

import contextlib
import datetime as dt
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import django

CSV_ROWS = 100_000


def main() -> None:
    django.setup()
    facts = json.loads(sys.argv[2])
    what, rounds = sys.argv[1].split(":")
    print(json.dumps({"reports": reports, "csv": csv}[what](facts, int(rounds))))


# --- Reports ----------------------------------------------------------------------------------------------------------


def reports(facts: dict[str, Any], rounds: int) -> dict[str, dict[str, Any]]:
    """Elapsed seconds of each, in turns: the sums' statements bare, the values of the page, the page, its statements.

    `page` is one whose values the process has shown before, as when somebody comes back to it; `fresh` one that it
    has not, so that every part is rendered.
    """
    from django.http import QueryDict
    from django.test import Client

    from accounts.models import Membership, User
    from accounts.tenancy import organisation_scope
    from benchmarks.scale import ADMIN
    from timesheets_site.lib import pure
    from timetracking.selectors import report_address
    from timetracking.selectors.reports import report_of

    client = Client(headers={"host": "127.0.0.1"})
    client.force_login(User.objects.get(pk=ADMIN), backend="accounts.backends.SlowGuessingBackend")
    found = {}
    for name, words in _asked(facts).items():
        path = f"/o/{facts['slug']}/reports/?{words}"
        with organisation_scope(1):
            admin = Membership.objects.select_related("organisation", "user").get(pk=ADMIN)
            query = report_address.read(admin, QueryDict(words))
            with recorded() as of_values:
                report_of(query)
        for _ in range(2):  # the first request of a session may write that it was seen
            with recorded() as of_page:
                answer = client.get(path, secure=True)
        if answer.status_code != 200:
            raise RuntimeError(f"{path}: {answer.status_code}")

        def values(query: Any = query) -> None:
            with organisation_scope(1):
                report_of(query)

        def fresh(path: str = path) -> None:
            pure._rendered.cache_clear()
            client.get(path, secure=True)

        found[name] = {"statements": len(of_values)} | in_turns(
            {
                "bare": partial(replay, of_values),
                "report": values,
                "page_bare": partial(replay, of_page),
                "page": partial(client.get, path, secure=True),
                "fresh": fresh,
            },
            rounds,
        )
    return found


def _asked(facts: dict[str, Any]) -> dict[str, str]:
    last = dt.date.fromisoformat(facts["monday"]) + dt.timedelta(days=4)
    month, year = last - dt.timedelta(days=30), last - dt.timedelta(days=364)
    return {
        "month, by agent and client": f"from={month}&to={last}&by=agent&then=client",
        "month, by project and week": f"from={month}&to={last}&by=project&then=week",
        "year, by agent and client": f"from={year}&to={last}&by=agent&then=client",
        "year, by project and week": f"from={year}&to={last}&by=project&then=week",
        "year, by client and ticket": f"from={year}&to={last}&by=client&then=ticket",
    }


@contextlib.contextmanager
def recorded() -> Iterator[list[tuple[str, Any]]]:
    """The statements that are run inside, with their values."""
    from django.db import connection

    statements: list[tuple[str, Any]] = []

    def keep(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if sql.lstrip()[:6].upper() in ("SELECT", "WITH"):
            statements.append((sql, params))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(keep):
        yield statements


def replay(statements: list[tuple[str, Any]]) -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        for sql, params in statements:
            cursor.execute(sql, params)
            cursor.fetchall()


def in_turns(calls: dict[str, Callable[[], Any]], rounds: int) -> dict[str, list[float]]:
    """Elapsed seconds of each call in each round; the first round warms up."""
    spent: dict[str, list[float]] = {name: [] for name in calls}
    for turn in range(rounds + 1):
        for name in calls if turn % 2 else reversed(calls):
            began = time.perf_counter()
            calls[name]()
            if turn:
                spent[name].append(time.perf_counter() - began)
    return spent


# --- CSV --------------------------------------------------------------------------------------------------------------


def csv(facts: dict[str, Any], rounds: int) -> dict[str, Any]:
    """Elapsed seconds of writing the same cells of the same rows: by the product, and by the database itself."""
    from django.db import connection

    from accounts.models import Membership
    from accounts.tenancy import organisation_scope
    from benchmarks.scale import A_WEEK, ADMIN
    from timesheets_site.lib import workbooks
    from timesheets_site.lib.spreadsheets import stream_csv
    from timetracking.exports.report_entries import EntriesFile
    from timetracking.selectors import report_address

    last = dt.date.fromisoformat(facts["monday"]) + dt.timedelta(days=4)
    first = last - dt.timedelta(days=4 + 7 * (CSV_ROWS // A_WEEK))
    with organisation_scope(1):
        admin = Membership.objects.select_related("organisation", "user").get(pk=ADMIN)
        query = report_address.read(admin, {"from": str(first), "to": str(last)})
        size = 0

        def ours() -> None:
            nonlocal size
            file = EntriesFile(query)
            size = sum(map(len, stream_csv(workbooks.csv_columns(file.columns), file.rows(), lines=file.lines)))

        statement = _in_full(_joined(query))
        own = _by_shell(statement) if connection.vendor == "sqlite" else _by_copy(statement)
        spent = in_turns({"own": own, "ours": ours}, rounds)
        return {**spent, "rows": query.entries().count(), "bytes": size}


def _joined(query: Any) -> Any:
    """The same cells by one statement, names and all."""
    from django.db.models import BigIntegerField, Value
    from django.db.models.functions import Cast, Coalesce, Concat

    from timetracking.exports.report_entries import BILLING

    reference = Coalesce(Concat(Value("TKT-"), "ticket__number", output_field=_text()), "project__code")
    return (
        query.entries()
        .order_by("date", "pk")
        .values_list(
            "date", "member__display_name", "client__name", "kind", reference,
            Coalesce("ticket__title", "project__name"), "task__name", "charge_code__code", "subject", "description",
            "work_type__name", "work_role__name", BILLING, "status", "minutes", "billed_minutes", "hourly_rate",
            Cast("amount", BigIntegerField()),
        )
    )  # fmt: skip


def _text() -> Any:
    from django.db.models import CharField

    return CharField()


def _in_full(rows: Any) -> str:
    """The statement with its values in it, as its own database writes them."""
    from django.db import connection

    sql, params = rows.query.sql_with_params()
    connection.ensure_connection()
    if connection.vendor == "sqlite":
        seen: list[str] = []
        connection.connection.set_trace_callback(seen.append)
        with connection.cursor() as cursor:
            cursor.execute(f"{sql} LIMIT 0", params)
        connection.connection.set_trace_callback(None)
        return seen[-1].removesuffix(" LIMIT 0")
    import psycopg

    return psycopg.ClientCursor(connection.connection).mogrify(sql, params)


def _by_shell(statement: str) -> Callable[[], None]:
    from django.db import connection

    path = connection.settings_dict["NAME"]

    def run() -> None:
        with tempfile.TemporaryFile() as file:
            commands = f"PRAGMA cache_size=-16000;\nPRAGMA mmap_size=134217728;\n.mode csv\n{statement};\n"
            subprocess.run(["sqlite3", "-readonly", str(path)], input=commands, text=True, stdout=file, check=True)  # noqa: S607

    return run


def _by_copy(statement: str) -> Callable[[], None]:
    from django.db import connection

    def run() -> None:
        with connection.cursor() as cursor, cursor.copy(f"COPY ({statement}) TO STDOUT WITH (FORMAT csv)") as copy:
            for _piece in copy:
                pass

    return run


if __name__ == "__main__":
    main()
