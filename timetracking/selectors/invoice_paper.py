"""An invoice as it reads: who bills whom, what for, at what total. The page, the PDF and the tables all show this."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import Sum
from django.utils.translation import gettext as _

from accounts.models import Membership
from timesheets_site.lib import dates
from timesheets_site.lib.printable import Printable
from timetracking.models import Invoice, InvoiceLine
from timetracking.models.invoices import recipient_of, sender_of
from timetracking.rules import amounts, durations
from timetracking.selectors.marked_up import hm

COLUMNS = ("group", "date", "agent", "text", "minutes", "covered_minutes", "no_charge", "hourly_rate", "amount")
ROWS_AT_ONCE = 2_000
ROWS_A_PAGE = 200


@dataclass(frozen=True, slots=True)
class Line(Printable):
    """One line as values; words for it come from `note_of` and `rate_of`."""

    group: str
    date: Any
    agent: str
    text: str
    minutes: int
    covered_minutes: int
    no_charge: bool
    hourly_rate: Decimal | None
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Group(Printable):
    """A heading with what is under it in all."""

    heading: str
    minutes: int
    amount: Decimal

    @property
    def hm(self) -> Any:
        return hm(self.minutes)


@dataclass(frozen=True)
class Party(Printable):
    """Who sends or gets it."""

    name: str
    address: list[str]
    tax_number: str
    email: str = ""


@dataclass(frozen=True)
class Paper(Printable):
    """Everything but the lines. `notice` is what must be said in large: that it is a draft, or void."""

    title: str
    notice: str
    sender: Party
    recipient: Party
    facts: list[tuple[str, str]]
    groups: list[Group]
    totals: list[tuple[str, Decimal]]
    currency: str
    note: str
    terms: str
    has_covered: bool


def paper_of(actor: Membership, invoice: Invoice) -> Paper:
    """A draft shows the organisation and the client as they are today; an issued one as they were."""
    sender = invoice.sender or sender_of(actor.organisation)
    recipient = invoice.recipient or recipient_of(invoice.client)
    is_draft, is_void = invoice.status == Invoice.Status.DRAFT, invoice.status == Invoice.Status.VOID
    lines = InvoiceLine.objects.filter(invoice=invoice)
    return Paper(
        title=_("Draft invoice") if is_draft else _("Invoice %(number)s") % {"number": invoice.reference},
        notice=_("Draft") if is_draft else _("Void") if is_void else "",
        sender=_party(sender),
        recipient=_party(recipient),
        facts=_facts(invoice),
        groups=groups_of(invoice),
        totals=totals_of(invoice),
        currency=invoice.currency,
        note=invoice.note,
        terms=sender["terms"],
        has_covered=lines.filter(covered_minutes__gt=0).exists(),
    )


def _party(values: dict[str, str]) -> Party:
    """An address that begins with the name says it once."""
    lines = [line.strip() for line in values["address"].splitlines() if line.strip()]
    if lines[:1] == [values["name"]]:
        lines = lines[1:]
    return Party(values["name"], lines, values["tax_number"], values.get("email", ""))


def _facts(invoice: Invoice) -> list[tuple[str, str]]:
    facts = []
    if invoice.reference:
        facts.append((_("Invoice number"), invoice.reference))
    if invoice.issued_on is not None:
        facts.append((_("Invoice date"), dates.full(invoice.issued_on)))
    if invoice.due_on is not None:
        facts.append((_("Due"), dates.full(invoice.due_on)))
    facts.append((_("Period"), dates.day_range(invoice.first_on, invoice.last_on)))
    return facts


def groups_of(invoice: Invoice) -> list[Group]:
    """The headings in their order; their sums add up to the invoice's."""
    sums = InvoiceLine.objects.filter(invoice=invoice).order_by("group").values_list("group")
    return [Group(*row) for row in sums.annotate(minutes=Sum("minutes"), amount=Sum("amount"))]


def totals_of(invoice: Invoice) -> list[tuple[str, Decimal]]:
    """What stands below the lines: with tax, the net sum and the tax before the total."""
    if not invoice.tax_percent:
        return [(_("Total"), invoice.total)]
    return [(_("Net"), invoice.net), (tax_words(invoice), invoice.tax), (_("Total"), invoice.total)]


def tax_words(invoice: Invoice) -> str:
    """`VAT 20%`, without needless zeros."""
    percent = format(invoice.tax_percent.normalize(), "f")
    words = _("%(tax)s %(percent)s%%")
    return words % {"tax": invoice.tax_name or _("Tax"), "percent": percent}


def lines_of(invoice: Invoice) -> Iterator[Line]:
    """All lines in the order in which they stand, read in batches."""
    rows = InvoiceLine.objects.filter(invoice=invoice).order_by("group", "date", "pk").values_list(*COLUMNS)
    yield from (Line(*row) for row in rows.iterator(chunk_size=ROWS_AT_ONCE))


@dataclass(frozen=True)
class Block(Printable):
    """A heading with those of its lines that stand on one page. `continued` if it began on the page before."""

    group: Group
    lines: list[Any]
    continued: bool = False


def blocks(groups: Iterable[Group], lines: Iterable[Any], before: str = "") -> list[Block]:
    """Lines of one page under their headings; `before` is the heading of the last line on the page before."""
    known = {group.heading: group for group in groups}
    found: list[Block] = []
    for line in lines:
        if not found or found[-1].group.heading != line.group:
            found.append(Block(known[line.group], [], continued=not found and line.group == before))
        found[-1].lines.append(line)
    return found


def page_of(invoice: Invoice, groups: Iterable[Group], number: int) -> tuple[list[Block], Page[Line]]:
    """One page of the lines under their headings."""
    rows = InvoiceLine.objects.filter(invoice=invoice).order_by("group", "date", "pk").values_list(*COLUMNS)
    page = Paginator(rows, ROWS_A_PAGE).get_page(number)
    start = page.start_index() - 1
    before = rows[start - 1][0] if page.number > 1 else ""
    return blocks(groups, [_shown(Line(*row), invoice.currency) for row in page.object_list], before), page


@dataclass(frozen=True, slots=True)
class ShownLine(Printable):
    """A line in words."""

    group: str
    day: str
    agent: str
    text: str
    hm: str
    note: str
    rate: str
    money: str


def _shown(line: Line, currency: str) -> ShownLine:
    return ShownLine(
        group=line.group,
        day=dates.weekday_day_month(line.date),
        agent=line.agent,
        text=line.text,
        hm=str(hm(line.minutes)),
        note=note_of(line),
        rate=rate_of(line, currency),
        money=amounts.money(line.amount, currency),
    )


def note_of(line: Line) -> str:
    """What else there is to say of a line: that it is free, or how much of it the included hours cover."""
    if line.no_charge:
        return _("No charge")
    if not line.covered_minutes:
        return ""
    return _("%(duration)s included") % {"duration": durations.format_minutes(line.covered_minutes)}


def rate_of(line: Line, currency: str) -> str:
    return "" if line.hourly_rate is None or line.no_charge else amounts.rate(line.hourly_rate, currency)
