"""What must hold between timers, what they wrote and what waits: each break of it, across all organisations."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

from django.db.models import Count, Exists, F, OuterRef, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce

from timetracking.models import TimeEntry, Timer, UnplacedPiece
from timetracking.selectors.integrity_reading import Finding, batched

LABEL = "timetracking.Timer"
MINUTE = dt.timedelta(minutes=1)


def findings() -> Iterator[Finding]:
    """Two queries. That at most one timer runs for each member, the database sees to itself."""
    yield from _wrong_counts()
    yield from _lost_minutes()


def _wrong_counts() -> Iterator[Finding]:
    rows = Timer.unscoped.annotate(waiting=_of(_waiting(), Count("pk"))).exclude(unplaced=F("waiting"))
    for pk, said, waiting in batched(rows, "pk", "unplaced", "waiting"):
        yield Finding(LABEL, pk, f"says that {said} of its pieces wait, but {waiting} do")


def _lost_minutes() -> Iterator[Finding]:
    """Where nobody touched what a timer wrote, that and what waits is what it counted."""
    entries, pieces = (
        TimeEntry.unscoped.filter(timer=OuterRef("pk")),
        UnplacedPiece.unscoped.filter(timer=OuterRef("pk")),
    )
    rows = Timer.unscoped.filter(state=Timer.State.STOPPED, counted_until__isnull=False)
    rows = rows.exclude(Exists(entries.exclude(version=1, deleted_at=None)))
    rows = rows.exclude(Exists(pieces.filter(settled_at__isnull=False)))
    rows = rows.annotate(logged=_of(entries, Sum("minutes")), waiting=_of(_waiting(), Sum("minutes")))
    for pk, start, end, logged, waiting in batched(rows, "pk", "counts_from", "counted_until", "logged", "waiting"):
        counted = (end - start) // MINUTE
        if counted != logged + waiting:
            what = f"counted {counted} minutes, but wrote {logged} and has {waiting} waiting"
            yield Finding(LABEL, pk, what)


def _waiting() -> QuerySet[Any]:
    waiting: QuerySet[Any] = UnplacedPiece.unscoped.filter(timer=OuterRef("pk"), settled_at=None)
    return waiting


def _of(rows: QuerySet[Any], figure: Any) -> Any:
    """A figure over the rows of each timer, 0 without any."""
    return Coalesce(Subquery(rows.order_by().values("timer").annotate(figure=figure).values("figure")), 0)
