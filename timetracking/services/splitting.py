"""One entry becomes two: the minutes are shared out, the second part may go to another record. All of it or nothing."""

from __future__ import annotations

import zoneinfo
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from accounts import audit
from accounts.models import Membership
from accounts.permissions import Permission, require
from timesheets_site.lib import numbers
from timesheets_site.lib.errors import Conflict, Locked, RuleViolation
from timetracking.models import EntryBatch, TimeEntry
from timetracking.rules import durations
from timetracking.rules import splitting as rule
from timetracking.services import duplicates, many_entries, repetition
from timetracking.services.many_entries import Edit, Log, Result, Step
from timetracking.services.time_entries import LINK_FIELDS

Status = TimeEntry.Status


def split(
    actor: Membership, entry_id: int, *, minutes: int, version: int | None = None, **rest: Any
) -> tuple[TimeEntry, TimeEntry, Result]:
    """Leave `minutes` on the entry and log what is left of it as a second one, the same but for the fields of `rest`
    (kind and record, subject, billable option, work type and role, as `time_entries.log` takes them).

    The sum stays what it was. With clock times the parts follow each other. One Undo takes it back: the result's batch.
    Raises OutOfReach, Conflict, Locked (`approved`, `billed`, …), RuleViolation `minutes_beyond_entry` (field
    `minutes`), or what `log` and `edit` raise.
    """
    with transaction.atomic():
        entry = duplicates.visible(actor, entry_id)
        require(actor, Permission.EDIT_TIME, owner=entry.member_id)
        if version not in (None, entry.version):
            raise Conflict(entry)
        _check(entry, minutes)
        first, second = rule.parts(
            entry.minutes,
            minutes,
            started_at=entry.started_at,
            ended_at=entry.ended_at,
            break_minutes=entry.break_minutes,
        )
        number = numbers.reserve(TimeEntry)
        audit.record(actor, "time_entry.split", entry, changes={"split_into": (None, number)})
        steps: list[Step] = [
            Edit(entry.pk, _times(first), version=entry.version),
            Log(entry.member, _rest_of(entry, second, rest), number=number),
        ]
        result = many_entries.carry_out(actor, EntryBatch.Action.SPLIT, steps, whole=True)
        kept, new = result.done
        audit.record(actor, "time_entry.split_off", new, changes={"split_from": (None, entry.pk)})
        return kept, new, result


def refusal(entry: TimeEntry) -> Locked | None:
    """Why this entry can't be split by anybody; None where the rules for editing it decide."""
    if entry.status == Status.APPROVED:
        return Locked("approved", _("This entry is approved. Reopen its week to split it."))
    if entry.minutes < 2:
        return Locked("minutes_too_few", _("One minute can't be split."))
    return None


def _check(entry: TimeEntry, minutes: int) -> None:
    if refused := refusal(entry):
        raise refused
    if not 1 <= minutes < entry.minutes:
        words = _("Enter between 1 minute and %(most)s; the rest of the %(total)s goes to the other part.") % {
            "most": durations.format_minutes(entry.minutes - 1),
            "total": durations.format_minutes(entry.minutes),
        }
        raise RuleViolation("minutes_beyond_entry", words, "minutes")


def _times(part: rule.Part) -> dict[str, Any]:
    return {
        "minutes": part.minutes,
        "break_minutes": part.break_minutes,
        "started_at": part.started_at,
        "ended_at": part.ended_at,
    }


def _rest_of(entry: TimeEntry, part: rule.Part, given: dict[str, Any]) -> dict[str, Any]:
    """The second part: on the day on which it began, where that is known; `given` is what differs from the first."""
    day = entry.date
    if entry.started_at is not None and part.started_at is not None:
        zone = zoneinfo.ZoneInfo(entry.zone)
        day += part.started_at.astimezone(zone).date() - entry.started_at.astimezone(zone).date()
    same = repetition.fields_of(entry, day)
    if "kind" in given:
        same = {name: value for name, value in same.items() if name not in LINK_FIELDS}
    return {**same, **_times(part), "internal_notes": entry.internal_notes, **given}
