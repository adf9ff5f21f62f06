"""Time of stopped timers that could not be filed: the list, placing a piece, dropping it with Undo."""

from __future__ import annotations

import dataclasses
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.access import requires
from accounts.permissions import Permission, require
from accounts.requests import Request
from timesheets_site.lib.errors import OutOfReach, RuleViolation
from timesheets_site.lib.forms import refusals_on
from timesheets_site.lib.htmx import render_page, wants_fragment
from timetracking.forms.placing import PieceForm, initial_of
from timetracking.models import TimeEntry, Timer, UnplacedPiece
from timetracking.rules import durations
from timetracking.selectors.timer_lists import waiting_pieces
from timetracking.services import timer_filing
from timetracking.views import timer_answers
from timetracking.views.answers import Change, after_change
from timetracking.views.entry_form import context_of
from timetracking.views.timer_answers import Told

FOLDER, FEATURE = "timetracking/timers", "timesheets"


@requires(Permission.LOG_TIME, feature=FEATURE)
@require_safe
def show(request: Request, slug: str) -> HttpResponse:
    """What waits, with the reason; a manager sees everybody's."""
    context = {"rows": waiting_pieces(request.membership)}
    return render_page(request, f"{FOLDER}/to_place.html", f"{FOLDER}/_to_place.html", context)


@requires(Permission.LOG_TIME, feature=FEATURE)
@require_http_methods(["GET", "HEAD", "POST"])
def place(request: Request, slug: str, piece_id: int) -> HttpResponse:
    """The log-time form, filled with what the timer knows; sent, the piece becomes an entry."""
    actor = request.membership
    piece = _piece(request, piece_id)
    if piece.settled_at is not None:
        return _settled(request, piece)
    if request.method != "POST":
        return _form(request, PieceForm(actor=actor, piece=piece, initial=initial_of(piece)), piece)
    form = PieceForm(request.POST, actor=actor, piece=piece, initial=initial_of(piece))
    if form.is_valid():
        with refusals_on(form):
            placed = timer_filing.place(actor, piece.pk, **form.service_fields())
            entry = TimeEntry.with_deleted.select_related("member__user", "member__organisation").get(pk=placed.pk)
            return after_change(request, Change.logged(entry))
    return _form(request, form, piece, status=422)


@requires(Permission.LOG_TIME, feature=FEATURE)
@require_POST
def drop(request: Request, slug: str, piece_id: int) -> HttpResponse:
    """Lets a piece go, with Undo."""
    _piece(request, piece_id)
    piece = timer_filing.drop(request.membership, piece_id)
    if piece.entry_id is not None:
        return _settled(request, piece)
    values = {"duration": durations.format_minutes(piece.minutes), "subject": piece.timer.title}
    undo = reverse("piece-bring-back", args=[slug, piece.pk])
    return _told(request, Told(_("Dropped %(duration)s of “%(subject)s”") % values, undo))


@requires(Permission.LOG_TIME, feature=FEATURE)
@require_POST
def bring_back(request: Request, slug: str, piece_id: int) -> HttpResponse:
    """Undo of dropping."""
    _piece(request, piece_id)
    try:
        piece = timer_filing.bring_back(request.membership, piece_id)
    except RuleViolation as refusal:
        return _told(request, Told(str(refusal), tone="danger"), status=409)
    values = {"duration": durations.format_minutes(piece.minutes), "subject": piece.timer.title}
    return _told(request, Told(_("%(duration)s of “%(subject)s” waits again") % values, toast=False))


def _piece(request: Request, piece_id: int) -> UnplacedPiece:
    """A piece within reach, settled or not. Raises OutOfReach."""
    actor = request.membership
    related = [f"timer__{name}" for name in Timer.RELATED]
    rows = UnplacedPiece.objects.select_related("member__user", "entry", "timer", *related)
    piece = rows.filter(pk=piece_id).first()
    if piece is None:
        raise OutOfReach
    require(actor, Permission.LOG_TIME, owner=piece.member_id)
    piece.member.organisation = actor.organisation
    found: UnplacedPiece = piece
    return found


def _told(request: Request, told: Told, *, status: int = 200) -> HttpResponse:
    if wants_fragment(request):
        return timer_answers.answer(request, told, status=status)
    if status != 200:
        messages.error(request, told.text)
    else:
        messages.success(request, told.text, extra_tags=told.undo_url)
    return redirect("time-to-place", slug=request.organisation.slug)


def _settled(request: Request, piece: UnplacedPiece) -> HttpResponse:
    """It was placed or dropped meanwhile: no error, and nothing happens twice."""
    words = _("This time was placed already.") if piece.entry_id else _("This time was dropped already.")
    return _told(request, Told(words.rstrip(".")))


def _form(request: Request, form: PieceForm, piece: UnplacedPiece, status: int = 200) -> HttpResponse:
    slug = request.organisation.slug
    page = dataclasses.replace(
        context_of(request, form),
        title=_("Place this time"),
        action=reverse("piece-place", args=[slug, piece.pk]),
        cancel_url=reverse("time-to-place", args=[slug]),
        approved_note=piece.reason,
        is_single=True,
    )
    said: dict[str, Any] = {"form": form, "page": page}
    folder = "timetracking/time_entries"
    if wants_fragment(request):
        return render_page(request, "", f"{folder}/_form.html", said, status=status)
    return render(request, f"{FOLDER}/place.html", said, status=status)
