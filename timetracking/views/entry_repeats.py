"""What is done with an entry beside editing it: once more on other days, on another day, in two.

GET asks (in a dialog, or on a page of its own), POST does it. A plain POST to `duplicate` is the quick way: today.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from accounts import once
from accounts.access import requires
from accounts.permissions import Permission, require
from accounts.requests import Request
from timesheets_site.lib import dates
from timesheets_site.lib.errors import Conflict
from timesheets_site.lib.forms import refusals_on
from timesheets_site.lib.htmx import render_page
from timetracking.forms.repetition import DaysForm, MoveForm, SplitForm
from timetracking.models import TimeEntry
from timetracking.rules import durations, weeks
from timetracking.selectors import picker
from timetracking.selectors.targets import own_targets
from timetracking.services import duplicates, splitting, time_entries
from timetracking.services.many_entries import Result
from timetracking.views.answers import Change, after_change, refused
from timetracking.views.batch_answers import after_batch
from timetracking.views.entries import editable_or_404
from timetracking.views.week_answers import week_url

FOLDER = "timetracking/repetition"


@dataclass(frozen=True)
class DayChoice:
    """A day that is offered. `note` says what is special about it."""

    iso: str
    label: str
    note: str
    is_chosen: bool


@dataclass(frozen=True)
class WeekChoice:
    label: str
    days: list[DayChoice]


# --- Once more --------------------------------------------------------------------------------------------------------


@requires(Permission.LOG_TIME, feature="timesheets")
@require_http_methods(["GET", "HEAD", "POST"])
def duplicate(request: Request, slug: str, entry_id: int) -> HttpResponse:
    """The entry again: today, or on the days of the form."""
    actor = request.membership
    entry = duplicates.visible(actor, entry_id)
    require(actor, Permission.LOG_TIME, owner=entry.member_id)
    if request.method != "POST":
        return _days_page(request, entry, DaysForm(initial={"key": once.new_key()}), {entry.member.today()})
    if "chosen" not in request.POST:
        today = entry.member.today()
        return after_batch(request, result := duplicates.duplicate(actor, entry.pk, [today]), _said(entry, result))
    form = DaysForm(request.POST, ticked=request.POST.getlist("days"))
    if form.is_valid():
        days, key = form.days, form.cleaned_data["key"]
        sent = once.fingerprint({"entry": entry.pk, "days": days})
        with refusals_on(form):
            result = duplicates.duplicate(actor, entry.pk, days, key=key, fingerprint=sent)
            return after_batch(request, result, _said(entry, result))
    return _days_page(request, entry, form, set(form.ticked), status=422)


def _said(entry: TimeEntry, result: Result) -> str:
    """`Repeated “Stand-up” on Thu 18 June`."""
    done, subject = result.done, entry.subject
    if not done:
        return _("“%(subject)s” was not repeated") % {"subject": subject}
    if len(done) > 1:
        words = ngettext(
            "Repeated “%(subject)s” on %(count)s day", "Repeated “%(subject)s” on %(count)s days", len(done)
        )
        return words % {"subject": subject, "count": len(done)}
    if done[0].date == entry.member.today():
        values = {"subject": subject, "duration": durations.format_minutes(done[0].minutes)}
        return _("Repeated “%(subject)s” today, %(duration)s") % values
    return _("Repeated “%(subject)s” on %(day)s") % {
        "subject": subject,
        "day": dates.weekday_day_month(done[0].date),
    }


def _days_page(
    request: Request, entry: TimeEntry, form: DaysForm, chosen: Collection[dt.date], status: int = 200
) -> HttpResponse:
    context = {"form": form, "weeks": offered(entry, chosen), **_around(request, entry, "entry-duplicate")}
    return render_page(request, f"{FOLDER}/duplicate.html", f"{FOLDER}/_duplicate.html", context, status=status)


def offered(entry: TimeEntry, chosen: Collection[dt.date]) -> list[WeekChoice]:
    """The days to choose from, in their weeks: last week and this one up to today, or this one and the next.

    The future is offered where the organisation allows it. One query or two, for holidays and days off.
    """
    member = entry.member
    organisation, today = member.organisation, member.today()
    this_week = weeks.week_containing(today, first_weekday=organisation.first_weekday)
    future = organisation.future_dates_allowed
    firsts = [this_week, this_week + 7 * weeks.DAY] if future else [this_week - 7 * weeks.DAY, this_week]
    last = firsts[-1] + 6 * weeks.DAY if future else today
    targets = own_targets(member, firsts[0], last)
    found = []
    for first in firsts:
        days = weeks.days_of(first, min(first + 6 * weeks.DAY, last))
        label = _("This week") if first == this_week else _("Next week") if future else _("Last week")
        found.append(WeekChoice(label, [_choice(day, today, targets, day in chosen) for day in days]))
    return found


def _choice(day: dt.date, today: dt.date, targets: Any, is_chosen: bool) -> DayChoice:
    note = _("Today") if day == today else _("Yesterday") if day == today - weeks.DAY else ""
    target = targets.on(day)
    notes = [note, target.name or (_("Day off") if target.is_off else "")]
    words = " · ".join(part for part in notes if part)
    return DayChoice(day.isoformat(), dates.weekday_day_month(day), words, is_chosen)


# --- To another day ---------------------------------------------------------------------------------------------------


@requires(Permission.EDIT_TIME, feature="timesheets")
@require_http_methods(["GET", "HEAD", "POST"])
def move(request: Request, slug: str, entry_id: int) -> HttpResponse:
    """One day further, or back: each day is a button."""
    actor = request.membership
    entry = editable_or_404(actor, entry_id)
    if request.method != "POST":
        if reason := time_entries.refusal(actor, entry):
            return refused(request, reason, entry)
        return _move_page(request, entry, MoveForm(initial={"version": entry.version}))
    form = MoveForm(request.POST)
    if form.is_valid():
        before = entry.date
        try:
            with refusals_on(form):
                moved = duplicates.move(actor, entry.pk, form.cleaned_data["to"], version=form.cleaned_data["version"])
                return after_change(request, Change.edited(moved, before))
        except Conflict as conflict:
            return refused(request, _changed(conflict), entry)
    return _move_page(request, entry, form, status=422)


def _move_page(request: Request, entry: TimeEntry, form: MoveForm, status: int = 200) -> HttpResponse:
    first = weeks.week_containing(entry.date, first_weekday=request.organisation.first_weekday)
    today = entry.member.today()
    quick = {today, today - weeks.DAY, *weeks.days_of(first, first + 6 * weeks.DAY)} - {entry.date}
    if not request.organisation.future_dates_allowed:
        quick = {day for day in quick if day <= today}
    targets = own_targets(entry.member, min(quick | {today}), max(quick | {today}))
    days = [_choice(day, today, targets, False) for day in sorted(quick)]
    context = {"form": form, "days": days, **_around(request, entry, "entry-move")}
    return render_page(request, f"{FOLDER}/move.html", f"{FOLDER}/_move.html", context, status=status)


# --- In two -----------------------------------------------------------------------------------------------------------


@requires(Permission.EDIT_TIME, feature="timesheets")
@require_http_methods(["GET", "HEAD", "POST"])
def split(request: Request, slug: str, entry_id: int) -> HttpResponse:
    """Asks how much stays and what the rest is for."""
    actor = request.membership
    entry = editable_or_404(actor, entry_id)
    if request.method != "POST":
        if reason := splitting.refusal(entry) or time_entries.refusal(actor, entry):
            return refused(request, reason, entry)
        stays = durations.format_minutes(entry.minutes - entry.minutes // 2)
        initial = {"minutes": stays, "version": entry.version, "billable_option": entry.billable_option}
        return _split_page(request, entry, SplitForm(entry=entry, initial=initial))
    form = SplitForm(request.POST, entry=entry)
    if form.is_valid():
        sent = form.cleaned_data
        try:
            with refusals_on(form):
                kept, new, result = splitting.split(
                    actor, entry.pk, minutes=sent["minutes"], version=sent["version"], **form.rest()
                )
                return after_batch(request, result, _parts(kept, new))
        except Conflict as conflict:
            return refused(request, _changed(conflict), entry)
    return _split_page(request, entry, form, status=422)


def _parts(kept: TimeEntry, new: TimeEntry) -> str:
    values = {
        "subject": kept.subject,
        "first": durations.format_minutes(kept.minutes),
        "rest": durations.format_minutes(new.minutes),
    }
    return _("Split “%(subject)s” into %(first)s and %(rest)s") % values


def _split_page(request: Request, entry: TimeEntry, form: SplitForm, status: int = 200) -> HttpResponse:
    chosen = picker.option(form.chosen, request.membership) if form.chosen is not None else None
    context = {
        "form": form,
        "groups": picker.suggestions(request.membership),
        "chosen": chosen,
        "has_times": entry.started_at is not None and entry.ended_at is not None,
        **_around(request, entry, "entry-split"),
    }
    return render_page(request, f"{FOLDER}/split.html", f"{FOLDER}/_split.html", context, status=status)


# --- Shared -----------------------------------------------------------------------------------------------------------


def _changed(conflict: Conflict) -> Conflict:
    return Conflict(conflict.current, _("This entry was changed in the meantime. Look at it first."))


def _around(request: Request, entry: TimeEntry, name: str) -> dict[str, Any]:
    """What every one of these pages shows of its entry."""
    first = weeks.week_containing(entry.date, first_weekday=request.organisation.first_weekday)
    is_own = entry.member_id == request.membership.pk
    return {
        "entry": entry,
        "duration": durations.format_minutes(entry.minutes),
        "day": dates.weekday_day_month(entry.date),
        "person": "" if is_own else entry.member.display_name,
        "action": reverse(name, args=[request.organisation.slug, entry.pk]),
        "cancel_url": f"{week_url(request, entry.member, first)}#entry-{entry.pk}",
    }
