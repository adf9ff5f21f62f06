"""Lists about timers: everybody's that run, and time that waits to be placed."""

from __future__ import annotations

import datetime as dt
import zoneinfo
from dataclasses import dataclass

from django.utils import timezone

from accounts.models import Membership
from accounts.permissions import Permission, within_reach
from timesheets_site.lib import dates
from timesheets_site.lib.addresses import address
from timesheets_site.lib.names import avatar, initials
from timetracking.models import Timer, UnplacedPiece
from timetracking.selectors.marked_up import hm
from timetracking.selectors.timer_words import NAMES, Work, work_of

MOST = 500
"""Timers and pieces on one page; at most one timer runs for each member."""


@dataclass(frozen=True, slots=True)
class TimerRow(Work):
    id: int
    person: str
    initials: str
    avatar: int
    since: str
    elapsed: str
    is_forgotten: bool
    is_own: bool
    stop_url: str


def running_timers(actor: Membership) -> list[TimerRow]:
    """The running timers of everybody within the actor's reach, longest first; moments in the actor's zone."""
    now, slug = timezone.now(), actor.organisation.slug
    limit = dt.timedelta(minutes=actor.organisation.timer_limit_minutes)
    rows = Timer.objects.visible_to(actor).running().order_by("started_at", "pk")
    found = []
    for row in rows.values("pk", "member_id", "member__display_name", "started_at", *NAMES)[:MOST]:
        name, elapsed = row["member__display_name"], now - row["started_at"]
        found.append(
            TimerRow(
                id=row["pk"],
                person=name,
                initials=initials(name),
                avatar=avatar(row["member_id"]),
                **work_of(row, slug),
                since=dates.moment(row["started_at"], actor.zone),
                elapsed=hm(max(int(elapsed.total_seconds()) // 60, 0)),
                is_forgotten=elapsed > limit,
                is_own=row["member_id"] == actor.pk,
                stop_url=f"{address('timer-stop', slug)}?timer={row['pk']}",
            )
        )
    return found


@dataclass(frozen=True, slots=True)
class PieceRow(Work):
    """Time that waits. `times` are in its member's zone."""

    id: int
    day: str
    times: str
    hm: str
    reason: str
    person: str
    place_url: str
    drop_url: str


def waiting_pieces(actor: Membership) -> list[PieceRow]:
    """The pieces that wait of everybody within the actor's reach, the actor's own first, then by time."""
    slug = actor.organisation.slug
    pieces = UnplacedPiece.objects.filter(within_reach(actor, Permission.LOG_TIME, field="member"), settled_at=None)
    names = [f"timer__{name}" for name in NAMES]
    columns = ("pk", "member_id", "member__display_name", "date", "started_at", "ended_at", "minutes", "reason")
    found = []
    for row in pieces.order_by("started_at", "pk").values(*columns, "timer__zone", *names)[:MOST]:
        timer = {name: row[f"timer__{name}"] for name in NAMES}
        own = row["member_id"] == actor.pk
        piece = PieceRow(
            id=row["pk"],
            **work_of(timer, slug),
            day=dates.weekday_day_month(row["date"]),
            times=_times(row["started_at"], row["ended_at"], row["date"], row["timer__zone"]),
            hm=hm(row["minutes"]),
            reason=row["reason"],
            person="" if own else row["member__display_name"],
            place_url=address("piece-place", slug, row["pk"]),
            drop_url=address("piece-drop", slug, row["pk"]),
        )
        found.append((not own, piece))
    return [piece for _later, piece in sorted(found, key=lambda item: item[0])]


def _times(start: dt.datetime, end: dt.datetime, day: dt.date, zone: str) -> str:
    """`22:10–24:00`"""
    first, last = (at.astimezone(zoneinfo.ZoneInfo(zone)) for at in (start, end))
    return f"{first:%H:%M}–{'24:00' if last.date() > day else f'{last:%H:%M}'}"
