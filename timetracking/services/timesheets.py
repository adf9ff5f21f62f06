"""A member's week: opened by its first entry, locked by every write in it."""

from __future__ import annotations

import datetime as dt

from django.db import IntegrityError, transaction
from django.db.models import F

from accounts.models import Membership, Organisation
from timetracking.models import Timesheet
from timetracking.rules import weeks


def lock_week(member: Membership, day: dt.date) -> Timesheet:
    """The sheet of the week holding `day` (a local day of `member`), made if need be, locked, its version raised.

    Every write to a week begins here, so that two of them, or a write and a submission, come one after the other.
    """
    week_start = weeks.week_containing(day, first_weekday=member.organisation.first_weekday)
    sheet = Timesheet.objects.select_for_update(of=("self",)).filter(member=member, week_start=week_start).first()
    if sheet is None:
        sheet = _open(member, day)
    Timesheet.objects.filter(pk=sheet.pk).update(version=F("version") + 1)
    return sheet


def _open(member: Membership, day: dt.date) -> Timesheet:
    """A new sheet. The organisation's row is held meanwhile: its first weekday is fixed from the first sheet on."""
    organisation = Organisation.objects.select_for_update(no_key=True).get(pk=member.organisation_id)
    week_start = weeks.week_containing(day, first_weekday=organisation.first_weekday)
    try:
        with transaction.atomic():
            return Timesheet.objects.create(member=member, week_start=week_start)
    except IntegrityError:  # somebody opened it in the meantime
        return Timesheet.objects.select_for_update(of=("self",)).get(member=member, week_start=week_start)


def lock_sheet(sheet_id: int) -> Timesheet:
    """A sheet that exists, locked, its version raised."""
    sheet = Timesheet.objects.select_for_update(of=("self",)).get(pk=sheet_id)
    Timesheet.objects.filter(pk=sheet.pk).update(version=F("version") + 1)
    return sheet
