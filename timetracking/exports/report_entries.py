"""The entries behind a report as a file: to be streamed, put into a workbook, or made in the background."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

from django.db.models import BigIntegerField, Case, CharField, Sum, Value, When
from django.db.models.functions import Cast
from django.http import QueryDict
from django.utils.translation import gettext as _

from accounts.models import Membership
from accounts.permissions import Permission
from timesheets_site.lib import dates
from timesheets_site.lib.spreadsheets import Cells
from timesheets_site.lib.workbooks import Column, Kind
from timetracking.models.amounts import PARTS
from timetracking.rules.amounts import minor_unit
from timetracking.selectors.report_query import ReportQuery
from timetracking.services.export_jobs import Export, ExportKind, Parameters
from timetracking.views import report_address

CODE = "report_entries"
QUERY = "query"
"""The parameter that holds the words of the report's address."""
ROWS_AT_ONCE = 2_000
BILLING = Case(
    When(billable=True, then=Value("Billable")),
    When(no_charge=True, then=Value("NoCharge")),
    default=Value("DoNotBill"),
    output_field=CharField(),
)
"""How an entry is billed, as a code: the same in every language."""
FIELDS = (
    Cast("date", CharField()), "member__display_name", "client__name", "kind", "ticket__number", "ticket__title",
    "project__code", "project__name", "task__name", "charge_code__code", "subject", "description", "work_type__name",
    "work_role__name", BILLING, "status", "minutes", "billed_minutes",
)  # fmt: skip
MONEY = (Cast("hourly_rate", CharField()), Cast("amount", BigIntegerField()))
"""A rate's digits, and the amount in whole thousandths: making a Decimal of each costs more than writing the row."""
(
    DATE, AGENT, CLIENT, KIND_OF, TICKET, TITLE, CODE_OF, PROJECT, TASK, CHARGE_CODE, SUBJECT, DESCRIPTION, WORK_TYPE,
    WORK_ROLE, BILLED_AS, STATUS, MINUTES, BILLED, RATE, AMOUNT,
) = range(len(FIELDS) + len(MONEY))  # fmt: skip


def columns_of(query: ReportQuery) -> list[Column]:
    """What the file has: hours in a workbook, whole minutes in CSV. Money only for who sees that of every entry."""
    currency = query.actor.organisation.currency
    columns = [
        Column(_("Date"), lambda row: dt.date.fromisoformat(row[DATE]), Kind.DATE),
        Column(_("Agent"), lambda row: row[AGENT]),
        Column(_("Client"), lambda row: row[CLIENT] or ""),
        Column(_("Kind"), lambda row: row[KIND_OF], width=10),
        Column(_("Reference"), lambda row: f"TKT-{row[TICKET]}" if row[TICKET] else row[CODE_OF] or "", width=12),
        Column(_("Ticket or project"), lambda row: row[TITLE] or row[PROJECT] or "", width=36),
        Column(_("Task"), lambda row: row[TASK] or ""),
        Column(_("Charge code"), lambda row: row[CHARGE_CODE] or "", width=14),
        Column(_("Subject"), lambda row: row[SUBJECT], width=40),
        Column(_("Description"), lambda row: row[DESCRIPTION], width=40),
        Column(_("Work type"), lambda row: row[WORK_TYPE] or ""),
        Column(_("Work role"), lambda row: row[WORK_ROLE] or ""),
        Column(_("Billing"), lambda row: row[BILLED_AS], width=12),
        Column(_("Status"), lambda row: row[STATUS], width=12),
        Column(_("Hours"), lambda row: row[MINUTES], Kind.MINUTES, csv_header=_("Minutes")),
        Column(_("Billed hours"), lambda row: row[BILLED], Kind.MINUTES, width=12, csv_header=_("Billed minutes")),
    ]
    if query.shows_money:
        columns += [
            Column(
                _("Hourly rate"),
                lambda row: None if row[RATE] is None else Decimal(row[RATE]),
                Kind.RATE,
                currency,
                width=14,
            ),
            Column(_("Amount"), lambda row: Decimal(row[AMOUNT]) / PARTS, Kind.MONEY, currency),
        ]
    return columns


def rows_of(query: ReportQuery) -> Iterator[tuple[Any, ...]]:
    """The rows in order of their days, read piece by piece."""
    fields = (*FIELDS, *MONEY) if query.shows_money else FIELDS
    return iter(query.entries().order_by("date", "pk").values_list(*fields).iterator(chunk_size=ROWS_AT_ONCE))


def writer(query: ReportQuery) -> Callable[[list[tuple[Any, ...]]], str]:
    """Writes rows as the CSV lines that `columns_of` describes, far quicker than a call for each cell.

    Days, kinds, statuses and numbers need no look at what is in them; text is looked at once in some rows.
    """
    money = _money_writer(query.actor.organisation.currency) if query.shows_money else _no_money

    def lines(rows: list[tuple[Any, ...]]) -> str:
        names = Cells()  # of these rows only: memory stays the same
        return "".join(
            [
                f"{date},{names[agent]},{names[client]},{kind},{f'TKT-{ticket}' if ticket else names[code]},"
                f"{names[title] if ticket else names[project]},{names[task]},{names[charge_code]},{names[subject]},"
                f"{names[description]},{names[work_type]},{names[work_role]},{billed_as},"
                f"{status},{minutes},{billed}{money(*amounts)}\r\n"
                for date, agent, client, kind, ticket, title, code, project, task, charge_code, subject, description,
                work_type, work_role, billed_as, status, minutes, billed, *amounts in rows
            ]
        )  # fmt: skip

    return lines


def _no_money() -> str:
    return ""


def _money_writer(currency: str) -> Callable[[str | None, int], str]:
    """The last two cells of a line: the rate with its four decimals, the amount with those of its currency."""
    cut = 3 + int(minor_unit(currency).as_tuple().exponent)
    rates: dict[str | None, str] = {None: ""}

    def money(rate: str | None, thousandths: int) -> str:
        if rate not in rates:
            rates[rate] = f"{Decimal(rate or 0):.4f}"
        digits = f"{thousandths:04}"
        amount = f"{digits[:-3]}.{digits[-3:]}"
        return f",{rates[rate]},{amount[: len(amount) - cut].rstrip('.') if cut else amount}"

    return money


def totals_of(query: ReportQuery) -> list[list[Any]]:
    """The last row of a workbook."""
    sums = {"minutes": Sum("minutes", default=0), "billed": Sum("billed_minutes", default=0)}
    if query.shows_money:
        sums["amount"] = Sum("amount")
    total = query.entries().order_by().aggregate(**sums)
    cells = [_("Total"), *[""] * (MINUTES - 3), total["minutes"], total["billed"]]
    if query.shows_money:
        cells += ["", total["amount"] or Decimal(0)]
    return [cells]


def name_of(query: ReportQuery) -> str:
    """What a file of entries is called, without its ending."""
    return f"time_{query.actor.organisation.slug}_{query.days.first}_{query.days.last}"


# --- In the background ------------------------------------------------------------------------------------------------


def opened(actor: Membership, parameters: Parameters) -> Export:
    """The parameter `query` holds the words of a report's address. Raises what `report_address.read` raises."""
    query = report_address.read(actor, QueryDict(parameters.get(QUERY, "")))
    days = dates.day_range(query.days.first, query.days.last)
    return Export(
        title=_("Entries of a report, %(days)s") % {"days": days},
        name=name_of(query),
        columns=columns_of(query),
        rows=lambda: rows_of(query),
        count=lambda: query.entries().count(),
        lines=writer(query),
        totals=lambda: totals_of(query),
    )


KIND = ExportKind(CODE, Permission.VIEW_REPORTS, opened)
