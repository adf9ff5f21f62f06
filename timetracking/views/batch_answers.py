"""What is answered after entries were written together: the days in view, one toast with one Undo, what was refused.

Without htmx the same words come as banners on the page where it began.
"""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import quote

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from accounts.access import requires
from accounts.permissions import Permission
from accounts.requests import Request
from accounts.views.destinations import next_path
from timesheets_site.lib.errors import RuleViolation
from timesheets_site.lib.htmx import wants_fragment
from timetracking.models import TimeEntry
from timetracking.rules import durations, weeks
from timetracking.selectors.week import WeekPage
from timetracking.services import many_entries
from timetracking.services.many_entries import Outcome, Result
from timetracking.views.answers import announcement, changed_parts, open_week
from timetracking.views.rehearsal import name_of, reason
from timetracking.views.week_answers import week_url

TOLD = 5
"""Refusals that are told one by one."""


def after_batch(request: Request, result: Result, text: str, *, back: str = "") -> HttpResponse:
    """The answer to what was done together. `text` says what happened, without a full stop at its end.

    `back` is the path of the page to return to without htmx; without it that is the week of the first entry.
    Where nothing was done the answer is 409.
    """
    undo_url = ""
    if result.batch is not None:
        undo_url = reverse("batch-undo", args=[request.organisation.slug, result.batch.pk])
        undo_url += f"?next={quote(back)}" if back else ""
    return _answer(request, result, text, back=back, undo_url=undo_url)


@requires(Permission.EDIT_TIME, feature="timesheets")
@require_POST
def undo(request: Request, slug: str, batch_id: int) -> HttpResponse:
    """Takes back what one action wrote, entry by entry, where nothing else happened since."""
    back = next_path(request) if "next" in request.GET else ""
    try:
        result = many_entries.undo(request.membership, batch_id)
    except RuleViolation as refusal:
        return _answer(request, Result([]), str(refusal), back=back, status=409)
    if not result.outcomes:
        return _answer(request, result, _("This was undone already"), back=back)
    count = len(result.done)
    text = ngettext("Undone, %(count)s entry", "Undone, %(count)s entries", count) % {"count": durations.grouped(count)}
    return _answer(request, result, text if count else _("Nothing could be undone"), back=back)


def reasons(refused: Iterable[Outcome]) -> list[str]:
    """Which entries stay as they are, and why; of one out of reach nothing is said but that."""
    refused = list(refused)
    lines = [f"{name_of(outcome)}: {reason(outcome)}" for outcome in refused[:TOLD]]
    if (more := len(refused) - TOLD) > 0:
        lines.append(ngettext("And %(count)s more.", "And %(count)s more.", more) % {"count": more})
    return lines


def _answer(
    request: Request, result: Result, text: str, *, back: str, undo_url: str = "", status: int = 200
) -> HttpResponse:
    lines, text = reasons(result.refused), text.rstrip(".")
    if not result.done and (lines or status != 200):
        status = 409
    if not wants_fragment(request):
        for line in lines:
            messages.warning(request, line)
        level = messages.success if status == 200 else messages.error
        level(request, text, extra_tags=undo_url)
        return HttpResponseRedirect(back or _week_of(request, result.done))
    page = open_week(request, frozenset(result.days))
    in_view = page is not None and len(page.days) == len(result.days)
    toast = {
        "text": text,
        "warnings": lines,
        "undo_url": undo_url,
        "link_url": "" if in_view or back or not result.done else _week_of(request, result.done),
        "link_label": _("Show that week") if page else _("Show the week"),
    }
    said = announcement(text, lines, page)
    return changed_parts(request, page, toast, said, status=status, focus=_focus(page, result, back))


def _focus(page: WeekPage | None, result: Result, back: str) -> str:
    """What stood under the hands may be gone: the first entry in view that was written, else the top of the page.

    Of a page without days only who says where to go `back` gives the focus away: a grid keeps it where it is.
    """
    if page is None:
        return "main" if back else ""
    shown = {row.id for day in page.days for row in day.rows}
    return next((f"entry-{entry.pk}" for entry in result.done if entry.pk in shown), "week-heading")


def _week_of(request: Request, entries: list[TimeEntry]) -> str:
    """The week of the first of them; without any, today's."""
    if not entries:
        return reverse("week", args=[request.organisation.slug])
    first = min(entries, key=lambda entry: entry.date)
    week = weeks.week_containing(first.date, first_weekday=request.organisation.first_weekday)
    return week_url(request, first.member, week)
