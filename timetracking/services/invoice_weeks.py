"""What billing does to the weeks of the entries: they are locked, get a new version, and are derived anew."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from django.db.models import F, Q

from accounts.models import Membership
from timesheets_site.lib import turns
from timesheets_site.lib.turns import Place
from timetracking.models import Invoice, InvoiceLine, TimeEntry, Timesheet
from timetracking.rules import approval
from timetracking.services import approval_history, approvers, coverage
from timetracking.services.approval_history import Action, Line, Step

Status = TimeEntry.Status
DRAWN = ("date", "agreement__starts_on", "agreement__ends_on", "agreement__included_minutes_a_month")


def hold(invoice: Invoice) -> list[coverage.Pool]:
    """Lock what every writer of the invoice's entries locks first: included hours, then all weeks by their ids.

    Returns the months of included hours that the entries draw from. The caller holds the lock date.
    """
    entries = TimeEntry.with_deleted.filter(pk__in=entry_ids(invoice)).order_by()
    drawing = entries.filter(agreement__isnull=False, billable=True).select_related("agreement").only(*DRAWN)
    drawn = [pool.whole() for pool in coverage.pools((entry.agreement, entry.date) for entry in drawing)]
    for agreement_id in sorted({pool.agreement_id for pool in drawn}):
        turns.alone(Place.INCLUDED_HOURS, agreement_id)
    wanted = Q(pk__in=entries.values("timesheet"))
    for pool in drawn:
        wanted |= Q(pk__in=pool.later.order_by().values("timesheet"))
    list(Timesheet.objects.filter(wanted).order_by("pk").select_for_update(of=("self",)).values_list("pk"))
    return drawn


def entry_ids(invoice: Invoice) -> Any:
    return InvoiceLine.objects.filter(invoice=invoice).order_by().values("entry")


def settle(actor: Membership, entries: Iterable[TimeEntry], *, to_status: str, at: dt.datetime) -> None:
    """Bring the weeks in step with entries that were just given `to_status`; each still has the status it had before.

    A decision on a week can't be taken back once part of it was billed: its version is another one. The history tells
    of what was billed without being approved; what was approved already counts the same as billed.
    """
    by_week: dict[int, list[TimeEntry]] = defaultdict(list)
    for entry in entries:
        by_week[entry.timesheet_id].append(entry)
    Timesheet.objects.filter(pk__in=list(by_week)).update(version=F("version") + 1)
    told = {pk: [e for e in found if e.status not in (Status.APPROVED, Status.BILLED)] for pk, found in by_week.items()}
    told = {pk: found for pk, found in told.items() if found}
    weeks = (
        Timesheet.objects.filter(pk__in=list(told)).exclude(state__in=Timesheet.UNSENT).select_related("member__user")
    )
    sheets = {sheet.pk: sheet for sheet in weeks}
    now = approvers.entries_of(sheets.values(), to_decide=True)
    steps = []
    for pk, sheet in sheets.items():
        from_state = sheet.state
        sheet.state = _state(sheet, now[pk])
        if sheet.state == Timesheet.State.APPROVED:
            sheet.posting_date = approval.posting_date(sheet.week_end, actor.organisation.lock_date)
        sheet.save(update_fields=["state", "posting_date"])
        lines = [Line(entry, entry.status, to_status) for entry in told[pk]]
        steps.append(Step(sheet, Action.CHANGED, from_state, lines))
    approval_history.add(actor, steps, at=at)


def _state(sheet: Timesheet, entries: list[TimeEntry]) -> str:
    counts: dict[str, int] = defaultdict(int)
    for entry in entries:
        counts[entry.status] += 1
    firsts = sum(1 for e in entries if e.status == Status.SUBMITTED and e.first_approved_by_id)
    return approval.state_of(sheet.state, counts, first_approvals=firsts)
