"""The lines of a draft: what is put on it, left out, and taken over again when its entries changed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Count, Q, Sum
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts import audit
from accounts.models import Membership, Organisation
from accounts.permissions import Permission, require
from timesheets_site.lib import dates, texts
from timesheets_site.lib.errors import Conflict, OutOfReach, RuleViolation
from timetracking.models import Invoice, InvoiceLine, TimeEntry
from timetracking.models.invoices import unbilled
from timetracking.rules import amounts, invoicing
from timetracking.rules.invoicing import Difference, Standing

NAMED = 5
"""How many entries a refusal names."""
READ = ("member", "ticket", "project", "work_role")
COLUMNS = (
    "organisation", "version", "date", "subject", "status", "billable", "no_charge", "billed_minutes",
    "covered_minutes", "hourly_rate", "amount", "client", "agreement", "timesheet", "deleted_at",
    "member__organisation", "member__display_name", "ticket__organisation", "ticket__number", "ticket__title",
    "project__organisation", "project__code", "project__name", "work_role__organisation", "work_role__name",
)  # fmt: skip
ROWS_AT_ONCE = 500


# --- What a person may change about a draft ---------------------------------------------------------------------------


@transaction.atomic
def change(
    actor: Membership,
    invoice_id: int,
    *,
    version: int | None,
    take_in: Collection[int] = (),
    leave_out: Collection[int] = (),
    grouping: str | None = None,
    note: str | None = None,
) -> Invoice:
    """Take entries (ids) in or leave them out, group the lines in another way, write a note to the client.

    What is on the draft already, or off it already, stays so. Raises NotAllowed, OutOfReach, Conflict (the draft, or an
    entry, changed since it was shown), or RuleViolation: invoice_issued, invoice_void, text_too_long.
    """
    invoice = held(actor, invoice_id, version)
    invoicing.may_change(invoice.status).enforce()
    before = audit.snapshot(invoice, ("grouping", "note"))
    if note is not None:
        invoice.note = texts.at_most(note, invoicing.LONGEST_TEXT, "note")
    if grouping is not None:
        invoice.grouping = known_grouping(grouping)
    changes: dict[str, tuple[Any, Any]] = dict(audit.difference(before, invoice))
    if left := _leave_out(invoice, leave_out):
        changes["left_out"] = (left, [])
    if taken := _take_in(actor, invoice, take_in):
        changes["taken_in"] = ([], taken)
    if "grouping" in changes:
        _regroup(invoice)
    if changes:
        store(actor, invoice)
        audit.record(actor, "invoice.updated", invoice, changes=changes)
    return invoice


@transaction.atomic
def take_over(actor: Membership, invoice_id: int, *, version: int | None) -> Invoice:
    """Bring the lines of a draft in step with their entries; what can't be billed any more is left out.

    Raises as `change` does.
    """
    invoice = held(actor, invoice_id, version)
    invoicing.may_change(invoice.status).enforce()
    differing = [each for each in compare(actor, invoice) if each.difference is not None]
    InvoiceLine.objects.filter(pk__in=[each.line.pk for each in differing]).delete()
    gone = [each.entry.pk for each in differing if each.difference in invoicing.DROPPED]
    stay = [each.entry for each in differing if each.difference not in invoicing.DROPPED]
    add(invoice, stay)
    old = audit.snapshot(invoice, ("currency", "tax_name", "tax_percent"))
    store(actor, invoice)
    changes: dict[str, tuple[Any, Any]] = dict(audit.difference(old, invoice))
    if gone:
        changes["left_out"] = (gone, [])
    if stay:
        changes["taken_over"] = ([], [entry.pk for entry in stay])
    if changes:
        audit.record(actor, "invoice.updated", invoice, changes=changes)
    return invoice


# --- Shared with drafting and issuing ---------------------------------------------------------------------------------


def held(actor: Membership, invoice_id: int, version: int | None) -> Invoice:
    """The invoice, locked, for who may see invoices. Raises NotAllowed, OutOfReach, Conflict (another version)."""
    require(actor, Permission.MANAGE_INVOICES)
    invoice: Invoice | None = (
        Invoice.objects.select_for_update(of=("self",), no_key=True)
        .select_related("client")
        .filter(pk=invoice_id)
        .first()
    )
    if invoice is None:
        raise OutOfReach
    if version is not None and version != invoice.version:
        raise stale(invoice)
    return invoice


def stale(invoice: Invoice) -> Conflict:
    return Conflict(invoice, _("Somebody changed this invoice while you were looking. Look at it again."))


def known_grouping(grouping: str) -> str:
    if grouping not in Invoice.Grouping.values:
        raise RuleViolation("grouping_unknown", _("Choose how the lines are grouped"), "grouping")
    return grouping


def entries_of(ids: Any) -> Any:
    """Entries, deleted ones too, with what their lines copy; in the order of their ids."""
    rows = TimeEntry.with_deleted.filter(pk__in=ids).select_related(*READ)
    return rows.only(*COLUMNS).order_by("pk")


def ready(actor: Membership, entries: Iterable[TimeEntry]) -> list[TimeEntry]:
    """Those of `unbilled()` that can be put on a draft now."""
    waived = actor.organisation.unapproved_invoiced
    return [each for each in entries if invoicing.standing_of(each, waived, each.draft is not None) == Standing.READY]  # type: ignore[attr-defined]  # annotated


def add(invoice: Invoice, entries: Iterable[TimeEntry]) -> None:
    """Put entries on the draft. Raises Conflict where another draft had one of them first."""
    lines = []
    for entry in entries:
        lines.append(InvoiceLine(invoice=invoice, entry=entry))
        copy_values(lines[-1], entry, invoice.grouping)
    try:
        with transaction.atomic():
            InvoiceLine.objects.bulk_create(lines, batch_size=ROWS_AT_ONCE)
    except IntegrityError as taken:
        words = _("Somebody put some of this time on another invoice. Look at what is left.")
        raise Conflict(invoice, words) from taken


def copy_values(line: InvoiceLine, entry: TimeEntry, grouping: str) -> None:
    """Set what a line copies. The description and the internal note of an entry never come here."""
    line.entry_version, line.date, line.text = entry.version, entry.date, entry.subject
    line.agent, line.group = entry.member.display_name, invoicing.heading_of(entry, grouping)
    line.minutes, line.covered_minutes = entry.billed_minutes, entry.covered_minutes
    line.no_charge, line.hourly_rate, line.amount = entry.no_charge, entry.hourly_rate, entry.amount


def store(actor: Membership, invoice: Invoice) -> None:
    """Add the lines up, take the organisation's currency and tax, and save the draft with a new version."""
    take_settings(invoice, actor.organisation)
    sums = InvoiceLine.objects.filter(invoice=invoice).aggregate(minutes=Sum("minutes"), net=Sum("amount"))
    end = invoicing.totals(sums["minutes"] or 0, sums["net"] or amounts.ZERO, invoice.tax_percent, invoice.currency)
    invoice.minutes, invoice.net, invoice.tax, invoice.total = end.minutes, end.net, end.tax, end.total
    invoice.version += 1
    invoice.updated_at = timezone.now()
    invoice.save()


def take_settings(invoice: Invoice, organisation: Organisation) -> None:
    invoice.currency = organisation.currency
    invoice.tax_name, invoice.tax_percent = organisation.tax_name, organisation.tax_percent


def settings_changed(invoice: Invoice, organisation: Organisation) -> bool:
    """Is the draft's total worked out with another currency or tax than the organisation's of today?"""
    drafted_with = invoice.currency, invoice.tax_name, invoice.tax_percent
    return drafted_with != (organisation.currency, organisation.tax_name, organisation.tax_percent)


@dataclass(frozen=True)
class Compared:
    """A line beside its entry as it is now."""

    line: InvoiceLine
    entry: TimeEntry
    difference: Difference | None


def compare(actor: Membership, invoice: Invoice, entries: Iterable[TimeEntry] | None = None) -> list[Compared]:
    """All lines beside their entries (read and locked by the caller, or read now)."""
    lines = {line.entry_id: line for line in InvoiceLine.objects.filter(invoice=invoice)}
    found = entries if entries is not None else entries_of(list(lines))
    waived = actor.organisation.unapproved_invoiced
    return [
        Compared(lines[e.pk], e, invoicing.difference_of(invoice, lines[e.pk], e, waived))
        for e in found
        if e.pk in lines
    ]


def named(entries: Sequence[TimeEntry]) -> str:
    """Some entries in words: `"VPN drops" of Thu 18 June, "Patching" of Fri 19 June and 3 more`."""
    words = _('"%(subject)s" of %(day)s')
    first = [words % {"subject": e.subject, "day": dates.weekday_day_month(e.date)} for e in entries[:NAMED]]
    more = len(entries) - len(first)
    listed = ", ".join(first)
    if not more:
        return listed
    return ngettext("%(listed)s and %(count)s more", "%(listed)s and %(count)s more", more) % {
        "listed": listed, "count": more
    }  # fmt: skip


def without_rate(invoice: Invoice) -> tuple[int, int]:
    """How many lines there are, and how many of them are billed without a rate."""
    counts = InvoiceLine.objects.filter(invoice=invoice).aggregate(
        lines=Count("pk"), no_rate=Count("pk", filter=Q(hourly_rate__isnull=True, no_charge=False))
    )
    return counts["lines"], counts["no_rate"]


# --- Parts of a change ------------------------------------------------------------------------------------------------


def _leave_out(invoice: Invoice, ids: Collection[int]) -> list[int]:
    lines = InvoiceLine.objects.filter(invoice=invoice, entry__in=list(ids))
    found = sorted(lines.values_list("entry", flat=True))
    lines.delete()
    return found


def _take_in(actor: Membership, invoice: Invoice, ids: Collection[int]) -> list[int]:
    on_it = set(InvoiceLine.objects.filter(invoice=invoice, entry__in=list(ids)).values_list("entry", flat=True))
    wanted = set(ids) - on_it
    if not wanted:
        return []
    offered = unbilled(invoice.client_id, invoice.first_on, invoice.last_on).filter(pk__in=wanted)
    found = ready(actor, offered.select_related(*READ).order_by("pk"))
    if len(found) != len(wanted):
        words = _("Some of this time can't be billed any more. Look at what is left.")
        raise Conflict(invoice, words)
    add(invoice, found)
    return [entry.pk for entry in found]


def _regroup(invoice: Invoice) -> None:
    lines = list(InvoiceLine.objects.filter(invoice=invoice))
    entries = {entry.pk: entry for entry in entries_of([line.entry_id for line in lines])}
    under: dict[str, list[int]] = defaultdict(list)
    for line in lines:
        under[invoicing.heading_of(entries[line.entry_id], invoice.grouping)].append(line.pk)
    for group, ids in under.items():
        InvoiceLine.objects.filter(pk__in=ids).update(group=group)
