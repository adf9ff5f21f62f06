"""A member's week: opened by its first entry, locked by every write in it."""

from __future__ import annotations

import datetime as dt

from django.db import IntegrityError, transaction
from django.db.models import F

from accounts.models import Membership
from timetracking.models import Timesheet
from timetracking.rules import weeks


def lock_week(member: Membership, day: dt.date) -> Timesheet:
    """The sheet of the week holding `day` (a local day of `member`), made if need be, locked, its version raised.

    Every write to a week begins here, so that two of them, or a write and a submission, come one after the other.
    """
    week_start = weeks.week_containing(day, first_weekday=member.organisation.first_weekday)
    sheet = Timesheet.objects.select_for_update(of=("self",)).filter(member=member, week_start=week_start).first()
    if sheet is None:
        try:
            with transaction.atomic():
                sheet = Timesheet.objects.create(member=member, week_start=week_start)
        except IntegrityError:  # somebody opened it in the meantime
            sheet = Timesheet.objects.select_for_update(of=("self",)).get(member=member, week_start=week_start)
    Timesheet.objects.filter(pk=sheet.pk).update(version=F("version") + 1)
    return sheet


def lock_sheet(sheet_id: int) -> Timesheet:
    """A sheet that exists, locked, its version raised."""
    sheet = Timesheet.objects.select_for_update(of=("self",)).get(pk=sheet_id)
    Timesheet.objects.filter(pk=sheet.pk).update(version=F("version") + 1)
    return sheet
