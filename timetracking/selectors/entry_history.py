"""An entry's history in words: who did what and when, with the values before and after."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts.models import AuditEvent, Membership
from accounts.permissions import Permission, can
from timesheets_site.lib import dates
from timetracking.models import (
    Activity,
    Agreement,
    ApprovalEvent,
    ApprovalLine,
    ChargeCode,
    Client,
    Project,
    Task,
    Ticket,
    TimeEntry,
    WorkRole,
    WorkType,
)
from timetracking.models.billing import BillableOption
from timetracking.rules import amounts, durations, weeks
from timetracking.selectors import timer_words

ACTIONS = {
    "time_entry.logged": gettext_lazy("logged this entry"),
    "time_entry.updated": gettext_lazy("changed this entry"),
    "time_entry.deleted": gettext_lazy("deleted this entry"),
    "time_entry.split": gettext_lazy("split this entry"),
    "time_entry.split_off": gettext_lazy("split this entry off"),
    "time_entry.restored": gettext_lazy("restored this entry"),
    "time_entry.rerated": gettext_lazy("re-rated this entry"),
    "time_entry.coverage_changed": gettext_lazy("changed what included hours cover of this entry"),
    "time_entry.billed": gettext_lazy("issued an invoice with this entry"),
    "time_entry.unbilled": gettext_lazy("voided the invoice of this entry"),
}
ONLY_MONEY = "time_entry.coverage_changed"
STEPS: dict[str, Any] = {
    "SUBMITTED": gettext_lazy("submitted this entry"),
    "APPROVED": gettext_lazy("approved this entry"),
    "REJECTED": gettext_lazy("rejected this entry"),
    ApprovalEvent.Action.FIRST_APPROVAL: gettext_lazy("gave this entry the first of two approvals"),
    ApprovalEvent.Action.UNDONE: gettext_lazy("took the decision on this entry back"),
    ApprovalEvent.Action.RECALLED: gettext_lazy("recalled this entry with its week"),
    ApprovalEvent.Action.REOPENED: gettext_lazy("reopened this entry with its week"),
}
"""What a step of the week's approval did to the entry: by the step, else by what the entry became."""
LABELS = {
    "date": gettext_lazy("Date"),
    "minutes": gettext_lazy("Duration"),
    "started_at": gettext_lazy("Start"),
    "ended_at": gettext_lazy("End"),
    "break_minutes": gettext_lazy("Break"),
    "kind": gettext_lazy("Kind"),
    "ticket_id": gettext_lazy("Ticket"),
    "project_id": gettext_lazy("Project"),
    "task_id": gettext_lazy("Task"),
    "charge_code_id": gettext_lazy("Charge code"),
    "activity_id": gettext_lazy("Activity"),
    "client_id": gettext_lazy("Client"),
    "subject": gettext_lazy("Subject"),
    "description": gettext_lazy("Description"),
    "internal_notes": gettext_lazy("Internal note"),
    "billable_option": gettext_lazy("Billing"),
    "work_type_id": gettext_lazy("Work type"),
    "work_role_id": gettext_lazy("Work role"),
    "agreement_id": gettext_lazy("Agreement"),
    "invoice": gettext_lazy("Invoice"),
    "billable": gettext_lazy("Billable"),
    "no_charge": gettext_lazy("On the invoice at 0"),
    "billable_decided_by": gettext_lazy("Billable decided by"),
    "billed_minutes": gettext_lazy("Billed minutes"),
    "covered_minutes": gettext_lazy("Covered by included hours"),
    "hourly_rate": gettext_lazy("Hourly rate"),
    "rate_decided_by": gettext_lazy("Rate decided by"),
    "amount": gettext_lazy("Amount"),
    "status": gettext_lazy("Status"),
    "split_into": gettext_lazy("Split into"),
    "split_from": gettext_lazy("Split off from"),
}
MONEY = frozenset({"covered_minutes", "hourly_rate", "rate_decided_by", "amount"})
"""Only for who may see the rates of the entry's member."""
UNSAID = frozenset({"no_charge", "billed_minutes", "covered_minutes"})
"""Not said of a new entry where there is none."""
RECORDS = {
    "ticket_id": Ticket,
    "project_id": Project,
    "task_id": Task,
    "charge_code_id": ChargeCode,
    "activity_id": Activity,
    "client_id": Client,
    "work_type_id": WorkType,
    "work_role_id": WorkRole,
    "agreement_id": Agreement,
    "split_into": TimeEntry,
    "split_from": TimeEntry,
}
CHOICES: dict[str, Any] = {
    "kind": TimeEntry.Kind,
    "billable_option": BillableOption,
    "status": TimeEntry.Status,
    "billable_decided_by": TimeEntry.DecidedBy,
    "rate_decided_by": TimeEntry.RateSource,
}


@dataclass(frozen=True)
class ChangeLine:
    label: str
    before: str
    after: str


@dataclass(frozen=True)
class HistoryLine:
    who: str
    what: str
    when: str
    on_behalf_of: str
    changes: list[ChangeLine]
    in_place_of: str = ""
    reason: str = ""


@dataclass(frozen=True)
class History:
    subject: str
    week_url: str
    is_deleted: bool
    why_url: str
    lines: list[HistoryLine]
    timer: str = ""
    """The timer that it came from, in words, and what else came from it."""


def history_of(actor: Membership, entry: TimeEntry) -> History:
    """Newest first, changes and decisions in one; moments in the reader's zone, money only where they may see it.

    The number of queries does not depend on the number of lines.
    """
    sees_rates = can(actor, Permission.SEE_RATES, owner=entry.member_id)
    events = [event for event in _events(entry) if sees_rates or event.action != ONLY_MONEY]
    words = _RecordNames(events, actor.organisation.currency)
    lines = [(event.at, 0, event.pk, _line(event, words, actor.zone, sees_rates)) for event in events]
    lines += [(step.event.at, 1, step.pk, _decision(step, actor.zone)) for step in _steps(entry)]
    organisation = actor.organisation
    week = weeks.week_containing(entry.date, first_weekday=organisation.first_weekday)
    return History(
        subject=entry.subject,
        week_url=f"{reverse('week-of', args=[organisation.slug, week])}#entry-{entry.pk}",
        is_deleted=entry.deleted_at is not None,
        why_url=reverse("entry-why", args=[organisation.slug, entry.pk]),
        lines=[line for _at, _kind, _pk, line in sorted(lines, key=lambda item: item[:3], reverse=True)],
        timer=_timer_in_words(entry),
    )


def _timer_in_words(entry: TimeEntry) -> str:
    """`From a timer: Wed 22:10 – Thu 01:30, 3h 20m in 2 entries.` Empty for what was typed. Two queries for a timer."""
    timer = entry.timer
    if timer is None:
        return ""
    minutes = list(TimeEntry.objects.filter(timer=timer).values_list("minutes", flat=True))
    values = {
        "times": timer_words.span(timer.counts_from, timer.counted_until or timer.counts_from, timer.zone),
        "duration": durations.format_minutes(sum(minutes)),
        "count": len(minutes),
    }
    words = ngettext("From a timer: %(times)s, %(duration)s in %(count)s entry.",
                     "From a timer: %(times)s, %(duration)s in %(count)s entries.", len(minutes))  # fmt: skip
    return words % values


def last_change(entry: TimeEntry) -> str:
    """Who changed the entry last."""
    event = _events(entry).first()
    return str(event.actor) if event and event.actor else _("Somebody")


def comparison(form: Any, current: TimeEntry) -> list[ChangeLine]:
    """What was typed beside what is stored, for each field of the form that differs."""
    typed = form.cleaned_data
    minutes = typed.get("minutes")
    pairs: list[tuple[str, Any, Any]] = [
        ("date", typed["date"], current.date),
        ("minutes", minutes if minutes is not None else current.minutes, current.minutes),
        ("subject", typed["subject"], current.subject),
        ("description", typed["description"], current.description),
        ("internal_notes", typed["internal_notes"], current.internal_notes),
        ("billable", typed["billable"], current.billable),
    ]
    lines = [
        ChangeLine(str(LABELS[name]), in_words(name, mine), in_words(name, theirs))
        for name, mine, theirs in pairs
        if mine != theirs
    ]
    typed_records = form.catalogue_fields()
    for name in ("work_type", "work_role"):
        if name in typed_records and typed_records[name] != getattr(current, name):
            mine, theirs = typed_records[name], getattr(current, name)
            lines.append(ChangeLine(str(LABELS[f"{name}_id"]), str(mine or "–"), str(theirs or "–")))
    mine, theirs = form.chosen, current.task or current.link
    if mine != theirs:
        lines.insert(0, ChangeLine(_("Linked record"), str(mine or "–"), str(theirs or "–")))
    return lines


def _events(entry: TimeEntry) -> Any:
    events = AuditEvent.objects.filter(object_type="timeentry", object_id=entry.pk)
    return events.select_related("actor", "on_behalf_of").order_by("-pk")


def _steps(entry: TimeEntry) -> Any:
    """What the week's approval did to the entry; that it was changed by hand the trail says already."""
    lines = ApprovalLine.objects.filter(entry=entry).exclude(event__action=ApprovalEvent.Action.CHANGED)
    return lines.select_related("event__actor", "event__stood_in_for").order_by("-pk")


def _decision(step: ApprovalLine, zone: dt.tzinfo) -> HistoryLine:
    event = step.event
    what = STEPS.get(event.action) or STEPS.get(step.to_status, event.get_action_display())
    changes = []
    if step.from_status != step.to_status:
        before, after = (in_words("status", status) for status in (step.from_status, step.to_status))
        changes.append(ChangeLine(str(LABELS["status"]), before, after))
    return HistoryLine(
        who=str(event.actor) if event.actor else _("The product"),
        what=str(what),
        when=dates.moment(event.at, zone),
        on_behalf_of="",
        changes=changes,
        in_place_of=str(event.stood_in_for) if event.stood_in_for else "",
        reason=step.reason,
    )


def _line(event: AuditEvent, words: _RecordNames, zone: dt.tzinfo, sees_rates: bool) -> HistoryLine:
    first = event.action == "time_entry.logged"
    hidden = (frozenset() if sees_rates else MONEY) | (
        {name for name in UNSAID if first and not event.changes.get(name, (0, 0))[1]}
    )
    changes = [
        ChangeLine(str(LABELS[name]), "" if first else words.value(name, before, zone), words.value(name, after, zone))
        for name, (before, after) in event.changes.items()
        if name in LABELS and name not in hidden
    ]
    return HistoryLine(
        who=str(event.actor) if event.actor else _("The product"),
        what=str(ACTIONS.get(event.action, event.action)),
        when=dates.moment(event.at, zone),
        on_behalf_of=str(event.on_behalf_of) if event.on_behalf_of else "",
        changes=changes,
    )


class _RecordNames:
    """The names of all records that some events speak of, by one query for each kind of record."""

    def __init__(self, events: list[AuditEvent], currency: str) -> None:
        self.currency = currency
        self.names: dict[tuple[str, int], str] = {}
        for name, model in RECORDS.items():
            ids = {value for event in events for value in event.changes.get(name, ()) if value}
            if ids:
                self.names.update({(name, record.pk): str(record) for record in model.objects.filter(pk__in=ids)})

    def value(self, name: str, value: Any, zone: dt.tzinfo) -> str:
        if name in RECORDS and value:
            return self.names.get((name, value), "–")
        if name in ("started_at", "ended_at") and value:
            return dates.moment(dt.datetime.fromisoformat(value), zone)
        if name == "hourly_rate" and value is not None:
            return amounts.rate(Decimal(value), self.currency)
        if name == "amount" and value is not None:
            return amounts.money(Decimal(value), self.currency)
        return in_words(name, value)


def in_words(name: str, value: Any) -> str:
    """The value of one of an entry's fields, as people read it; a dash for none."""
    if value in (None, ""):
        return "–"
    if name == "date":
        return dates.weekday_day_month(value if isinstance(value, dt.date) else dt.date.fromisoformat(value))
    if name in ("minutes", "break_minutes", "billed_minutes", "covered_minutes"):
        return durations.format_minutes(value)
    if name in CHOICES:
        return str(CHOICES[name](value).label)
    if isinstance(value, bool):
        return _("Yes") if value else _("No")
    return str(value)
