"""The saved reports that a member may open: their own, and those shared with their role."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _

from accounts.models import Membership
from accounts.permissions import Permission, can
from timesheets_site.lib.addresses import address
from timesheets_site.lib.errors import OutOfReach
from timesheets_site.lib.printable import Printable
from timetracking.models import SavedReport

IN_MENU = 12


@dataclass(frozen=True, slots=True)
class SavedLine(Printable):
    name: str
    url: str
    shared: str
    owner: str
    """Empty for one's own."""
    edit_url: str
    is_current: bool = False


def visible_to(actor: Membership) -> Any:
    """Own ones, and shared ones; managers and admins are one circle."""
    manages = can(actor, Permission.APPROVE_TIMESHEET)
    shared = Q(shared=SavedReport.Shared.EVERYBODY)
    if manages:
        shared |= Q(shared=SavedReport.Shared.MANAGERS)
    return SavedReport.objects.filter(Q(owner=actor.pk) | shared).select_related("owner")


def found(actor: Membership, pk: int) -> SavedReport:
    """One that the actor may open. Raises OutOfReach."""
    report: SavedReport | None = visible_to(actor).filter(pk=pk).first()
    if report is None:
        raise OutOfReach
    return report


def may_change(actor: Membership, report: SavedReport) -> bool:
    """Its owner; and an admin, who also clears up after others."""
    return report.owner_id == actor.pk or can(actor, Permission.MANAGE_ORGANISATION)


def lines(actor: Membership, *, current: int | None = None, most: int | None = None) -> list[SavedLine]:
    """The list by name; one query."""
    slug = actor.organisation.slug
    return [
        SavedLine(
            name=report.name,
            url=address("report-saved", slug, report.pk),
            shared=report.get_shared_display(),
            owner="" if report.owner_id == actor.pk else _("by %(name)s") % {"name": report.owner.display_name},
            edit_url=address("report-saved-edit", slug, report.pk) if may_change(actor, report) else "",
            is_current=report.pk == current,
        )
        for report in visible_to(actor).order_by("name", "pk")[:most]
    ]
