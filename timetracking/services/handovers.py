"""Handing one's decisions over to a colleague, from one day to another."""

from __future__ import annotations

import datetime as dt

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import audit
from accounts.models import Membership, Organisation
from accounts.permissions import Permission, require
from accounts.services.notices import Notice, tell
from timesheets_site.lib.errors import OutOfReach, RuleViolation
from timetracking.models import ApprovalHandover
from timetracking.services import approvers

LONGEST = dt.timedelta(days=366)


@transaction.atomic
def hand_over(
    actor: Membership,
    *,
    stand_in: Membership,
    first_on: dt.date,
    last_on: dt.date,
    approver: Membership | None = None,
) -> ApprovalHandover:
    """Let `stand_in` decide in the place of `approver` (the actor if left out) on these days, both included.

    Admins may do it for others. Raises NotAllowed, or RuleViolation with the field at fault: no_approver,
    hands_to_self, ends_before_start, handover_past, handover_too_long, handed_over_already.
    """
    approver = approver or actor
    require(actor, Permission.APPROVE_TIMESHEET)
    if approver.pk != actor.pk:
        require(actor, Permission.MANAGE_MEMBERS)
    Organisation.objects.select_for_update(no_key=True).get(pk=actor.organisation_id)  # two of one person's, in turn
    _check(actor, approver, stand_in, first_on, last_on)
    handover = ApprovalHandover(
        approver=approver,
        stand_in=stand_in,
        first_on=first_on,
        last_on=last_on,
        created_by=actor,
        created_at=timezone.now(),
    )
    handover.save()
    changes = {"stand_in_id": (None, stand_in.pk), "first_on": (None, first_on), "last_on": (None, last_on)}
    on_behalf_of = approver if approver.pk != actor.pk else None
    audit.record(actor, "approvals.handed_over", handover, changes=changes, on_behalf_of=on_behalf_of)
    values = {"approver": approver.display_name, "first_on": first_on.isoformat(), "last_on": last_on.isoformat()}
    tell([Notice(stand_in, "approvals.handed_over", values)], actor=actor)
    return handover


@transaction.atomic
def end(actor: Membership, handover_id: int) -> ApprovalHandover:
    """End a handover now; ended already is a harmless success. Raises NotAllowed, OutOfReach."""
    require(actor, Permission.APPROVE_TIMESHEET)
    handover = ApprovalHandover.objects.select_for_update().filter(pk=handover_id).first()
    if handover is None:
        raise OutOfReach
    if handover.approver_id != actor.pk:
        require(actor, Permission.MANAGE_MEMBERS)
    if handover.ended_at is None:
        handover.ended_at = timezone.now()
        handover.save(update_fields=["ended_at"])
        audit.record(actor, "approvals.handover_ended", handover, changes={"ended_at": (None, handover.ended_at)})
    return handover


def _check(actor: Membership, approver: Membership, stand_in: Membership, first_on: dt.date, last_on: dt.date) -> None:
    able = approvers.active()
    if approver.pk not in able:
        raise RuleViolation("no_approver", _("Choose an active manager or admin."), "approver")
    if stand_in.pk == approver.pk:
        raise RuleViolation("hands_to_self", _("Choose a colleague."), "stand_in")
    if stand_in.pk not in able:
        raise RuleViolation("no_approver", _("Choose an active manager or admin."), "stand_in")
    if last_on < first_on:
        raise RuleViolation("ends_before_start", _("The last day comes before the first."), "last_on")
    if last_on < actor.today():
        raise RuleViolation("handover_past", _("Choose days from today on."), "last_on")
    if last_on - first_on >= LONGEST:
        raise RuleViolation("handover_too_long", _("Choose at most 366 days."), "last_on")
    live = ApprovalHandover.objects.filter(approver=approver, ended_at__isnull=True)
    if live.filter(first_on__lte=last_on, last_on__gte=first_on).exists():
        words = _("%(name)s has handed over on some of these days already. End that first.")
        raise RuleViolation("handed_over_already", words % {"name": approver.display_name}, "first_on")
