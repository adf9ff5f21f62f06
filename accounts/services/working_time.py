"""When members are expected to work: dated changes of their hours, days off of one member, and of everybody.

A change counts for all days from its own on, those that are past included: nothing that was sent or approved stores
what was expected. What a member does raises the version of their membership, what is for everybody that of the
organisation, so that two admins who change the same person's time do not overwrite each other.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any, TypedDict, Unpack

from django.db import models, transaction
from django.utils.translation import gettext as _

from accounts import audit
from accounts.models import CapacityChange, DayOff, Membership, Organisation
from accounts.permissions import Permission, require
from timesheets_site.lib import texts
from timesheets_site.lib.errors import Conflict, OutOfReach, RuleViolation

FIRST, LAST = dt.date(2000, 1, 1), dt.date(2999, 12, 31)
DAY_MINUTES = 1440
LONGEST_DAYS = 366
LONGEST_NAME = 80
ALL_WEEKDAYS = 0b1111111
NAMES = {
    "starts_on": "working_time_from",
    "first_on": "day_off_first_on",
    "last_on": "day_off_last_on",
    "part": "day_off_part",
    "name": "day_off_name",
}
"""What the history calls fields that would say too little there."""


class ChangeFields(TypedDict):
    starts_on: dt.date
    weekly_capacity_minutes: int
    working_weekdays: int


class DayOffFields(TypedDict):
    first_on: dt.date
    last_on: dt.date
    part: str
    name: str


# --- A member's hours -------------------------------------------------------------------------------------------------


@transaction.atomic
def add_change(
    actor: Membership, member_id: int, *, version: int | None = None, **fields: Unpack[ChangeFields]
) -> CapacityChange:
    """From a day on the member works other hours, or on other weekdays.

    Raises NotAllowed, OutOfReach, Conflict, or RuleViolation: change_on_that_day, day_out_of_range, hours_out_of_range,
    weekdays_missing.
    """
    member = _held_member(actor, member_id, version)
    change = CapacityChange(member=member)
    _set(change, fields)
    _check_change(change)
    change.save()
    _record(actor, "working_time.added", member, _differences({}, fields))
    return change


@transaction.atomic
def edit_change(
    actor: Membership, member_id: int, change_id: int, *, version: int | None = None, **fields: Unpack[ChangeFields]
) -> CapacityChange:
    """Raises what `add_change` raises."""
    member = _held_member(actor, member_id, version)
    change = _row(CapacityChange, change_id, member)
    before = audit.snapshot(change, fields)
    _set(change, fields)
    _check_change(change)
    change.save()
    _record(actor, "working_time.changed", member, _differences(before, fields))
    return change


@transaction.atomic
def remove_change(
    actor: Membership, member_id: int, change_id: int, *, version: int | None = None
) -> tuple[Membership, ChangeFields]:
    """Take a change back: what counted before it counts on. Returns what it was, to be added again.

    Raises NotAllowed, OutOfReach, Conflict.
    """
    member = _held_member(actor, member_id, version)
    change = _row(CapacityChange, change_id, member)
    was = ChangeFields(
        starts_on=change.starts_on,
        weekly_capacity_minutes=change.weekly_capacity_minutes,
        working_weekdays=change.working_weekdays,
    )
    change.delete()
    _record(actor, "working_time.removed", member, _differences(was, dict.fromkeys(was)))
    return member, was


def check_hours(weekly_minutes: int, weekdays: int) -> None:
    """Refuse hours that no week has. Raises RuleViolation: hours_out_of_range, weekdays_missing."""
    count = (weekdays & ALL_WEEKDAYS).bit_count()
    if not 0 <= weekdays <= ALL_WEEKDAYS or (weekly_minutes and not count):
        raise RuleViolation("weekdays_missing", _("Choose the weekdays that are worked."), "working_weekdays")
    if weekly_minutes < 0 or weekly_minutes > count * DAY_MINUTES:
        text = _("A day has 24 hours: enter fewer hours, or choose more weekdays.")
        raise RuleViolation("hours_out_of_range", text, "weekly_capacity_minutes")


def _check_change(change: CapacityChange) -> None:
    _check_day(change.starts_on, "starts_on")
    check_hours(change.weekly_capacity_minutes, change.working_weekdays)
    same = CapacityChange.objects.filter(member=change.member_id, starts_on=change.starts_on)
    if same.exclude(pk=change.pk).exists():
        text = _("Their hours change on this day already. Change that line instead.")
        raise RuleViolation("change_on_that_day", text, "starts_on")


# --- Days off ---------------------------------------------------------------------------------------------------------


@transaction.atomic
def add_day_off(
    actor: Membership, member_id: int | None, *, version: int | None = None, **fields: Unpack[DayOffFields]
) -> DayOff:
    """Days on which a member is off, works half, or works although they are holidays; everybody's without a member.

    Raises NotAllowed, OutOfReach, Conflict, or RuleViolation: day_out_of_range, day_off_ends_before, day_off_too_long,
    name_missing, part_unknown, text_too_long, text_unreadable.
    """
    held = _held(actor, member_id, version)
    day_off = DayOff(member=held if isinstance(held, Membership) else None)
    _set(day_off, fields)
    _check_day_off(day_off)
    day_off.save()
    _record(actor, "day_off.added", held, _differences({}, _stored(day_off)))
    return day_off


@transaction.atomic
def edit_day_off(
    actor: Membership,
    member_id: int | None,
    day_off_id: int,
    *,
    version: int | None = None,
    **fields: Unpack[DayOffFields],
) -> DayOff:
    """Raises what `add_day_off` raises."""
    held = _held(actor, member_id, version)
    day_off = _row(DayOff, day_off_id, held)
    before = _stored(day_off)
    _set(day_off, fields)
    _check_day_off(day_off)
    day_off.save()
    _record(actor, "day_off.changed", held, _differences(before, _stored(day_off)))
    return day_off


@transaction.atomic
def remove_day_off(
    actor: Membership, member_id: int | None, day_off_id: int, *, version: int | None = None
) -> DayOffFields:
    """Returns what it was, to be added again. Raises NotAllowed, OutOfReach, Conflict."""
    held = _held(actor, member_id, version)
    day_off = _row(DayOff, day_off_id, held)
    was = _stored(day_off)
    day_off.delete()
    _record(actor, "day_off.removed", held, _differences(was, dict.fromkeys(was)))
    return was


def _check_day_off(day_off: DayOff) -> None:
    _check_day(day_off.first_on, "first_on")
    _check_day(day_off.last_on, "last_on")
    if day_off.last_on < day_off.first_on:
        raise RuleViolation("day_off_ends_before", _("Choose a day on or after the first."), "last_on")
    if (day_off.last_on - day_off.first_on).days >= LONGEST_DAYS:
        text = _("Choose at most a year; for longer, set their hours to 0 from a day on.")
        raise RuleViolation("day_off_too_long", text, "last_on")
    if day_off.part not in DayOff.Part.values:
        raise RuleViolation("part_unknown", _("Choose one of the list."), "part")
    day_off.name = texts.at_most(day_off.name, LONGEST_NAME, "name")
    if not day_off.name:
        raise RuleViolation("name_missing", _("Enter a name, like Annual leave."), "name")


def _stored(day_off: DayOff) -> DayOffFields:
    return DayOffFields(first_on=day_off.first_on, last_on=day_off.last_on, part=day_off.part, name=day_off.name)


# --- What all of them need --------------------------------------------------------------------------------------------


def _held(actor: Membership, member_id: int | None, version: int | None) -> Membership | Organisation:
    return _held_organisation(actor, version) if member_id is None else _held_member(actor, member_id, version)


def _held_member(actor: Membership, member_id: int, version: int | None) -> Membership:
    """The member, locked, with their version raised."""
    require(actor, Permission.MANAGE_MEMBERS)
    member: Membership = Membership.objects.locked(member_id, version)
    return member


def _held_organisation(actor: Membership, version: int | None) -> Organisation:
    """The organisation, with its version raised: whoever raises it as well waits, and finds it changed."""
    require(actor, Permission.MANAGE_ORGANISATION)
    rows: models.QuerySet[Organisation] = Organisation.objects.filter(pk=actor.organisation_id)
    expected = rows if version is None else rows.filter(version=version)
    raised = expected.update(version=models.F("version") + 1)
    organisation = rows.get()
    if not raised:
        raise Conflict(organisation)
    return organisation


def _row(model: type[models.Model], pk: int, held: Membership | Organisation) -> Any:
    """The line of the member, or of everybody. Raises OutOfReach for one that is somebody else's."""
    whose = {"member": held} if isinstance(held, Membership) else {"member__isnull": True}
    manager: Any = model._default_manager
    row = manager.filter(pk=pk, **whose).first()
    if row is None:
        raise OutOfReach
    return row


def _set(row: models.Model, fields: Mapping[str, Any]) -> None:
    for name, value in fields.items():
        setattr(row, name, value)


def _check_day(day: dt.date, field: str) -> None:
    if not FIRST <= day <= LAST:
        raise RuleViolation("day_out_of_range", _("Choose a day from the year 2000 on."), field)


def _differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, tuple[Any, Any]]:
    """Before and after of what differs, by the names of the history. What is gone has no value after."""
    return {
        NAMES.get(name, name): (before.get(name), value) for name, value in after.items() if before.get(name) != value
    }


def _record(
    actor: Membership, action: str, held: Membership | Organisation, changes: Mapping[str, tuple[Any, Any]]
) -> None:
    if changes:
        audit.record(actor, action, held, changes=changes)
