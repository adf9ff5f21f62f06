"""Invoices measured inside a process of the product. Started by `benchmarks.invoices`; prints JSON."""

from __future__ import annotations

import datetime as dt
import json
import sys
import time
from collections.abc import Callable, Sequence
from typing import Any

import django

from benchmarks.inside_approval import _ask, _backend, _columns, _cpu, _last, _rows_after, _without_triggers

ROUNDS = 5
FIRST, LAST = dt.date(2000, 1, 1), dt.date(2100, 1, 1)
Spent = dict[str, list[tuple[float, float]]]


def main() -> None:
    django.setup()
    print(json.dumps(measure(json.loads(sys.argv[2]))))


def measure(facts: dict[str, Any]) -> Spent:
    """Elapsed and CPU seconds of each step of one invoice, and of the writes alone; each with its commit."""
    from accounts.models import Membership
    from accounts.tenancy import organisation_scope
    from timetracking.models import Client

    admin = Membership.unscoped.select_related("organisation", "user").get(pk=facts["admin"])
    spent: Spent = {name: [] for name in ("draft", "issue", "PDF", "void", "bare draft", "bare issue")}
    with organisation_scope(admin.organisation_id):
        client, backend = Client.objects.get(pk=facts["client"]), _backend()

        def timed(name: str, act: Callable[[], Any]) -> Any:
            began, cpu = time.perf_counter(), _cpu(backend)
            result = act()
            spent[name].append((time.perf_counter() - began, _cpu(backend) - cpu))
            return result

        for _ in range(ROUNDS):
            _round(timed, admin, client)
    return spent


def _round(timed: Callable[[str, Callable[[], Any]], Any], admin: Any, client: Any) -> None:
    """One invoice through all its steps, then the same rows by themselves."""
    from accounts.models import AuditEvent
    from timetracking.exports.invoice_pdf import pdf_of
    from timetracking.models import Invoice, InvoiceLine
    from timetracking.selectors.invoice_paper import lines_of, paper_of
    from timetracking.services import invoices

    marks = {model: _last(model) for model in (Invoice, InvoiceLine, AuditEvent)}
    draft = timed("draft", lambda: invoices.draft(admin, client=client, first_on=FIRST, last_on=LAST))
    drafted = {model: _rows_after(model, mark) for model, mark in marks.items()}
    told = _last(AuditEvent)
    done = timed("issue", lambda: invoices.issue(admin, draft.pk, version=draft.version))
    [invoice], events = _rows_after(Invoice, marks[Invoice]), _rows_after(AuditEvent, told)
    timed("PDF", lambda: pdf_of(paper_of(admin, done), lines_of(done)))
    timed("void", lambda: invoices.void(admin, done.pk, version=done.version, reason="Measured"))
    _back(marks)
    timed("bare draft", lambda: _insert(drafted))
    timed("bare issue", lambda: _issue(invoice, events))
    _back(marks)


def _insert(rows_of: dict[Any, list[Sequence[Any]]]) -> None:
    """The same rows, each table by one statement for all of them, in one transaction."""
    from django.db import connection, transaction

    with transaction.atomic(), connection.cursor() as cursor:
        for model, rows in rows_of.items():
            places = ", ".join(["%s"] * len(rows[0]))
            cursor.executemany(f"INSERT INTO {model._meta.db_table} ({_columns(model)}) VALUES ({places})", rows)  # noqa: S608


def _issue(invoice: Sequence[Any], told: list[Sequence[Any]]) -> None:
    """What issuing writes: the invoice, its entries, their weeks, and an event for each."""
    from django.db import connection, transaction

    from accounts.models import AuditEvent
    from timetracking.models import Invoice

    names = [f'"{field.column}" = %s' for field in Invoice._meta.concrete_fields]
    lines = "SELECT entry_id FROM timetracking_invoiceline WHERE invoice_id = %s"
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"UPDATE timetracking_invoice SET {', '.join(names)} WHERE id = %s", [*invoice, invoice[0]])  # noqa: S608
        cursor.execute(
            "UPDATE timetracking_timesheet SET version = version + 1 WHERE id IN "  # noqa: S608
            f"(SELECT timesheet_id FROM timetracking_timeentry WHERE id IN ({lines}))",
            [invoice[0]],
        )
        cursor.execute(
            "UPDATE timetracking_timeentry SET status = 'BILLED', version = version + 1, updated_at = created_at "  # noqa: S608
            f"WHERE id IN ({lines})",
            [invoice[0]],
        )
        places = ", ".join(["%s"] * len(told[0]))
        table = AuditEvent._meta.db_table
        cursor.executemany(f"INSERT INTO {table} ({_columns(AuditEvent)}) VALUES ({places})", told)  # noqa: S608


def _back(marks: dict[Any, int]) -> None:
    """As it was before: what was added is gone, the entries are approved."""
    from django.db import connection, transaction

    with transaction.atomic(), connection.cursor() as cursor, _without_triggers(cursor):
        for model, mark in reversed(marks.items()):
            cursor.execute(f"DELETE FROM {model._meta.db_table} WHERE id > %s", [mark])  # noqa: S608
        cursor.execute("UPDATE timetracking_timeentry SET status = 'APPROVED' WHERE status = 'BILLED'")
    if _ask("SELECT 1 FROM timetracking_invoiceline"):
        raise RuntimeError("Lines of a measured invoice are left.")


if __name__ == "__main__":
    main()
