"""What the timer bar shows on every page: the person's running timers in all their organisations, and time to place.

One query for all of them. It looks across organisations, by the person's own memberships and nothing else.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import OuterRef, Q, Subquery, Sum
from django.utils import timezone

from accounts.models import Membership, Organisation
from timesheets_site.lib import dates
from timesheets_site.lib.addresses import address
from timesheets_site.lib.printable import Printable
from timetracking.models import Timer, UnplacedPiece
from timetracking.rules import durations
from timetracking.selectors.timer_words import NAMES, Work, clock, work_of


@dataclass(frozen=True, slots=True)
class Running(Work):
    """A timer that runs. `since_ms` is its start in milliseconds since 1970, for the script's clock.

    `stop_url` asks when it was stopped, where it was forgotten; else a POST to it stops the timer.
    """

    id: int
    version: int
    organisation: str
    since_ms: int
    since: str
    clock: str
    clock_iso: str
    is_forgotten: bool
    stop_url: str
    change_url: str
    discard_url: str


@dataclass(frozen=True, slots=True)
class Live(Work):
    """A running timer as a row of its member's day: nothing here changes while it runs on."""

    since_ms: int
    since: str
    stop_url: str


@dataclass(frozen=True, slots=True)
class Bar(Printable):
    """`state` is another text whenever something else is to be shown; `now_ms` is the server's clock."""

    slug: str
    running: Running | None
    others: tuple[Running, ...]
    to_place: str
    to_place_url: str
    has_timers: bool
    timer_url: str
    start_url: str
    state: str
    now_ms: int

    @property
    def live(self) -> Live | None:
        """The timer that runs, for fragments that are kept for equal values."""
        one = self.running
        if one is None:
            return None
        return Live(
            one.title, one.ref, one.ref_url, one.client, one.kind, one.icon, one.since_ms, one.since, one.stop_url
        )


def bar_of(memberships: Sequence[Membership], member: Membership) -> Bar:
    """A person's bar on a page of `member`'s organisation; `memberships` are all of theirs, with organisations."""
    now = timezone.now()
    taking_part = {
        each.pk: each for each in memberships if each.organisation.has_feature(Organisation.Feature.TIMESHEETS)
    }
    rows = list(_rows(taking_part)) if taking_part else []
    running = {
        row["member_id"]: _running(taking_part[row["member_id"]], row, now)
        for row in rows
        if row["state"] == Timer.State.RUNNING
    }
    own = running.pop(member.pk, None)
    others = tuple(sorted(running.values(), key=lambda each: each.organisation))
    waiting = sum(row["waiting"] or 0 for row in rows if row["member_id"] == member.pk)
    slug = member.organisation.slug
    shown = [(each.id, each.version, each.title, each.is_forgotten) for each in (own, *others) if each]
    state = hashlib.blake2s(repr((shown, waiting)).encode(), digest_size=8).hexdigest()
    return Bar(
        slug=slug,
        running=own,
        others=others,
        to_place=durations.format_minutes(waiting) if waiting else "",
        to_place_url=address("time-to-place", slug),
        has_timers=member.pk in taking_part,
        timer_url=address("timer", slug),
        start_url=address("timer-start", slug),
        state=state,
        now_ms=int(now.timestamp() * 1000),
    )


def _rows(member_ids: Iterable[int]) -> Any:
    """Running timers, and stopped ones of which time waits: a handful, by the index `timer_needs_its_member`."""
    pieces = UnplacedPiece.unscoped.filter(timer=OuterRef("pk"), settled_at=None).order_by().values("timer")
    waiting = Subquery(pieces.annotate(total=Sum("minutes")).values("total"))
    needed = Timer.unscoped.filter(Q(state=Timer.State.RUNNING) | Q(unplaced__gt=0), member__in=list(member_ids))
    return needed.order_by().values("pk", "member_id", "state", "started_at", "version", *NAMES, waiting=waiting)


def _running(member: Membership, row: dict[str, Any], now: dt.datetime) -> Running:
    organisation = member.organisation
    slug, seconds = organisation.slug, int((now - row["started_at"]).total_seconds())
    query = f"?timer={row['pk']}"
    return Running(
        id=row["pk"],
        version=row["version"],
        **work_of(row, slug),
        organisation=organisation.name,
        since_ms=int(row["started_at"].timestamp() * 1000),
        since=dates.moment(row["started_at"], member.zone),
        clock=clock(seconds),
        clock_iso=f"PT{max(seconds, 0)}S",
        is_forgotten=now - row["started_at"] > dt.timedelta(minutes=organisation.timer_limit_minutes),
        stop_url=address("timer-stop", slug) + query,
        change_url=address("timer-change", slug) + query,
        discard_url=address("timer-discard", slug) + query,
    )
