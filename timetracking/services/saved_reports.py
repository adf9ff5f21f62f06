"""Reports under a name: saved, changed and deleted here. Whoever opens one sees what is within their own reach."""

from __future__ import annotations

from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from accounts import audit
from accounts.models import Membership
from accounts.permissions import Permission, can, require
from timesheets_site.lib.errors import OutOfReach, RuleViolation
from timetracking.models import SavedReport

LONGEST_NAME, LONGEST_QUERY = 80, 2_000
MOST_OF_A_MEMBER = 100
Shared = SavedReport.Shared
FIELDS = ("name", "query", "shared")


@transaction.atomic
def keep(actor: Membership, *, name: str, query: str, shared: str = Shared.NOBODY) -> SavedReport:
    """Keep a report's choices under a name. `query` is an address's words in their canonical form.

    Raises NotAllowed, or RuleViolation with the field at fault: name_required, taken, query_too_long, shared_unknown,
    sharing_not_allowed, too_many.
    """
    require(actor, Permission.VIEW_REPORTS)
    if SavedReport.objects.filter(owner=actor).count() >= MOST_OF_A_MEMBER:
        raise RuleViolation("too_many", _("You have 100 saved reports. Delete one first."), "name")
    report = SavedReport(owner=actor, name=name.strip(), query=query, shared=shared)
    _check(actor, report)
    _store(report)
    changes = {field: (None, getattr(report, field)) for field in FIELDS if getattr(report, field)}
    audit.record(actor, "report.saved", report, changes=changes)
    return report


@transaction.atomic
def change(actor: Membership, pk: int, *, version: int, **fields: Any) -> SavedReport:
    """Rename it, share it otherwise, or keep other choices in it.

    Raises NotAllowed, OutOfReach (somebody else's: admins may change those that they can open), Conflict, or
    RuleViolation as `save` does.
    """
    require(actor, Permission.VIEW_REPORTS)
    if unknown := set(fields) - set(FIELDS):
        raise TypeError(f"A saved report has no field {', '.join(sorted(unknown))} that can be set here.")
    _own(actor, pk)
    report: SavedReport = SavedReport.objects.all().locked(pk, version)
    before = audit.snapshot(report, FIELDS)
    for field, value in fields.items():
        setattr(report, field, value.strip() if field == "name" else value)
    _check(actor, report)
    _store(report, update_fields=[*fields, "version", "updated_at"])
    if changes := audit.difference(before, report):
        audit.record(actor, "report.changed", report, changes=changes)
    return report


@transaction.atomic
def delete(actor: Membership, pk: int, *, version: int) -> None:
    """Delete it: its owner, or an admin. Raises NotAllowed, OutOfReach or Conflict."""
    require(actor, Permission.VIEW_REPORTS)
    _own(actor, pk)
    report: SavedReport = SavedReport.objects.all().locked(pk, version)
    changes = {field: (getattr(report, field), None) for field in FIELDS if getattr(report, field)}
    audit.record(actor, "report.deleted", report, changes=changes)
    report.delete()


def _own(actor: Membership, pk: int) -> None:
    """One's own, or a shared one for an admin; what is shared with nobody is nobody else's business."""
    found = SavedReport.objects.filter(pk=pk).values_list("owner_id", "shared").first()
    if found is None:
        raise OutOfReach
    owner_id, shared = found
    if owner_id != actor.pk and not (shared and can(actor, Permission.MANAGE_ORGANISATION)):
        raise OutOfReach


def _check(actor: Membership, report: SavedReport) -> None:
    if not report.name:
        raise RuleViolation("name_required", _("Enter a name."), "name")
    if len(report.name) > LONGEST_NAME:
        raise RuleViolation("name_too_long", _("Use at most 80 characters."), "name")
    if len(report.query) > LONGEST_QUERY:
        raise RuleViolation("query_too_long", _("Choose fewer filters."))
    if report.shared not in Shared.values:
        raise RuleViolation("shared_unknown", _("Choose one of the list."), "shared")
    if report.shared and not can(actor, Permission.APPROVE_TIMESHEET):
        raise RuleViolation("sharing_not_allowed", _("Managers and admins share reports."), "shared")


def _store(report: SavedReport, update_fields: list[str] | None = None) -> None:
    """A second one of the owner with this name is refused, also one that was stored a moment ago."""
    words = _("You have a saved report of this name. Choose another name.")
    twins = SavedReport.objects.filter(owner=report.owner_id, name=report.name).exclude(pk=report.pk)
    if twins.exists():
        raise RuleViolation("taken", words, "name")
    try:
        with transaction.atomic():
            report.save(update_fields=update_fields)
    except IntegrityError as error:
        raise RuleViolation("taken", words, "name") from error
