"""Work that is done again: entries for other days, made from what is there; what stands there already is left alone.

Copies of a week (`week_copies`) and templates (`week_templates`) say what a week is to get as the fields that
`time_entries.log` takes, and come here.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction

from accounts.models import Membership
from accounts.permissions import Permission, require
from timesheets_site.lib import turns
from timesheets_site.lib.errors import RuleViolation
from timetracking.models import EntryBatch, GridRow, TimeEntry
from timetracking.models.record_links import name_of
from timetracking.rules import weeks
from timetracking.services import entry_checks, entry_links, grid_rows, many_entries
from timetracking.services.many_entries import Log, Result

Fields = dict[str, Any]
RECORDS = ("ticket", "project", "task", "charge_code", "activity")
RELATED = (
    "member__user", "ticket__client", "ticket__agreement", "project__client", "project__agreement",
    "task__project__client", "task__project__agreement", "charge_code__project__client",
    "charge_code__project__agreement", "activity__client", "client", "work_type", "work_role",
)  # fmt: skip
LAST_DAY = 6 * weeks.DAY
MOST_ROWS = 300


@dataclass(frozen=True)
class Filling:
    """What a week got, or would get. `there` are the wanted ones that stood in it already."""

    result: Result
    there: Sequence[Fields] = ()


def fields_of(entry: TimeEntry, day: dt.date) -> Fields:
    """The same work on another day, as `time_entries.log` takes it.

    No clock times, no internal note, and nothing that was decided about the entry: that is decided anew. A work type
    or role that was archived since is left to the default.
    """
    fields: Fields = {
        "kind": entry.kind,
        "date": day,
        "minutes": entry.minutes,
        "subject": entry.subject,
        "description": entry.description,
        "billable_option": entry.billable_option,
    }
    fields |= {name: getattr(entry, name) for name in RECORDS if getattr(entry, f"{name}_id")}
    if entry.kind == TimeEntry.Kind.GENERAL and entry.client_id:
        fields["client"] = entry.client
    for name in ("work_type", "work_role"):
        value = getattr(entry, name)
        if value is None or not value.is_archived:
            fields[name] = value
    return fields


def of_week(member: Membership, first: dt.date) -> list[TimeEntry]:
    """A member's entries of the week from `first` on, in their order, with what `fields_of` looks at."""
    entries = TimeEntry.objects.filter(member=member, date__gte=first, date__lte=first + LAST_DAY)
    found = list(entries.select_related(*RELATED).order_by("date", "created_at", "pk"))
    for entry in found:
        entry.member.organisation = member.organisation
    return found


def fill(actor: Membership, member: Membership, wanted: Iterable[Fields]) -> Filling:
    """Log what is wanted and not there yet, each by itself. One after the other for a member: a second call at the
    same moment finds what the first one wrote.

    Raises NotAllowed, OutOfReach (another's time), or RuleViolation `too_many`.
    """
    require(actor, Permission.LOG_TIME, owner=member)
    with transaction.atomic():
        turns.alone(turns.Place.REPETITION, member.pk)  # before every other lock
        missing, there = apart(member, wanted)
        steps = [Log(member, fields, key=place) for place, fields in enumerate(missing)]
        return Filling(many_entries.carry_out(actor, EntryBatch.Action.COPIED, steps), there)


def rehearse(actor: Membership, member: Membership, wanted: Iterable[Fields]) -> Filling:
    """What `fill` would do now. Raises as it does."""
    require(actor, Permission.LOG_TIME, owner=member)
    missing, there = apart(member, wanted)
    steps = [Log(member, fields, key=place) for place, fields in enumerate(missing)]
    return Filling(many_entries.rehearse(actor, steps), there)


def add_rows(
    actor: Membership, member: Membership, first: dt.date, records: Iterable[Any]
) -> tuple[list[GridRow], list[str], int]:
    """Put records as rows into the grid of the week from `first` on: the new rows, why others were not put there, and
    how many were there already, as a row or with entries. Raises NotAllowed or OutOfReach.
    """
    require(actor, Permission.LOG_TIME, owner=member)
    added: list[GridRow] = []
    refused: list[str] = []
    with transaction.atomic():
        turns.alone(turns.Place.REPETITION, member.pk)
        present = _rows_of(member, first)
        wanted = {(name_of(record), record.pk): record for record in records}
        for name, record in wanted.items():
            if name in present:
                continue
            try:
                with transaction.atomic():
                    added.append(grid_rows.add(actor, member, first, record))
            except RuleViolation as refusal:
                refused.append(str(refusal))
    return added, refused, len(wanted.keys() & present)


def _rows_of(member: Membership, first: dt.date) -> set[tuple[str, int]]:
    """The rows that a week has: those that were put there, and those with entries."""
    names = [f"{name}_id" for name in RECORDS]
    rows = GridRow.objects.filter(member=member, week_start=first).values_list(*names)
    found = {(name, pk) for row in rows for name, pk in zip(RECORDS, row, strict=True) if pk is not None}
    for entry in of_week(member, first):
        record = record_of(entry)
        if record is not None:
            found.add((name_of(record), record.pk))
    return found


def record_of(entry: TimeEntry) -> Any:
    """The record that an entry was logged on, as the picker names it; None for none."""
    return entry.ticket or entry.task or entry.charge_code or entry.project or entry.activity


def apart(member: Membership, wanted: Iterable[Fields]) -> tuple[list[Fields], list[Fields]]:
    """What is missing, and what is there already: as many entries of that day, record and subject as are wanted.

    The minutes may differ: an entry that was copied and then corrected is still there.
    """
    wanted = list(wanted)
    stored = Counter(_stored(member, {fields["date"] for fields in wanted}))
    missing, there = [], []
    for fields in wanted:
        name = _name(fields)
        if name is not None and stored[name]:
            stored[name] -= 1
            there.append(fields)
        else:
            missing.append(fields)
    return missing, there


def _stored(member: Membership, days: set[dt.date]) -> Iterable[tuple[Any, ...]]:
    ids = [f"{name}_id" for name in RECORDS]
    rows = TimeEntry.objects.filter(member=member, date__in=days).order_by()
    return iter(rows.values_list("date", "subject", *ids))


def _name(fields: Fields) -> tuple[Any, ...] | None:
    """Day, subject and records as an entry of these fields would store them; None for what will be refused anyway."""
    named = {name: fields[name] for name in (*RECORDS, "client") if name in fields}
    try:
        link = entry_links.resolve(fields["kind"], **named)
        subject = entry_checks.subject(fields["subject"])
    except RuleViolation:
        return None
    ids = [record.pk if (record := getattr(link, name)) is not None else None for name in RECORDS]
    return (fields["date"], subject, *ids)
