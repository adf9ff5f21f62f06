"""What the product looked at before somebody decides on a week: what is odd, and what is not, in words."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import Membership, Organisation
from timesheets_site.lib import dates
from timesheets_site.lib.printable import Printable
from timetracking.models import Timesheet
from timetracking.rules import durations, week_checks
from timetracking.rules.week_checks import Check, Worked
from timetracking.selectors.targets import own_targets

NAMED = 4


@dataclass(frozen=True, slots=True)
class Finding(Printable):
    title: str
    detail: str


def findings_of(
    sheet: Timesheet, member: Membership, work: Sequence[Worked], zone: dt.tzinfo
) -> tuple[tuple[Finding, ...], tuple[str, ...]]:
    """What is odd about the week as it is now, and what was looked for and not found. Moments in `zone`."""
    expected = own_targets(member, sheet.week_start, sheet.week_end).by_day(sheet.week_start, sheet.week_end)
    limits = week_checks.limits_of(member.organisation, expected)
    found = week_checks.find(work, limits, changed=sheet.changed_since_at is not None)
    words = _Words(sheet, limits, zone)
    absent = set(week_checks.CODES) - {check.code for check in found}
    return tuple(words.of(check) for check in found), tuple(_fine(sheet, member.organisation, limits, absent))


class _Words:
    def __init__(self, sheet: Timesheet, limits: week_checks.Limits, zone: dt.tzinfo) -> None:
        self.sheet, self.limits, self.zone = sheet, limits, zone

    def of(self, check: Check) -> Finding:
        say = getattr(self, f"_{check.code}")
        found: Finding = say(check)
        return found

    def _long_day(self, check: Check) -> Finding:
        limit = durations.format_minutes(self.limits.largest_day_minutes or 0)
        title = _("Over %(limit)s on %(day)s") % {"limit": limit, "day": _day(check)}
        return Finding(title, _("%(duration)s logged") % {"duration": durations.format_minutes(check.minutes)})

    def _no_description(self, check: Check) -> Finding:
        count = len(check.labels)
        title = ngettext("%(count)s entry has no description", "%(count)s entries have no description", count)
        labels = ", ".join(dict.fromkeys(check.labels[:NAMED]))
        return Finding(title % {"count": count}, labels if count <= NAMED else f"{labels}, …")

    def _overlap(self, check: Check) -> Finding:
        values = {"one": check.labels[0], "other": check.labels[1]}
        shared = durations.format_minutes(check.minutes)
        title = _("%(duration)s counted twice on %(day)s") % {"duration": shared, "day": _day(check)}
        return Finding(title, _("%(one)s and %(other)s overlap") % values)

    def _below_target(self, check: Check) -> Finding:
        title = _("%(duration)s below the target") % {"duration": durations.format_minutes(check.minutes)}
        target = durations.format_minutes(self.limits.target_minutes)
        return Finding(title, _("of %(target)s in this week") % {"target": target})

    def _changed(self, check: Check) -> Finding:
        at = self.sheet.changed_since_at
        return Finding(_("Changed since it was submitted"), dates.moment(at, self.zone) if at else "")

    def _closed_day(self, check: Check) -> Finding:
        return Finding(
            _("Some of its days are closed"), _("Time on or before %(day)s is closed") % {"day": _full(check)}
        )


def _fine(sheet: Timesheet, organisation: Organisation, limits: week_checks.Limits, absent: set[str]) -> Iterator[str]:
    """What was looked for and not found; nothing of what the organisation does not want to hear of."""
    if week_checks.LONG_DAY in absent and limits.largest_day_minutes is not None:
        yield _("No day over %(limit)s") % {"limit": durations.format_minutes(limits.largest_day_minutes)}
    if week_checks.NO_DESCRIPTION in absent and organisation.description_required != Organisation.Required.NEVER:
        yield _("No description missing")
    if week_checks.OVERLAP in absent and limits.warns_of_overlaps:
        yield _("No overlaps")
    if week_checks.CLOSED_DAY in absent and limits.lock_date is not None:
        yield _("No closed days")
    if week_checks.BELOW_TARGET in absent and limits.target_minutes:
        yield _("Target of %(target)s met") % {"target": durations.format_minutes(limits.target_minutes)}
    if week_checks.CHANGED in absent and sheet.state not in Timesheet.UNSENT:
        yield _("Not changed since it was submitted")


def _day(check: Check) -> str:
    return dates.weekday_day_month(check.date) if check.date else ""


def _full(check: Check) -> str:
    return dates.full(check.date) if check.date else ""
