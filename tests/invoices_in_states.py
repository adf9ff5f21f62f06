"""An invoice in every state, for the filled organisation: each bills a month of its own, long before its other time."""

from __future__ import annotations

import datetime as dt

from accounts.models import Membership
from tests.timetracking.invoices.billing import billed_entry
from timetracking.models import Client, Invoice, Project, Ticket, TimeEntry
from timetracking.services import invoice_lines, invoices

MONTHS = {"issued": 1, "void": 2, "changed": 3, "draft": 4, "empty": 5}


def day_of(state: str, week: dt.date) -> dt.date:
    """A day of the month that the invoice of this state bills."""
    return dt.date(week.year - 1, MONTHS[state], 10)


def make(
    alice: Membership, carol: Membership, client: Client, project: Project, ticket: Ticket, week: dt.date
) -> dict[str, Invoice]:
    """By state; `changed` is a draft whose entry changed since, `empty` a draft from which all was left out."""
    found = {}
    for number, state in enumerate(MONTHS, 60):
        day = day_of(state, week)
        billed = billed_entry(carol, project=project, date=day, subject=f"Gizmo {number}")
        if state != "changed":
            billed_entry(carol, ticket=ticket, date=day, subject=f"Marble {number}", no_charge=True)
            billed_entry(carol, project=project, date=day, subject=f"Quarry {number}", status="SUBMITTED")
            billed_entry(carol, project=project, date=day, subject=f"Pewter {number}", hourly_rate=None)
        draft = invoices.draft(
            alice, client=client, first_on=day.replace(day=1), last_on=day, grouping="ticket", note="Lantern 60"
        )
        found[state] = draft
        if state in ("issued", "void"):
            found[state] = invoices.issue(alice, draft.pk, version=draft.version)
        if state == "void":
            found[state] = invoices.void(alice, draft.pk, version=None, reason="Quarry 61")
        if state == "changed":
            TimeEntry.objects.filter(pk=billed.pk).update(subject="Gizmo 70", version=2)
        if state == "empty":
            out = list(draft.lines.values_list("entry", flat=True))
            found[state] = invoice_lines.change(alice, draft.pk, version=None, leave_out=out)
    return found


def more(alice: Membership, carol: Membership, client: Client, project: Project, week: dt.date, number: int) -> None:
    """More lines and what could be taken in on the draft, and more invoices in the list."""
    day = day_of("draft", week)
    billed_entry(carol, project=project, date=day, subject=f"Gizmo {number}")
    if number % 5 == 0:
        day = dt.date(week.year - 2, 1, 1) + dt.timedelta(days=number)
        billed_entry(carol, project=project, date=day, subject=f"Gizmo {number}")
        draft = invoices.draft(alice, client=client, first_on=day, last_on=day)
        invoices.issue(alice, draft.pk, version=draft.version)
