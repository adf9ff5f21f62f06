"""Decisions measured inside a process of the product. Started by `benchmarks.approval`; prints JSON."""

from __future__ import annotations

import contextlib
import json
import os
import statistics
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import django

TICKS = os.sysconf("SC_CLK_TCK")
BULK_WEEKS, BULK_ROUNDS = 200, 5
DECISIONS, DECIDED_AGENT = 40, 9


def main() -> None:
    django.setup()
    facts = json.loads(sys.argv[2])
    print(json.dumps({"cookies": cookies, "bulk": bulk, "one": one}[sys.argv[1]](facts)))


def cookies(facts: dict[str, Any]) -> dict[str, str]:
    """Sessions of the managers, by organisation."""
    from benchmarks.inside import cookie_of

    return {slug: cookie_of(manager) for slug, manager in facts["managers"].items()}


# --- Many weeks at once -----------------------------------------------------------------------------------------------


def bulk(facts: dict[str, Any]) -> dict[str, list[tuple[float, float]]]:
    """Elapsed and CPU seconds of approving many weeks, and of the writes alone; each with its commits."""
    from accounts.models import Membership
    from accounts.tenancy import organisation_scope
    from timetracking.models import Timesheet
    from timetracking.services import approvals

    manager = Membership.unscoped.select_related("organisation", "user").get(pk=facts["managers"]["many"])
    spent: dict[str, list[tuple[float, float]]] = {"service": [], "bare": []}
    with organisation_scope(manager.organisation_id):
        backend = _backend()
        waits = Timesheet.objects.filter(state="submitted").exclude(member=manager).order_by("pk")
        shown = list(waits.values_list("pk", "version")[:BULK_WEEKS])
        for _ in range(BULK_ROUNDS):
            marks = {model: _last(model) for model in _written()}
            began, cpu = time.perf_counter(), _cpu(backend)
            answers = approvals.approve_many(manager, shown)
            spent["service"].append((time.perf_counter() - began, _cpu(backend) - cpu))
            refused = [answer for answer in answers if answer.event is None]
            if refused:
                raise RuntimeError(f"{len(refused)} weeks were not approved: {refused[0].refusal}")
            written = {model: _rows_after(model, mark) for model, mark in marks.items()}
            _back(shown, marks)
            began, cpu = time.perf_counter(), _cpu(backend)
            _bare(shown, written, approvals.AT_ONCE)
            spent["bare"].append((time.perf_counter() - began, _cpu(backend) - cpu))
            _back(shown, marks)
            shown = [(pk, version) for pk, version in Timesheet.objects.filter(
                pk__in=[pk for pk, _version in shown]).order_by("pk").values_list("pk", "version")]  # fmt: skip
    return spent


def _written() -> tuple[Any, ...]:
    """What a decision adds rows to, those that others point to first."""
    from accounts.models import AuditEvent, Notification, OutgoingMail
    from timetracking.models import ApprovalEvent, ApprovalLine

    return ApprovalEvent, ApprovalLine, AuditEvent, Notification, OutgoingMail


def _last(model: Any) -> int:
    [[last]] = _ask(f"SELECT COALESCE(MAX(id), 0) FROM {model._meta.db_table}")  # noqa: S608  # names of our own
    return int(last)


def _rows_after(model: Any, mark: int) -> list[Sequence[Any]]:
    names = _columns(model)
    return _ask(f"SELECT {names} FROM {model._meta.db_table} WHERE id > %s ORDER BY id", [mark])  # noqa: S608


def _columns(model: Any) -> str:
    return ", ".join(f'"{field.column}"' for field in model._meta.concrete_fields)


def _bare(shown: list[tuple[int, int]], written: dict[Any, list[Sequence[Any]]], at_once: int) -> None:
    """The same rows, with their ids, in as many transactions, each table by one statement for all its rows."""
    from django.db import connection, transaction

    for start in range(0, len(shown), at_once):
        ids = [pk for pk, _version in shown[start : start + at_once]]
        marks = ", ".join(["%s"] * len(ids))
        begin, end = start / len(shown), (start + at_once) / len(shown)  # rows lie in the order of the weeks
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(
                "UPDATE timetracking_timeentry SET status = 'APPROVED', rejection_reason = '', version = version + 1, "  # noqa: S608
                f"updated_at = created_at WHERE timesheet_id IN ({marks})",
                ids,
            )
            cursor.execute(
                "UPDATE timetracking_timesheet SET state = 'approved', version = version + 1, "  # noqa: S608
                f"decided_at = created_at, decided_by_id = member_id WHERE id IN ({marks})",
                ids,
            )
            for model, rows in written.items():
                if rows:
                    places = ", ".join(["%s"] * len(rows[0]))
                    sql = f"INSERT INTO {model._meta.db_table} ({_columns(model)}) VALUES ({places})"  # noqa: S608
                    cursor.executemany(sql, rows[int(begin * len(rows)) : int(end * len(rows))])


def _back(shown: list[tuple[int, int]], marks: dict[Any, int]) -> None:
    """The weeks wait as before, and what was added is gone: the triggers that forbid it are left out meanwhile."""
    from django.db import connection, transaction

    ids = [pk for pk, _version in shown]
    places = ", ".join(["%s"] * len(ids))
    with transaction.atomic(), connection.cursor() as cursor, _without_triggers(cursor):
        for model, mark in reversed(marks.items()):
            cursor.execute(f"DELETE FROM {model._meta.db_table} WHERE id > %s", [mark])  # noqa: S608
        cursor.execute(
            f"UPDATE timetracking_timeentry SET status = 'SUBMITTED' WHERE timesheet_id IN ({places})",  # noqa: S608
            ids,
        )
        cursor.execute(
            "UPDATE timetracking_timesheet SET state = 'submitted', decided_at = NULL, decided_by_id = NULL "  # noqa: S608
            f"WHERE id IN ({places})",
            ids,
        )


@contextlib.contextmanager
def _without_triggers(cursor: Any) -> Iterator[None]:
    from django.db import connection

    if connection.vendor == "postgresql":
        cursor.execute("SET LOCAL session_replication_role = replica")
        yield
        cursor.execute("SET LOCAL session_replication_role = origin")
        return
    cursor.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
    triggers = cursor.fetchall()
    for name, _sql in triggers:
        cursor.execute(f'DROP TRIGGER "{name}"')
    yield
    for _name, sql in triggers:
        cursor.execute(sql)


def _ask(sql: str, values: Sequence[Any] = ()) -> list[Sequence[Any]]:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return list(cursor.fetchall())


# --- One week ---------------------------------------------------------------------------------------------------------


def one(facts: dict[str, Any]) -> dict[str, float]:
    """Milliseconds of one decision on an agent's latest week, and of the database's process where it has one."""
    from accounts.models import Membership, Notification, OutgoingMail
    from accounts.tenancy import organisation_scope
    from timetracking.models import ApprovalEvent, Timesheet
    from timetracking.services import approval_reversals, approvals, timesheets

    with organisation_scope(1):
        people = Membership.objects.select_related("organisation", "user")
        manager, agent = people.get(pk=facts["manager"]), people.get(pk=DECIDED_AGENT)
        sheet = timesheets.submit(agent, agent, Timesheet.objects.filter(member=agent).first().week_start)
        mark = _last(ApprovalEvent)
        spent: dict[str, list[float]] = {"CPU": [], "elapsed": []}
        backend = _backend()
        for _ in range(DECISIONS):
            cpu, began = _cpu(backend), time.perf_counter()
            sheet = approvals.approve(manager, sheet.pk, version=sheet.version).sheet
            spent["elapsed"].append((time.perf_counter() - began) * 1000)
            spent["CPU"].append((_cpu(backend) - cpu) * 1000)
            sheet = approval_reversals.undo(manager, sheet.pk, version=sheet.version)
        timesheets.recall(agent, sheet.pk)
        Notification.objects.all().delete()
        OutgoingMail.objects.all().delete()
        if _last(ApprovalEvent) < mark + 2 * DECISIONS:
            raise RuntimeError("The decisions left no history.")
    return {"CPU": statistics.fmean(spent["CPU"]), "elapsed": statistics.median(spent["elapsed"])}


def _backend() -> Path | None:
    from django.db import connection

    if connection.vendor != "postgresql":
        return None
    [[pid]] = _ask("SELECT pg_backend_pid()")
    return Path(f"/proc/{pid}/stat")


def _cpu(backend: Path | None) -> float:
    """Seconds of this process, and of the one that works for it."""
    own = time.process_time()
    if backend is None:
        return own
    values = backend.read_text().rpartition(")")[2].split()
    return own + (int(values[11]) + int(values[12])) / TICKS


if __name__ == "__main__":
    main()
