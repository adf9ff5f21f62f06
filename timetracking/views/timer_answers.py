"""What is answered after a timer changed: the bar, the days in view, a toast with Undo, one announcement.

Without htmx the same words come as a banner on the page where it began.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.requests import Request
from accounts.views.destinations import next_path
from timesheets_site.lib import dates
from timesheets_site.lib.htmx import trigger, wants_fragment
from timetracking.models import TimeEntry, Timer, UnplacedPiece
from timetracking.rules import durations
from timetracking.selectors.entry_warnings import warnings_of
from timetracking.services.timers import Stopped
from timetracking.views.answers import announcement, open_week

CHANGED = "timetracking/timers/_changed.html"
LOOKED_BACK = 7
"""Days before today that are sent along with what changed elsewhere."""


@dataclass(frozen=True)
class Told:
    """What happened, in words without a full stop; a POST to `undo_url` takes it back.

    `open_url` is a form that comes next by itself. Without `toast` it is only announced: the bar shows it.
    """

    text: str
    undo_url: str = ""
    link_url: str = ""
    link_label: str = ""
    warnings: tuple[str, ...] = ()
    days: frozenset[dt.date] = field(default_factory=frozenset)
    open_url: str = ""
    toast: bool = True
    tone: str = ""
    keeps_bar: bool = False
    """Nothing changed, and what is typed in the bar stays."""


def answer(request: Request, told: Told, *, status: int = 200) -> HttpResponse:
    """Fragments for the page that is open, or a redirect to where it came from (`next`), else to the timer's page."""
    if not wants_fragment(request):
        return _redirect(request, told, status)
    page = open_week(request, told.days | {request.membership.today()})
    toast = {
        "text": told.text,
        "warnings": told.warnings,
        "undo_url": told.undo_url,
        "link_url": told.link_url,
        "link_label": told.link_label,
        "tone": told.tone,
    }
    context = {"week": page, "toast": toast if told.toast else None, "open_url": told.open_url, "oob": True}
    context["keeps_bar"] = told.keeps_bar
    response = render(request, CHANGED, context, status=status)
    response["HX-Reswap"] = "none"
    trigger(response, say={"text": announcement(told.text, told.warnings, page)}, dialog_close={}, timer_changed={})
    return trigger(response, entries_changed={}) if status == 200 else response


def as_it_is(request: Request) -> HttpResponse:
    """The bar and the days in view after something happened elsewhere: in another tab, on a phone, by a manager."""
    today = request.membership.today()
    page = open_week(request, frozenset(today - dt.timedelta(days=n) for n in range(LOOKED_BACK)))
    response = render(request, CHANGED, {"week": page})
    return trigger(response, entries_changed={}, timer_changed={})


def stopped(request: Request, result: Stopped, started: Timer | None = None) -> Told:
    """Of a timer that was stopped, and of the one that was started instead, if one was."""
    slug, timer, entries = request.organisation.slug, result.timer, result.entries
    waiting = _waiting(timer) if result.unplaced else []
    own = timer.member_id == request.membership.pk
    undo = f"{reverse('timer-resume', args=[slug])}?timer={timer.pk}" if own and result.is_news else ""
    link_url, link_label, open_url = "", "", ""
    if waiting and own:
        link_url, link_label = reverse("time-to-place", args=[slug]), _("Place it")
        if len(waiting) == 1 and started is None and result.is_news:
            open_url = reverse("piece-place", args=[slug, waiting[0].pk])
    elif len(entries) == 1:
        link_url, link_label = reverse("entry-edit", args=[slug, entries[0].pk]), _("Edit")
    warnings = [words for entry in entries for words in warnings_of(entry)] if result.is_news else []
    return Told(
        text=_stopped_words(result, waiting, started),
        undo_url=undo,
        link_url=link_url,
        link_label=link_label,
        warnings=(*_refusals(waiting if entries else waiting[1:]), *warnings),
        days=frozenset(entry.date for entry in entries),
        open_url=open_url,
    )


def _stopped_words(result: Stopped, waiting: Sequence[UnplacedPiece], started: Timer | None) -> str:
    entries, timer = result.entries, result.timer
    values = {
        "subject": timer.title,
        "duration": durations.format_minutes(result.minutes),
        "link": (entries[0].link_reference if entries else "") or f"“{timer.title}”",
        "other": started.title if started else "",
        "pieces": pieces_in_words(entries),
        "billed": durations.format_minutes(sum(entry.billed_minutes for entry in entries)),
    }
    if not result.is_news:
        if entries:
            return _("“%(subject)s” was stopped already: %(duration)s logged") % values
        return _("“%(subject)s” was stopped already") % values
    if not entries and waiting:
        values |= {"duration": durations.format_minutes(sum(piece.minutes for piece in waiting))}
        values |= {"reason": waiting[0].reason.rstrip(".")}
        if started:
            return _("Stopped “%(subject)s”, started “%(other)s”. %(duration)s waits to be placed: %(reason)s") % values
        return _("%(duration)s of “%(subject)s” waits to be placed: %(reason)s") % values
    if started and len(entries) > 1:
        words = _("Stopped “%(subject)s” (%(duration)s), one entry per day: %(pieces)s. Started “%(other)s”")
        return words % values
    if started:
        return _("Stopped “%(subject)s” (%(duration)s), started “%(other)s”") % values
    if len(entries) > 1:
        return _("Logged %(duration)s to %(link)s, one entry per day: %(pieces)s") % values
    if entries and entries[0].billable and entries[0].billed_minutes != entries[0].minutes:
        return _("Logged %(duration)s to %(link)s, billed as %(billed)s") % values
    return _("Logged %(duration)s to %(link)s") % values


def pieces_in_words(pieces: Iterable[TimeEntry | UnplacedPiece]) -> str:
    """`Wed 22:10–24:00, Thu 00:00–01:30`, in the zone of their member."""
    words = []
    for piece in pieces:
        if piece.started_at is None or piece.ended_at is None:
            continue
        start, end = (at.astimezone(piece.member.zone) for at in (piece.started_at, piece.ended_at))
        until = "24:00" if end.date() > piece.date else f"{end:%H:%M}"
        words.append(f"{dates.weekday_short(piece.date)} {start:%H:%M}–{until}")
    return ", ".join(words)


def _waiting(timer: Timer) -> list[UnplacedPiece]:
    return list(UnplacedPiece.objects.filter(timer=timer, settled_at=None))


def _refusals(waiting: Sequence[UnplacedPiece]) -> Iterable[str]:
    """What could not be filed, where the text does not say it."""
    for piece in waiting:
        values = {"duration": durations.format_minutes(piece.minutes), "day": dates.weekday_long(piece.date)}
        yield _("%(duration)s on %(day)s waits to be placed: %(reason)s") % {**values, "reason": piece.reason}


def _redirect(request: Request, told: Told, status: int) -> HttpResponse:
    if status != 200:
        messages.error(request, told.text)
    else:
        for warning in told.warnings:
            messages.warning(request, warning)
        messages.success(request, told.text, extra_tags=told.undo_url)
    if told.open_url:
        return HttpResponseRedirect(told.open_url)
    return HttpResponseRedirect(back(request))


def back(request: Request) -> str:
    """Where the form came from, else the timer's page."""
    return next_path(request, reverse("timer", args=[request.organisation.slug]))
