"""Entries that are written together: one transaction, an answer for each, one Undo for all.

Say what is wanted as steps (`Log`, `Edit`, `Delete`, `Restore`) and call `carry_out`. Each step goes through
`time_entries`, so every rule holds as for a single entry, and what one refuses does not stop the rest. What the steps
touch is locked beforehand, in the order in which everybody locks.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import audit, lock_date
from accounts.models import Membership
from timesheets_site.lib.errors import Conflict, DomainError, OutOfReach, RuleViolation
from timetracking.models import EntryBatch, TimeEntry, Timer
from timetracking.rules import weeks
from timetracking.services import budgets, coverage, entry_links, entry_undo, time_entries, timesheets
from timetracking.services.time_entries import LINK_FIELDS

MOST = 200
"""Steps in one go; more would keep others waiting for too long."""
UNDOABLE = dt.timedelta(days=1)
Action = EntryBatch.Action
LOGGED, EDITED, DELETED, RESTORED = "logged", "edited", "deleted", "restored"
NAMED = ("member__user", "ticket", "project", "task", "charge_code", "activity", "client", "work_type", "work_role")
"""What tells people of an entry."""


@dataclass(frozen=True)
class Log:
    """A new entry of `member`, with the fields that `time_entries.log` takes; `key` is the caller's own name for it.

    `week` is a day of the week whose sheet it is filed under, where that is not the week of its date.
    """

    member: Membership
    fields: dict[str, Any]
    key: Any = None
    timer: Timer | None = None
    number: int | None = None
    week: dt.date | None = None

    did = LOGGED

    def run(self, actor: Membership) -> TimeEntry:
        return time_entries.log(
            actor, member=self.member, timer=self.timer, number=self.number, week=self.week, **self.fields
        )


@dataclass(frozen=True)
class Edit:
    """Changed fields of an entry, as `time_entries.edit` takes them. `version` None: whichever it has."""

    entry_id: int
    fields: dict[str, Any]
    version: int | None = None
    key: Any = None
    week: dt.date | None = None

    did = EDITED

    def run(self, actor: Membership) -> TimeEntry:
        return time_entries.edit(actor, self.entry_id, version=self.version, week=self.week, **self.fields)


@dataclass(frozen=True)
class Delete:
    entry_id: int
    version: int | None = None
    key: Any = None

    fields: dict[str, Any] = field(default_factory=dict)
    did = DELETED

    def run(self, actor: Membership) -> TimeEntry:
        return time_entries.delete(actor, self.entry_id, version=self.version)


@dataclass(frozen=True)
class Restore:
    """`version` is the one that the deletion left behind; None where whichever it has is meant."""

    entry_id: int
    key: Any = None
    version: int | None = None

    fields: dict[str, Any] = field(default_factory=dict)
    did = RESTORED

    def run(self, actor: Membership) -> TimeEntry:
        if self.version is not None:
            changed = TimeEntry.with_deleted.visible_to(actor).exclude(version=self.version)
            if (current := changed.filter(pk=self.entry_id).first()) is not None:
                raise Conflict(current)
        return time_entries.restore(actor, self.entry_id)


@dataclass(frozen=True)
class _Revert:
    """An edit of the actor's taken back, as `entry_undo` found out; or why it can't be."""

    entry_id: int
    version: int
    fields: dict[str, Any] = field(default_factory=dict)
    refusal: DomainError | None = None
    key: Any = None

    did = EDITED

    def run(self, actor: Membership) -> TimeEntry:
        if self.refusal is not None:
            raise self.refusal
        return time_entries.edit(actor, self.entry_id, version=self.version, **self.fields)


Step = Log | Edit | Delete | Restore | _Revert


@dataclass(frozen=True)
class Outcome:
    """What became of one step: the entry as it is stored, or why nothing was.

    `before` is the entry as it was; None for a new one, and for what is out of the actor's reach.
    """

    step: Step
    entry: TimeEntry | None = None
    refusal: DomainError | None = None
    before: TimeEntry | None = None

    @property
    def changed(self) -> bool:
        """Was anything written? Not where an edit found everything so already, or a deletion nothing to delete."""
        if self.entry is None or self.before is None:
            return self.entry is not None
        if self.before.deleted_at is not None or self.entry.deleted_at is not None:
            return (self.before.deleted_at is None) != (self.entry.deleted_at is None)
        return bool(audit.difference(audit.snapshot(self.before, _WRITTEN), self.entry))

    @property
    def days(self) -> set[dt.date]:
        """The days on which something is other than before."""
        return {each.date for each in (self.before, self.entry) if each is not None} if self.changed else set()


_WRITTEN = tuple(name for name in time_entries.AUDITED if name not in ("covered_minutes", "amount"))
"""Without what the writing of another entry may move."""


@dataclass(frozen=True)
class Result:
    """Of all steps, in the order in which they were given. `batch` carries the Undo; None where nothing was written."""

    outcomes: Sequence[Outcome]
    batch: EntryBatch | None = None

    @property
    def done(self) -> list[TimeEntry]:
        """What was written."""
        return [outcome.entry for outcome in self.outcomes if outcome.entry is not None and outcome.changed]

    @property
    def unchanged(self) -> list[TimeEntry]:
        """What was so already."""
        return [outcome.entry for outcome in self.outcomes if outcome.entry is not None and not outcome.changed]

    @property
    def refused(self) -> list[Outcome]:
        return [outcome for outcome in self.outcomes if outcome.refusal is not None]

    @property
    def minutes(self) -> int:
        """The sum of what was written."""
        return sum(entry.minutes for entry in self.done)

    @property
    def days(self) -> set[dt.date]:
        """The days on which something is other than before."""
        return {day for outcome in self.outcomes for day in outcome.days}


class _Rehearsed(Exception):
    """Leaves the transaction so that nothing of it stays."""


def carry_out(actor: Membership, action: Action, steps: Iterable[Step], *, whole: bool = False) -> Result:
    """Do the steps, each by itself; with `whole` either all of them or none.

    Refusals are in the outcomes. Raises RuleViolation `too_many`; with `whole` what the first refused step raised.
    """
    wanted = _at_most(steps)
    with transaction.atomic():
        outcomes = _run(actor, wanted, whole)
        return Result(_in_order(outcomes), _batch(actor, action, outcomes.values()))


def rehearse(actor: Membership, steps: Iterable[Step]) -> Result:
    """What `carry_out` would do, found out by doing it and taking all of it back: the rules can't differ.

    Raises RuleViolation `too_many`.
    """
    wanted = _at_most(steps)
    outcomes: dict[int, Outcome] = {}
    try:
        with transaction.atomic():
            outcomes = _run(actor, wanted)
            raise _Rehearsed
    except _Rehearsed:
        return Result(_in_order(outcomes))


def undo(actor: Membership, batch_id: int) -> Result:
    """Take back what is left of a batch of the actor's own: logged entries go, deleted ones return, edits revert.

    What somebody changed since stays as it is and is among the refusals. Undone already: nothing happens.
    Raises OutOfReach, or RuleViolation `nothing_to_undo` after a day.
    """
    with transaction.atomic():
        batch = EntryBatch.objects.select_for_update(of=("self",)).filter(pk=batch_id, member=actor).first()
        if batch is None:
            raise OutOfReach
        if batch.undone_at is not None:
            return Result([])
        now = timezone.now()
        if now - batch.created_at > UNDOABLE:
            raise RuleViolation("nothing_to_undo", _("This can't be undone any more. Look at the entries themselves."))
        outcomes = _run(actor, _steps_back(actor, batch), backwards=True)
        if any(outcome.changed for outcome in outcomes.values()):
            batch.undone_at = now
            batch.save(update_fields=["undone_at"])
            left = sum(1 for outcome in outcomes.values() if not outcome.changed)
            audit.record(actor, "entry_batch.undone", batch, changes={"entries": (len(batch.items), left)})
        return Result(_in_order(outcomes))


def _steps_back(actor: Membership, batch: EntryBatch) -> list[Step]:
    """The opposite of each thing that was written, the last one first: each state on the way back was allowed once."""
    edited = [entry_id for entry_id, _version, did in batch.items if did == EDITED]
    entries = TimeEntry.objects.visible_to(actor).filter(pk__in=edited)
    back = entry_undo.fields_back(actor, entries)
    steps: list[Step] = []
    for entry_id, version, did in reversed(batch.items):
        if did in (LOGGED, RESTORED):
            steps.append(Delete(entry_id, version))
        elif did == DELETED:
            steps.append(Restore(entry_id, version=version))
        else:
            fields = back.get(entry_id, OutOfReach())
            refusal = fields if isinstance(fields, DomainError) else None
            steps.append(_Revert(entry_id, version, {} if refusal else fields, refusal))
    return steps


def _at_most(steps: Iterable[Step]) -> list[Step]:
    wanted = list(steps)
    if len(wanted) > MOST:
        raise too_many()
    return wanted


def too_many() -> RuleViolation:
    return RuleViolation("too_many", _("Choose at most %(count)s entries at once.") % {"count": MOST})


def _run(actor: Membership, steps: list[Step], whole: bool = False, *, backwards: bool = False) -> dict[int, Outcome]:
    """Each step in a savepoint of its own, by its place among `steps`, in the order in which they were done.

    Those of a member come in the order of their days, as weeks are opened. `backwards` opens none and keeps the order.
    """
    _hold(actor, steps, _found(actor, steps))
    found = _found(actor, steps)  # as they are now that nobody else writes them
    places: Iterable[int] = range(len(steps))
    if not backwards:
        places = sorted(places, key=lambda n: _place(steps[n], found))
    outcomes: dict[int, Outcome] = {}
    for place in places:
        step = steps[place]
        before = None if isinstance(step, Log) else found.get(step.entry_id)
        try:
            with transaction.atomic():
                outcomes[place] = Outcome(step, entry=step.run(actor), before=before)
        except DomainError as refusal:
            if whole:
                raise
            outcomes[place] = Outcome(step, refusal=refusal, before=before)
    return outcomes


def _in_order(outcomes: dict[int, Outcome]) -> list[Outcome]:
    return [outcomes[place] for place in sorted(outcomes)]


def _found(actor: Membership, steps: list[Step]) -> dict[int, TimeEntry]:
    """The entries within reach that steps name, deleted ones too."""
    ids = [step.entry_id for step in steps if not isinstance(step, Log)]
    rows = TimeEntry.with_deleted.visible_to(actor).filter(pk__in=ids)
    return {entry.pk: entry for entry in rows.select_related("agreement", "timesheet", *NAMED)}


def _place(step: Step, found: dict[int, TimeEntry]) -> tuple[int, dt.date]:
    """Whose day a step is about; what it names and is not there comes first and is refused."""
    if isinstance(step, Log):
        return step.member.pk, step.fields.get("date") or dt.date.min
    entry = found.get(step.entry_id)
    return (entry.member_id, entry.date) if entry else (0, dt.date.min)


def hold(actor: Membership, steps: Iterable[Step], *, weeks_too: Collection[tuple[int, dt.date]] = ()) -> None:
    """Lock what the steps will, and some weeks (member and a day of it): for who does more to them in one transaction.

    Raises RuleViolation `too_many`.
    """
    wanted = _at_most(steps)
    _hold(actor, wanted, _found(actor, wanted), weeks_too)


def _hold(
    actor: Membership,
    steps: list[Step],
    found: dict[int, TimeEntry],
    weeks_too: Collection[tuple[int, dt.date]] = (),
) -> None:
    """Everything that the steps will lock, in the one order: lock date, budgets, included hours, weeks."""
    lock_date.hold_still(actor.organisation)
    drawn, projects, places = [], [], list(weeks_too)
    for step in steps:
        entry = None if isinstance(step, Log) else found.get(step.entry_id)
        member_id, was_on = _place(step, found)
        day = step.fields.get("date") or was_on
        names_link = any(name in step.fields for name in LINK_FIELDS)
        link = {name: step.fields[name] for name in LINK_FIELDS if name in step.fields and name != "kind"}
        if names_link:
            drawn.append((entry_links.agreement_of(**link), day))
            projects.append(entry_links.project_of(**link))
        if entry is not None:
            drawn += [(entry.agreement, was_on), (entry.agreement, day)]
            projects.append(entry.project)
        filed = [entry.timesheet.week_start] if entry is not None else []
        filed += [step.week] if isinstance(step, Log | Edit) and step.week is not None else []
        places += [(member_id, each) for each in (was_on, day, *filed) if member_id and each != dt.date.min]
    budgets.hold_each(actor.organisation, lambda: projects)
    kept = [(agreement, day) for agreement, day in drawn if day != dt.date.min]
    first_weekday = actor.organisation.first_weekday
    weeks_of = {(member_id, weeks.week_containing(day, first_weekday=first_weekday)) for member_id, day in places}
    coverage.hold(coverage.pools(kept), starts=weeks_of, entries=found.keys(), always=True)
    timesheets.hold_unopened(actor.organisation, weeks_of)


def _batch(actor: Membership, action: Action, outcomes: Iterable[Outcome]) -> EntryBatch | None:
    items = [
        [outcome.entry.pk, outcome.entry.version, outcome.step.did]
        for outcome in outcomes
        if outcome.entry is not None and outcome.changed
    ]
    if not items:
        return None
    return EntryBatch.objects.create(member=actor, action=action, items=items, created_at=timezone.now())
