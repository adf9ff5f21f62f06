"""What can be billed to a client, what can't and why, and a draft beside its entries as they are now."""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Iterable, Set
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import Membership, Organisation
from timesheets_site.lib import dates
from timesheets_site.lib.addresses import address
from timesheets_site.lib.printable import Printable
from timetracking.models import Client, Invoice, InvoiceLine
from timetracking.models.invoices import unbilled
from timetracking.rules import amounts, durations, invoicing
from timetracking.rules.invoicing import DIFFERENCE_WORDS, Difference, Standing
from timetracking.selectors.marked_up import hm

ROWS_A_PAGE = 200
READ = (
    "version", "date", "subject", "status", "billable", "no_charge", "billed_minutes", "covered_minutes", "hourly_rate",
    "amount", "client", "deleted_at", "organisation",
)  # fmt: skip
NAMES = ("member__display_name", "ticket__number", "ticket__title", "project__code", "project__name", "work_role__name")


@dataclass(frozen=True, slots=True)
class Reason(Printable):
    """Why some time can't be billed, how much it is, and where to look."""

    text: str
    count: str
    hm: str
    url: str = ""


@dataclass(frozen=True, slots=True)
class Row(Printable):
    """An entry that is, or could be, on a draft."""

    entry_id: int
    group: str
    date: dt.date
    day: str
    text: str
    agent: str
    minutes: int
    hm: str
    rate: str
    amount: Decimal
    money: str
    note: str
    included: bool
    problem: str = ""
    url: str = ""
    ticked: bool = False
    """As `included`, unless somebody ticked it otherwise and was not heard yet."""


@dataclass
class Section(Printable):
    """The rows under one heading; the sums are of all that is included, on whatever page."""

    heading: str
    minutes: int = 0
    amount: Decimal = amounts.ZERO
    included: int = 0
    left_out: int = 0
    money: str = ""
    rows: list[Row] = field(default_factory=list)
    continued: bool = False

    @property
    def hm(self) -> Any:
        return hm(self.minutes)


@dataclass(frozen=True)
class Figure(Printable):
    label: str
    icon: str
    tone: str
    value: Any


@dataclass(frozen=True)
class Offer(Printable):
    """What a new draft for a client and period would begin with."""

    sections: list[Section]
    reasons: list[Reason]
    count: int
    minutes: int
    money: str
    first_on: dt.date | None

    @property
    def hm(self) -> Any:
        return hm(self.minutes)


@dataclass(frozen=True)
class DraftPage(Printable):
    """The editor of a draft, one page of its rows."""

    invoice: Invoice
    period: str
    figures: list[Figure]
    sections: list[Section]
    reasons: list[Reason]
    changed: list[Row]
    changed_more: int
    settings_changed: bool
    page: Page[Row]
    total: str
    count: int

    @property
    def is_behind(self) -> bool:
        return bool(self.changed) or self.settings_changed


def offer_for(actor: Membership, client: Client, first_on: dt.date | None, last_on: dt.date, grouping: str) -> Offer:
    """What could be put on a draft now, by heading, and what has to be seen to first."""
    entries = list(_entries(unbilled(client, first_on, last_on)))
    reader = _Reader(actor, grouping)
    rows = [reader.offered(entry, included=True) for entry in entries if reader.standing(entry) == Standing.READY]
    rows.sort(key=lambda row: (row.group, row.date, row.entry_id))
    return Offer(
        sections=reader.sections(rows, []),
        reasons=reader.reasons(entries),
        count=len(rows),
        minutes=sum(row.minutes for row in rows),
        money=amounts.money(amounts.total(row.amount for row in rows), actor.organisation.currency),
        first_on=min((row.date for row in rows), default=None),
    )


def draft_page(
    actor: Membership, invoice: Invoice, page: int = 1, ticks: tuple[Set[int], Set[int]] = (frozenset(), frozenset())
) -> DraftPage:
    """The draft's lines with what became of their entries, and what is left out, page by page.

    `ticks` are entries that somebody wanted in, and out, when they were refused: they stay ticked so.
    """
    reader = _Reader(actor, invoice.grouping, invoice.currency)
    lines = InvoiceLine.objects.filter(invoice=invoice).select_related("entry").defer("invoice")
    on_it = [reader.line(invoice, line) for line in lines.only(*_LINE_COLUMNS)]
    entries = list(_entries(_beside(invoice)))
    left_out = [reader.offered(e, included=False) for e in entries if reader.standing(e) == Standing.READY]
    rows = sorted([*on_it, *left_out], key=lambda row: (row.group, row.date, row.entry_id))
    shown = Paginator(rows, ROWS_A_PAGE).get_page(page)
    before = rows[shown.start_index() - 2].group if shown.number > 1 else ""
    changed = [row for row in on_it if row.problem]
    return DraftPage(
        invoice=invoice,
        period=dates.day_range(invoice.first_on, invoice.last_on),
        figures=_figures(invoice, on_it, left_out),
        sections=reader.sections(rows, [_ticked(row, *ticks) for row in shown.object_list], before=before),
        reasons=reader.reasons(entries),
        changed=changed[:_NAMED],
        changed_more=max(len(changed) - _NAMED, 0),
        settings_changed=_settings_changed(invoice, actor.organisation),
        page=shown,
        total=amounts.money(invoice.total, invoice.currency),
        count=len(on_it),
    )


def entries_under(actor: Membership, invoice: Invoice, heading: str, *, included: bool) -> list[int]:
    """The entries under a heading: those that are on the draft, or those that could be taken in."""
    if included:
        lines = InvoiceLine.objects.filter(invoice=invoice, group=heading)
        return list(lines.values_list("entry", flat=True))
    reader = _Reader(actor, invoice.grouping)
    entries = _entries(_beside(invoice))
    ready = [entry for entry in entries if reader.standing(entry) == Standing.READY]
    return [entry.pk for entry in ready if invoicing.heading_of(entry, invoice.grouping) == heading]


_NAMED = 20
_LINE_COLUMNS = (
    "entry_version", "date", "group", "agent", "text", "minutes", "covered_minutes", "no_charge", "hourly_rate",
    "amount", "invoice_id", "organisation_id", *(f"entry__{name}" for name in READ),
)  # fmt: skip


def _entries(entries: Any) -> Any:
    related = entries.select_related("member", "ticket", "project", "work_role")
    return related.only(*READ, *NAMES).order_by("date", "pk")


def _beside(invoice: Invoice) -> Any:
    """The unbilled time of a draft's client and period that is not on it."""
    elsewhere = Q(draft__isnull=True) | Q(draft__lt=invoice.pk) | Q(draft__gt=invoice.pk)
    return unbilled(invoice.client_id, invoice.first_on, invoice.last_on).filter(elsewhere)


def _settings_changed(invoice: Invoice, organisation: Organisation) -> bool:
    drafted_with = invoice.currency, invoice.tax_name, invoice.tax_percent
    return drafted_with != (organisation.currency, organisation.tax_name, organisation.tax_percent)


def _figures(invoice: Invoice, lines: list[Row], left_out: list[Row]) -> list[Figure]:
    out = amounts.total(row.amount for row in left_out)
    return [
        Figure(_("Entries"), "clipcheck", "ink", durations.grouped(len(lines))),
        Figure(_("Hours"), "clock", "ink", hm(invoice.minutes)),
        Figure(_("Net"), "receipt", "accent", amounts.money(invoice.net, invoice.currency)),
        Figure(_("Total"), "check", "accent", amounts.money(invoice.total, invoice.currency)),
        Figure(_("Left out"), "undo", "general", amounts.money(out, invoice.currency)),
    ]


class _Reader:
    """Turns entries and lines into rows, for one reader and one way of grouping."""

    def __init__(self, actor: Membership, grouping: str, currency: str = "") -> None:
        self.actor, self.grouping = actor, grouping
        self.slug = actor.organisation.slug
        self.currency = currency or actor.organisation.currency
        self.waived = actor.organisation.unapproved_invoiced
        self.no_charge, self.included_words = _("No charge"), _("%(duration)s included")
        self.edit_url = address("entry-edit", self.slug, 0).replace("/0/", "/%d/")

    def standing(self, entry: Any) -> Standing:
        return invoicing.standing_of(entry, self.waived, entry.draft is not None)

    def offered(self, entry: Any, *, included: bool) -> Row:
        """An entry that is on no invoice."""
        return self._row(
            entry.pk, invoicing.heading_of(entry, self.grouping), entry.date, entry.subject, entry.member.display_name,
            entry.billed_minutes, entry, included,
        )  # fmt: skip

    def line(self, invoice: Invoice, line: InvoiceLine) -> Row:
        """A line of a draft; `problem` says what became of its entry since, or that it has no rate."""
        difference = invoicing.difference_of(invoice, line, line.entry, self.waived)
        problem = str(DIFFERENCE_WORDS[difference]) if difference else ""
        if not problem and line.hourly_rate is None and not line.no_charge:
            problem = _("No rate is set.")
        row = self._row(line.entry_id, line.group, line.date, line.text, line.agent, line.minutes, line, True, problem)
        return row if difference != Difference.DELETED else _without_url(row)

    def _row(
        self, pk: int, group: str, date: dt.date, text: str, agent: str, minutes: int, of: Any, included: bool,
        problem: str = "",
    ) -> Row:  # fmt: skip
        note = self.no_charge if of.no_charge else ""
        if of.covered_minutes:
            note = self.included_words % {"duration": durations.format_minutes(of.covered_minutes)}
        rate = "" if of.hourly_rate is None or of.no_charge else amounts.rate(of.hourly_rate, self.currency)
        return Row(
            entry_id=pk, group=group, date=date, day=dates.weekday_day_month(date), text=text, agent=agent,
            minutes=minutes, hm=str(hm(minutes)), rate=rate, amount=of.amount,
            money=amounts.money(of.amount, self.currency), note=note, included=included, problem=problem,
            url=self.edit_url % pk,
        )  # fmt: skip

    def sections(self, rows: Iterable[Row], shown: list[Row], before: str = "") -> list[Section]:
        """Headings with the sums of all rows; with rows, only those of which some are shown."""
        found: dict[str, Section] = {}
        for row in rows:
            section = found.setdefault(row.group, Section(row.group))
            if row.included:
                section.included += 1
                section.minutes += row.minutes
                section.amount += row.amount
            else:
                section.left_out += 1
        for row in shown:
            found[row.group].rows.append(row)
        sections = [section for section in found.values() if section.rows or not shown]
        for section in sections:
            section.money = amounts.money(section.amount, self.currency)
        if sections:
            sections[0].continued = sections[0].heading == before
        return sections

    def reasons(self, entries: Iterable[Any]) -> list[Reason]:
        """What keeps time of this client and period from being billed, the first that applies to each entry."""
        minutes: dict[Standing, int] = defaultdict(int)
        counts: dict[Standing, int] = defaultdict(int)
        on_drafts: Counter[int] = Counter()
        on_draft_minutes: dict[int, int] = defaultdict(int)
        for entry in entries:
            standing = self.standing(entry)
            if standing == Standing.ON_ANOTHER:
                on_drafts[entry.draft] += 1
                on_draft_minutes[entry.draft] += entry.billed_minutes
            else:
                counts[standing] += 1
                minutes[standing] += entry.billed_minutes
        reasons = []
        for standing, words in (
            (Standing.WAITING, _("Waiting for approval")),
            (Standing.REJECTED, _("Rejected, until it is corrected and approved")),
            (Standing.NO_RATE, _("No rate is set")),
        ):
            if counts[standing]:
                url = address("approvals", self.slug) if standing == Standing.WAITING else ""
                reasons.append(Reason(words, _entries_words(counts[standing]), str(hm(minutes[standing])), url))
        return reasons + self._on_drafts(on_drafts, on_draft_minutes)

    def _on_drafts(self, counts: Counter[int], minutes: dict[int, int]) -> list[Reason]:
        if not counts:
            return []
        drafts = Invoice.objects.filter(pk__in=list(counts)).select_related("created_by").order_by("pk")
        return [
            Reason(
                _("On another draft of %(name)s") % {"name": draft.created_by.display_name},
                _entries_words(counts[draft.pk]),
                str(hm(minutes[draft.pk])),
                address("invoice", self.slug, draft.pk),
            )
            for draft in drafts
        ]


def _entries_words(count: int) -> str:
    return ngettext("%(count)s entry", "%(count)s entries", count) % {"count": durations.grouped(count)}


def _ticked(row: Row, wanted_in: Set[int], wanted_out: Set[int]) -> Row:
    pk = row.entry_id
    return replace(row, ticked=pk not in wanted_out if row.included else pk in wanted_in)


def _without_url(row: Row) -> Row:
    return replace(row, url="")
