"""Re-rating: entries are decided anew by today's catalogue, after a look at each change. What is approved stays.

An agreement's hours of a month are shared out again with it, so entries that share them are written together. Each
portion is one transaction, takes its locks as every writer does, and is planned again under them: what is written is
what was shown, or nothing.
"""

from __future__ import annotations

import copy
import dataclasses
import datetime as dt
from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from django.db import transaction
from django.db.models import Count, F, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import audit, lock_date
from accounts.models import Membership, Organisation
from accounts.permissions import Permission, require
from timesheets_site.lib.errors import Conflict, RuleViolation
from timetracking.models import TimeEntry, Timesheet
from timetracking.rules import coverage as spreading
from timetracking.rules import rerating
from timetracking.rules.coverage import Claim
from timetracking.rules.rerating import Change, Plan, Scope, Unit
from timetracking.services import coverage
from timetracking.services.coverage import Pool
from timetracking.services.entry_decisions import decide, set_amount
from timetracking.services.rate_book import RateBook
from timetracking.services.time_entries import DECIDING

AT_ONCE = 500
OF_EACH = ("billed_minutes", "covered_minutes", "amount")
"""What is another number for each entry."""
Status = TimeEntry.Status


def plan(actor: Membership, scope: Scope) -> Plan:
    """What re-rating the scope would change. A read, without locks.

    Raises NotAllowed, or RuleViolation `scope_too_wide` beyond `rerating.LARGEST` entries.
    """
    require(actor, Permission.MANAGE_RATES)
    organisation = actor.organisation
    in_scope = TimeEntry.objects.filter(**scope.conditions)
    anew, closed = _decided_anew(organisation), _closed(organisation)
    counts = in_scope.aggregate(
        looked_at=Count("pk", filter=anew),
        approved=Count("pk", filter=Q(status=Status.APPROVED) & ~anew & ~closed),
        billed=Count("pk", filter=Q(status=Status.BILLED)),
        closed=Count("pk", filter=closed & ~Q(status=Status.BILLED)),
    )
    if counts["looked_at"] > rerating.LARGEST:
        raise RuleViolation(
            "scope_too_wide",
            _("These are %(count)s entries, more than one run can take. Choose fewer days, or one client.")
            % {"count": counts["looked_at"]},
            "first",
        )
    return Plan(_changes(organisation, in_scope.filter(anew)), **counts)


def apply(actor: Membership, scope: Scope, *, fingerprint: str) -> int:
    """Write what was previewed; how many entries. `fingerprint` is the one of the plan that was shown.

    Raises what `plan` raises, and Conflict if anything changed since. Portions that were written before somebody came
    between stay; each is whole.
    """
    planned = plan(actor, scope)
    if planned.fingerprint != fingerprint:
        raise Conflict(message=_("Something changed in the meantime. Look at what re-rating does now."))
    written: list[Change] = []
    try:
        for portion in rerating.chunks(planned.changes, AT_ONCE):
            _write(actor, scope, portion)
            written += portion
    finally:
        if written:
            _record_run(actor, scope, written)
    return len(written)


# --- Planning ---------------------------------------------------------------------------------------------------------


def _decided_anew(organisation: Organisation) -> Q:
    """Approved entries are only rated where they never were: nothing is rewritten there. Closed ones never are."""
    status = Q(status__in=rerating.REDECIDED) | Q(status=Status.APPROVED, rate_decided_by="")
    return status & ~_closed(organisation)


def _closed(organisation: Organisation) -> Q:
    return Q(pk__in=()) if organisation.lock_date is None else Q(date__lte=organisation.lock_date)


def _changes(organisation: Organisation, entries: Any) -> list[Change]:
    """Each entry that would be another one, in the order of dates; with those whose share of included hours moves."""
    book = RateBook(organisation)
    book.read_all()
    before: dict[int, TimeEntry] = {}
    after: dict[int, TimeEntry] = {}
    drawn: dict[Unit, Pool] = {}
    for entry in entries.select_related(*DECIDING).order_by("date", "pk"):
        decided = copy.copy(entry)
        decide(decided, book)
        before[entry.pk], after[entry.pk] = entry, decided
        if entry.billable or decided.billable:
            for pool in coverage.pools([(entry.agreement, entry.date)]):
                drawn.setdefault((pool.agreement_id, pool.month), pool.whole())
    units = _share(organisation, drawn, before, after)
    changes = [
        Change(before[pk], decided, units.get(pk, (pk,)), _is_redecided(before[pk], decided))
        for pk, decided in after.items()
        if rerating.differences(before[pk], decided)
    ]
    return sorted(changes, key=lambda change: (change.before.date, change.before.pk))


def _is_redecided(before: TimeEntry, after: TimeEntry) -> bool:
    """Is it more than another share of included hours, with the amount that follows from it?"""
    differing = rerating.differences(before, after).keys()
    return "covered_minutes" not in differing or not differing <= {"covered_minutes", "amount"}


def _share(
    organisation: Organisation, drawn: dict[Unit, Pool], before: dict[int, TimeEntry], after: dict[int, TimeEntry]
) -> dict[int, Unit]:
    """Share out the included hours of these pools among what is decided anew and all others who draw from them.

    Adds the others to `before` and `after`; says which pool each entry belongs to.
    """
    members: dict[Unit, dict[int, TimeEntry]] = defaultdict(dict)
    for entry in [*_drawers(drawn.values()), *after.values()]:
        key = (entry.agreement_id, entry.date.replace(day=1))
        pool = drawn.get(key)
        if pool is not None and pool.first <= entry.date < pool.end:
            members[key][entry.pk] = after.get(entry.pk, entry)
    units: dict[int, Unit] = {}
    for key, entries in members.items():
        units |= dict.fromkeys(entries, key)
        claims = [
            Claim(each.pk, each.date, each.billed_minutes, each.covered_minutes, coverage.is_fixed(each, organisation))
            for each in entries.values()
            if each.billable
        ]
        for pk, covered in spreading.spread(drawn[key].included, claims).items():
            entry = entries[pk]
            if pk not in after:
                before[pk], after[pk] = entry, copy.copy(entry)
            after[pk].covered_minutes = covered
            if after[pk].rate_decided_by != "":
                set_amount(after[pk], organisation.currency)
    return units


def _drawers(drawn: Iterable[Pool]) -> Any:
    """All billable entries that may draw from these pools, by one query."""
    found = list(drawn)
    if not found:
        return TimeEntry.objects.none()
    return TimeEntry.objects.select_related(*DECIDING).filter(
        agreement__in={pool.agreement_id for pool in found},
        date__gte=min(pool.first for pool in found),
        date__lt=max(pool.end for pool in found),
        billable=True,
    )


# --- Writing ----------------------------------------------------------------------------------------------------------


@transaction.atomic
def _write(actor: Membership, scope: Scope, portion: list[Change]) -> None:
    """One portion, planned again under its locks. Raises Conflict if it is no longer what was shown."""
    lock_date.hold_still(actor.organisation)
    pks = [change.before.pk for change in portion]
    drawn = coverage.pools((change.before.agreement, change.before.date) for change in portion if len(change.unit) > 1)
    coverage.hold([pool.whole() for pool in drawn], entries=pks)
    _lock(pks)
    concerned = Q(pk__in=pks)
    for pool in drawn:
        concerned |= Q(agreement=pool.agreement_id, date__gte=pool.first, date__lt=pool.end)
    entries = TimeEntry.objects.filter(concerned & _decided_anew(actor.organisation), **scope.conditions)
    planned = _changes(actor.organisation, entries)
    if rerating.fingerprint(planned) != rerating.fingerprint(portion):
        raise Conflict(message=_("Something changed in the meantime. Look at what re-rating does now."))
    _store(actor, planned)


def _lock(pks: list[int]) -> None:
    list(TimeEntry.objects.filter(pk__in=pks).order_by("pk").select_for_update(of=("self",)).values_list("pk"))


def _store(actor: Membership, changes: list[Change]) -> None:
    now = timezone.now()
    redecided = [change for change in changes if change.redecided]
    moved = [change for change in changes if not change.redecided]
    _write_values(redecided, now)
    for change in moved:
        change.after.updated_at = now
    TimeEntry.objects.bulk_update([change.after for change in moved], coverage.MOVED, batch_size=AT_ONCE)
    sheets = {change.after.timesheet_id for change in redecided}
    Timesheet.objects.filter(pk__in=sheets).update(version=F("version") + 1)  # who decides on them looks again
    for action, told in (("time_entry.rerated", redecided), ("time_entry.coverage_changed", moved)):
        if told:
            audit.record_all(actor, action, [audit.Told(each.after, each.fields) for each in told], at=now)


def _write_values(changes: list[Change], now: dt.datetime) -> None:
    """Store what was decided anew. Many entries come to the same rate and reason: those are written together.

    Each statement leaves rows that the table's constraints allow, so shares and amounts go first and come back last.
    """
    groups: dict[tuple[tuple[str, Any], ...], list[int]] = defaultdict(list)
    for change in changes:
        same = {name: after for name, (_before, after) in change.fields.items() if name not in OF_EACH}
        groups[tuple(sorted(same.items()))].append(change.after.pk)
    written = TimeEntry.objects.filter(pk__in=[change.after.pk for change in changes])
    written.update(covered_minutes=0, amount=0, version=F("version") + 1, updated_at=now)
    for values, pks in groups.items():
        if values:
            TimeEntry.objects.filter(pk__in=pks).update(**dict(values))
    rounded = [change.after for change in changes if "billed_minutes" in change.fields]
    covered = [change.after for change in changes if change.after.covered_minutes]
    paid = [change.after for change in changes if change.after.amount]
    for name, entries in zip(OF_EACH, (rounded, covered, paid), strict=True):
        TimeEntry.objects.bulk_update(entries, [name], batch_size=AT_ONCE)


@transaction.atomic
def _record_run(actor: Membership, scope: Scope, written: list[Change]) -> None:
    done = Plan(written)
    chosen = {name: (None, value) for name, value in dataclasses.asdict(scope).items() if value is not None}
    changes = {"entries": (None, len(written)), "amount": (done.before, done.after), **chosen}
    audit.record(actor, "rates.rerated", actor.organisation, changes=changes)
