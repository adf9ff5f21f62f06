"""Many weeks at once: approve, reject, take back, remind. Answered week by week: one refusal does not stop the rest."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_POST

from accounts.access import requires
from accounts.permissions import Permission
from accounts.requests import Request
from timesheets_site.lib.errors import Conflict, OutOfReach, RuleViolation
from timetracking.forms.approvals import pairs
from timetracking.rules import durations, weeks
from timetracking.selectors.approval_query import InboxQuery
from timetracking.services import approval_reversals, approvals, reminders
from timetracking.services.approvals import Answer
from timetracking.views import approval_address
from timetracking.views.approval_answers import Done, after_bulk

TOLD = 20
"""Reasons that are listed one by one."""
NOTHING = gettext_lazy("Select at least one week.")


@requires(Permission.APPROVE_TIMESHEET, feature="timesheets")
@require_POST
def decide(request: Request, slug: str) -> HttpResponse:
    """Approve or reject the weeks that were selected, in the versions that were shown."""
    actor, query = request.membership, approval_address.read(request.membership, request.GET)
    shown = pairs([*request.POST.getlist("week"), *request.POST.getlist("weeks")])
    rejects = "reject" in request.POST
    try:
        if not shown:
            raise RuleViolation("nothing_chosen", NOTHING)
        if rejects:
            answers = approvals.reject_many(actor, shown, reason=request.POST.get("reason", ""))
        else:
            answers = approvals.approve_many(actor, shown)
    except RuleViolation as refusal:
        ticked = [pk for pk, _version in shown]
        return after_bulk(request, query, Done(str(refusal), tone="danger"), ticked=ticked, status=422)
    return _told(request, query, answers, rejects)


def _told(request: Request, query: InboxQuery, answers: Sequence[Answer], rejects: bool) -> HttpResponse:
    refused = [answer for answer in answers if answer.refusal is not None]
    changed = [answer for answer in answers if answer.event is not None and answer.sheet is not None]
    undo_url = reverse("approvals-undo", args=[request.organisation.slug]) + query.address()
    done = Done(
        _summary(answers, refused, rejects),
        undo_url if changed else "",
        ",".join(f"{answer.sheet_id}:{answer.sheet.version}" for answer in changed if answer.sheet),
        tuple(_reasons(refused)),
        "ok" if len(refused) < len(answers) else "danger",
    )
    return after_bulk(request, query, done, ticked=[answer.sheet_id for answer in refused], status=200)


def _summary(answers: Sequence[Answer], refused: Sequence[Answer], rejects: bool) -> str:
    """`3 weeks approved, 111h 45m`; or what is left to do."""
    count = len(answers) - len(refused)
    minutes = durations.format_minutes(sum(answer.minutes for answer in answers))
    values = {"count": durations.grouped(count), "duration": minutes}
    if not refused:
        if rejects:
            return ngettext("%(count)s week rejected", "%(count)s weeks rejected", count) % values
        return (
            ngettext("%(count)s week approved, %(duration)s", "%(count)s weeks approved, %(duration)s", count) % values
        )
    if rejects:
        words = ngettext("%(count)s rejected.", "%(count)s rejected.", count) % values
    else:
        words = ngettext("%(count)s approved.", "%(count)s approved.", count) % values
    stale = sum(1 for answer in refused if isinstance(answer.refusal, Conflict))
    parts = [words]
    if stale:
        parts.append(ngettext(
            "%(count)s changed while you were looking; review it.",
            "%(count)s changed while you were looking; review them.",
            stale,
        ) % {"count": stale})  # fmt: skip
    if others := len(refused) - stale:
        parts.append(ngettext(
            "%(count)s could not be decided on.", "%(count)s could not be decided on.", others
        ) % {"count": others})  # fmt: skip
    return " ".join(parts)


def _reasons(refused: Sequence[Answer]) -> Iterable[str]:
    """Whose week it is, and why nothing happened to it. Of a week out of reach nothing is said but that."""
    for answer in refused[:TOLD]:
        if answer.sheet is None or isinstance(answer.refusal, OutOfReach):
            yield _("One of the weeks is not there any more.")
            continue
        values = {
            "name": answer.sheet.member.display_name,
            "number": weeks.year_and_period(answer.sheet.week_start)[1],
            "why": answer.refusal,
        }
        yield _("%(name)s, week %(number)s: %(why)s") % values
    if (more := len(refused) - TOLD) > 0:
        yield ngettext("And %(count)s more.", "And %(count)s more.", more) % {"count": more}


@requires(Permission.APPROVE_TIMESHEET, feature="timesheets")
@require_POST
def undo(request: Request, slug: str) -> HttpResponse:
    """Takes a bulk decision back, week by week, where nothing else happened since."""
    actor, query = request.membership, approval_address.read(request.membership, request.GET)
    decided = pairs(request.POST.getlist("weeks"))[: approvals.MOST]
    if not decided:
        return after_bulk(request, query, Done(str(NOTHING), tone="danger"), ticked=(), status=422)
    answers = approval_reversals.undo_many(actor, decided)
    count = sum(1 for answer in answers if answer.refusal is None)
    kept = len(answers) - count
    words = ngettext("Decision on %(count)s week taken back", "Decisions on %(count)s weeks taken back", count)
    text = words % {"count": durations.grouped(count)}
    lines: list[str] = []
    if kept:
        words = ngettext(
            "%(count)s stays as it is: something happened to it since.",
            "%(count)s stay as they are: something happened to them since.",
            kept,
        )
        lines = [words % {"count": durations.grouped(kept)}]
    done = Done(text, lines=tuple(lines), tone="ok" if count else "danger")
    return after_bulk(request, query, done, ticked=(), status=200)


@requires(Permission.APPROVE_TIMESHEET, feature="timesheets")
@require_POST
def remind(request: Request, slug: str) -> HttpResponse:
    """Reminds members of a week that they have not sent: one (`member`), or all who were listed (`members`)."""
    actor, query = request.membership, approval_address.read(request.membership, request.GET)
    ids = _ids(request.POST.get("member") or request.POST.get("members", ""))
    start = approval_address.day(request.POST.get("week_start", ""))
    if not ids or start is None:
        return after_bulk(request, query, Done(_("Choose whom to remind."), tone="danger"), ticked=(), status=422)
    names, why = [], []
    for member_id in ids:
        try:
            names.append(reminders.remind(actor, member_id, start).display_name)
        except RuleViolation as refusal:
            why.append(str(refusal))
        except OutOfReach:
            why.append(_("Somebody of them is not here any more."))
    if len(names) == 1:
        text = _("%(name)s reminded") % {"name": names[0]}
    else:
        text = ngettext("%(count)s member reminded", "%(count)s members reminded", len(names)) % {"count": len(names)}
    if not names:
        text = why[0] if len(why) == 1 else _("Nobody was reminded.")
    done = Done(text, lines=tuple(why[:TOLD]) if names or len(why) > 1 else (), tone="ok" if names else "danger")
    return after_bulk(request, query, done, ticked=(), status=200)


def _ids(text: str) -> list[int]:
    """At most a page of them."""
    found = [int(part) for part in text.split(",") if part.isascii() and part.isdigit() and len(part) < 19]
    return list(dict.fromkeys(found))[:50]
