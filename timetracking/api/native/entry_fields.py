"""From what a program sends to what the service takes: ids become records of the organisation, and links whole."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

from django.db.models import Model

from accounts.models import Membership
from timesheets_site.lib.errors import OutOfReach, RuleViolation
from timesheets_site.lib.numbers import fits
from timetracking.api.native.entry_schemas import EntryFields
from timetracking.models import Activity, ChargeCode, Client, Project, Task, Ticket, TimeEntry, WorkRole, WorkType

LINKS: dict[str, tuple[type[Model], tuple[str, ...]]] = {
    "ticket_id": (Ticket, ("client", "agreement")),
    "project_id": (Project, ("client", "agreement")),
    "task_id": (Task, ("project__client", "project__agreement")),
    "charge_code_id": (ChargeCode, ("project__client", "project__agreement")),
    "activity_id": (Activity, ("client",)),
    "client_id": (Client, ()),
}
NAMED = {
    **LINKS,
    "work_type_id": (WorkType, ()),
    "work_role_id": (WorkRole, ()),
    "member_id": (Membership, ("user",)),
}
"""Fields that name a record, the model, and what else of it is looked at."""
NEVER_NULL = ("date", "minutes", "break_minutes", "subject", "description", "internal_notes", "billable_option")
PLAIN = (*NEVER_NULL, "started_at", "ended_at")
EMPTY = {"break_minutes": 0, "description": "", "internal_notes": "", "billable_option": "NoDefault"}


class Records:
    """The records that some bodies name, read with one query for each kind of record."""

    def __init__(self, member: Membership, bodies: Iterable[Mapping[str, Any]]) -> None:
        wanted: dict[str, set[int]] = defaultdict(set)
        for body in bodies:
            for name in NAMED.keys() & body.keys():
                if isinstance(body[name], int) and fits(body[name]):
                    wanted[name].add(body[name])
        self.member = member
        self.found: dict[str, dict[int, Any]] = {name: self._read(name, ids) for name, ids in wanted.items()}

    def _read(self, name: str, ids: set[int]) -> dict[int, Any]:
        model, related = NAMED[name]
        rows: Any = model.objects  # type: ignore[attr-defined]  # the organisation's own
        found = {row.pk: row for row in rows.filter(pk__in=ids).select_related(*related)}
        if model is Membership:
            for row in found.values():
                row.organisation = self.member.organisation
        return found

    def get(self, name: str, number: int) -> Any:
        """The record; raises OutOfReach with the field's name, for foreign ids as for unknown ones."""
        record = self.found.get(name, {}).get(number)
        if record is None:
            refusal = OutOfReach()
            refusal.field = name
            raise refusal
        return record


def of_new(member: Membership, body: EntryFields, records: Records) -> tuple[Membership, dict[str, Any]]:
    """Who worked, and the fields that `time_entries.log` takes. Raises OutOfReach, RuleViolation."""
    sent = body.model_dump(exclude_unset=True)
    number = sent.pop("member_id", None)
    worker = member if number is None or number == member.pk else records.get("member_id", number)
    fields: dict[str, Any] = {}
    for name in PLAIN:
        value = sent.get(name)
        if value is not None:
            fields[name] = value
    if "date" not in fields and "started_at" in fields:
        fields["date"] = fields["started_at"].astimezone(worker.zone).date()
    fields["minutes"] = fields.get("minutes")
    fields["subject"] = fields.get("subject", "")
    fields["date"] = fields.get("date")
    _check_length(fields, fields.get("break_minutes", 0))
    fields |= _link(sent, records)
    for name in ("work_type", "work_role"):
        if sent.get(f"{name}_id") is not None:
            fields[name] = records.get(f"{name}_id", sent[f"{name}_id"])
    return worker, fields


def of_change(body: EntryFields, entry: TimeEntry, records: Records) -> dict[str, Any]:
    """The fields that `time_entries.edit` takes. `entry` is as it was read, with the records it hangs on.

    Raises OutOfReach, RuleViolation.
    """
    sent = body.model_dump(exclude_unset=True)
    sent.pop("version", None)
    fields: dict[str, Any] = {}
    for name in PLAIN:
        if name in sent:
            value = sent[name]
            if value is None and name in NEVER_NULL:
                if name not in EMPTY:
                    raise RuleViolation("required", "This can't be empty.", name)
                value = EMPTY[name]
            fields[name] = value
    if {"started_at", "ended_at"} & fields.keys():
        times = {"started_at": entry.started_at, "ended_at": entry.ended_at, **fields}
        _check_length(times, fields.get("break_minutes", entry.break_minutes))
    if sent.keys() & {*LINKS, "kind"}:
        fields |= _link(_with_what_stays(sent, entry), records, entry)
    for name in ("work_type", "work_role"):
        if f"{name}_id" in sent:
            number = sent[f"{name}_id"]
            fields[name] = None if number is None else records.get(f"{name}_id", number)
    return fields


def _check_length(fields: Mapping[str, Any], pause: int) -> None:
    """Minutes that are sent beside two instants say the same. Raises RuleViolation `minutes_contradict`."""
    start, end, minutes = fields.get("started_at"), fields.get("ended_at"), fields.get("minutes")
    if start is None or end is None or minutes is None or end <= start:
        return
    if (int((end - start).total_seconds()) + 30) // 60 - pause != minutes:
        words = "From start to end, less the break, it is another number of minutes. Leave one of them out."
        raise RuleViolation("minutes_contradict", words, "minutes")


def _with_what_stays(sent: dict[str, Any], entry: TimeEntry) -> dict[str, Any]:
    """The link that a change asks for. A kind, ticket or project is named with all that belongs to it; a change of
    anything else leaves what it does not name."""
    if any(sent.get(name) is not None for name in ("kind", "ticket_id", "project_id")):
        return sent
    kept = {name: getattr(entry, name) for name in LINKS if name not in sent}
    if sent.get("task_id") is not None:
        kept["project_id"] = None  # the task's own
    if entry.kind != TimeEntry.Kind.GENERAL:
        kept["client_id"] = None  # follows
    return {"kind": entry.kind, **kept, **sent}


def _link(sent: Mapping[str, Any], records: Records, entry: TimeEntry | None = None) -> dict[str, Any]:
    """The fields of a link; the kind follows from the records where it is not named."""
    link: dict[str, Any] = {}
    for name in LINKS:
        number = sent.get(name)
        if number is None:
            continue
        stored = name[:-3]
        kept = entry is not None and getattr(entry, name) == number
        link[stored] = getattr(entry, stored) if kept else records.get(name, number)
    kind = sent.get("kind")
    if kind is None:
        kind = TimeEntry.Kind.GENERAL
        if "ticket" in link:
            kind = TimeEntry.Kind.TICKET
        elif "project" in link or "task" in link:
            kind = TimeEntry.Kind.PROJECT
    return {"kind": str(kind), **link}
