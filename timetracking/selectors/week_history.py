"""A week's approval history in words: each step, who took it, and what it did to which entries."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from dataclasses import dataclass
from typing import Any

from django.core.paginator import Page, Paginator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts.models import AuditEvent, Membership
from timesheets_site.lib import dates
from timesheets_site.lib.addresses import address
from timetracking.models import ApprovalEvent, ApprovalLine, TimeEntry, Timesheet
from timetracking.rules import durations, weeks
from timetracking.selectors.week_sheet import sheet_of

Action, State, Status = ApprovalEvent.Action, Timesheet.State, TimeEntry.Status
STEPS_A_PAGE = 50
ASKED = "timesheet.reopening_asked"
STEPS: dict[str, Any] = {
    Action.MARKED_READY: gettext_lazy("marked this week as ready"),
    Action.BACK_TO_DRAFT: gettext_lazy("made this week a draft again"),
    Action.SUBMITTED: gettext_lazy("submitted this week"),
    Action.RECALLED: gettext_lazy("recalled this week"),
    Action.FIRST_APPROVAL: gettext_lazy("gave the first of two approvals"),
    Action.APPROVED: gettext_lazy("approved some entries"),
    Action.REJECTED: gettext_lazy("rejected some entries"),
    Action.DECIDED: gettext_lazy("approved in part and rejected in part"),
    Action.UNDONE: gettext_lazy("took the decision back"),
    Action.REOPENED: gettext_lazy("reopened this week"),
    Action.CHANGED: gettext_lazy("changed this week after it was sent"),
    ASKED: gettext_lazy("asked to reopen this week"),
}
WHOLE: dict[tuple[str, str], Any] = {
    (Action.APPROVED, State.APPROVED): gettext_lazy("approved this week"),
    (Action.REJECTED, State.DECLINED): gettext_lazy("rejected this week"),
}
"""The same with what it came to."""


@dataclass(frozen=True)
class EntryLine:
    """What a step did to one entry. `after` is empty where its status stayed; `moved` says that it came or went."""

    subject: str
    detail: str
    url: str
    before: str
    after: str
    moved: str
    reason: str


@dataclass(frozen=True)
class StepLine:
    who: str
    what: str
    when: str
    on_behalf_of: str
    in_place_of: str
    before: str
    after: str
    reason: str
    entries: tuple[EntryLine, ...]
    entries_label: str


@dataclass(frozen=True)
class WeekHistory:
    title: str
    person: str
    week_url: str
    period: str
    state: str
    posting_date: str
    steps: tuple[StepLine, ...]
    page: Page[Any]


def history_of(actor: Membership, member: Membership, week_start: dt.date, *, page: str = "1") -> WeekHistory:
    """Newest first, moments in the reader's zone. Four queries, however long the history is."""
    slug, sheet = actor.organisation.slug, sheet_of(member, week_start)
    steps = _steps(sheet) if sheet is not None else []
    shown = Paginator(steps, STEPS_A_PAGE).get_page(page)
    lines = _lines(slug, [step for step in shown if isinstance(step, ApprovalEvent)])
    year, number = weeks.year_and_period(week_start)
    url = address("week-of", slug, week_start)
    return WeekHistory(
        title=dates.day_range(week_start, week_start + dt.timedelta(days=6)),
        person=member.display_name if member.pk != actor.pk else "",
        week_url=url if member.pk == actor.pk else f"{url}?agent={member.pk}",
        period=_("Week %(number)s of %(year)s") % {"number": number, "year": year},
        state=str(State(sheet.state).label) if sheet is not None else str(State.DRAFT.label),
        posting_date=dates.full(sheet.posting_date) if sheet is not None and sheet.posting_date else "",
        steps=tuple(_step(step, lines, actor.zone, member) for step in shown),
        page=shown,
    )


def _steps(sheet: Timesheet) -> list[ApprovalEvent | AuditEvent]:
    """The steps of the approval, and what was asked of those who decide, newest first."""
    events = ApprovalEvent.objects.filter(timesheet=sheet).select_related("actor", "stood_in_for")
    asked = AuditEvent.objects.filter(object_type="timesheet", object_id=sheet.pk, action=ASKED)
    found: list[Any] = [*events, *asked.select_related("actor")]
    return sorted(found, key=lambda step: (step.at, step.pk), reverse=True)


def _lines(slug: str, events: list[ApprovalEvent]) -> dict[int, list[EntryLine]]:
    found: dict[int, list[EntryLine]] = defaultdict(list)
    labels = {status.value: str(status.label) for status in Status}
    lines = ApprovalLine.objects.filter(event__in=[event.pk for event in events]).order_by("entry__date", "pk")
    values = lines.values_list(
        "event_id", "entry_id", "entry__subject", "entry__date", "entry__minutes", "from_status", "to_status", "reason"
    )
    for event_id, entry_id, subject, date, minutes, before, after, reason in values:
        found[event_id].append(
            EntryLine(
                subject=subject,
                detail=f"{dates.weekday_day_month(date)}, {durations.format_minutes(minutes)}",
                url=address("entry-history", slug, entry_id),
                before=labels.get(before, ""),
                after=labels.get(after, "") if after != before else "",
                moved="" if before and after else _("new in this week") if after else _("no longer in this week"),
                reason=reason,
            )
        )
    return found


def _step(
    step: ApprovalEvent | AuditEvent, lines: dict[int, list[EntryLine]], zone: dt.tzinfo, member: Membership
) -> StepLine:
    actor, own = step.actor, step.actor_id == member.pk
    to_state = getattr(step, "to_state", "")
    common: dict[str, Any] = {
        "who": str(actor) if actor else _("The product"),
        "what": str(WHOLE.get((step.action, to_state)) or STEPS.get(step.action, step.action)),
        "when": dates.moment(step.at, zone),
    }
    if isinstance(step, AuditEvent):
        note = step.changes.get("note", ("", ""))[1]
        return StepLine(**common, on_behalf_of="", in_place_of="", before="", after="", reason=note, entries=(),
                        entries_label="")  # fmt: skip
    entries = tuple(lines.get(step.pk, ()))
    moves = step.from_state != step.to_state
    behalf = step.action in (Action.SUBMITTED, Action.RECALLED, Action.MARKED_READY, Action.BACK_TO_DRAFT)
    label = ngettext("%(count)s entry", "%(count)s entries", len(entries)) % {"count": len(entries)}
    return StepLine(
        **common,
        on_behalf_of=member.display_name if behalf and actor and not own else "",
        in_place_of=str(step.stood_in_for) if step.stood_in_for else "",
        before=str(State(step.from_state).label) if moves else "",
        after=str(State(step.to_state).label) if moves else "",
        reason=step.reason,
        entries=entries,
        entries_label=label if entries else "",
    )
