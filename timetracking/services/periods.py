"""Closed periods: a month is closed for everybody at once, and opened again for one member for a while."""

from __future__ import annotations

import datetime as dt

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import audit, lock_date
from accounts.models import Membership, Organisation
from accounts.permissions import Permission, require
from accounts.services import organisations
from timesheets_site.lib import dates, texts
from timesheets_site.lib.errors import OutOfReach, RuleViolation
from timetracking.models import PeriodReopening
from timetracking.rules import months

LONGEST_DAYS = 31
REASON_LENGTH = 500


@transaction.atomic
def close_month(actor: Membership, month: dt.date, *, version: int) -> Organisation:
    """Close everything up to the end of a month (named by its first day) for everybody, at one stroke.

    Who is writing time just now is waited for. Raises NotAllowed, Conflict, or RuleViolation: month_not_over,
    month_closed.
    """
    require(actor, Permission.MANAGE_ORGANISATION)
    last = months.last_day(month)
    if last >= timezone.now().astimezone(actor.organisation.zone).date():
        text = _("%(month)s is not over yet.") % {"month": dates.month(month)}
        raise RuleViolation("month_not_over", text, "month")
    lock_date.wait_for_writers(actor.organisation_id)
    present = Organisation.objects.values_list("lock_date", flat=True).get(pk=actor.organisation_id)
    if present is not None and present >= last:
        text = _("%(month)s is closed already.") % {"month": dates.month(month)}
        raise RuleViolation("month_closed", text, "month")
    return organisations.edit(actor, version=version, lock_date=last)


@transaction.atomic
def reopen_for(
    actor: Membership, member: Membership, *, first_on: dt.date, until_at: dt.datetime, reason: str = ""
) -> PeriodReopening:
    """Open the closed period again for one member, from a day on, until a moment (aware) that passes by itself.

    Raises NotAllowed, or RuleViolation: no_lock_date, after_lock_date, until_in_past, until_too_far, member_inactive,
    text_too_long.
    """
    require(actor, Permission.MANAGE_ORGANISATION)
    reason = texts.at_most(reason, REASON_LENGTH, "reason")
    lock_date.hold_still(actor.organisation)
    closed_until, now = actor.organisation.lock_date, timezone.now()
    if not member.is_active:
        raise RuleViolation("member_inactive", _("This member is deactivated."), "member")
    if closed_until is None:
        raise RuleViolation("no_lock_date", _("No period is closed, so everybody can log time."), None)
    if first_on > closed_until:
        text = _("Choose a day up to %(day)s: what comes later is open anyway.") % {"day": dates.full(closed_until)}
        raise RuleViolation("after_lock_date", text, "first_on")
    if until_at <= now:
        raise RuleViolation("until_in_past", _("Choose a moment that is still to come."), "until_on")
    if until_at > now + dt.timedelta(days=LONGEST_DAYS):
        text = _("Choose a moment in the next %(days)s days.") % {"days": LONGEST_DAYS}
        raise RuleViolation("until_too_far", text, "until_on")
    reopening = PeriodReopening(
        member=member, first_on=first_on, until_at=until_at, reason=reason, opened_by=actor, created_at=now
    )
    reopening.save(force_insert=True)
    changes = {"first_on": (None, first_on), "until_at": (None, until_at), "reason": ("", reason)}
    audit.record(actor, "period.reopened", reopening, changes=changes, on_behalf_of=_other(actor, member))
    return reopening


@transaction.atomic
def end_reopening(actor: Membership, reopening_id: int) -> PeriodReopening:
    """Close the period again for that member now. What has ended is a harmless success. Raises NotAllowed, OutOfReach.

    Who is writing time just now is waited for.
    """
    require(actor, Permission.MANAGE_ORGANISATION)
    lock_date.wait_for_writers(actor.organisation_id)
    rows = PeriodReopening.objects.select_for_update(of=("self",)).select_related("member")
    reopening: PeriodReopening | None = rows.filter(pk=reopening_id).first()
    if reopening is None:
        raise OutOfReach
    now = timezone.now()
    if reopening.ended_at is not None or reopening.until_at <= now:
        return reopening
    reopening.ended_at = now
    reopening.save(update_fields=["ended_at"])
    changes = {"ended_at": (None, now)}
    audit.record(
        actor, "period.reopening_ended", reopening, changes=changes, on_behalf_of=_other(actor, reopening.member)
    )
    return reopening


def _other(actor: Membership, member: Membership) -> Membership | None:
    return member if member.pk != actor.pk else None
