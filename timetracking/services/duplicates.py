"""An entry once more: on today, on other days; and one piece of work logged on several days at once."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import Any

from django.utils.translation import gettext as _

from accounts import once
from accounts.models import Membership
from accounts.permissions import Permission, require
from timesheets_site.lib.errors import OutOfReach, RuleViolation
from timetracking.models import EntryBatch, TimeEntry
from timetracking.services import many_entries, repetition, time_entries
from timetracking.services.many_entries import Log, Outcome, Result

LONGEST_RUN = 92
"""Days from the first to the last of what is logged at once."""


def duplicate(
    actor: Membership, entry_id: int, days: Iterable[dt.date], *, key: str = "", fingerprint: str = ""
) -> Result:
    """The entry once more on each of `days`, local days of its member, without clock times. `key` as in `once.once`.

    What is refused doesn't stop the rest. Raises NotAllowed, OutOfReach, or RuleViolation `day_required`, `too_many`,
    `key_used`.
    """
    entry = visible(actor, entry_id)
    require(actor, Permission.LOG_TIME, owner=entry.member_id)
    wanted = sorted(set(days))
    if not wanted:
        raise RuleViolation("day_required", _("Choose a day"), "days")
    steps = [Log(entry.member, repetition.fields_of(entry, day), key=day) for day in wanted]
    return _once(actor, EntryBatch.Action.DUPLICATED, steps, key, fingerprint)


def log_on_days(
    actor: Membership, member: Membership, each: Sequence[dict[str, Any]], *, key: str = "", fingerprint: str = ""
) -> Result:
    """Log the fields of `each` entry, one for a day; what is refused doesn't stop the rest. `key` as in `once.once`.

    Raises NotAllowed, OutOfReach, or RuleViolation `too_many`, `key_used`.
    """
    require(actor, Permission.LOG_TIME, owner=member)
    steps = [Log(member, fields, key=fields["date"]) for fields in each]
    return _once(actor, EntryBatch.Action.LOGGED, steps, key, fingerprint)


class _NothingDoneError(Exception):
    """Every step was refused: leaves the key unused."""


def _once(actor: Membership, action: EntryBatch.Action, steps: list[Log], key: str, fingerprint: str) -> Result:
    """Carry the steps out, unless this key has done it before: then what it wrote, as far as that is still there."""
    results: list[Result] = []

    def carry_out() -> EntryBatch:
        results.append(many_entries.carry_out(actor, action, steps))
        if results[0].batch is None:
            raise _NothingDoneError
        return results[0].batch

    try:
        batch_id, repeated = once.once(actor, key, f"time_entries.{action}", carry_out, fingerprint=fingerprint)
    except _NothingDoneError:
        return results[0]
    return _done_before(actor, batch_id) if repeated else results[0]


def _done_before(actor: Membership, batch_id: int) -> Result:
    """What an earlier sending of the same form wrote, as far as it is still there."""
    batch = EntryBatch.objects.get(pk=batch_id, member=actor)
    rows = TimeEntry.objects.select_related("member__user").in_bulk([pk for pk, _version, did in batch.items])
    return Result([Outcome(Log(row.member, {"date": row.date}), entry=row) for row in rows.values()], batch)


def move(actor: Membership, entry_id: int, day: dt.date, *, version: int | None = None) -> TimeEntry:
    """The entry on another day, its clock times too, as they were read in its own zone.

    Raises what `time_entries.edit` raises, and RuleViolation `time_skipped`, `time_twice` where clocks change.
    """
    return time_entries.edit(actor, entry_id, version=version, date=day)


def visible(actor: Membership, entry_id: int) -> TimeEntry:
    """The entry, within the actor's reach, with what `repetition.fields_of` looks at. Raises OutOfReach."""
    entry: TimeEntry | None = (
        TimeEntry.objects.visible_to(actor).select_related(*repetition.RELATED).filter(pk=entry_id).first()
    )
    if entry is None:
        raise OutOfReach
    entry.member.organisation = actor.organisation
    return entry
