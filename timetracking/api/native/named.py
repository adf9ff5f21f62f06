"""Records and members that a call names by their ids: those of the organisation, or unknown (404)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from accounts.models import Membership
from accounts.permissions import Permission, require
from timesheets_site.lib.errors import OutOfReach, RuleViolation
from timesheets_site.lib.numbers import fits
from timetracking.models import Activity, ChargeCode, Project, Task, Ticket

LINKS: dict[str, Any] = {
    "ticket_id": Ticket, "project_id": Project, "task_id": Task, "charge_code_id": ChargeCode, "activity_id": Activity,
}  # fmt: skip
RELATED: dict[str, tuple[str, ...]] = {
    "ticket_id": ("client", "agreement"),
    "project_id": ("client", "agreement"),
    "task_id": ("project__client", "project__agreement"),
    "charge_code_id": ("project__client", "project__agreement"),
    "activity_id": ("client",),
}


def one(rows: Any, pk: int) -> Any:
    """The row of a queryset with this id. Raises OutOfReach, also for a number that no id can be."""
    found = rows.filter(pk=pk).first() if fits(pk) else None
    if found is None:
        raise OutOfReach
    return found


def member_of(actor: Membership, member_id: int | None) -> Membership:
    """The member with this id, the actor for none. Raises OutOfReach."""
    if member_id in (None, actor.pk):
        return actor
    member: Membership = one(Membership.objects.select_related("user"), member_id or 0)
    member.organisation = actor.organisation
    return member


def seen_member(actor: Membership, member_id: int) -> Membership:
    """A member whose time the actor sees. Raises NotAllowed, OutOfReach."""
    member = member_of(actor, member_id)
    require(actor, Permission.VIEW_TIME, owner=member)
    return member


def record_of(sent: Mapping[str, Any]) -> Any:
    """The one record that is named among `ticket_id`, `project_id`, …; None for none.

    Raises OutOfReach, or RuleViolation `link_contradicts` where there are several.
    """
    named = [(name, sent[name]) for name in LINKS if sent.get(name) is not None]
    if not named:
        return None
    if len(named) > 1:
        raise RuleViolation("link_contradicts", "Name one record: a task stands for its project.", named[1][0])
    [(name, pk)] = named
    return one(LINKS[name].objects.select_related(*RELATED[name]), pk)
