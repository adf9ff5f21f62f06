"""Time entries as rows of plain strings, ready to print: the week, ticket and project pages all show these.

A template that formats 35 dates and translates 35 labels costs more than the query; here each is done once.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from accounts.models import Membership
from accounts.permissions import Permission, can
from timesheets_site.lib import dates
from timesheets_site.lib.names import avatar, initials
from timesheets_site.lib.printable import Printable
from timetracking.models import PeriodReopening, TimeEntry
from timetracking.models.invoices import invoices_of
from timetracking.models.time_entries import TimeEntryQuerySet
from timetracking.rules import durations, locking
from timetracking.selectors.marked_up import hm
from timetracking.selectors.timer_words import part_of

Kind, Status = TimeEntry.Kind, TimeEntry.Status
STATUS_ICONS = {"SUBMITTED": "send", "APPROVED": "check", "REJECTED": "undo", "BILLED": "receipt"}
ICONS = {"TICKET": "ticket", "PROJECT": "layers", "GENERAL": "tag"}
LAST_MINUTES = 120  # with less than this left in the edit window, the row says how much
COLUMNS = (
    "id", "version", "member_id", "date", "minutes", "kind", "subject", "billable", "no_charge", "status", "created_at",
    "ticket__number", "project__code", "charge_code__code", "charge_code__name", "activity__name", "client__name",
    "timesheet__state", "timesheet__reopened_at", "member__display_name", "rejection_reason",
    "charge_code__is_time_off",
    "timer__counts_from", "timer__counted_until", "timer__zone",
    "ticket_id", "task_id", "charge_code_id", "project_id", "activity_id",
)  # fmt: skip
MEMBER, DATE, STATUS, CREATED, WEEK_STATE, WEEK_REOPENED = map(
    COLUMNS.index, ("member_id", "date", "status", "created_at", "timesheet__state", "timesheet__reopened_at")
)
ROWS_KEPT = 8_192
"""Rows that each process remembers, about 2 KB each."""
Values = dict[str, Any]


@dataclass(frozen=True, slots=True)
class EntryRow(Printable):
    """One entry, as its list item shows it. `edit_url` and `delete_url` are empty where `lock_reason` says why.

    `status_label` and `status_icon` are empty while nothing was sent; `rejection` says why it was rejected, if it is.
    """

    id: int
    dom_id: str
    version: int
    minutes: int
    hm: str
    kind: str
    kind_label: str
    icon: str
    subject: str
    ref: str
    ref_url: str
    client: str
    billable: bool
    bill_icon: str
    bill_label: str
    status: str
    status_label: str
    status_icon: str
    is_approved: bool
    rejection: str
    date_iso: str
    date_label: str
    member_id: int
    person: str
    initials: str
    avatar: int
    edit_url: str
    delete_url: str
    history_url: str
    why_url: str
    edit_label: str
    delete_label: str
    more_label: str
    copy_url: str
    move_url: str
    split_url: str
    timer_url: str
    lock_code: str
    lock_reason: str
    window_hint: str
    is_time_off: bool = False
    part_of: str = ""
    """Of an entry of a timer that ran over midnight: the piece of work that it is a part of."""
    invoice_url: str = ""
    """For who may see invoices, of what is on one that was issued."""


def rows_for(actor: Membership, entries: TimeEntryQuerySet) -> list[EntryRow]:
    """The rows of `entries` (filtered, ordered and sliced by the caller), in one query and no models."""
    return rows_from(actor, entries.values_list(*COLUMNS))


@cache
def all_values() -> TimeEntryQuerySet:
    """What rows are made from, of every entry of the active organisation: put together once, holding no rows."""
    return TimeEntry.objects.values_list(*COLUMNS)


def rows_from(actor: Membership, entries: Iterable[tuple[Any, ...]]) -> list[EntryRow]:
    """The rows of some of `all_values()`."""
    now, slug, language = timezone.now(), actor.organisation.slug, get_language() or ""
    policy = locking.policy_of(actor, now, PeriodReopening.objects.in_force(actor.organisation, now))
    not_theirs = locking.Verdict(False, "not_allowed", _("Only its member or a manager can change this."))
    entries = list(entries)
    billed = [values[0] for values in entries if values[STATUS] == Status.BILLED]
    invoices = invoices_of(billed) if billed else {}
    sees_invoices = can(actor, Permission.MANAGE_INVOICES)
    rows = []
    for values in entries:
        own = policy.unrestricted or values[MEMBER] == actor.pk
        invoice_id, invoice = invoices.get(values[0], (0, ""))
        verdict = _verdict(policy, values, invoice) if own else not_theirs
        hint = _hint(policy, verdict)
        linked = invoice_id if sees_invoices else 0
        rows.append(_row(slug, language, values, verdict.allowed, verdict.code, verdict.reason, hint, linked))
    return rows


def _verdict(policy: locking.Policy, values: tuple[Any, ...], invoice: str) -> locking.Verdict:
    return locking.may_change(
        policy,
        status=values[STATUS],
        date=values[DATE],
        created_at=values[CREATED],
        week_state=values[WEEK_STATE],
        week_reopened=values[WEEK_REOPENED] is not None,
        member_id=values[MEMBER],
        invoice=invoice,
    )


def _hint(policy: locking.Policy, verdict: locking.Verdict) -> str:
    if not verdict.allowed or verdict.until is None:
        return ""
    left = int((verdict.until - policy.now).total_seconds()) // 60
    if left >= LAST_MINUTES:
        return ""
    words = _("You can change this for another %(duration)s.")
    return words % {"duration": durations.format_minutes(max(left, 1))}


@lru_cache(maxsize=ROWS_KEPT)
def _row(
    slug: str,
    language: str,
    values: tuple[Any, ...],
    allowed: bool,
    lock_code: str,
    lock_reason: str,
    hint: str,
    invoice_id: int,
) -> EntryRow:
    """What a row shows follows from these values alone, so rows that did not change are not made again."""
    entry = dict(zip(COLUMNS, values, strict=True))
    return _maker(slug, language).row(entry, locking.Verdict(allowed, lock_code, lock_reason), hint, invoice_id)


@lru_cache(maxsize=256)
def _maker(slug: str, language: str) -> _RowMaker:
    return _RowMaker(slug)


class _RowMaker:
    """Everything that is the same for all rows of an organisation in one language, looked up once."""

    def __init__(self, slug: str) -> None:
        self.ticket_url = reverse("ticket", args=[slug, "TKT-0"]).replace("TKT-0", "TKT-%d")
        self.project_url = reverse("project", args=[slug, "CODE"]).replace("CODE", "%s")
        entry_url = reverse("entry-edit", args=[slug, 0])
        self.edit_url = entry_url.replace("/0/", "/%d/")
        self.delete_url = reverse("entry-delete", args=[slug, 0]).replace("/0/", "/%d/") + "?version=%d"
        self.history_url = reverse("entry-history", args=[slug, 0]).replace("/0/", "/%d/")
        self.why_url = reverse("entry-why", args=[slug, 0]).replace("/0/", "/%d/")
        self.copy_url = reverse("entry-duplicate", args=[slug, 0]).replace("/0/", "/%d/")
        self.move_url = reverse("entry-move", args=[slug, 0]).replace("/0/", "/%d/")
        self.split_url = reverse("entry-split", args=[slug, 0]).replace("/0/", "/%d/")
        self.timer_url = reverse("timer-start", args=[slug])
        self.invoice_url = reverse("invoice", args=[slug, 0]).replace("/0/", "/%d/")
        self.kind_labels = {kind.value: str(kind.label) for kind in Kind}
        self.status_labels = {status.value: str(status.label) for status in Status if status != Status.OPEN}
        self.no_reason = _("No reason given")
        self.bill_words = {"on": _("Billable"), "off": _("Non-billable"), "free": _("No charge")}
        self.edit_words = _("Edit %(subject)s, %(day)s")
        self.delete_words = _("Delete %(subject)s, %(day)s")
        self.more_words = _("More for %(subject)s, %(day)s")

    def row(self, entry: Values, verdict: locking.Verdict, hint: str, invoice_id: int) -> EntryRow:
        pk, subject, member_id = entry["id"], entry["subject"], entry["member_id"]
        day = dates.weekday_day_month(entry["date"])
        words = {"subject": subject, "day": day}
        ref, ref_url, client = self._link(entry)
        bill = "on" if entry["billable"] else "free" if entry["no_charge"] else "off"
        return EntryRow(
            id=pk,
            dom_id=f"entry-{pk}",
            version=entry["version"],
            minutes=entry["minutes"],
            hm=hm(entry["minutes"]),
            kind=entry["kind"].lower(),
            kind_label=self.kind_labels[entry["kind"]],
            icon=ICONS[entry["kind"]],
            subject=subject,
            ref=ref,
            ref_url=ref_url,
            client=client,
            billable=entry["billable"],
            bill_icon="receipt" if entry["billable"] else "receipt-off",
            bill_label=self.bill_words[bill],
            status=entry["status"],
            status_label=self.status_labels.get(entry["status"], ""),
            status_icon=STATUS_ICONS.get(entry["status"], ""),
            is_approved=entry["status"] in (Status.APPROVED, Status.BILLED),
            rejection=(entry["rejection_reason"] or self.no_reason) if entry["status"] == Status.REJECTED else "",
            date_iso=entry["date"].isoformat(),
            date_label=day,
            member_id=member_id,
            person=entry["member__display_name"],
            initials=initials(entry["member__display_name"]),
            avatar=avatar(member_id),
            edit_url=self.edit_url % pk if verdict.allowed else "",
            delete_url=self.delete_url % (pk, entry["version"]) if verdict.allowed else "",
            history_url=self.history_url % pk,
            why_url=self.why_url % pk,
            edit_label=self.edit_words % words,
            delete_label=self.delete_words % words,
            more_label=self.more_words % words,
            copy_url=self.copy_url % pk,
            move_url=self.move_url % pk,
            split_url=self.split_url % pk if entry["status"] != Status.APPROVED and entry["minutes"] > 1 else "",
            timer_url=f"{self.timer_url}?{urlencode({'record': _token(entry), 'subject': subject})}",
            lock_code=verdict.code,
            lock_reason=verdict.reason,
            window_hint=hint,
            is_time_off=bool(entry["charge_code__is_time_off"]),
            part_of=part_of(entry["timer__counts_from"], entry["timer__counted_until"], entry["timer__zone"]),
            invoice_url=self.invoice_url % invoice_id if invoice_id else "",
        )

    def _link(self, entry: Values) -> tuple[str, str, str]:
        """Reference, its address and the line under the subject."""
        client = entry["client__name"] or ""
        if number := entry["ticket__number"]:
            return f"TKT-{number}", self.ticket_url % number, client
        if code := entry["project__code"]:
            return code, self.project_url % code, client
        if code := entry["charge_code__code"]:
            return code, "", entry["charge_code__name"]
        return "", "", entry["activity__name"] or client


def _token(entry: Values) -> str:
    """The record as the picker names it, `ticket:12`; empty for none."""
    names = ("ticket", "task", "charge_code", "project", "activity")
    return next((f"{name}:{pk}" for name in names if (pk := entry[f"{name}_id"])), "")
