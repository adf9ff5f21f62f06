"""What the tests of the approvals pages share: weeks that wait, and what a page shows of them."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

from accounts.models import Membership
from tests.cast import MONDAY
from tests.factories import MembershipFactory, TimeEntryFactory
from timetracking.models import TimeEntry, Timesheet
from timetracking.services import timesheets

NOON = dt.datetime(2026, 6, 22, 12, tzinfo=dt.UTC)
"""The Monday after the week of the cast."""
INBOX = "/o/acme/approvals/"
WEEK = dt.timedelta(days=7)
SCRIPT = {"HX-Request": "true", "HX-Current-URL": f"http://testserver{INBOX}"}


def url(sheet: Timesheet | int, action: str = "") -> str:
    return f"{INBOX}{sheet if isinstance(sheet, int) else sheet.pk}/{action}"


def submitted(member: Membership, week: dt.date = MONDAY, minutes: int = 2250, **entry: Any) -> Timesheet:
    """A week with five equal days, sent by its member; 2,250 minutes are the usual target."""
    for day in range(5):
        TimeEntryFactory(member=member, date=week + day * dt.timedelta(days=1), minutes=minutes // 5, **entry)
    return timesheets.submit(member, member, week)


def colleague(acme, name: str, **fields: Any) -> Membership:
    member = MembershipFactory(user__name=name, **fields)
    member.organisation = acme
    return member


def entries_of(sheet: Timesheet) -> list[TimeEntry]:
    return list(TimeEntry.objects.filter(timesheet=sheet).order_by("date", "pk"))


def state(sheet: Timesheet) -> str:
    return Timesheet.objects.get(pk=sheet.pk).state


def value(sheet: Timesheet) -> str:
    """As the list names a week: with the version that it shows."""
    return f"{sheet.pk}:{Timesheet.objects.get(pk=sheet.pk).version}"


def listed(response: Any) -> list[str]:
    """The names in the list, in their order."""
    return re.findall(r'<a id="week-\d+"[^>]*>([^<]+)<', response.content.decode())


def ticked(response: Any) -> set[str]:
    """The weeks that an answer has selected: those ticked on the page and those that it names besides."""
    html = response.content.decode().partition('action="/o/acme/approvals/bulk/')[2]
    here = re.findall(r'name="week" value="([\d:]+)"[^>]* checked>', html)
    elsewhere = re.findall(r'name="weeks" value="([\d:,]+)"', html)
    return {*here, *(pair for group in elsewhere for pair in group.split(","))}
