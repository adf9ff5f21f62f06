"""What is shown before a week is submitted: its figures, what is missing and how to fix it, days without time."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import Membership
from timesheets_site.lib import dates
from timesheets_site.lib.addresses import address
from timetracking.models import PeriodReopening, TimeEntry, Timesheet
from timetracking.rules import approval, complete_weeks, durations, locking, weeks
from timetracking.selectors.targets import own_targets
from timetracking.selectors.week_sheet import listed

Status = TimeEntry.Status


@dataclass(frozen=True)
class ToFix:
    """An entry that lacks something. `url` is empty where `reason` says why the reader can't change it."""

    subject: str
    day: str
    words: str
    url: str
    reason: str


@dataclass(frozen=True)
class Submission:
    """`verdict` says whether the week can be submitted as it is; `version` is the one that is shown."""

    verdict: locking.Verdict
    version: int
    summary: str
    gaps: tuple[ToFix, ...]
    empty_days: str
    kept: str


def submission_of(actor: Membership, member: Membership, week_start: dt.date) -> Submission:
    """The week as it would be submitted now. Four queries, and one more where a period is closed."""
    sheet = Timesheet.objects.filter(member=member, week_start=week_start).first()
    entries: list[TimeEntry] = []
    if sheet is not None:
        entries = list(TimeEntry.objects.filter(timesheet=sheet).order_by("date", "created_at", "pk"))
    organisation = member.organisation
    gaps = complete_weeks.gaps(organisation, entries)
    verdict = approval.may_submit(
        sheet.state if sheet is not None else Timesheet.State.DRAFT,
        entries=len(entries),
        empty_allowed=organisation.empty_weeks_allowed,
        gaps=complete_weeks.in_words(gaps),
    )
    return Submission(
        verdict=verdict,
        version=sheet.version if sheet is not None else 0,
        summary=_summary(entries),
        gaps=tuple(_to_fix(actor, sheet, gaps)) if verdict.code == "entries_incomplete" else (),
        empty_days=_empty_days(entries, member, week_start)
        if entries
        else _("Nothing is logged in it. Submit it empty?"),
        kept=_kept(entries),
    )


def _summary(entries: list[TimeEntry]) -> str:
    """`37h 30m, 84% billable.`"""
    total = sum(entry.minutes for entry in entries)
    if not total:
        return ""
    share = round(100 * sum(entry.minutes for entry in entries if entry.billable) / total)
    return _("%(duration)s, %(percent)s%% billable.") % {
        "duration": durations.format_minutes(total),
        "percent": share,
    }


def _kept(entries: list[TimeEntry]) -> str:
    approved = sum(1 for entry in entries if entry.status in (Status.APPROVED, Status.BILLED))
    if not approved:
        return ""
    words = ngettext(
        "%(count)s entry is approved already and stays so.",
        "%(count)s entries are approved already and stay so.",
        approved,
    )
    return words % {"count": approved}


def _empty_days(entries: list[TimeEntry], member: Membership, week_start: dt.date) -> str:
    """Days of the week on which something was expected and nothing is logged, as a question. Two queries."""
    logged, week_end = {entry.date for entry in entries}, week_start + dt.timedelta(days=6)
    own = own_targets(member, week_start, week_end)
    days = weeks.days_of(week_start, week_end)
    empty = [dates.weekday_long(day) for day in days if own.on(day).minutes and day not in logged]
    if not empty:
        return ""
    words = ngettext("%(days)s has no time. Submit anyway?", "%(days)s have no time. Submit anyway?", len(empty))
    return words % {"days": listed(empty)}


def _to_fix(actor: Membership, sheet: Any, gaps: list[complete_weeks.Gap]) -> list[ToFix]:
    now = timezone.now()
    policy = locking.policy_of(actor, now, PeriodReopening.objects.in_force(actor.organisation, now))
    found = []
    for gap in gaps:
        entry = gap.entry
        verdict = locking.may_change(
            policy,
            status=entry.status,
            date=entry.date,
            created_at=entry.created_at,
            week_state=sheet.state,
            week_reopened=sheet.reopened_at is not None,
            member_id=entry.member_id,
        )
        url = address("entry-edit", actor.organisation.slug, entry.pk) if verdict.allowed else ""
        words = " ".join(lack.words for lack in gap.missing)
        found.append(ToFix(entry.subject, dates.weekday_day_month(entry.date), words, url, verdict.reason))
    return found
