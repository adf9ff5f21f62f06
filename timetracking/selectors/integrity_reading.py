"""What the checks of the database's integrity share: a finding, and reading any number of rows in batches."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet

from accounts.models import AuditEvent

BATCH = 500


@dataclass(frozen=True)
class Finding:
    """One row that breaks a promise. `what` is for whoever runs the product, in English."""

    model: str
    pk: int
    what: str


def batched(rows: QuerySet[Any], *names: str) -> Iterator[tuple[Any, ...]]:
    yield from rows.order_by().values_list(*names).iterator(BATCH)


def in_batches(values: list[Any]) -> Iterator[list[Any]]:
    for at in range(0, len(values), BATCH):
        yield values[at : at + BATCH]


def former_values(record: str, ids: set[int], name: str) -> dict[int, set[Any]]:
    """What records had before, by the audit trail."""
    former: dict[int, set[Any]] = defaultdict(set)
    for some in in_batches(sorted(ids)):
        events = AuditEvent.unscoped.filter(object_type=record, object_id__in=some, action=f"{record}.updated")
        for record_id, changes in batched(events, "object_id", "changes"):
            if name in changes:
                former[record_id].update(changes[name])
    return former
