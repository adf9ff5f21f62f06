"""What re-rating would change: the scope that was chosen, and each entry as it is and as it would be."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from timetracking.models import TimeEntry

DECIDED = (
    "billable", "no_charge", "billable_decided_by", "billed_minutes", "rounded_by", "covered_minutes", "base_rate",
    "rate_multiplier", "hourly_rate", "rate_decided_by", "amount",
)  # fmt: skip
"""All that is decided about an entry."""
Status = TimeEntry.Status
REDECIDED = (Status.OPEN, Status.SUBMITTED, Status.REJECTED)
"""What is decided anew. What is approved is only rated where it never was; what is billed or closed stays."""
LARGEST = 10_000
"""Entries that one run looks at."""
Unit = tuple[Any, ...]


@dataclass(frozen=True)
class Scope:
    """Which entries: of these days (both included) and, where named, of one client, project, agreement or member."""

    first: dt.date
    last: dt.date
    client: int | None = None
    project: int | None = None
    agreement: int | None = None
    member: int | None = None

    @property
    def conditions(self) -> dict[str, Any]:
        """As filters of time entries."""
        named = {name: getattr(self, name) for name in ("client", "project", "agreement", "member")}
        return {"date__range": (self.first, self.last), **{name: pk for name, pk in named.items() if pk}}


@dataclass(frozen=True)
class Change:
    """One entry. `redecided` is false where it only gets another share of included hours.

    `unit` names what must be written together: the entries that share an agreement's hours of a month, or one alone.
    """

    before: TimeEntry
    after: TimeEntry
    unit: Unit
    redecided: bool

    @property
    def fields(self) -> dict[str, tuple[Any, Any]]:
        """The decided fields that change, as (before, after)."""
        return differences(self.before, self.after)


@dataclass(frozen=True)
class Plan:
    """`looked_at` entries were decided anew, of which `changes` differ; the others of the scope stay as they are."""

    changes: list[Change] = field(default_factory=list)
    looked_at: int = 0
    approved: int = 0
    billed: int = 0
    closed: int = 0

    @property
    def before(self) -> Decimal:
        """What the changed entries come to now."""
        return sum((change.before.amount for change in self.changes), Decimal(0))

    @property
    def after(self) -> Decimal:
        return sum((change.after.amount for change in self.changes), Decimal(0))

    @property
    def fingerprint(self) -> str:
        return fingerprint(self.changes)


def differences(before: TimeEntry, after: TimeEntry) -> dict[str, tuple[Any, Any]]:
    """The decided fields in which two states of an entry differ."""
    pairs = {name: (getattr(before, name), getattr(after, name)) for name in DECIDED}
    return {name: pair for name, pair in pairs.items() if pair[0] != pair[1]}


def fingerprint(changes: Iterable[Change]) -> str:
    """The same for the same changes of the same versions, in whatever order; another as soon as anything differs."""
    lines = sorted(_line(change) for change in changes)
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def chunks(changes: Iterable[Change], size: int) -> list[list[Change]]:
    """The changes in portions of about `size`; what must be written together stays together."""
    units: dict[Unit, list[Change]] = {}
    for change in changes:
        units.setdefault(change.unit, []).append(change)
    found: list[list[Change]] = []
    for unit in units.values():
        if not found or len(found[-1]) + len(unit) > size:
            found.append([])
        found[-1].extend(unit)
    return found


def _line(change: Change) -> str:
    values = [(name, *map(_plain, pair)) for name, pair in sorted(change.fields.items())]
    return f"{change.before.pk}:{change.before.version}:{change.redecided}:{values}"


def _plain(value: Any) -> str:
    return format(value.normalize(), "f") if isinstance(value, Decimal) else str(value)
