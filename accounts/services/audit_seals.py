"""A hash chain over each organisation's audit events, added apart from the writes, which never wait for it.

Every link's digest covers the digest before it and one whole event. Whoever alters, removes or moves a row would have
to make the rest of the chain anew, and then its head differs from the one that was noted elsewhere.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from dataclasses import dataclass

from django.db import transaction

from accounts.models import AuditEvent, AuditSeal, Organisation
from accounts.tenancy import organisation_scope

BATCH = 1000
START = "0" * 64
FIELDS = (
    "pk",
    "organisation_id",
    "actor_id",
    "user_id",
    "on_behalf_of_id",
    "action",
    "object_type",
    "object_id",
    "changes",
    "address",
    "request_id",
    "channel",
    "token_id",
)


@dataclass(frozen=True)
class Chain:
    """How far an organisation's chain reaches."""

    length: int
    head: str


@dataclass(frozen=True)
class Flaw:
    """The first row that is not as it was sealed: `what` is altered, missing or moved."""

    what: str
    position: int
    event_id: int | None


def digest(before: str, event: AuditEvent) -> str:
    """The link after `before` for one event, in hexadecimal."""
    values = {name: getattr(event, name) for name in FIELDS} | {"at": event.at.astimezone(dt.UTC).isoformat()}
    text = json.dumps(values, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256(f"{before}\n{text}".encode()).hexdigest()


def seal(organisation: Organisation) -> Chain:
    """Add a link for every event that has none, by id, in batches. Two runs at once: one fails with IntegrityError."""
    with organisation_scope(organisation):
        while _seal_batch():
            pass
        return _chain()


def _chain() -> Chain:
    last = AuditSeal.objects.order_by("-position").first()
    return Chain(last.position, last.digest) if last else Chain(0, START)


@transaction.atomic
def _seal_batch() -> int:
    chain = _chain()
    position, head = chain.length, chain.head
    seals = []
    # Not "after the last one": an event with a lower id may have been committed later.
    for event in AuditEvent.objects.filter(seal__isnull=True).order_by("pk")[:BATCH]:
        position, head = position + 1, digest(head, event)
        seals.append(AuditSeal(event=event, position=position, digest=head))
    AuditSeal.objects.bulk_create(seals)
    return len(seals)


def verify(organisation: Organisation) -> tuple[Chain, Flaw | None]:
    """Walk the chain from its start: how far it holds, and the first flaw if there is one."""
    chain = Chain(0, START)
    with organisation_scope(organisation):
        while seals := list(AuditSeal.objects.filter(position__gt=chain.length).order_by("position")[:BATCH]):
            # Looked up across organisations: an event that was moved into another is still to be named.
            events = AuditEvent.unscoped.in_bulk([seal.event_id for seal in seals])
            for seal in seals:
                event = events.get(seal.event_id)
                if flaw := _flaw(organisation, chain, seal, event):
                    return chain, flaw
                chain = Chain(seal.position, seal.digest)
    return chain, None


def _flaw(organisation: Organisation, chain: Chain, seal: AuditSeal, event: AuditEvent | None) -> Flaw | None:
    position = chain.length + 1
    if seal.position != position:
        return Flaw("missing", position, None)
    if event is None:
        return Flaw("missing", position, seal.event_id)
    if event.organisation_id != organisation.pk:
        return Flaw("moved", position, event.pk)
    if digest(chain.head, event) != seal.digest:
        return Flaw("altered", position, event.pk)
    return None


def unsealed(organisation: Organisation) -> int:
    """How many events have no link yet."""
    with organisation_scope(organisation):
        return AuditEvent.objects.filter(seal__isnull=True).count()
