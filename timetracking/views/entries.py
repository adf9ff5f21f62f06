"""Entry forms and actions: log, edit, delete with Undo, restore, history, the record picker."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts import once
from accounts.access import requires
from accounts.permissions import Permission, require
from accounts.requests import Request
from timesheets_site.lib.errors import Conflict, Locked, OutOfReach, RuleViolation
from timesheets_site.lib.forms import refusals_on
from timesheets_site.lib.htmx import render_page
from timetracking.forms.time_entries import TimeEntryForm, initial_of
from timetracking.models import TimeEntry
from timetracking.selectors import entry_history, picker
from timetracking.selectors.deleted import deleted_page
from timetracking.services import entry_undo, time_entries
from timetracking.views import several_days
from timetracking.views.answers import Change, after_change, refused
from timetracking.views.entry_form import FormPage, context_of, starting_values

FOLDER = "timetracking/time_entries"


@requires(Permission.LOG_TIME, feature="timesheets")
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: Request, slug: str) -> HttpResponse:
    """The log-time form, prefilled from the address (`date`, `ticket`, `task`, `member`, …), and its sending."""
    actor = request.membership
    if request.method != "POST":
        owner, initial = starting_values(actor, request.GET)
        return _form(request, TimeEntryForm(actor=actor, owner=owner, initial=initial))
    owner, initial = starting_values(actor, request.GET)
    form = TimeEntryForm(request.POST, actor=actor, owner=owner, initial=initial)
    entry = None
    if form.is_valid() and form.is_for_several_days:
        return several_days.log(request, form) or _form(request, form, status=422)
    if form.is_valid():
        fields = form.service_fields()
        with refusals_on(form):
            entry_id, _repeated = once.once(
                actor,
                form.cleaned_data["key"],
                "time_entry.logged",
                lambda: time_entries.log(actor, member=form.owner, **fields),
                fingerprint=once.fingerprint({**fields, "member": form.owner.pk}),
            )
            rows = TimeEntry.with_deleted.select_related("member__user", "member__organisation")
            entry = rows.get(pk=entry_id)
    if entry is None:
        return _form(request, form, status=422)
    if "again" in request.POST:
        return _again(request, form, entry)
    return after_change(request, Change.logged(entry))


@requires(Permission.EDIT_TIME, feature="timesheets")
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: Request, slug: str, entry_id: int) -> HttpResponse:
    """The same form for an entry that exists. A stale version shows both texts (409)."""
    actor = request.membership
    entry = editable_or_404(actor, entry_id)
    if request.method != "POST":
        if reason := time_entries.refusal(actor, entry):
            return refused(request, reason, entry)
        return _form(request, TimeEntryForm(actor=actor, entry=entry, initial=initial_of(entry)))
    form = TimeEntryForm(request.POST, actor=actor, entry=entry, initial=initial_of(entry))
    if form.is_valid():
        before = entry.date
        try:
            with refusals_on(form):
                changed = time_entries.edit(
                    actor, entry.pk, version=form.cleaned_data["version"] or 0, **form.service_fields()
                )
        except Conflict as conflict:
            return _conflict(request, form, editable_or_404(actor, conflict.current.pk))
        if not form.errors:
            return after_change(request, Change.edited(changed, before))
    return _form(request, form, status=422)


@requires(Permission.EDIT_TIME, feature="timesheets")
@require_http_methods(["GET", "HEAD", "POST"])
def delete(request: Request, slug: str, entry_id: int) -> HttpResponse:
    """Deletes at once, with Undo; without script a page asks first."""
    actor = request.membership
    if request.method != "POST":
        entry = editable_or_404(actor, entry_id)
        context = {"entry": entry, "page": FormPage.of_deletion(request, entry)}
        return render_page(request, f"{FOLDER}/confirm_delete.html", f"{FOLDER}/_confirm_delete.html", context)
    try:
        entry = time_entries.delete(actor, entry_id, version=_version(request))
    except Locked as refusal:
        return refused(request, refusal, editable_or_404(actor, entry_id))
    except Conflict as conflict:
        words = _("This entry was changed in the meantime. Look at it, then delete it.")
        return refused(request, Conflict(conflict.current, words), editable_or_404(actor, entry_id))
    return after_change(request, Change.deleted(entry))


@requires(Permission.EDIT_TIME, feature="timesheets")
@require_POST
def undo(request: Request, slug: str, entry_id: int) -> HttpResponse:
    """Takes back the person's own last edit, as long as nothing else happened to the entry."""
    actor = request.membership
    before = editable_or_404(actor, entry_id)
    try:
        entry = entry_undo.undo_edit(actor, entry_id, version=_version(request) or 0)
    except RuleViolation as refusal:
        return refused(request, refusal, before)
    except Conflict as conflict:
        words = _("This entry was changed in the meantime. Look at it first.")
        return refused(request, Conflict(conflict.current, words), before)
    return after_change(request, Change.undone(entry, before.date))


@requires(Permission.EDIT_TIME, feature="timesheets")
@require_POST
def restore(request: Request, slug: str, entry_id: int) -> HttpResponse:
    """Brings a deleted entry back, as it was."""
    try:
        entry = time_entries.restore(request.membership, entry_id)
    except RuleViolation as refusal:
        gone = get_object_or_404(TimeEntry.with_deleted.visible_to(request.membership), pk=entry_id)
        return refused(request, refusal, gone)
    return after_change(request, Change.restored(entry))


@requires(Permission.VIEW_TIME, feature="timesheets")
@require_GET
def deleted(request: Request, slug: str) -> HttpResponse:
    """What was deleted in the last 30 days and can be restored."""
    context = {"list": deleted_page(request.membership, request.GET.get("page", "1"))}
    return render_page(request, f"{FOLDER}/deleted.html", f"{FOLDER}/_deleted.html", context)


@requires(Permission.VIEW_TIME, feature="timesheets")
@require_GET
def history(request: Request, slug: str, entry_id: int) -> HttpResponse:
    """Who did what to the entry, and when; of a deleted one too."""
    entry = (
        TimeEntry.with_deleted.visible_to(request.membership).select_related("member__user").filter(pk=entry_id).first()
    )
    if entry is None:
        raise OutOfReach
    context = {"history": entry_history.history_of(request.membership, entry)}
    return render_page(request, f"{FOLDER}/history.html", f"{FOLDER}/_history.html", context)


@requires(Permission.LOG_TIME, feature="timesheets")
@require_GET
def pick(request: Request, slug: str) -> HttpResponse:
    """Records that time can be logged on, for what was typed; as the combobox's options or as a page."""
    text, kind = request.GET.get("q", "")[: picker.LONGEST_QUERY], request.GET.get("kind", "")
    groups = picker.search(request.membership, text, kind if kind in TimeEntry.Kind.values else "")
    count = sum(len(group.options) for group in groups)
    context = {"groups": groups, "count": count, "query": text, "entry_new_url": reverse("entry-new", args=[slug])}
    return render_page(request, f"{FOLDER}/picker_page.html", f"{FOLDER}/_picker_options.html", context)


def _version(request: Request) -> int | None:
    """The version that the form or the address names; None if it names none that could be one."""
    text = request.POST.get("version") or request.GET.get("version") or ""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None


def editable_or_404(actor: Any, entry_id: int) -> TimeEntry:
    entry = (
        TimeEntry.objects.visible_to(actor)
        .select_related(
            "member__user", "ticket__client", "project__client", "task", "charge_code", "activity", "timesheet"
        )
        .filter(pk=entry_id)
        .first()
    )
    if entry is None:
        raise OutOfReach
    require(actor, Permission.EDIT_TIME, owner=entry.member_id)
    entry.member.organisation = actor.organisation
    return entry


def _form(request: Request, form: TimeEntryForm, status: int = 200) -> HttpResponse:
    context = {"form": form, "page": context_of(request, form)}
    return render_page(request, f"{FOLDER}/form_page.html", f"{FOLDER}/_form.html", context, status=status)


def _again(request: Request, sent: TimeEntryForm, entry: TimeEntry) -> HttpResponse:
    """A fresh form with the same kind, date and person, and word of what was saved."""
    change = Change.logged(entry)
    query = f"?kind={entry.kind}&date={entry.date}" + (f"&member={sent.owner.pk}" if sent.owner != sent.actor else "")
    if not request.htmx:
        change.message(request)
        return redirect(reverse("entry-new", args=[request.organisation.slug]) + query)
    initial = {"kind": entry.kind, "date": entry.date, "member": str(sent.owner.pk), "key": once.new_key()}
    fresh = TimeEntryForm(actor=sent.actor, owner=sent.owner, initial=initial)
    again = {"form": fresh, "page": context_of(request, fresh), "said": change.text}
    return after_change(request, change, again=again)


def _conflict(request: Request, form: TimeEntryForm, current: TimeEntry) -> HttpResponse:
    """Both versions: what was typed, which would be sent again with the new version, and what is stored."""
    context = {
        "form": form,
        "page": context_of(request, form),
        "current": current,
        "theirs": entry_history.comparison(form, current),
        "who": entry_history.last_change(current),
        "current_version": current.version,
    }
    return render_page(request, f"{FOLDER}/conflict_page.html", f"{FOLDER}/_conflict.html", context, status=409)
