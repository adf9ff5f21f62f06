"""Create, change and delete time entries as this format asks for it: translated here, decided by the services."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import Membership
from timesheets_site.lib.errors import Locked, OutOfReach
from timetracking.api.connectwise import entry_bodies, entry_times
from timetracking.api.connectwise.entry_bodies import TIMES, WRITABLE, Body
from timetracking.api.connectwise.entry_rows import (
    COLUMNS,
    KEPT,
    SURFACE,
    Row,
    charge_type,
    charged_to,
    one,
    times_of,
    title_of,
)
from timetracking.api.connectwise.references import by_id, client_identifier, member_identifier, record
from timetracking.api.connectwise.surface import InvalidObject, Problem
from timetracking.api.connectwise.vocabulary import Words, entry_word, meaning_of
from timetracking.models import Activity, Agreement, ChargeCode, Client, Task, Ticket, TimeEntry, WorkRole, WorkType
from timetracking.models.record_links import title_of as name_of_record
from timetracking.services import approvals, entry_checks, entry_reopening, partner_values, time_entries
from timetracking.services.rate_book import RateBook

RECORDS: dict[str, tuple[Any, str, str]] = {
    "ServiceTicket": (Ticket, "ticket", "TICKET"),
    "ProjectTicket": (Task, "task", "PROJECT"),
    "ChargeCode": (ChargeCode, "charge_code", "GENERAL"),
    "Activity": (Activity, "activity", "GENERAL"),
}
"""What a chargeToType names, and the kind of time on it."""
COMPARED = frozenset({"chargeToId", "chargeToType", *KEPT})
REASONS = ("reason", "internalNotes", "notes")
"""Where a rejection has its reason, the first that is there."""


@dataclass
class Change:
    """What a body comes to: fields for the service, what is only kept, and a status to bring about."""

    fields: dict[str, Any] = field(default_factory=dict)
    kept: dict[str, Any] = field(default_factory=dict)
    status: str | None = None
    reason: str = ""


# --- The operations ---------------------------------------------------------------------------------------------------


@transaction.atomic
def create(actor: Membership, sent: object) -> int:
    """Log time; the id of the new entry. Raises InvalidObject with everything that lacks, and as the service does."""
    body = entry_bodies.fields_of(sent)
    if problems := entry_bodies.missing(body):
        raise InvalidObject(*problems)
    member, fields = new_fields(actor, body)
    change = Change(fields, entry_bodies.kept(body), _status(body), reason_of(body))
    entry = time_entries.log(actor, member=member, **change.fields)
    _check_agreement(body, entry)
    partner_values.keep(SURFACE, entry, change.kept)
    if change.status not in (None, "Open"):
        _decide(actor, entry, change)
    return entry.pk


@transaction.atomic
def patch(actor: Membership, words: Words, entry_id: int, sent: object) -> None:
    """Change what is named. Raises OutOfReach, InvalidObject, and as the services do."""
    body = entry_bodies.patched_fields(sent)
    _carry_out(actor, entry_id, words, body, whole=False)


@transaction.atomic
def replace(actor: Membership, words: Words, entry_id: int, sent: object) -> None:
    """Make the entry what was sent: what is not there goes to its default. What was read and is sent back stays."""
    _carry_out(actor, entry_id, words, entry_bodies.fields_of(sent), whole=True)


def delete(actor: Membership, entry_id: int) -> None:
    """Delete an entry; one that is deleted already is a success. Raises OutOfReach, Locked ("Cannot delete …")."""
    try:
        time_entries.delete(actor, entry_id)
    except Locked as error:
        words = f"Cannot delete this time entry. {error}"
        raise Locked(error.code, words, error.until, error.who_helps) from error


def _carry_out(actor: Membership, entry_id: int, words: Words, body: Body, *, whole: bool) -> None:
    now = one(actor, words, entry_id)
    if now is None:
        raise OutOfReach
    row = TimeEntry.objects.filter(pk=entry_id).values_list(*COLUMNS, named=True).get()
    if whole:
        if problems := entry_bodies.missing(body, now=now):
            raise InvalidObject(*problems)
        body = _whole(body)
    if body.get("status") in [entry_word(each, row.status) for each in Words]:
        del body["status"]  # as it was read, at either address
    body = {name: value for name, value in body.items() if not _is_same(name, value, now, whole=whole)}
    change = _change(actor, row, body)
    entry = TimeEntry.objects.get(pk=entry_id)
    if change.fields:
        # Instants follow from those that were read, which therefore have to be there still.
        version = row.version if {"started_at", "ended_at"} & change.fields.keys() else None
        entry = time_entries.edit(actor, entry_id, version=version, **change.fields)
    elif change.kept:
        entry = time_entries.edit(actor, entry_id)  # whoever may not change the entry may not change what is kept
    _check_agreement(body, entry)
    if change.kept:
        partner_values.keep(SURFACE, entry, change.kept)
    if change.status is not None:
        _decide(actor, entry, change)


def _whole(body: Body) -> Body:
    """Every writable field, null where it was not sent."""
    if body.get("chargeToId") is not None:
        body = {**body, "chargeToType": entry_bodies.charge_type(body)}
    return {**dict.fromkeys(WRITABLE), **{name: body[name] for name in (*WRITABLE, "reason") if name in body}}


def _is_same(name: str, value: Any, now: Body, *, whole: bool) -> bool:
    """Is it what was read? A PATCH that names a billing option or a text means it, even where it shows already."""
    shown = now.get(name)
    if name == "status":
        return value is None
    if name in ("member", "company", "workType", "workRole", "agreement"):
        if isinstance(value, dict) and isinstance(shown, dict):
            return value.get("id") is not None and value.get("id") == shown["id"]
        return whole and value is None and shown is None
    if name in TIMES:
        return False  # looked at together
    if whole and value is None and not shown:
        return True
    return (whole or name in COMPARED) and value == shown and type(value) is type(shown)


# --- From bodies to fields --------------------------------------------------------------------------------------------


def new_fields(actor: Membership, body: Body) -> tuple[Membership, dict[str, Any]]:
    """Whose time it is, and the fields that `time_entries.log` takes."""
    member = _member(actor, body)
    member.organisation = actor.organisation
    company, kind = _company(body), entry_bodies.charge_type(body)
    fields: dict[str, Any] = {"kind": TimeEntry.Kind.GENERAL, "client": company}
    if body.get("chargeToId") is not None:
        fields = _linked(kind, entry_bodies.charge_id(body), company)
    sent, only_day = entry_bodies.sent_times(body)
    fields |= entry_times.first(sent, zone=member.zone, only_day=only_day)
    fields |= _billing(body)
    fields["description"], fields["subject"] = _words(body, _title(fields))
    fields["internal_notes"] = entry_bodies.text(body, "internalNotes") or ""
    return member, fields


def _change(actor: Membership, row: Row, body: Body) -> Change:
    """What of an entry changes. `row` is how it is now."""
    if "member" in body and (body["member"] is None or _member(actor, body).pk != row.member_id):
        raise InvalidObject(Problem("member can't be changed: delete the entry, then log it for the other", "member"))
    fields: dict[str, Any] = {}
    if not body.keys().isdisjoint(("chargeToId", "chargeToType", "company")):
        fields |= _relinked(row, body)
    if not body.keys().isdisjoint(TIMES):
        fields |= _timed(actor, row, body)
    if "billableOption" in body:
        fields["billable_option"] = entry_bodies.option(body)
    fields |= _billing({name: body[name] for name in ("workType", "workRole") if body.get(name) is not None})
    fields |= _defaults_again(actor, row, body)
    if "notes" in body:
        fields["description"], fields["subject"] = _words(body, _title(fields) or title_of(row))
    if "internalNotes" in body:
        fields["internal_notes"] = entry_bodies.text(body, "internalNotes") or ""
    return Change(fields, entry_bodies.kept(body), _status(body), reason_of(body))


def _member(actor: Membership, body: Body) -> Membership:
    """Whom a body names; the caller where it names nobody. Raises OutOfReach, InvalidObject."""
    rows = Membership.objects.select_related("user")
    return record(rows, body.get("member"), "member", identifier=member_identifier) or actor


def _company(body: Body) -> Client | None:
    found: Client | None = record(Client.objects, body.get("company"), "company", identifier=client_identifier)
    return found


def _linked(kind: str, pk: int, company: Client | None) -> dict[str, Any]:
    """What the time is on; the client counts where nothing else gives one. Raises OutOfReach."""
    model, name, of_kind = RECORDS[kind]
    related = [each.name for each in model._meta.fields if each.name in ("client", "project", "agreement")]
    found = by_id(model.objects.select_related(*related), pk)
    client = company if of_kind == TimeEntry.Kind.GENERAL and not getattr(found, "project_id", None) else None
    return {"kind": of_kind, name: found, **({"client": client} if client else {})}


def _relinked(row: Row, body: Body) -> dict[str, Any]:
    kind = entry_bodies.charge_type(body, default=charge_type(row))
    company = _company(body)
    if body.get("chargeToId") is None:
        body = {**body, "chargeToId": charged_to(row)}
    if body["chargeToId"] is None:  # general time without a code, or a project without a task: only the client changes
        return {"kind": row.kind, "client": company} if row.kind == TimeEntry.Kind.GENERAL else {}
    if company is None and "company" not in body and row.client_id is not None:
        company = Client.objects.filter(pk=row.client_id).first()
    return _linked(kind, entry_bodies.charge_id(body), company)


def _timed(actor: Membership, row: Row, body: Body) -> dict[str, Any]:
    sent, _only_day = entry_bodies.sent_times(body)
    member = Membership.objects.select_related("user").get(pk=row.member_id)
    member.organisation = actor.organisation
    if "hoursDeduct" in body and sent.deduct is None:
        sent = entry_times.Sent(sent.start, sent.end, sent.hours, 0)
    return entry_times.changed(times_of(row), sent, zone=member.zone)


def _billing(body: Body) -> dict[str, Any]:
    """The option, the work type and the role that are named."""
    fields: dict[str, Any] = {}
    if "billableOption" in body:
        fields["billable_option"] = entry_bodies.option(body)
    if body.get("workType") is not None:
        fields["work_type"] = record(WorkType.objects, body["workType"], "workType", unknown="Invalid work type")
    if body.get("workRole") is not None:
        fields["work_role"] = record(WorkRole.objects, body["workRole"], "workRole", unknown="Invalid work role")
    return fields


def _defaults_again(actor: Membership, row: Row, body: Body) -> dict[str, Any]:
    """A work type or role that is sent as null is the one that an entry without it would get."""
    book, fields = RateBook(actor.organisation), dict[str, Any]()
    if "workType" in body and body["workType"] is None:
        fields["work_type"] = book.default_type() if row.kind != TimeEntry.Kind.GENERAL else None
    if "workRole" in body and body["workRole"] is None:
        role = Membership.objects.filter(pk=row.member_id).values_list("default_work_role", flat=True).get()
        fields["work_role"] = book.role(role)
    return fields


def _title(fields: dict[str, Any]) -> str:
    found = next((fields[name] for _model, name, _kind in RECORDS.values() if fields.get(name) is not None), None)
    return name_of_record(found) if found is not None else ""


def _words(body: Body, title: str) -> tuple[str, str]:
    """Description and subject: the notes and their first line, else what the record is called.

    >>> _words({"notes": "\\n Cabling \\nTwo sockets"}, "Office LAN")
    ('\\n Cabling \\nTwo sockets', 'Cabling')
    >>> _words({"notes": None}, "Office LAN")
    ('', 'Office LAN')
    """
    notes = entry_bodies.text(body, "notes") or ""
    lines = (" ".join(line.split()) for line in notes.splitlines())
    subject = next((line for line in lines if line), "") or title or _("Time")
    return notes if notes.strip() else "", subject[: entry_checks.SUBJECT_LENGTH].strip()


def _check_agreement(body: Body, entry: TimeEntry) -> None:
    """An agreement that is named is the one that the record has: it can't be chosen for an entry."""
    if body.get("agreement") is None:
        return
    if record(Agreement.objects, body["agreement"], "agreement").pk != entry.agreement_id:
        raise InvalidObject(Problem("agreement follows from the ticket or project", "agreement"))


# --- Status -----------------------------------------------------------------------------------------------------------


def _status(body: Body) -> str | None:
    return entry_bodies.status(body)


def reason_of(body: Body) -> str:
    """Why an entry is rejected; this format has no field of its own for it."""
    if meaning_of(body.get("status")) != "Rejected":
        return ""
    for name in REASONS:
        if found := (entry_bodies.text(body, name) or "").strip():
            return found
    return _("No reason was given through the API.")


def _decide(actor: Membership, entry: TimeEntry, change: Change) -> None:
    """Bring the status about that was asked for. Raises what the decision raises."""
    if entry.status == TimeEntry.Status.BILLED:
        raise Locked("billed", _("This time entry is billed: its status can't be changed."))
    if change.status == "Approved":
        approvals.decide(actor, entry.timesheet_id, version=None, approve=[entry.pk])
    elif change.status == "Rejected":
        approvals.decide(actor, entry.timesheet_id, version=None, reject={entry.pk: change.reason})
    else:
        entry_reopening.reopen(actor, entry.pk)
