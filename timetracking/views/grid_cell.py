"""One cell of the weekly grid: it saves itself and answers with itself, its sums and the figures of the week.

GET lists its entries, for the cell that holds several.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from accounts.access import requires
from accounts.permissions import Permission
from accounts.requests import Request
from timesheets_site.lib import dates
from timesheets_site.lib.errors import Conflict, OutOfReach, RuleViolation
from timesheets_site.lib.htmx import render_page, trigger, wants_fragment
from timetracking.models import TimeEntry
from timetracking.rules import durations, grid_cells, weeks
from timetracking.selectors.entry_warnings import warnings_of
from timetracking.selectors.grid_lines import Entry, entries_of
from timetracking.selectors.week_grid import grid_page
from timetracking.selectors.week_query import WeekQuery
from timetracking.services import grid
from timetracking.services.many_entries import Result
from timetracking.views import grid_fields, week_grid
from timetracking.views.answers import Change, changed_parts
from timetracking.views.batch_answers import after_batch
from timetracking.views.grid_fields import Typed
from timetracking.views.week_grid import member_of, query_of, refused_cell

ANSWER = "timetracking/grid/_answer.html"
LIST, LIST_PAGE = "timetracking/grid/_entries.html", "timetracking/grid/entries.html"


@requires(Permission.VIEW_TIME, feature="timesheets")
@require_http_methods(["GET", "HEAD", "POST"])
def cell(request: Request, slug: str, day: dt.date) -> HttpResponse:
    """GET lists a cell's entries (`row`, `date`). POST saves it, or carries out what was chosen in that list."""
    if request.method != "POST":
        return _entries(request, query_of(request, day, Permission.VIEW_TIME))
    query = query_of(request, day, Permission.LOG_TIME)
    if "entry" in request.POST:
        return _chosen(request, query)
    try:
        typed = grid_fields.read(request.POST, weeks.days_of(query.first, query.last))
        if len(typed) != 1:
            raise grid_cells.unreadable()
    except RuleViolation as refusal:
        return trigger(HttpResponse(str(refusal), status=422), toast={"text": str(refusal)})
    return _save(request, query, typed[0])


def _save(request: Request, query: WeekQuery, typed: Typed) -> HttpResponse:
    result, refusal = Result([]), None
    try:
        if typed.is_changed:
            cells, unread = grid_fields.cells_of(request.membership, [typed])
            if unread:
                raise unread[typed.name]
            result = grid.fill(request.membership, member_of(query), cells[0])
    except (Conflict, RuleViolation) as caught:
        refusal = caught
    page = grid_page(query, only=typed.name.rpartition(".")[0])
    line = page.lines[0]
    stored = next(each for each in line.cells if each.name == typed.name)
    shown = replace(stored, is_saved=bool(result.done))
    if refusal is not None:
        shown = refused_cell(stored, line, typed.text, refusal)
        if refusal.code == "cell_has_several":
            shown = replace(shown, opens=f"{stored.list_url}&want={week_grid.in_address(typed.text)}")
    context = {
        "grid": page,
        "week": page,
        "line": line,
        "cell": shown,
        "day": page.days[stored.place - 1],
        "toast": _toast(request, result),
    }
    status = 200 if refusal is None else 409 if isinstance(refusal, Conflict) else 422
    response = render(request, ANSWER, context, status=status)
    if refusal is not None:
        return trigger(response, say={"text": shown.error})
    return trigger(response, say={"text": context["toast"]["said"]}) if context["toast"] else response


def _toast(request: Request, result: Result) -> dict[str, Any] | None:
    """Undo for what was deleted, and what the log-time form would warn of; nothing for a plain save."""
    if not result.done:
        return None
    outcome = result.outcomes[0]
    entry = result.done[0]
    if entry.deleted_at is not None:
        text, warnings = Change.deleted(entry).text, []
    else:
        entry.member.organisation = request.organisation
        warnings = [*_moved_end(entry, outcome.before), *warnings_of(entry)]
        if not warnings:
            return None
        text = _("Saved %(duration)s on %(day)s") % {
            "duration": durations.format_minutes(entry.minutes),
            "day": dates.weekday_long(entry.date),
        }
    undo_url = reverse("batch-undo", args=[request.organisation.slug, result.batch.pk]) if result.batch else ""
    return {"text": text, "warnings": warnings, "undo_url": undo_url, "said": " ".join([f"{text}.", *warnings])}


def _moved_end(entry: TimeEntry, before: TimeEntry | None) -> list[str]:
    """Of an entry with clock times the new end follows from the new length, and that is said."""
    if before is None or entry.ended_at is None or entry.ended_at == before.ended_at:
        return []
    return [_("It ends at %(time)s now.") % {"time": f"{entry.ended_at.astimezone(entry.member.zone):%H:%M}"}]


# --- The entries of a cell --------------------------------------------------------------------------------------------


def _entries(request: Request, query: WeekQuery) -> HttpResponse:
    typed = _named(request.GET, query)
    here = _here(query, typed)
    page = grid_page(query, only=typed.name.rpartition(".")[0])
    line = page.lines[0]
    shown = next(each for each in line.cells if each.name == typed.name)
    context = {
        "grid": page,
        "line": line,
        "cell": shown,
        "rows": [{"row": entry.row, "becomes": becomes} for entry, becomes in _choices(here, typed)],
        "want": typed.text,
        "date": typed.day.isoformat(),
        "total": durations.format_minutes(sum(entry.row.minutes for entry in here)),
        "question": _question(here, typed, request.GET),
        "add_url": "" if line.closed else f"{line.new_url}&date={typed.day.isoformat()}",
        "can_delete_all": "want" in request.GET and not typed.text and len(here) > 1,
        "action": page.cell_url,
    }
    return render_page(request, LIST_PAGE, LIST, context)


def _named(data: QueryDict, query: WeekQuery) -> Typed:
    """The cell that an address or a form names by `row` and `date`. Raises OutOfReach for none of this week."""
    days = {day.isoformat(): day for day in weeks.days_of(query.first, query.last)}
    name = f"{data.get('row', '')}.{data.get('date', '')}"
    try:
        return grid_fields.one(name, days, data.get("want", ""), data.get("seen", ""))
    except RuleViolation:
        raise OutOfReach from None


def _here(query: WeekQuery, typed: Typed) -> list[Entry]:
    iso = typed.day.isoformat()
    return [entry for entry in entries_of(query) if entry.ids == typed.ids and entry.row.date_iso == iso]


def _choices(here: list[Entry], typed: Typed) -> list[tuple[Entry, str]]:
    """Each entry with the length that it would get if it were the one to change; empty where it can't be."""
    total = sum(entry.row.minutes for entry in here)
    try:
        wanted = durations.parse(typed.text, current_minutes=total).minutes if typed.text else 0
    except RuleViolation:
        wanted = 0
    choices = []
    for entry in here:
        left = wanted - (total - entry.row.minutes)
        can_be = wanted and left >= 0 and not entry.row.lock_reason
        choices.append((entry, durations.format_minutes(left) if can_be and left else "0" if can_be else ""))
    return choices


def _question(here: list[Entry], typed: Typed, data: QueryDict) -> str:
    if "want" not in data or len(here) < 2:
        return ""
    if not typed.text:
        words = ngettext(
            "This cell has %(count)s entry. Which one should go?",
            "This cell has %(count)s entries. Which one should go?",
            len(here),
        )
    else:
        words = ngettext(
            "This cell has %(count)s entry. Which one should change?",
            "This cell has %(count)s entries. Which one should change?",
            len(here),
        )
    return words % {"count": len(here)}


def _chosen(request: Request, query: WeekQuery) -> HttpResponse:
    """Of several entries the one that was chosen gets shorter, or all of them go; with one Undo."""
    actor, member, typed = request.membership, member_of(query), _named(request.POST, query)
    back = week_grid.grid_url(query)
    cells, unread = grid_fields.cells_of(actor, [typed])
    chosen = request.POST["entry"]
    try:
        if unread:
            raise unread[typed.name]
        if chosen == "all":
            result = grid.delete_all(actor, member, cells[0])
        elif chosen.isascii() and chosen.isdigit() and len(chosen) < 19:
            result = grid.change_one(actor, member, cells[0], int(chosen))
        else:
            raise OutOfReach
    except (Conflict, RuleViolation) as refusal:
        return _not_done(request, str(refusal), back)
    return after_batch(request, result, _chosen_words(result), back=back)


def _not_done(request: Request, words: str, back: str) -> HttpResponse:
    """A choice that is refused: the reason, and the grid as it is now."""
    if not wants_fragment(request):
        messages.error(request, words)
        return HttpResponseRedirect(back)
    response = changed_parts(request, None, {"text": words, "tone": "danger"}, words, status=409)
    return trigger(response, entries_changed={})


def _chosen_words(result: Result) -> str:
    gone = [entry for entry in result.done if entry.deleted_at is not None]
    if len(gone) > 1:
        return ngettext("Deleted %(count)s entry", "Deleted %(count)s entries", len(gone)) % {"count": len(gone)}
    entry = result.done[0] if result.done else None
    if entry is None:
        return _("Nothing changed")
    return Change.deleted(entry).text if gone else Change.edited(entry, entry.date).text
