"""Sharing out an agreement's included hours: which entries they cover is decided anew with each write in the month.

A write at one date can only move what comes later in the month, so that is what is locked, read and written. Whoever
writes an entry of such an agreement first takes the agreement alone (`hold`), then all weeks in the order of their
ids, as every writer of several weeks does; nobody waits for each other in a ring.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Q, Sum
from django.utils import timezone

from accounts import audit
from accounts.models import Membership, Organisation
from timesheets_site.lib import turns
from timesheets_site.lib.turns import Place
from timetracking.models import Agreement, TimeEntry, Timesheet
from timetracking.rules import coverage, weeks
from timetracking.rules.coverage import Claim
from timetracking.services.entry_decisions import set_amount, terms_of

MOVED = ("covered_minutes", "amount", "updated_at")


@dataclass(frozen=True)
class Pool:
    """The included minutes of one agreement in one month, from a day of it on."""

    agreement_id: int
    month: dt.date
    included: int
    since: dt.date

    @property
    def claims(self) -> Any:
        """The billable entries of the month."""
        _first, end = coverage.month_of(self.month)
        return TimeEntry.objects.filter(agreement=self.agreement_id, date__gte=self.month, date__lt=end, billable=True)

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
        month, _end = coverage.month_of(day)
        known = found.get((terms.pk, month))
        since = min(day, known.since) if known else day
        found[terms.pk, month] = Pool(terms.pk, month, terms.included_minutes_a_month, since)
    return [found[key] for key in sorted(found)]


def hold(drawn: list[Pool], *, member_id: int | None = None, days: Iterable[dt.date] = ()) -> None:
    """Take the agreements alone, then the weeks that sharing out may write, with the member's own of these days."""
    if not drawn:
        return
    for agreement_id in sorted({pool.agreement_id for pool in drawn}):
        turns.alone(Place.INCLUDED_HOURS, agreement_id)
    wanted = Q(pk__in=())
    for pool in drawn:
        wanted |= Q(pk__in=pool.later.order_by().values("timesheet"))
    for day in days:
        wanted |= Q(member=member_id, week_start__lte=day, week_start__gt=day - 7 * weeks.DAY)
    list(Timesheet.objects.filter(wanted).order_by("pk").select_for_update(of=("self",)).values_list("pk"))


def share_out(actor: Membership, drawn: Iterable[Pool], *, written: TimeEntry | None = None) -> int:
    """Share out the included hours of these pools; how many other entries have a new share.

    `written` is the entry of the present write, stored already: its own share is stored, and set on it, without an
    event of its own. What is billed or in a closed period keeps its share. The caller holds the pools.
    """
    return sum(_share_out(actor, pool, written) for pool in drawn)


def _share_out(actor: Membership, pool: Pool, written: TimeEntry | None) -> int:
    organisation = actor.organisation
    later = list(pool.later)
    before = pool.claims.filter(date__lt=pool.since).aggregate(sum=Sum("covered_minutes"))["sum"] or 0
    claims = [
        Claim(entry.pk, entry.date, entry.billed_minutes, entry.covered_minutes, _is_fixed(entry, organisation))
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


def _is_fixed(entry: TimeEntry, organisation: Organisation) -> bool:
    closed = organisation.lock_date is not None and entry.date <= organisation.lock_date
    return entry.status == TimeEntry.Status.BILLED or closed


def _follow(written: TimeEntry | None, stored: Iterable[TimeEntry]) -> None:
    if written is None:
        return
    for entry in stored:
        if entry.pk == written.pk:
            for name in MOVED:
                setattr(written, name, getattr(entry, name))
