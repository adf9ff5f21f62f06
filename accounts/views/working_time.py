"""Members' working time: dated changes of hours, days off; the organisation's holidays, and days off of everybody."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts import selectors, working_time_rows
from accounts.access import requires
from accounts.forms.working_time import (
    ChangeForm,
    DayOffForm,
    HolidaysForm,
    RemovedChange,
    RemovedDayOff,
    SuggestedDay,
)
from accounts.models import CapacityChange, DayOff, Membership
from accounts.permissions import Permission
from accounts.requests import Request
from accounts.services import working_time
from accounts.views.settings import STORED, store
from timesheets_site.lib import dates
from timesheets_site.lib.errors import Conflict, RuleViolation
from timesheets_site.lib.forms import refusals_on
from timesheets_site.lib.numbers import LARGEST_VERSION

METHODS = ["GET", "HEAD", "POST"]


# --- A member's hours -------------------------------------------------------------------------------------------------


@requires(Permission.MANAGE_MEMBERS)
@require_http_methods(METHODS)
def new_change(request: Request, slug: str, member_id: int) -> HttpResponse:
    return _change(request, _member(request, member_id), None)


@requires(Permission.MANAGE_MEMBERS)
@require_http_methods(METHODS)
def edit_change(request: Request, slug: str, member_id: int, change_id: int) -> HttpResponse:
    member = _member(request, member_id)
    change = CapacityChange.objects.filter(pk=change_id, member=member).first()
    if change is None:
        raise Http404
    return _change(request, member, change)


def _change(request: Request, member: Membership, change: CapacityChange | None) -> HttpResponse:
    form = ChangeForm(request.POST if request.method == "POST" else None, member=member, change=change)

    def store(version: int, values: dict[str, Any]) -> str:
        if change is None:
            working_time.add_change(request.membership, member.pk, version=version, **values)
        else:
            working_time.edit_change(request.membership, member.pk, change.pk, version=version, **values)
        day = {"name": member.display_name, "day": dates.full(values["starts_on"])}
        return _("%(name)s works other hours from %(day)s on.") % day

    return _stored_or_shown(
        request,
        form,
        store,
        back=reverse("member", args=[request.organisation.slug, member.pk]),
        title=_("Change of working time") if change is None else _("Change this working time"),
        eyebrow=member.display_name,
        note=_(
            "Targets, missing weeks and reports follow it for all days from that day on, also for those that are past."
        ),
    )


@requires(Permission.MANAGE_MEMBERS)
@require_POST
def remove_change(request: Request, slug: str, member_id: int, change_id: int) -> HttpResponse:
    member, was = working_time.remove_change(request.membership, member_id, change_id, version=_version(request))
    again = {name: str(value) for name, value in was.items()}
    undo = f"{reverse('hours-restore', args=[slug, member_id])}?{urlencode(again)}"
    words = {"name": member.display_name, "day": dates.full(was["starts_on"])}
    messages.success(request, _("%(name)s: the change from %(day)s on is removed.") % words, extra_tags=undo)
    return redirect("member", slug=slug, member_id=member_id)


@requires(Permission.MANAGE_MEMBERS)
@require_POST
def restore_change(request: Request, slug: str, member_id: int) -> HttpResponse:
    """Undo of a removal: the change is added again, from what its address says."""
    member, form = _member(request, member_id), RemovedChange(request.GET)
    _again(request, form, lambda fields: working_time.add_change(request.membership, member.pk, **fields))
    return redirect("member", slug=slug, member_id=member_id)


# --- Days off of a member ---------------------------------------------------------------------------------------------


@requires(Permission.MANAGE_MEMBERS)
@require_http_methods(METHODS)
def new_day_off(request: Request, slug: str, member_id: int) -> HttpResponse:
    return _day_off(request, _member(request, member_id), None)


@requires(Permission.MANAGE_MEMBERS)
@require_http_methods(METHODS)
def edit_day_off(request: Request, slug: str, member_id: int, day_off_id: int) -> HttpResponse:
    return _day_off(request, _member(request, member_id), day_off_id)


@requires(Permission.MANAGE_MEMBERS)
@require_POST
def remove_day_off(request: Request, slug: str, member_id: int, day_off_id: int) -> HttpResponse:
    return _remove_day_off(request, member_id, day_off_id)


@requires(Permission.MANAGE_MEMBERS)
@require_POST
def restore_day_off(request: Request, slug: str, member_id: int) -> HttpResponse:
    return _restore_day_off(request, _member(request, member_id).pk)


# --- The organisation's -----------------------------------------------------------------------------------------------


@requires(Permission.MANAGE_ORGANISATION)
@require_http_methods(METHODS)
def organisations_time(request: Request, slug: str) -> HttpResponse:
    """The calendar of public holidays, those of this year and the next, and days off of everybody."""
    organisation, today = request.organisation, request.membership.today()
    posted = request.POST if request.method == "POST" else None
    # A copy: the form writes into it, and the frame around the page shows what is stored.
    form = HolidaysForm(posted, instance=copy.copy(organisation), country=request.GET.get("holiday_country"))
    status = store(request, form)
    if status == STORED:
        return redirect("settings-working-time", slug=slug)
    context = {
        "form": form,
        "page": "settings-working-time",
        "years": working_time_rows.holidays_of(organisation, today.year) if organisation.holiday_calendar else (),
        "rows": working_time_rows.everybodys_days_off(today),
        "version": organisation.version,
    }
    return render(request, "accounts/settings/working_time.html", context, status=status)


@requires(Permission.MANAGE_ORGANISATION)
@require_http_methods(METHODS)
def new_company_day_off(request: Request, slug: str) -> HttpResponse:
    return _day_off(request, None, None)


@requires(Permission.MANAGE_ORGANISATION)
@require_http_methods(METHODS)
def edit_company_day_off(request: Request, slug: str, company_day_off_id: int) -> HttpResponse:
    return _day_off(request, None, company_day_off_id)


@requires(Permission.MANAGE_ORGANISATION)
@require_POST
def remove_company_day_off(request: Request, slug: str, company_day_off_id: int) -> HttpResponse:
    return _remove_day_off(request, None, company_day_off_id)


@requires(Permission.MANAGE_ORGANISATION)
@require_POST
def restore_company_day_off(request: Request, slug: str) -> HttpResponse:
    return _restore_day_off(request, None)


# --- Days off, whoever's they are -------------------------------------------------------------------------------------


def _day_off(request: Request, member: Membership | None, day_off_id: int | None) -> HttpResponse:
    actor, member_id = request.membership, member.pk if member else None
    row = DayOff.objects.filter(pk=day_off_id, member=member_id).first() if day_off_id is not None else None
    if day_off_id is not None and row is None:
        raise Http404
    version = member.version if member else request.organisation.version
    form = DayOffForm(
        request.POST if request.method == "POST" else None,
        version=version,
        row=row,
        suggested=SuggestedDay(request.GET).values() if row is None else None,
    )

    def store(version: int, values: dict[str, Any]) -> str:
        if row is None:
            working_time.add_day_off(actor, member_id, version=version, **values)
        else:
            working_time.edit_day_off(actor, member_id, row.pk, version=version, **values)
        return _("%(name)s: %(days)s") % {"name": values["name"], "days": _days(values)}

    return _stored_or_shown(
        request,
        form,
        store,
        back=_list_of(request, member_id),
        title=_("Days off") if row is None else _("Change days off"),
        eyebrow=member.display_name if member else _("Everybody"),
        note=_("Targets and reports follow it, also for days that are past. Nothing is logged by it."),
    )


def _remove_day_off(request: Request, member_id: int | None, day_off_id: int) -> HttpResponse:
    was = working_time.remove_day_off(request.membership, member_id, day_off_id, version=_version(request))
    name, parts = ("company-day-off-restore", []) if member_id is None else ("day-off-restore", [member_id])
    undo = f"{reverse(name, args=[request.organisation.slug, *parts])}?{urlencode(dict(was))}"
    words = {"name": was["name"], "days": _days(was)}
    messages.success(request, _("%(name)s: removed, %(days)s") % words, extra_tags=undo)
    return redirect(_list_of(request, member_id))


def _restore_day_off(request: Request, member_id: int | None) -> HttpResponse:
    """Undo of a removal: it is added again, from what its address says."""
    form = RemovedDayOff(request.GET)
    _again(request, form, lambda fields: working_time.add_day_off(request.membership, member_id, **fields))
    return redirect(_list_of(request, member_id))


def _list_of(request: Request, member_id: int | None) -> str:
    slug = request.organisation.slug
    if member_id is None:
        return reverse("settings-working-time", args=[slug])
    return reverse("member", args=[slug, member_id])


def _days(values: Any) -> str:
    return dates.day_range(values["first_on"], values["last_on"])


# --- What all of them need --------------------------------------------------------------------------------------------


def _stored_or_shown(
    request: Request,
    form: Any,
    store: Callable[[int, dict[str, Any]], str],
    *,
    back: str,
    title: str,
    eyebrow: str,
    note: str,
) -> HttpResponse:
    """One form: stored, and back to the list; or shown, with what is wrong (422), or with word of a change (409)."""
    status = 200
    if form.is_valid():
        try:
            with refusals_on(form):
                messages.success(request, store(form.cleaned_data["version"], form.values()))
                return redirect(back)
        except Conflict as conflict:
            form.show_conflict(
                conflict.current.version,
                _("Somebody changed this in the meantime. Look at the list, then save again to keep what you typed."),
            )
            status = 409
    context = {"form": form, "title": title, "eyebrow": eyebrow, "note": note, "back": back}
    shown = 422 if form.errors and status == 200 else status
    return render(request, "accounts/members/working_time_form.html", context, status=shown)


def _again(request: Request, form: Any, add: Callable[[dict[str, Any]], object]) -> None:
    """Store what an Undo brings back, or say why not."""
    if not form.is_valid():
        messages.error(request, _("This can't be undone any more."))
        return
    try:
        add(form.cleaned_data)
    except RuleViolation as refusal:
        messages.error(request, refusal.message)
    else:
        messages.success(request, _("It is back."))


def _member(request: Request, member_id: int) -> Membership:
    """A member of this organisation, to be changed. Raises Http404."""
    found: Membership | None = selectors.members().filter(pk=member_id).first()
    if found is None:
        raise Http404
    found.organisation = request.organisation
    return found


def _version(request: Request) -> int | None:
    """The version that the page showed, where it says one."""
    text = request.POST.get("version", "")
    return int(text) if text.isascii() and text.isdigit() and int(text) <= LARGEST_VERSION else None
