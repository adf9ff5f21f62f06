"""Organisations: founded by a command, their settings and policies changed by their admins."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Mapping
from decimal import Decimal
from typing import TypedDict, Unpack

from django.db import IntegrityError, models, transaction
from django.utils.translation import gettext as _

from accounts import audit, holiday_calendars, lock_date
from accounts.models import Membership, Organisation, User
from accounts.permissions import Permission, require
from accounts.services import members, second_factor
from accounts.tenancy import organisation_scope
from timesheets_site.lib.errors import Conflict, RuleViolation

# What makes an organisation's calendar fixed. Apps above this one add a question each when they start; it is asked in
# the organisation's scope.
calendar_in_use: list[Callable[[], bool]] = []

# What else must fit before settings are stored, with the names of those that change. Apps above this one add theirs
# when they start; each raises RuleViolation, and is called in the organisation's scope.
settling: list[Callable[[Organisation, Collection[str]], None]] = []

# What a new organisation starts with. Apps above this one add theirs when they start; it runs in the new scope.
founding: list[Callable[[Membership], None]] = []

FIRST_YEAR, LAST_YEAR = 2000, 2999  # lock dates for which all arithmetic works


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
    future_dates_allowed: bool
    lock_date: dt.date | None
    description_required: str
    task_required: bool
    charge_code_required: bool
    clock_required: bool
    overlap: str
    largest_day: str
    largest_day_minutes: int
    closed_ticket_grace_days: int
    closed_project_grace_days: int
    holiday_calendar: str
    timer_limit_minutes: int
    empty_weeks_allowed: bool
    deadline_days: int | None
    """After the week's last day; None is no deadline."""
    deadline_time: dt.time
    remind_missing_weeks: bool
    approval_first: str
    approval_second: str
    """Empty where one approval is enough."""
    require_second_factor: bool
    billing_increment_minutes: int
    billing_rounding: str
    billing_minimum_minutes: int
    unapproved_invoiced: bool
    over_budget: str
    billable_goal_percent: int
    utilisation_goal_percent: int
    legal_name: str
    address: str
    tax_number: str
    tax_name: str
    tax_percent: Decimal
    payment_days: int
    invoice_terms: str
    invoice_prefix: str
    first_invoice_number: int


@transaction.atomic
def edit(actor: Membership, *, version: int, **fields: Unpack[OrganisationFields]) -> Organisation:
    """Change the settings of the actor's organisation, from now on.

    Who moves the lock date waits for those who are writing time just now: no entry is stored into a closed period.
    Raises NotAllowed, Conflict, or RuleViolation: weekday_fixed, second_factor_first, same_approver, day_out_of_range,
    negative_amount, unknown_calendar, and what the apps above refuse (`settling`).
    """
    require(actor, Permission.MANAGE_ORGANISATION)
    if "lock_date" in fields:
        lock_date.wait_for_writers(actor.organisation_id)
    rows: models.QuerySet[Organisation] = Organisation.objects.filter(pk=actor.organisation_id)
    raised = rows.filter(version=version).update(version=models.F("version") + 1)
    organisation = rows.get()
    if not raised:
        raise Conflict(organisation)
    before = audit.snapshot(organisation, fields)
    for name, value in fields.items():
        setattr(organisation, name, value)
    changes = audit.difference(before, organisation)
    _check(actor, organisation, changes)
    if changes:
        organisation.save(update_fields=list(changes))
        audit.record(actor, "organisation.settings_changed", organisation, changes=changes)
    return organisation


def _check(actor: Membership, organisation: Organisation, changes: Mapping[str, object]) -> None:
    """What must fit together before it is stored."""
    if "first_weekday" in changes and weekday_is_fixed():
        text = _("The first day of the week is fixed, since there are timesheets already.")
        raise RuleViolation("weekday_fixed", text, "first_weekday")
    demands = "require_second_factor" in changes and organisation.require_second_factor
    if demands and not second_factor.has_device(actor.user):
        text = _("Set up two-step sign-in for yourself first.")
        raise RuleViolation("second_factor_first", text, "require_second_factor")
    if organisation.approval_second == organisation.approval_first:
        text = _("Choose somebody else for the second approval, or nobody.")
        raise RuleViolation("same_approver", text, "approval_second")
    day = organisation.lock_date
    if "lock_date" in changes and day is not None and not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise RuleViolation("day_out_of_range", _("Choose a day from the year 2000 on."), "lock_date")
    rate = organisation.default_hourly_rate
    if "default_hourly_rate" in changes and rate is not None and rate < 0:
        raise RuleViolation("negative_amount", _("Enter 0 or more."), "default_hourly_rate")
    if "holiday_calendar" in changes:
        holiday_calendars.check(organisation.holiday_calendar)
    for fits in settling:
        fits(organisation, changes)


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
        member = members.join(organisation, admin, Membership.Role.ADMIN)
        for equip in founding:
            equip(member)
    return organisation
