"""Makes the measured databases: 50 agents, 35 entries each in a week, as many weeks back as the size asks for.

    .venv/bin/python -m benchmarks.fill [--engines sqlite,postgresql] [--sizes 10000,200000,1000000]

What exists already is kept. The latest week is the same in every size, and so are the tickets and projects in it;
older ones are closed and archived, as they would be, and the weeks before it approved, with their history.
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import os
import random
import time
from collections.abc import Iterable, Iterator
from typing import Any

from benchmarks import approved, places
from benchmarks.scale import A_DAY, A_WEEK, ADMIN, AGENTS, DAYS, MANAGER, MONDAY, monday_of, sheet_number, weeks_of

FILLED = 3
"""Raised with every change of what is filled: what was filled before is made anew."""
CLIENTS, TICKETS_A_WEEK, PROJECTS_AT_ONCE, PROJECT_WEEKS, YOUNGEST_PROJECT_WEEKS = 40, 50, 30, 13, 5
KINDS = ("TICKET", "PROJECT", "TICKET", "GENERAL", "TICKET", "PROJECT", "TICKET")
MINUTES = (45, 120, 30, 30, 60, 105, 50)
HOURLY = 95
SUBJECTS = (
    "Printer offline at reception",
    "Mailbox cutover, batch 2",
    "VPN drops on hotel Wi-Fi",
    "Weekly stand-up",
    "Call back",
)
DESCRIPTION = "Replaced the part, tested with two people on site, told the office manager."
CODES = ("MTNG", "TRNG", "ADMIN", "PTO", "ONCALL")
LINES_AT_ONCE = 5_000


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--engines", default=",".join(places.ENGINES))
    parser.add_argument("--sizes", default=",".join(map(str, places.SIZES)))
    parser.add_argument("--here", type=int, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.here:
        fill(options.here)
        return
    for engine in options.engines.split(","):
        for size in places.sizes_from(options.sizes):
            make(engine, size)


def make(engine: str, size: int | str, module: str = "benchmarks.fill") -> None:
    """One database, from nothing; where it is complete it is only brought up to date.

    `module` fills it when it is run with `--here <size>`, and prints what to measure as JSON.
    """
    done = places.marker(engine, size)
    if done.exists() and json.loads(done.read_text()).get("filled") == FILLED:
        places.python(places.database_url(engine, size), "manage.py", "migrate", "-v0")
        return
    done.unlink(missing_ok=True)
    began = time.monotonic()
    url = places.database_url(engine, size)
    if engine == "sqlite":
        for path in places.FOLDER.glob(f"{size}.sqlite3*"):
            path.unlink()
    else:
        import psycopg

        with psycopg.connect(url.replace(f"/bench_{size}?", "/postgres?"), autocommit=True) as server:
            server.execute(f"DROP DATABASE IF EXISTS bench_{size}")
            server.execute(f"CREATE DATABASE bench_{size}")
    places.python(url, "manage.py", "migrate", "-v0")
    text = places.python(url, "-m", module, "--here", str(size), capture=True)
    done.write_text(text)
    name = f"{size:,} entries" if isinstance(size, int) else size
    print(f"{engine}, {name}: {time.monotonic() - began:.0f} s", flush=True)


def set_up() -> None:
    """Django in this process, its database ready for rows that need no checks."""
    import django

    django.setup()
    from django.db import connection

    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("PRAGMA synchronous=OFF")
            cursor.execute("PRAGMA foreign_keys=OFF")
        else:
            cursor.execute("SET session_replication_role = replica")  # the keys below fit; checking each takes minutes


def fill(size: int) -> None:
    """Fill the database of this process; prints what to measure as JSON."""
    set_up()
    weeks = weeks_of(size)
    people()
    catalogue(weeks)
    store("timetracking.Timesheet", sheets(weeks))
    store("timetracking.TimeEntry", entries(size, weeks))
    store("accounts.AuditEvent", events(size, weeks))
    store("timetracking.ApprovalEvent", approved.steps(size))
    store("timetracking.ApprovalLine", approved.lines(size))
    store("accounts.AuditEvent", approved.trail(size, size + 1))
    tidy()
    facts = {
        "filled": FILLED,
        "size": size,
        "slug": "bench",
        "agent": 1,
        "manager": MANAGER,
        "monday": MONDAY.isoformat(),
        "weeks": weeks,
    }
    facts |= {"ticket": weeks * TICKETS_A_WEEK, "project": f"P{projects(weeks)}", "other_agent": 7}
    print(json.dumps(facts))


def store(label: str, rows: Iterable[dict[str, Any]]) -> None:
    """Insert rows of column names and plain values; what a row leaves out has the model's default."""
    from django.apps import apps
    from django.db import connection

    model = apps.get_model(label)
    defaults = {field.column: _plain(field.get_default()) for field in model._meta.concrete_fields}
    columns = list(defaults)
    table, names = model._meta.db_table, ", ".join(f'"{column}"' for column in columns)
    lines = (list((defaults | row).values()) for row in rows)
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            sql = f"INSERT INTO {table} ({names}) VALUES ({', '.join('?' * len(columns))})"  # noqa: S608  # names of our own
            raw = connection.connection
            raw.execute("BEGIN")
            raw.executemany(sql, lines)
            raw.execute("COMMIT")
        else:
            with cursor.copy(f"COPY {table} ({names}) FROM STDIN") as copy:
                for line in lines:
                    copy.write_row(line)
            cursor.execute(f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), (SELECT max(id) FROM {table}))")  # noqa: S608


def _plain(value: Any) -> Any:
    if isinstance(value, list | dict):
        return json.dumps(value)
    if isinstance(value, dt.datetime):
        return f"{value:%Y-%m-%d %H:%M:%S}"
    return value if value is None or isinstance(value, bool | int) else str(value)


def people(number: int = 1, slug: str = "bench") -> None:
    """An organisation of that number with its agents, whose ids begin at 100 times the numbers before."""
    made, before = "2015-01-01 09:00:00", (number - 1) * 100
    organisation = {"id": number, "name": slug.title(), "slug": slug, "time_zone": "Europe/London", "currency": "GBP"}
    store("accounts.Organisation", [organisation | {"created_at": made}])
    numbers = range(1, AGENTS + 1)
    store(
        "accounts.User",
        (
            {
                "id": before + n, "email": f"agent{n}@{slug}.test", "name": f"Agent {n}",
                "last_organisation_id": number,
            }
            for n in numbers
        ),
    )  # fmt: skip
    roles = {MANAGER: "MANAGER", ADMIN: "ADMIN"}
    store(
        "accounts.Membership",
        (
            {
                "id": before + n, "organisation_id": number, "user_id": before + n, "display_name": f"Agent {n}",
                "joined_at": made, "role": roles.get(n, "AGENT"),
            }
            for n in numbers
        ),
    )  # fmt: skip


def projects(weeks: int) -> int:
    """How many there were in all these weeks."""
    return PROJECTS_AT_ONCE * (1 + -(-max(weeks - YOUNGEST_PROJECT_WEEKS, 0) // PROJECT_WEEKS))


def catalogue(weeks: int) -> None:
    made = {"organisation_id": 1, "created_at": "2015-01-01 09:00:00", "updated_at": "2015-01-01 09:00:00"}
    store("timetracking.Client", ({**made, "id": n, "name": f"Client {n}"} for n in range(1, CLIENTS + 1)))
    count = projects(weeks)
    store(
        "timetracking.Project",
        (
            {
                **made, "id": n, "code": f"P{n}", "name": f"Project {n}",
                "client_id": n % CLIENTS + 1, "budget_minutes": 60_000,
                "status": "active" if n > count - PROJECTS_AT_ONCE else "closed",
                "archived_at": None if n > count - PROJECTS_AT_ONCE else "2020-01-01 09:00:00",
            }
            for n in range(1, count + 1)
        ),
    )  # fmt: skip
    last = weeks * TICKETS_A_WEEK
    store(
        "timetracking.Ticket",
        (
            {
                **made, "id": n, "number": n, "title": f"Ticket {n}: {SUBJECTS[n % 5].lower()}",
                "client_id": n % CLIENTS + 1,
                "status": "open" if n > last - 4 * TICKETS_A_WEEK else "closed", "assignee_id": n % AGENTS + 1,
            }
            for n in range(1, last + 1)
        ),
    )  # fmt: skip
    store("timetracking.ChargeCode", ({**made, "id": n, "code": code, "name": code} for n, code in enumerate(CODES, 1)))


def sheets(weeks: int) -> Iterator[dict[str, Any]]:
    for week in range(weeks):
        monday = monday_of(week, weeks)
        for agent in range(1, AGENTS + 1):
            yield {
                "id": sheet_number(week, agent), "organisation_id": 1, "member_id": agent,
                "week_start": monday.isoformat(), "created_at": f"{monday} 09:00:00",
                **(approved.of_sheet(agent, monday) if week < weeks - 1 else {}),
            }  # fmt: skip


def entries(size: int, weeks: int) -> Iterator[dict[str, Any]]:
    """All entries in order of day; the oldest week takes what is left over."""
    number, skip = 0, weeks * A_WEEK - size
    for week in range(weeks):
        dice = random.Random(weeks - week)  # noqa: S311  # the latest week is the same in every size
        first = monday_of(week, weeks)
        quarter = max(0, -(-(weeks - week - YOUNGEST_PROJECT_WEEKS) // PROJECT_WEEKS))
        last_project = projects(weeks) - quarter * PROJECTS_AT_ONCE
        decided = approved.of_entry(first) if week < weeks - 1 else {}
        for weekday in range(DAYS):
            day = (first + dt.timedelta(days=weekday)).isoformat()
            for agent in range(1, AGENTS + 1):
                for place in range(A_DAY):
                    roll = dice.random()
                    if skip:
                        skip -= 1
                        continue
                    number += 1
                    made = f"{day} {9 + place:02}:{int(roll * 60):02}:00"
                    yield {
                        "id": number, "organisation_id": 1, "member_id": agent, "recorded_by_id": agent,
                        "timesheet_id": sheet_number(week, agent), "date": day, "zone": "Europe/London",
                        "minutes": MINUTES[place], "subject": SUBJECTS[int(roll * 1000) % 5],
                        "description": DESCRIPTION if roll < 0.4 else "", "created_at": made, "updated_at": made,
                        **link(KINDS[place], roll, week, last_project), **price(KINDS[place], MINUTES[place]),
                        **decided,
                    }  # fmt: skip


def link(kind: str, roll: float, week: int, last_project: int) -> dict[str, Any]:
    if kind == "TICKET":
        ticket = (week + 1) * TICKETS_A_WEEK - int(roll * TICKETS_A_WEEK)
        return {
            "kind": kind, "ticket_id": ticket, "client_id": ticket % CLIENTS + 1, "billable": True,
            "billable_decided_by": "organisation",
        }  # fmt: skip
    if kind == "PROJECT":
        project = last_project - int(roll * PROJECTS_AT_ONCE)
        return {
            "kind": kind, "project_id": project, "client_id": project % CLIENTS + 1, "billable": True,
            "billable_decided_by": "project",
        }  # fmt: skip
    return {
        "kind": kind, "charge_code_id": int(roll * 5) + 1, "billable": False, "billable_decided_by": "general",
    }  # fmt: skip


def price(kind: str, minutes: int) -> dict[str, Any]:
    """Billed as worked, at the organisation's rate; amounts in thousandths, as the column has them."""
    if kind == "GENERAL":
        return {"rate_decided_by": "not_billed"}
    return {
        "billed_minutes": minutes, "base_rate": HOURLY, "hourly_rate": HOURLY, "rate_decided_by": "organisation",
        "amount": (minutes * HOURLY * 100 + 30) // 60 * 10,
    }  # fmt: skip


def events(size: int, weeks: int) -> Iterator[dict[str, Any]]:
    """One line of the trail for each entry that was logged."""
    for row in entries(size, weeks):
        yield {
            "id": row["id"], "organisation_id": 1, "actor_id": row["member_id"], "action": "time_entry.logged",
            "object_type": "timeentry", "object_id": row["id"], "at": row["created_at"],
            "changes": f'{{"minutes": [null, {row["minutes"]}], "date": [null, "{row["date"]}"]}}',
        }  # fmt: skip


def tidy() -> None:
    """What PostgreSQL's autovacuum does by itself within minutes, and SQLite gets from `manage.py tidy` at night."""
    from django.db import connection

    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            statements = ("PRAGMA analysis_limit=0", "ANALYZE", "PRAGMA wal_checkpoint(TRUNCATE)")
        else:
            statements = ("VACUUM ANALYZE",)
        for statement in statements:
            cursor.execute(statement)


if __name__ == "__main__":
    os.environ.setdefault("PYTHONHASHSEED", "0")
    main()
