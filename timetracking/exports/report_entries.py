"""The entries behind a report as a file: to be streamed, put into a workbook, or made in the background."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from decimal import Decimal
from functools import cached_property
from typing import Any

from django.db.models import BigIntegerField, Case, CharField, Sum, Value, When
from django.db.models.functions import Cast
from django.http import QueryDict
from django.utils.translation import gettext as _

from accounts.models import Membership
from accounts.permissions import Permission
from timesheets_site.lib import dates
from timesheets_site.lib.spreadsheets import Cells, cell
from timesheets_site.lib.workbooks import Column, Kind
from timetracking.models import ChargeCode, Client, Project, WorkRole, WorkType
from timetracking.models.amounts import PARTS
from timetracking.rules.amounts import minor_unit
from timetracking.selectors import report_address
from timetracking.selectors.report_query import ReportQuery
from timetracking.services.export_jobs import Export, ExportKind, Parameters

CODE = "report_entries"
QUERY = "query"
"""The parameter that holds the words of the report's address."""
ROWS_AT_ONCE = 2_000
RATE_UNIT = Decimal("0.0001")
BILLING = Case(
    When(billable=True, then=Value("Billable")),
    When(no_charge=True, then=Value("NoCharge")),
    default=Value("DoNotBill"),
    output_field=CharField(),
)
"""How an entry is billed, as a code: the same in every language."""
FIELDS = (
    Cast("date", CharField()), "member_id", "client_id", "kind", "ticket__number", "ticket__title", "project_id",
    "task__name", "charge_code_id", "subject", "description", "work_type_id", "work_role_id", BILLING, "status",
    "minutes", "billed_minutes",
)  # fmt: skip
MONEY = (Cast("hourly_rate", CharField()), Cast("amount", BigIntegerField()))
"""A rate's digits, and the amount in whole thousandths: making a Decimal of each costs more than writing the row."""
(
    DATE, AGENT, CLIENT, KIND_OF, TICKET, TITLE, PROJECT, TASK, CHARGE_CODE, SUBJECT, DESCRIPTION, WORK_TYPE, WORK_ROLE,
    BILLED_AS, STATUS, MINUTES, BILLED, RATE, AMOUNT,
) = range(len(FIELDS) + len(MONEY))  # fmt: skip
Names = dict[int | None, str]


class EntriesFile:
    """What a file of a report's entries holds: hours in a workbook, whole minutes in CSV.

    Money only for who sees that of every entry in it. Names of the records that there are few of are read once, and
    put in by their ids: joining them to a hundred thousand rows costs a database as much as reading the rows.
    """

    def __init__(self, query: ReportQuery) -> None:
        self.query = query
        self.currency = query.actor.organisation.currency

    def _names(self, model: Any, field: str) -> Names:
        return {None: "", **dict(model.objects.order_by().values_list("pk", field))}

    @cached_property
    def names(self) -> dict[int, Names]:
        """By the places of their ids in a row."""
        return {
            AGENT: self._names(Membership, "display_name"),
            CLIENT: self._names(Client, "name"),
            CHARGE_CODE: self._names(ChargeCode, "code"),
            WORK_TYPE: self._names(WorkType, "name"),
            WORK_ROLE: self._names(WorkRole, "name"),
        }

    @cached_property
    def projects(self) -> dict[int | None, tuple[str, str]]:
        """Codes and names."""
        rows = Project.objects.order_by().values_list("pk", "code", "name")
        return {None: ("", ""), **{pk: (code, name) for pk, code, name in rows}}

    @property
    def columns(self) -> list[Column]:
        columns = [
            Column(_("Date"), lambda row: dt.date.fromisoformat(row[DATE]), Kind.DATE),
            self._named(_("Agent"), AGENT),
            self._named(_("Client"), CLIENT),
            Column(_("Kind"), lambda row: row[KIND_OF], width=10),
            Column(_("Reference"), self._reference, width=12),
            Column(_("Ticket or project"), lambda row: row[TITLE] or self.projects[row[PROJECT]][1], width=36),
            Column(_("Task"), lambda row: row[TASK] or ""),
            self._named(_("Charge code"), CHARGE_CODE),
            Column(_("Subject"), lambda row: row[SUBJECT], width=40),
            Column(_("Description"), lambda row: row[DESCRIPTION], width=40),
            self._named(_("Work type"), WORK_TYPE),
            self._named(_("Work role"), WORK_ROLE),
            Column(_("Billing"), lambda row: row[BILLED_AS], width=12),
            Column(_("Status"), lambda row: row[STATUS], width=12),
            Column(_("Hours"), lambda row: row[MINUTES], Kind.MINUTES, csv_header=_("Minutes")),
            Column(_("Billed hours"), lambda row: row[BILLED], Kind.MINUTES, width=12, csv_header=_("Billed minutes")),
        ]
        if self.query.shows_money:
            unit = minor_unit(self.currency)
            columns += [
                Column(_("Hourly rate"), lambda row: _rate(row[RATE]), Kind.RATE, self.currency, width=14),
                Column(_("Amount"), lambda row: _amount(row[AMOUNT], unit), Kind.MONEY, self.currency),
            ]
        return columns

    def _named(self, header: str, place: int) -> Column:
        return Column(header, lambda row: self.names[place][row[place]])

    def _reference(self, row: tuple[Any, ...]) -> str:
        return f"TKT-{row[TICKET]}" if row[TICKET] else self.projects[row[PROJECT]][0]

    def rows(self) -> Iterator[tuple[Any, ...]]:
        """In order of their days, read piece by piece."""
        fields = (*FIELDS, *MONEY) if self.query.shows_money else FIELDS
        entries = self.query.entries().order_by("date", "pk")
        return iter(entries.values_list(*fields).iterator(chunk_size=ROWS_AT_ONCE))

    def count(self) -> int:
        found: int = self.query.entries().order_by().count()
        return found

    def lines(self, rows: list[tuple[Any, ...]]) -> str:
        """Some rows as CSV."""
        return self._writer(rows)

    @cached_property
    def _writer(self) -> Callable[[list[tuple[Any, ...]]], str]:
        """Writes rows as the CSV lines that `columns` describe, far quicker than a call for each cell.

        Days, kinds, statuses and numbers need no look at what is in them; text is looked at once in some rows.
        """
        agents, clients, codes, types, roles = (
            {pk: cell(name) for pk, name in names.items()} for names in self.names.values()
        )
        projects = {pk: f"{cell(code)},{cell(name)}" for pk, (code, name) in self.projects.items()}
        money = _Money(self.currency) if self.query.shows_money else {(): ""}

        def lines(rows: list[tuple[Any, ...]]) -> str:
            texts = Cells()  # of these rows only: memory stays the same
            return "".join(
                [
                    f"{date},{agents[agent]},{clients[client]},{kind},"
                    f"{f'TKT-{ticket},{texts[title]}' if ticket else projects[project]},{texts[task]},{codes[code]},"
                    f"{texts[subject]},{texts[description]},{types[work_type]},{roles[work_role]},{billed_as},{status},"
                    f"{minutes},{billed}{money[(*amounts,)]}\r\n"
                    for date, agent, client, kind, ticket, title, project, task, code, subject, description,
                    work_type, work_role, billed_as, status, minutes, billed, *amounts in rows
                ]
            )  # fmt: skip

        return lines

    def totals(self) -> list[list[Any]]:
        """The last row of a workbook."""
        sums = {"total": Sum("minutes", default=0), "billed": Sum("billed_minutes", default=0)}
        if self.query.shows_money:
            sums["amounts"] = Sum("amount")
        total = self.query.entries().order_by().aggregate(**sums)
        cells = [_("Total"), *[""] * (MINUTES - 2), total["total"], total["billed"]]
        if self.query.shows_money:
            cells += ["", total["amounts"] or Decimal(0)]
        return [cells]

    @property
    def name(self) -> str:
        """What the file is called, without its ending."""
        days = self.query.days
        return f"time_{self.query.actor.organisation.slug}_{days.first}_{days.last}"


def _rate(digits: str | None) -> Decimal | None:
    return None if digits is None else Decimal(digits).quantize(RATE_UNIT)


def _amount(thousandths: int, unit: Decimal) -> Decimal:
    return (Decimal(thousandths) / PARTS).quantize(unit)


class _Money(dict[tuple[Any, ...], str]):
    """The last two cells of a line: the rate with its four decimals, the amount with those of its currency.

    Kept while a file is written, since the same come again and again; at most some thousand.
    """

    MOST = 20_000

    def __init__(self, currency: str) -> None:
        super().__init__()
        self.unit = minor_unit(currency)

    def __missing__(self, key: tuple[str | None, int]) -> str:
        rate, thousandths = key
        if len(self) >= self.MOST:
            self.clear()
        hourly = _rate(rate)
        made = self[key] = f",{'' if hourly is None else hourly},{_amount(thousandths, self.unit)}"
        return made


# --- In the background ------------------------------------------------------------------------------------------------


def opened(actor: Membership, parameters: Parameters) -> Export:
    """The parameter `query` holds the words of a report's address. Raises what `report_address.read` raises."""
    query = report_address.read(actor, QueryDict(parameters.get(QUERY, "")))
    file = EntriesFile(query)
    return Export(
        title=_("Entries of a report, %(days)s") % {"days": dates.day_range(query.days.first, query.days.last)},
        name=file.name,
        columns=file.columns,
        rows=file.rows,
        count=file.count,
        lines=file.lines,
        totals=file.totals,
    )


KIND = ExportKind(CODE, Permission.VIEW_REPORTS, opened)
