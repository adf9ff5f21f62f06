"""The events of the audit trail that may be told outside, and to whom: for the feed of changes and for webhooks."""

from __future__ import annotations

from typing import Any

from django.db.models import Q

from accounts.models import AuditEvent, Membership
from accounts.permissions import Permission, Reach, can, reach
from timetracking.models import TimeEntry, Timer, Timesheet
from timetracking.rules import public_events
from timetracking.rules.public_events import ACTIONS, RECORDS, PublicEvent

OWN = {"timeentry": TimeEntry.with_deleted, "timesheet": Timesheet.objects, "timer": Timer.objects}
"""What belongs to a member, deleted rows too."""
MANAGED = frozenset({"agreement"})
"""Records that only those read who manage them."""
ONLY_MONEY = "time_entry.coverage_changed"
"""Only told to who sees rates: nothing else of the entry is other than before."""


def public_types(event: AuditEvent) -> list[PublicEvent]:
    """(type, object, object_id) of each thing that an event says outside; empty for what stays inside."""
    return public_events.public_types(event.action, event.object_type, event.object_id, event.changes)


def events_for(member: Membership, *, after: int, up_to: int) -> Any:
    """The events after one id and up to another that may be told to a member, oldest first.

    An agent is told of their own time only; records of the catalogue and invoices go to who may read them.
    """
    told = AuditEvent.objects.filter(pk__gt=after, pk__lte=up_to)
    return told.filter(_visible_to(member)).order_by("pk")


def _visible_to(member: Membership) -> Q:
    visible = Q(pk__in=())
    whose = reach(member, Permission.VIEW_TIME)
    for model, rows in OWN.items():
        if whose is Reach.NONE:
            break
        one = Q(object_type=model, action__in=ACTIONS[model])
        if whose is Reach.OWN:
            one &= Q(object_id__in=rows.filter(member=member).values("pk"))
        visible |= one
    for model in RECORDS:
        if can(member, Permission.MANAGE_CATALOGUE if model in MANAGED else Permission.VIEW_CATALOGUE):
            visible |= Q(object_type=model, action__in=ACTIONS[model])
    if can(member, Permission.MANAGE_INVOICES):
        visible |= Q(object_type="invoice", action__in=ACTIONS["invoice"])
    if not can(member, Permission.SEE_RATES):
        visible &= ~Q(action=ONLY_MONEY)
    return visible
