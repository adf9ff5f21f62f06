"""Members of an organisation: role, line manager, capacity, active or not."""

from __future__ import annotations

from typing import Any, TypedDict, Unpack

from django.db import transaction
from django.utils.translation import gettext as _

from accounts import audit, holiday_calendars
from accounts.models import Membership, Organisation, User
from accounts.permissions import Permission, require
from accounts.services import working_time
from timesheets_site.lib import texts
from timesheets_site.lib.errors import OutOfReach, RuleViolation


class MemberFields(TypedDict, total=False):
    """What an admin may set."""

    display_name: str
    """Of an integration: people name themselves."""
    role: str
    line_manager: Membership | None
    employee_number: str
    weekly_capacity_minutes: int
    working_weekdays: int
    holiday_calendar: str
    """Empty for the organisation's, "-" for none."""
    default_work_role: Any
    """What their time is logged as where nothing else is said: a `timetracking.WorkRole` or None."""
    sees_rates: bool
    """An agent: of their own time. Admins see all without it."""
    issues_invoices: bool
    """For managers; admins do without it."""


@transaction.atomic
def edit(actor: Membership, member_id: int, *, version: int, **fields: Unpack[MemberFields]) -> Membership:
    """Change a member; a new role, or what they are granted beyond it, counts from their next request on.

    Raises NotAllowed, OutOfReach, Conflict, or RuleViolation: last_admin, manages_self, no_manager, number_taken,
    archived_reference, agents_issue_none, hours_out_of_range, weekdays_missing, unknown_calendar, name_required,
    name_is_theirs.
    """
    require(actor, Permission.MANAGE_MEMBERS)
    hold_admins(actor.organisation_id)
    member = Membership.objects.locked(member_id, version)
    before = audit.snapshot(member, fields)
    for name, value in fields.items():
        setattr(member, name, value)
    _check_name(member, before)
    _check_line_manager(member, before)
    _check_employee_number(member)
    _check_work_role(member, before)
    _check_grants(member)
    _check_working_time(member, before)
    changes = audit.difference(before, member)
    if "role" in changes:
        _keep_an_admin(member, was_role=before["role"], stays=member.role == Membership.Role.ADMIN)
    member.save(update_fields=[*fields, "version"])
    if "display_name" in changes:
        User.objects.filter(pk=member.user_id).update(name=member.display_name)
    if "role" in changes:
        audit.record(actor, "member.role_changed", member, changes={"role": changes.pop("role")})
    if changes:
        audit.record(actor, "member.updated", member, changes=changes)
    return member


@transaction.atomic
def deactivate(actor: Membership, member_id: int, *, version: int | None = None) -> Membership:
    """Shut a member out from their next request on; what they logged stays. Done twice it is done once.

    Raises NotAllowed, OutOfReach, Conflict, or RuleViolation: last_admin.
    """
    require(actor, Permission.MANAGE_MEMBERS)
    hold_admins(actor.organisation_id)
    member = Membership.objects.locked(member_id, version)
    if member.is_active:
        _keep_an_admin(member, was_role=member.role, stays=False)
    return _set_active(actor, member, False, "member.deactivated")


@transaction.atomic
def reactivate(actor: Membership, member_id: int, *, version: int | None = None) -> Membership:
    """Let a member in again, with the role they had. Raises NotAllowed, OutOfReach, Conflict."""
    require(actor, Permission.MANAGE_MEMBERS)
    member = Membership.objects.locked(member_id, version)
    return _set_active(actor, member, True, "member.reactivated")


@transaction.atomic
def join(organisation: Organisation, user: User, role: str) -> Membership:
    """Make a user a member; the caller has checked why. Runs in the organisation's scope.

    Raises RuleViolation: already_member, member_deactivated.
    """
    check_not_member(organisation, user)
    member = Membership(user=user, role=role, display_name=user.name or user.email)
    member.save()
    audit.record(member, "member.joined", member, changes={"role": (None, role)})
    return member


def check_not_member(organisation: Organisation, user: User) -> None:
    """Refuse who is, or was, a member. Raises RuleViolation: already_member, member_deactivated."""
    present = Membership.objects.filter(user=user).first()
    if present is None:
        return
    names = {"organisation": organisation.name, "name": present.display_name}
    if present.is_active:
        raise RuleViolation("already_member", _("%(name)s is a member of %(organisation)s already.") % names)
    text = _("%(name)s was a member of %(organisation)s and is deactivated. An admin can reactivate them in Members.")
    raise RuleViolation("member_deactivated", text % names)


def hold_admins(organisation_id: int) -> None:
    """Make changes to who is admin wait for each other: two admins who demote each other at once do so in turn."""
    Organisation.objects.select_for_update().get(pk=organisation_id)


def _set_active(actor: Membership, member: Membership, active: bool, event: str) -> Membership:
    changed = member.is_active != active
    member.is_active = active
    member.save(update_fields=["is_active", "version"])
    if changed:
        audit.record(actor, event, member, changes={"is_active": (not active, active)})
    return member


def _keep_an_admin(member: Membership, *, was_role: str, stays: bool) -> None:
    if was_role != Membership.Role.ADMIN or stays or not member.is_active or member.is_integration:
        return
    others = Membership.objects.people().filter(role=Membership.Role.ADMIN)
    if not others.exclude(pk=member.pk).exists():
        text = _("%(name)s is the only admin. Make somebody else an admin first.") % {"name": member.display_name}
        raise RuleViolation("last_admin", text, "role")


def _check_name(member: Membership, before: dict[str, object]) -> None:
    if before.get("display_name", member.display_name) == member.display_name:
        return
    if not member.is_integration:
        raise RuleViolation("name_is_theirs", _("People change their own name."), "display_name")
    member.display_name = texts.at_most(member.display_name, 150, "display_name")
    if not member.display_name:
        raise RuleViolation("name_required", _("Name the program"), "display_name")


def _check_line_manager(member: Membership, before: dict[str, object]) -> None:
    manager = member.line_manager
    if manager is None or before.get("line_manager", manager) == manager:
        return
    if manager.pk == member.pk:
        raise RuleViolation("manages_self", _("Choose somebody else as line manager."), "line_manager")
    if not manager.is_active or manager.role == Membership.Role.AGENT or manager.is_integration:
        raise RuleViolation("no_manager", _("Choose an active manager or admin."), "line_manager")


def _check_employee_number(member: Membership) -> None:
    number = member.employee_number
    if number and Membership.objects.filter(employee_number=number).exclude(pk=member.pk).exists():
        raise RuleViolation("number_taken", _("Another member has this employee number."), "employee_number")


def _check_work_role(member: Membership, before: dict[str, object]) -> None:
    role: Any = member.default_work_role
    if role is None or before.get("default_work_role", role) == role:
        return
    if role.organisation_id != member.organisation_id:
        raise OutOfReach
    if role.archived_at is not None:
        text = _("%(name)s is archived. Restore it first.") % {"name": role}
        raise RuleViolation("archived_reference", text, "default_work_role")


def _check_working_time(member: Membership, before: dict[str, object]) -> None:
    if "weekly_capacity_minutes" in before or "working_weekdays" in before:
        working_time.check_hours(member.weekly_capacity_minutes, member.working_weekdays)
    if before.get("holiday_calendar", member.holiday_calendar) != member.holiday_calendar:
        holiday_calendars.check(member.holiday_calendar, may_be_none=True)


def _check_grants(member: Membership) -> None:
    if member.issues_invoices and member.role == Membership.Role.AGENT:
        text = _("Agents can't issue invoices. Make %(name)s a manager first, or leave this off.")
        raise RuleViolation("agents_issue_none", text % {"name": member.display_name}, "issues_invoices")
