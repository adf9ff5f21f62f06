"""The weekly grid: the page, its form without script and pasted blocks, rows put in and taken out.

One cell that saves itself is in views/grid_cell.py.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from urllib.parse import quote

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from accounts.access import requires
from accounts.models import Membership
from accounts.permissions import Permission
from accounts.requests import Request
from timesheets_site.lib.errors import Conflict, DomainError, Locked, OutOfReach, RuleViolation
from timesheets_site.lib.htmx import VARY, render_page, trigger, wants_fragment
from timetracking.models import EntryBatch
from timetracking.rules import weeks
from timetracking.selectors import picker
from timetracking.selectors.grid_lines import Cell, Line
from timetracking.selectors.week_grid import GridPage, grid_page
from timetracking.selectors.week_query import WeekQuery
from timetracking.services import grid, grid_rows
from timetracking.services.grid import Block
from timetracking.services.many_entries import Result
from timetracking.views import grid_fields, week_address
from timetracking.views.grid_fields import Typed

PAGE, BODY = "timetracking/grid/page.html", "timetracking/grid/_body.html"
MOST_BEYOND = 20


@requires(Permission.VIEW_TIME, feature="timesheets")
@require_http_methods(["GET", "HEAD", "POST"])
def show(request: Request, slug: str, day: dt.date) -> HttpResponse:
    """The grid of the week that holds `day`; a POST saves every cell that was changed."""
    permission = Permission.LOG_TIME if request.method == "POST" else Permission.VIEW_TIME
    query = query_of(request, day, permission)
    if request.method == "POST":
        return _save(request, query)
    if query.first != day:
        text = request.META.get("QUERY_STRING", "")
        return HttpResponseRedirect(reverse("week-grid", args=[slug, query.first]) + (f"?{text}" if text else ""))
    page = grid_page(query)
    response = render_page(request, PAGE, BODY, {"grid": page, "week": page})
    return response if "quiet" in request.GET else trigger(response, say={"text": page.summary})


@requires(Permission.LOG_TIME, feature="timesheets")
@require_POST
def add_row(request: Request, slug: str, day: dt.date) -> HttpResponse:
    """Puts a record into the week: the one that was picked (`record`), else the one whose reference was typed."""
    query = query_of(request, day, Permission.LOG_TIME)
    member = member_of(query)
    text = request.POST.get("q", "").strip()
    record = picker.find(request.POST.get("record", "")) or picker.find_reference(text)
    words = ""
    try:
        if record is None and text:
            words = _("Nothing is called “%(text)s”. Type a reference like TKT-4846, or the code of a project.")
            raise RuleViolation("link_required", words % {"text": text[:80]}, "record")
        row = grid_rows.add(request.membership, member, query.first, record)
    except RuleViolation as refusal:
        return _page(request, query, status=422, row_error=str(refusal), row_text=text)
    if not wants_fragment(request):
        return HttpResponseRedirect(grid_url(query))
    response = _page(request, query)
    line = next((line for line in grid_page(query).lines if line.name.split(",")[-1] == row.token), None)
    return trigger(response, focus={"id": f"i-{line.cells[_column(query)].dom}"}) if line else response


@requires(Permission.LOG_TIME, feature="timesheets")
@require_POST
def remove_row(request: Request, slug: str, day: dt.date, row_id: int) -> HttpResponse:
    """Takes a row out of the week; time on it stays."""
    query = query_of(request, day, Permission.LOG_TIME)
    grid_rows.remove(request.membership, row_id)
    if not wants_fragment(request):
        return HttpResponseRedirect(grid_url(query))
    return trigger(_page(request, query), say={"text": _("Row removed.")}, focus={"id": "grid-add"})


def query_of(request: Request, day: dt.date, permission: Permission) -> WeekQuery:
    """The week that holds `day`, of the member whom the address names. Raises OutOfReach."""
    actor = request.membership
    member = week_address.member_named(actor, request.GET.get("agent", ""), permission)
    first = weeks.week_containing(day, first_weekday=actor.organisation.first_weekday)
    params = {} if member.pk == actor.pk else {"agent": str(member.pk)}
    return WeekQuery(actor, first, first + 6 * weeks.DAY, member, params, today=actor.today())


def member_of(query: WeekQuery) -> Membership:
    """Whose grid it is; it is always somebody's."""
    if query.member is None:
        raise OutOfReach
    return query.member


def refused_cell(cell: Cell, line: Line | None, text: str, refusal: DomainError) -> Cell:
    """A cell with what was typed and why it was refused; with the form, where that is a way out."""
    words = str(refusal)
    if isinstance(refusal, Conflict):
        words = (
            _("This cell was changed in the meantime: it holds %(time)s now. Enter saves yours, Escape takes that.")
            % {"time": cell.text}
            if cell.text
            else _("This cell was changed in the meantime: it is empty now. Enter saves yours, Escape leaves it empty.")
        )
    offers_form = isinstance(refusal, RuleViolation) and not isinstance(refusal, Locked)
    offers_form = offers_form and refusal.field not in (None, "duration", "date") and line is not None
    iso = cell.name.rpartition(".")[2]
    form_url = ""
    if offers_form and line is not None:
        form_url = cell.more_url if cell.count == 1 else f"{line.new_url}&date={iso}&duration={in_address(text)}"
    return replace(cell, shown=text, error=words, form_url=form_url)


# --- Many cells -------------------------------------------------------------------------------------------------------


def _save(request: Request, query: WeekQuery) -> HttpResponse:
    """Cells of the whole form, or of a pasted block. What is refused comes back with its reasons, nothing is lost."""
    is_pasted = "pasted" in request.POST
    days = weeks.days_of(query.first, query.last)
    try:
        typed = [each for each in grid_fields.read(request.POST, days) if each.is_changed]
    except RuleViolation as refusal:
        page = grid_page(query)
        context = {"grid": page, "week": page, "errors": [(str(refusal), "")]}
        return trigger(render_page(request, PAGE, BODY, context, 422), say={"text": str(refusal)})
    if is_pasted:
        typed = [each for each in typed if each.text and not (grid_fields.is_nothing(each.text) and not each.seen)]
    cells, refused = grid_fields.cells_of(request.membership, typed)
    action = EntryBatch.Action.PASTED if is_pasted else EntryBatch.Action.EDITED
    try:
        block = grid.fill_all(request.membership, member_of(query), cells, action=action)
    except RuleViolation as refusal:  # more than can be written at once
        block = Block(Result([]), dict.fromkeys((cell.key for cell in cells), refusal))
    refused |= block.refused
    beyond = [text[:40] for text in request.POST.getlist("beyond")][:MOST_BEYOND] if is_pasted else []
    return _saved(request, query, typed, Block(block.result, refused), beyond)


def _saved(request: Request, query: WeekQuery, typed: list[Typed], block: Block, beyond: list[str]) -> HttpResponse:
    count, slug = len(block.result.done), request.organisation.slug
    batch = block.result.batch
    undo = (
        reverse("batch-undo", args=[slug, batch.pk]) + f"?next={in_address(grid_url(query))}"
        if batch is not None
        else ""
    )
    text = ngettext("Saved %(count)s cell", "Saved %(count)s cells", count) % {"count": count}
    fragment = wants_fragment(request)
    if count and not fragment:
        messages.success(request, text, extra_tags=undo)
    if not block.refused and not beyond and not fragment:
        return HttpResponseRedirect(grid_url(query))
    page = grid_page(query)
    page, errors = _with_refusals(page, typed, block.refused)
    errors += [(_("Outside the grid: %(text)s") % {"text": each}, "") for each in beyond]
    toast = {"text": text, "undo_url": undo} if count and fragment else None
    status = 422 if errors else 200
    response = render_page(request, PAGE, BODY, {"grid": page, "week": page, "errors": errors, "toast": toast}, status)
    said = ngettext("%(count)s cell was refused.", "%(count)s cells were refused.", len(errors))
    parts = [f"{text}.", *([said % {"count": len(errors)}] if errors else []), page.summary]
    return trigger(response, say={"text": " ".join(parts)})


def _with_refusals(
    page: GridPage, typed: list[Typed], refused: dict[str, DomainError]
) -> tuple[GridPage, list[tuple[str, str]]]:
    """The page with what was refused in its cells, and the list of reasons with the ids of the fields."""
    texts = {each.name: each.text for each in typed}
    changed: dict[str, Cell] = {}
    errors = []
    for line in page.lines:
        for cell in line.cells:
            if cell.name in refused:
                changed[cell.name] = refused_cell(cell, line, texts.get(cell.name, ""), refused[cell.name])
                errors.append((f"{cell.label}: {changed[cell.name].error}", f"i-{cell.dom}"))
    gone = [name for name in refused if name not in changed]
    errors += [(f"{texts.get(name, '')}: {refused[name]}", "") for name in gone]
    return page.with_cells(changed), errors


# --- Odds and ends ----------------------------------------------------------------------------------------------------


def _page(request: Request, query: WeekQuery, status: int = 200, **more: str) -> HttpResponse:
    page = grid_page(query)
    template = BODY if wants_fragment(request) else PAGE
    response = render(request, template, {"grid": page, "week": page, **more}, status=status)
    patch_vary_headers(response, VARY)
    return trigger(response, say={"text": more["row_error"]}) if "row_error" in more else response


def grid_url(query: WeekQuery) -> str:
    """The path of the query's grid."""
    return reverse("week-grid", args=[query.actor.organisation.slug, query.first]) + query.address()


def _column(query: WeekQuery) -> int:
    """Where typing begins in a new row: today, or the week's first day."""
    return (query.today - query.first).days if query.first <= query.today <= query.last else 0


def in_address(text: str) -> str:
    """What was typed, for the address of a form that goes on with it."""
    return quote(text, safe="")
