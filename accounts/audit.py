"""The only way an event enters the history: in the transaction of the change that it tells of."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from contextvars import ContextVar
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db import models, transaction
from django.utils import timezone

from accounts.models import AuditEvent, Membership, User
from accounts.tenancy import active_organisation_id, organisation_scope
from timesheets_site.lib import turns
from timesheets_site.lib.logs import REMOTE_ADDRESS, REQUEST_ID

CHANNEL: ContextVar[str] = ContextVar("audit_channel", default="page")
TOKEN_ID: ContextVar[int | None] = ContextVar("audit_token", default=None)
"""The API key that the request came with."""
MASK = "***"
SECRETS = frozenset({"password", "token_hash", "key", "token", "secret", "digest"})

Changes = Mapping[str, tuple[Any, Any]]


def record(
    actor: Membership | None,
    action: str,
    subject: models.Model,
    *,
    changes: Changes | None = None,
    on_behalf_of: Membership | None = None,
    user: User | None = None,
    at: dt.datetime | None = None,
) -> AuditEvent:
    """Write one event: `action` is `noun.past_tense`, `changes` maps field names to (before, after).

    Must run inside the organisation's scope and the transaction of the change. `actor` is None for the product itself.
    `at` is now, except where history itself is loaded.
    """
    event = _event(actor, action, subject, changes=changes, on_behalf_of=on_behalf_of, user=user, at=at)
    turns.share(turns.Place.TRAIL, active_organisation_id())
    event.save(force_insert=True)
    return event


@dataclass(frozen=True)
class Told:
    """One of many events of the same kind."""

    subject: models.Model
    changes: Changes
    on_behalf_of: Membership | None = None


def record_all(actor: Membership | None, action: str, told: Iterable[Told], *, at: dt.datetime | None = None) -> None:
    """What `record` does, for many records that one action changed at one moment."""
    moment = at or timezone.now()
    turns.share(turns.Place.TRAIL, active_organisation_id())
    AuditEvent.objects.bulk_create(
        _event(actor, action, each.subject, changes=each.changes, on_behalf_of=each.on_behalf_of, at=moment)
        for each in told
    )


def _event(
    actor: Membership | None,
    action: str,
    subject: models.Model,
    *,
    changes: Changes | None = None,
    on_behalf_of: Membership | None = None,
    user: User | None = None,
    at: dt.datetime | None = None,
) -> AuditEvent:
    if not transaction.get_connection().in_atomic_block:
        raise RuntimeError("An audit event belongs into the transaction of the change it tells of.")
    return AuditEvent(
        actor=actor,
        user=user,
        on_behalf_of=on_behalf_of,
        action=action,
        object_type=subject._meta.model_name or "",
        object_id=subject.pk,
        changes=_plain(changes or {}),
        at=at or timezone.now(),
        address=REMOTE_ADDRESS.get(),
        request_id=REQUEST_ID.get().strip("-")[:36],
        channel=CHANNEL.get(),
        token_id=TOKEN_ID.get(),
    )


def last_settled() -> int:
    """The id up to which the organisation's events are complete: none of up to it can still appear.

    An event gets its id before its transaction ends, so on PostgreSQL a later id may be seen before an earlier one.
    Every writer shares a lock until its transaction ends; to have it alone for a moment is to know that none is on its
    way. Raises OperationalError where writers kept it for too long; ask again then.
    """
    with transaction.atomic():
        turns.alone_soon(turns.Place.TRAIL, active_organisation_id())
        return AuditEvent.objects.order_by("-pk").values_list("pk", flat=True).first() or 0


def record_account(user: User, action: str, *, changes: Changes | None = None) -> None:
    """Tell of a change to a person's own account (password, device, …) in each organisation they belong to."""
    for member in Membership.unscoped.filter(user=user).select_related("organisation"):
        with organisation_scope(member.organisation_id):
            record(member, action, member, changes=changes, user=user)


def difference(before: Mapping[str, Any], row: models.Model) -> dict[str, tuple[Any, Any]]:
    """The fields of `row` whose value is no longer that of `before`, as (before, after)."""
    return {name: (old, getattr(row, name)) for name, old in before.items() if getattr(row, name) != old}


def snapshot(row: models.Model, names: Iterable[str]) -> dict[str, Any]:
    """The present values of some fields; foreign keys by their `_id` names."""
    return {name: getattr(row, name) for name in names}


def _plain(changes: Changes) -> dict[str, list[Any]]:
    return {name: [MASK, MASK] if name in SECRETS else [_json(old), _json(new)] for name, (old, new) in changes.items()}


def _json(value: Any) -> Any:
    if value is None or isinstance(value, bool | int | list | dict):
        return value
    if isinstance(value, dt.datetime | dt.date | dt.time):
        return value.isoformat()
    if isinstance(value, models.Model):
        return value.pk
    return str(value) if not isinstance(value, Decimal) else format(value, "f")
