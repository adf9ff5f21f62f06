"""Telling members something, in the product and by mail: rows written in the transaction of what they tell of."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.utils import timezone

from accounts.models import Membership, Notification, OutgoingMail


@dataclass(frozen=True)
class Notice:
    """What one member is told. `kind` is one of the registered kinds, `values` are plain JSON: its words come later."""

    to: Membership
    kind: str
    values: dict[str, Any] = field(default_factory=dict)


def tell(notices: Iterable[Notice], *, actor: Membership | None) -> None:
    """Queue what members chose to hear; nobody is told what they did themselves, or after they left.

    Runs in the organisation's scope and in the transaction of the change: it is told if and only if it happened.
    """
    now = timezone.now()
    listeners = [n for n in notices if n.to.is_active and (actor is None or n.to.pk != actor.pk)]
    Notification.objects.bulk_create(
        Notification(member=n.to, actor=actor, kind=n.kind, values=n.values, created_at=now) for n in listeners
    )
    OutgoingMail.objects.bulk_create(
        OutgoingMail(
            organisation_id=n.to.organisation_id,
            member=n.to,
            actor=actor,
            to=n.to.user.email,
            kind=n.kind,
            values=n.values,
            created_at=now,
            next_try_at=now,
        )
        for n in listeners
    )
