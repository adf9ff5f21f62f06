"""Telling members something, in the product and by mail: rows written in the transaction of what they tell of."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction
from django.db.models import prefetch_related_objects
from django.utils import timezone

from accounts import audit
from accounts.models import Membership, Notification, OutgoingMail, User
from accounts.notice_kinds import APP, KINDS, MAIL, WAYS, Kind, choices, wants
from accounts.permissions import Permission, require
from timesheets_site.lib.errors import OutOfReach


@dataclass(frozen=True)
class Notice:
    """What one member is told. `kind` is one of the registered kinds, `values` are plain JSON: its words come later."""

    to: Membership
    kind: str
    values: dict[str, Any] = field(default_factory=dict)


def tell(notices: Iterable[Notice], *, actor: Membership | None) -> None:
    """Queue what members chose to hear; nobody is told what they did themselves, or after they left, and no program.

    Runs in the organisation's scope and in the transaction of the change: it is told if and only if it happened.
    Costs two INSERTs however many are told, and a SELECT where the members came without their users.
    """
    demand_transaction()
    now = timezone.now()
    people = (n for n in notices if n.to.is_active and not n.to.is_integration)
    listening = [n for n in people if actor is None or n.to.pk != actor.pk]
    prefetch_related_objects([n.to for n in listening], "user")
    told = [(n, KINDS[n.kind]) for n in listening if n.to.user.is_active]
    Notification.objects.bulk_create(
        Notification(member=n.to, actor=actor, kind=n.kind, values=n.values, created_at=now)
        for n, kind in told
        if _wanted(n, kind, APP)
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
        for n, kind in told
        if _wanted(n, kind, MAIL)
    )


def demand_transaction() -> None:
    """Raises RuntimeError outside of one: what is told there could be told of a change that never came to be."""
    if not transaction.get_connection().in_atomic_block:
        raise RuntimeError("A notice belongs into the transaction of the change it tells of.")


def _wanted(notice: Notice, kind: Kind, way: str) -> bool:
    return wants(notice.to.user, kind.choice, way)


@transaction.atomic
def mark_read(actor: Membership, notification_id: int) -> Notification:
    """Note that a member has read one of their own notifications; done twice it is done once. Raises OutOfReach."""
    require(actor, Permission.READ_NOTIFICATIONS)
    own = Notification.objects.filter(member=actor, pk=notification_id)
    own.filter(read_at__isnull=True).update(read_at=timezone.now())
    notification = own.first()
    if notification is None:
        raise OutOfReach
    return notification


@transaction.atomic
def mark_all_read(actor: Membership, *, up_to: int) -> int:
    """Note that a member has read all of their notifications up to this id, which they saw; how many were unread."""
    require(actor, Permission.READ_NOTIFICATIONS)
    unread = Notification.objects.filter(member=actor, read_at__isnull=True, pk__lte=up_to)
    return int(unread.update(read_at=timezone.now()))


@transaction.atomic
def choose(user: User, chosen: Mapping[str, Mapping[str, bool]]) -> User:
    """Store what a person wants to hear of: {choice: {"app": …, "mail": …}}. What is not named stays as it is.

    A code that nobody has registered is ignored. The audit event names each thing that changed.
    """
    user = User.objects.select_for_update().get(pk=user.pk)
    known = choices()
    changes = {}
    for code, ways in chosen.items():
        for way in WAYS:
            if code in known and way in ways and (before := wants(user, known[code], way)) != ways[way]:
                changes[f"{code}.{way}"] = (before, ways[way])
                user.notification_choices.setdefault(code, {})[way] = ways[way]
    if changes:
        user.save(update_fields=["notification_choices"])
        audit.record_account(user, "user.notifications_chosen", changes=changes)
    return user
