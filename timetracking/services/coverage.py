"""Sharing out an agreement's included hours: which entries they cover is decided anew with each write in the month.

A write at one date can only move what comes later in the month, so that is what is locked, read and written. Whoever
writes an entry of such an agreement first takes the agreement alone (`hold`), then all weeks in the order of their
ids, as every writer of several weeks does; nobody waits for each other in a ring.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from django.db.models import Q, QuerySet, Sum
from django.utils import timezone

from accounts import audit
from accounts.models import Membership, Organisation
from timesheets_site.lib import turns
from timesheets_site.lib.numbers import LARGEST_ID
from timesheets_site.lib.turns import Place
from timetracking.models import Agreement, TimeEntry, Timesheet
from timetracking.rules import coverage, weeks
from timetracking.rules.coverage import Claim, Share
from timetracking.services.entry_decisions import set_amount, terms_of

MOVED = ("covered_minutes", "amount", "updated_at")
NEXT = LARGEST_ID
"""The id of an entry that has none yet: behind all others of its day."""


@dataclass(frozen=True)
class Pool:
    """The included minutes of one agreement in one month, from a day of it on.

    `first` and `end` (exclusive) are the days of the month on which the agreement is in force.
    """

    agreement_id: int
    month: dt.date
    included: int
    since: dt.date
    first: dt.date
    end: dt.date

    @classmethod
    def of(cls, terms: Agreement, day: dt.date) -> Pool:
        """The pool that an entry of this day draws from; the agreement is in force on it and includes hours."""
        month, end = coverage.month_of(day)
        if terms.ends_on is not None:
            end = min(end, terms.ends_on + weeks.DAY)
        first = max(month, terms.starts_on)
        return cls(terms.pk, month, terms.included_minutes_a_month or 0, day, first, end)

    def whole(self) -> Pool:
        """The same from its first day on."""
        return replace(self, since=self.first)

    @property
    def claims(self) -> Any:
        """The billable entries of the month, of the days on which the agreement is in force."""
        return TimeEntry.objects.filter(
            agreement=self.agreement_id, date__gte=self.first, date__lt=self.end, billable=True
        )

    @property
    def later(self) -> Any:
        """Those from that day on, in the order in which hours are used up."""
        return self.claims.filter(date__gte=self.since).order_by("date", "pk")


def pools(places: Iterable[tuple[Agreement | None, dt.date]]) -> list[Pool]:
    """The pools that entries at these places draw from; none where no hours are included."""
    found: dict[tuple[int, dt.date], Pool] = {}
    for agreement, day in places:
        terms = terms_of(agreement, day)
        if terms is None or terms.included_minutes_a_month is None:
            continue
        pool = Pool.of(terms, day)
        known = found.get((pool.agreement_id, pool.month), pool)
        found[pool.agreement_id, pool.month] = min(pool, known, key=lambda each: each.since)
    return [found[key] for key in sorted(found)]


def hold(
    drawn: list[Pool],
    *,
    places: Iterable[tuple[int, dt.date]] = (),
    starts: Iterable[tuple[int, dt.date]] = (),
    entries: Iterable[int] = (),
    also: QuerySet | None = None,
    always: bool = False,
) -> None:
    """Take the agreements alone, then the weeks that sharing out may write, with those of `places`: members and days.

    `starts` are members and first days of weeks, for who has many of them.

    Where nothing else is needed these are left to who writes in a single week; `always` takes them all the same.
    `entries` are ids of others that will be written, `also` is a query of such: their weeks are taken with them, pools
    or none.
    """
    written = list(entries)
    if not drawn and not written and also is None and not always:
        return
    for agreement_id in sorted({pool.agreement_id for pool in drawn}):
        turns.alone(Place.INCLUDED_HOURS, agreement_id)
    wanted = Q(pk__in=())
    for pool in drawn:
        wanted |= Q(pk__in=pool.later.order_by().values("timesheet"))
    if written:
        wanted |= Q(pk__in=TimeEntry.objects.filter(pk__in=written).order_by().values("timesheet"))
    if also is not None:
        wanted |= Q(pk__in=also.order_by().values("timesheet"))
    members: dict[dt.date, set[int]] = defaultdict(set)
    for member_id, day in places:
        members[day].add(member_id)
    for day, ids in members.items():
        wanted |= Q(member__in=ids, week_start__lte=day, week_start__gt=day - 7 * weeks.DAY)
    firsts: dict[int, set[dt.date]] = defaultdict(set)
    for member_id, first in starts:
        firsts[member_id].add(first)
    for member_id, days in firsts.items():
        wanted |= Q(member=member_id, week_start__in=days)
    list(Timesheet.objects.filter(wanted).order_by("pk").select_for_update(of=("self",)).values_list("pk"))


def share_out(actor: Membership, drawn: Iterable[Pool], *, written: TimeEntry | None = None) -> int:
    """Share out the included hours of these pools; how many other entries have a new share.

    `written` is the entry of the present write, stored already: its own share is stored, and set on it, without an
    event of its own; written into a period that is reopened for its member, it gets what is left. Whatever else is
    billed or in a closed period keeps its share. The caller holds the pools.
    """
    return sum(_share_out(actor, pool, written) for pool in drawn)


def _share_out(actor: Membership, pool: Pool, written: TimeEntry | None) -> int:
    organisation = actor.organisation
    later = list(pool.later)
    before = pool.claims.filter(date__lt=pool.since).aggregate(sum=Sum("covered_minutes"))["sum"] or 0
    claims = [
        Claim(entry.pk, entry.date, entry.billed_minutes, entry.covered_minutes, is_fixed(entry, organisation, written))
        for entry in later
    ]
    shares = coverage.spread(pool.included - before, claims)
    now, moved = timezone.now(), []
    for entry in later:
        old = audit.snapshot(entry, MOVED[:2])
        entry.covered_minutes = shares[entry.pk]
        set_amount(entry, organisation.currency)
        if changes := audit.difference(old, entry):
            entry.updated_at = now
            moved.append((entry, changes))
    TimeEntry.objects.bulk_update([entry for entry, _changes in moved], MOVED, batch_size=500)
    others = [audit.Told(entry, changes) for entry, changes in moved if written is None or entry.pk != written.pk]
    if others:
        audit.record_all(actor, "time_entry.coverage_changed", others, at=now)
    _follow(written, later)
    return len(others)


def share_of(entry: TimeEntry) -> Share | None:
    """What a stored entry has of its month's included hours; None where no hours are included for it."""
    pool = _pool_of(entry)
    if pool is None:
        return None
    before = Q(date__lt=entry.date) | Q(date=entry.date, pk__lt=entry.pk)
    if entry.status != TimeEntry.Status.BILLED:
        before |= Q(status=TimeEntry.Status.BILLED)  # kept its share, whenever the work was done
    used = pool.claims.exclude(pk=entry.pk).filter(before).aggregate(sum=Sum("covered_minutes"))["sum"] or 0
    return Share(pool.month, pool.included, used, entry.covered_minutes)


def planned_share(entry: TimeEntry, organisation: Organisation, *, was: TimeEntry | None = None) -> Share | None:
    """What an entry would get if it were stored now; `was` is the stored one that it changes. A read, without locks."""
    pool = _pool_of(entry)
    if pool is None:
        return None
    if was is not None and was.agreement_id == pool.agreement_id and pool.first <= was.date < pool.since:
        pool = replace(pool, since=was.date)
    others = pool.claims.exclude(pk=entry.pk)
    before = others.filter(date__lt=pool.since).aggregate(sum=Sum("covered_minutes"))["sum"] or 0
    rows = list(others.filter(date__gte=pool.since).only("date", "billed_minutes", "covered_minutes", "status"))
    claims = [
        Claim(row.pk, row.date, row.billed_minutes, row.covered_minutes, is_fixed(row, organisation)) for row in rows
    ]
    billed = {row.pk for row in rows if row.status == TimeEntry.Status.BILLED}
    mine = Claim(entry.pk or NEXT, entry.date, entry.billed_minutes)
    shares = coverage.spread(pool.included - before, [*claims, mine])
    place = (mine.date, mine.entry_id)
    first = (each.entry_id for each in claims if (each.date, each.entry_id) < place or each.entry_id in billed)
    used = before + sum(shares[pk] for pk in first)
    return Share(pool.month, pool.included, used, shares[mine.entry_id])


def _pool_of(entry: TimeEntry) -> Pool | None:
    found = pools([(entry.agreement, entry.date)]) if entry.billable else []
    return found[0] if found else None


def is_fixed(entry: TimeEntry, organisation: Organisation, written: TimeEntry | None = None) -> bool:
    """Does it keep its share? What is billed does, and what is closed, but for what is written there just now."""
    closed = organisation.lock_date is not None and entry.date <= organisation.lock_date
    is_written = written is not None and entry.pk == written.pk
    return entry.status == TimeEntry.Status.BILLED or (closed and not is_written)


def _follow(written: TimeEntry | None, stored: Iterable[TimeEntry]) -> None:
    if written is None:
        return
    for entry in stored:
        if entry.pk == written.pk:
            for name in MOVED:
                setattr(written, name, getattr(entry, name))
