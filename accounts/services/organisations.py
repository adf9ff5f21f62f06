"""Organisations: founded by a command, their settings and policies changed by their admins."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from typing import TypedDict, Unpack

from django.db import IntegrityError, models, transaction
from django.utils.translation import gettext as _

from accounts import audit
from accounts.models import Membership, Organisation, User
from accounts.permissions import Permission, require
from accounts.services import members, second_factor
from accounts.tenancy import organisation_scope
from timesheets_site.lib.errors import Conflict, RuleViolation

# What makes an organisation's calendar fixed. Apps above this one add a question each when they start; it is asked in
# the organisation's scope.
calendar_in_use: list[Callable[[], bool]] = []


class OrganisationFields(TypedDict, total=False):
    """What an admin may set."""

    name: str
    time_zone: str
    first_weekday: int
    currency: str
    default_hourly_rate: Decimal | None
    billable_by_default: bool
    features: list[str]
    edit_window_hours: int
    lock_date: dt.date | None
    future_dates_allowed: bool
    require_second_factor: bool


@transaction.atomic
def edit(actor: Membership, *, version: int, **fields: Unpack[OrganisationFields]) -> Organisation:
    """Change the settings of the actor's organisation, from now on.

    Raises NotAllowed, Conflict, or RuleViolation: weekday_fixed, second_factor_first.
    """
    require(actor, Permission.MANAGE_ORGANISATION)
    rows: models.QuerySet[Organisation] = Organisation.objects.filter(pk=actor.organisation_id)
    raised = rows.filter(version=version).update(version=models.F("version") + 1)
    organisation = rows.get()
    if not raised:
        raise Conflict(organisation)
    before = audit.snapshot(organisation, fields)
    for name, value in fields.items():
        setattr(organisation, name, value)
    changes = audit.difference(before, organisation)
    if "first_weekday" in changes and weekday_is_fixed():
        text = _("The first day of the week is fixed, since there are timesheets already.")
        raise RuleViolation("weekday_fixed", text, "first_weekday")
    demands = "require_second_factor" in changes and organisation.require_second_factor
    if demands and not second_factor.has_device(actor.user):
        text = _("Set up two-step sign-in for yourself first.")
        raise RuleViolation("second_factor_first", text, "require_second_factor")
    if changes:
        organisation.save(update_fields=list(changes))
        audit.record(actor, "organisation.settings_changed", organisation, changes=changes)
    return organisation


def weekday_is_fixed() -> bool:
    """Whether the active organisation's weeks are in use, so that their first day can no longer change."""
    return any(in_use() for in_use in calendar_in_use)


@transaction.atomic
def found(*, name: str, slug: str, time_zone: str, admin: User) -> Organisation:
    """Make an organisation with its first admin. Raises RuleViolation: slug_taken."""
    try:
        with transaction.atomic():
            organisation = Organisation.objects.create(name=name, slug=slug, time_zone=time_zone)
    except IntegrityError as error:
        raise RuleViolation("slug_taken", _("There is an organisation with this address already."), "slug") from error
    with organisation_scope(organisation):
        audit.record(None, "organisation.founded", organisation)
        members.join(organisation, admin, Membership.Role.ADMIN)
    return organisation
