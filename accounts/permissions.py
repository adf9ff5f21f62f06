"""Who may do what, as data on one screen.

Services `require`, views name, querysets use `within_reach`, pages ask `can`.

"Already approved", "billed" or "not your own week" are not permissions: they are rules, in `timetracking.rules`.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from typing import TYPE_CHECKING

from django.db.models import Q
from django.utils.translation import gettext as _

from timesheets_site.lib.errors import NotAllowed, OutOfReach

if TYPE_CHECKING:
    from accounts.models import Membership


class Reach(StrEnum):
    """Over whose records a permission holds."""

    NONE = "none"
    OWN = "own"
    ALL = "all"


class Permission(StrEnum):
    VIEW_TIME = "view_time"
    LOG_TIME = "log_time"
    EDIT_TIME = "edit_time"
    EXPORT_TIME = "export_time"
    SUBMIT_TIMESHEET = "submit_timesheet"
    APPROVE_TIMESHEET = "approve_timesheet"
    VIEW_CATALOGUE = "view_catalogue"
    MANAGE_CATALOGUE = "manage_catalogue"
    VIEW_MEMBERS = "view_members"
    MANAGE_MEMBERS = "manage_members"
    MANAGE_ORGANISATION = "manage_organisation"
    VIEW_AUDIT = "view_audit"
    SEE_RATES = "see_rates"
    MANAGE_RATES = "manage_rates"
    MANAGE_INVOICES = "manage_invoices"
    VIEW_REPORTS = "view_reports"
    ASK_EXPORT = "ask_export"
    USE_ADMIN = "use_admin"
    READ_NOTIFICATIONS = "read_notifications"
    MANAGE_API_KEYS = "manage_api_keys"
    MANAGE_WEBHOOKS = "manage_webhooks"


class Role(StrEnum):
    AGENT = "AGENT"
    MANAGER = "MANAGER"
    ADMIN = "ADMIN"


NONE, OWN, ALL = Reach.NONE, Reach.OWN, Reach.ALL
GRANTS: dict[Permission, tuple[Reach, Reach, Reach]] = {
    #                                 AGENT MANAGER ADMIN
    Permission.VIEW_TIME:            (OWN,  ALL,   ALL),
    Permission.LOG_TIME:             (OWN,  ALL,   ALL),
    Permission.EDIT_TIME:            (OWN,  ALL,   ALL),
    Permission.EXPORT_TIME:          (OWN,  ALL,   ALL),
    Permission.SUBMIT_TIMESHEET:     (OWN,  ALL,   ALL),
    Permission.APPROVE_TIMESHEET:    (NONE, ALL,   ALL),
    Permission.VIEW_CATALOGUE:       (ALL,  ALL,   ALL),
    Permission.MANAGE_CATALOGUE:     (NONE, ALL,   ALL),
    Permission.VIEW_MEMBERS:         (NONE, ALL,   ALL),
    Permission.MANAGE_MEMBERS:       (NONE, NONE,  ALL),
    Permission.MANAGE_ORGANISATION:  (NONE, NONE,  ALL),
    Permission.VIEW_AUDIT:           (NONE, NONE,  ALL),
    Permission.SEE_RATES:            (NONE, NONE,  ALL),
    Permission.MANAGE_RATES:         (NONE, NONE,  ALL),
    Permission.MANAGE_INVOICES:      (NONE, NONE,  ALL),
    Permission.VIEW_REPORTS:         (OWN,  ALL,   ALL),
    Permission.ASK_EXPORT:           (OWN,  OWN,   OWN),
    Permission.USE_ADMIN:            (NONE, NONE,  ALL),
    Permission.READ_NOTIFICATIONS:   (OWN,  OWN,   OWN),
    Permission.MANAGE_API_KEYS:      (OWN,  OWN,   ALL),
    Permission.MANAGE_WEBHOOKS:      (NONE, NONE,  ALL),
}  # fmt: skip

# What an admin grants a single member beyond the table: the membership's field, and what it gives to each role.
GRANTED: dict[Permission, tuple[tuple[str, tuple[Reach, Reach, Reach]], ...]] = {
    #                                                 AGENT MANAGER ADMIN
    Permission.SEE_RATES:       (("sees_rates",      (OWN,  ALL,   ALL)),
                                 ("issues_invoices", (NONE, ALL,   ALL))),
    Permission.MANAGE_INVOICES: (("issues_invoices", (NONE, ALL,   ALL)),),
}  # fmt: skip
_WIDTH = {Reach.NONE: 0, Reach.OWN: 1, Reach.ALL: 2}

_COLUMN = {Role.AGENT: 0, Role.MANAGER: 1, Role.ADMIN: 2}


def reach(actor: Membership, permission: Permission) -> Reach:
    """Over whose records `actor` holds `permission`, by role or by grant; nobody's once the membership is inactive."""
    if not actor.is_active or (actor.key_permissions is not None and permission not in actor.key_permissions):
        return Reach.NONE
    column = _COLUMN[Role(actor.role)]
    held = GRANTS[permission][column]
    for field, reaches in GRANTED.get(permission, ()):
        if getattr(actor, field):
            held = max(held, reaches[column], key=_WIDTH.__getitem__)
    return held


def can(actor: Membership, permission: Permission, *, owner: Membership | int | None = None) -> bool:
    """May `actor` do this at all (no owner), or to a record of `owner` (a membership or its id)?"""
    held = reach(actor, permission)
    if owner is None or held is not Reach.OWN:
        return held is not Reach.NONE
    return (owner if isinstance(owner, int) else owner.pk) == actor.pk


def owners_allowed(actor: Membership, permission: Permission) -> Callable[[int], bool]:
    """`can` for many records: asked once, it answers for each owner's id."""
    held, own = reach(actor, permission), actor.pk
    return lambda owner: held is Reach.ALL or (held is Reach.OWN and owner == own)


def require(actor: Membership, permission: Permission, *, owner: Membership | int | None = None) -> None:
    """Let `actor` pass, or raise: NotAllowed without the permission, OutOfReach for somebody else's record."""
    if can(actor, permission, owner=owner):
        return
    if reach(actor, permission) is Reach.NONE:
        raise NotAllowed("not_allowed", _("Your role does not allow this. Ask an admin of your organisation."))
    raise OutOfReach


def within_reach(actor: Membership, permission: Permission, *, field: str) -> Q:
    """Condition for the rows that `actor` may see, by the foreign key `field` that names whose they are."""
    held = reach(actor, permission)
    if held is Reach.ALL:
        return Q()
    if held is Reach.OWN:
        return Q(**{field: actor.pk})
    return Q(pk__in=())
