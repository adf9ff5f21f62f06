"""A member's week as it is stored: its sheet with the counts of its entries, whom it went to, who rejected what."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Collection
from functools import cache
from typing import Any

from django.db.models import Count, Q, Sum
from django.utils.text import get_text_list
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import Membership
from timetracking.models import ApprovalEvent, TimeEntry, Timesheet
from timetracking.models.approving import approving_members
from timetracking.rules import routing, weeks
from timetracking.selectors.entry_rows import EntryRow

Status, Action = TimeEntry.Status, ApprovalEvent.Action
MOST_NAMES = 3
COUNTS = ("minutes", "total", *(f"n_{status.lower()}" for status in Status))
REJECTIONS = (Action.REJECTED, Action.DECIDED)


def sheet_of(member: Membership, week_start: dt.date) -> Any:
    """The sheet, or None while the week has none. `minutes`, `total` and one count for each status (`n_rejected`)
    are those of its entries."""
    sheet = _sheets().filter(member=member, week_start=week_start).first()
    if sheet is not None:
        sheet.member = member
    return sheet


def stored_sheet(member: Membership, week_start: dt.date) -> Any:
    """The sheet without the counts, which `count` adds, and without who sent or decided it: a draft needs neither."""
    sheet = next(iter(_plain_sheets().filter(member=member, week_start=week_start)), None)
    if sheet is not None:
        sheet.member = member
        if sheet.submitted_by_id == member.pk:
            sheet.submitted_by = member
    return sheet


def count(sheet: Any, rows: Collection[EntryRow] | None) -> None:
    """Give a stored sheet its counts: from its rows where all of them were read anyway, else from the database."""
    if rows is None:
        counted = _sheets().get(pk=sheet.pk)
        for name in COUNTS:
            setattr(sheet, name, getattr(counted, name))
        return
    of_status = Counter(row.status for row in rows)
    sheet.minutes, sheet.total = sum(row.minutes for row in rows), len(rows)
    for status in Status:
        setattr(sheet, f"n_{status.lower()}", of_status[status.value])


def time_off(sheet: Timesheet, rows: Collection[EntryRow] | None) -> list[tuple[dt.date, int]]:
    """Days and minutes of the week's entries that are time off; one query where the rows were not read."""
    if rows is not None:
        return [(dt.date.fromisoformat(row.date_iso), row.minutes) for row in rows if row.is_time_off]
    entries = TimeEntry.objects.filter(timesheet=sheet.pk, charge_code__is_time_off=True).order_by()
    return list(entries.values_list("date", "minutes"))


def first_approvals(sheet: Timesheet) -> int:
    """How many of the week's entries have the first of two approvals and wait for the second."""
    waiting = TimeEntry.objects.filter(timesheet=sheet, status=Status.SUBMITTED)
    return int(waiting.filter(first_approved_by__isnull=False).count())


@cache
def _plain_sheets() -> Any:
    return Timesheet.objects.order_by()


@cache
def _sheets() -> Any:
    """Put together once, holding no rows."""
    live = Q(entries__deleted_at__isnull=True)
    counts = {f"n_{status.lower()}": Count("entries", filter=live & Q(entries__status=status)) for status in Status}
    return Timesheet.objects.select_related("decided_by", "submitted_by").annotate(
        minutes=Sum("entries__minutes", filter=live, default=0),
        total=Count("entries", filter=live),
        **counts,
    )


def recipients(sheet: Timesheet) -> str:
    """The names of those to whom a submitted week goes, as one phrase: `Sofia Marini`, `Ann and Bo`, `5 managers`."""
    organisation, member = sheet.member.organisation, sheet.member
    stages = routing.stages_of(organisation)
    approvers = dict(approving_members().values_list("pk", "display_name"))
    leads: set[int | None] = {None}
    if routing.PROJECT in stages:
        entries = TimeEntry.objects.filter(timesheet=sheet).order_by()
        leads = set(entries.values_list("project__manager_id", flat=True).distinct()) or leads
    lines = [routing.Line(member.pk, member.line_manager_id, lead) for lead in leads]
    chosen = routing.addressed(stages, lines, frozenset(approvers))
    if len(chosen) > MOST_NAMES:
        return ngettext("%(count)s manager", "%(count)s managers", len(chosen)) % {"count": len(chosen)}
    return listed(sorted(approvers[pk] for pk in chosen))


def rejections(sheet: Timesheet) -> tuple[list[str], str]:
    """Who rejected something since the week was sent last, and the reason where there is one for the whole week.

    What was taken back does not count.
    """
    events = ApprovalEvent.objects.filter(timesheet=sheet, action__in=[*ApprovalEvent.DECISIONS, Action.UNDONE])
    if sheet.submitted_at is not None:
        events = events.filter(at__gte=sheet.submitted_at)
    standing: list[tuple[str, str, str]] = []
    for action, name, reason in events.order_by("pk").values_list("action", "actor__display_name", "reason"):
        if action != Action.UNDONE:
            standing.append((action, name or _("Somebody"), reason))
        elif standing:
            standing.pop()
    made = [(name, reason) for action, name, reason in standing if action in REJECTIONS]
    names = list(dict.fromkeys(name for name, _reason in made))
    return names, made[0][1] if len(made) == 1 else ""


def listed(names: list[str]) -> str:
    """`Thursday`, `Thursday and Friday`, `Wednesday, Thursday and Friday`."""
    return str(get_text_list(names, _("and")))


def week_words(week_start: dt.date) -> str:
    """`week 25`, for the middle of a sentence."""
    return _("week %(number)s") % {"number": weeks.year_and_period(week_start)[1]}
