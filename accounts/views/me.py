"""A person's own pages: profile, region, appearance, notifications, security."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import notice_kinds, sessions
from accounts.access import signed_in
from accounts.forms.notifications import ChoicesForm
from accounts.forms.settings import AppearanceForm, ProfileForm, RegionForm
from accounts.models import User
from accounts.requests import Request
from accounts.services import access_tokens, notices, passwords, second_factor
from accounts.services import profile as profiles

METHODS = ["GET", "HEAD", "POST"]


@signed_in
@require_http_methods(METHODS)
def profile(request: Request) -> HttpResponse:
    return _own_form(request, ProfileForm, "me", _("Profile"))


@signed_in
@require_http_methods(METHODS)
def region(request: Request) -> HttpResponse:
    return _own_form(request, RegionForm, "me-region", _("Region"))


@signed_in
@require_http_methods(METHODS)
def appearance(request: Request) -> HttpResponse:
    return _own_form(request, AppearanceForm, "me-appearance", _("Appearance"))


@signed_in
@require_http_methods(METHODS)
def notifications(request: Request) -> HttpResponse:
    """What the person wants to hear of, wherever they work."""
    offered = notice_kinds.offered_to(request.memberships)
    form = ChoicesForm(request.POST if request.method == "POST" else None, user=request.user, offered=offered)
    if form.is_valid():
        notices.choose(request.user, form.chosen())
        messages.success(request, _("Changes saved."))
        return redirect("me-notifications")
    return render(request, "accounts/me/notifications.html", {"form": form, "page": "me-notifications"})


def _own_form(request: Request, form_class: type[forms.ModelForm], page: str, title: str) -> HttpResponse:
    """One form about the person who asks: show it, or store it and show it again."""
    # A copy: the form writes what was typed into it, and the frame around the page shows the person as stored.
    person = User.objects.get(pk=request.user.pk)
    form = form_class(request.POST if request.method == "POST" else None, instance=person)
    if form.is_valid():
        profiles.edit(request.user, **form.cleaned_data)
        messages.success(request, _("Changes saved."))
        return redirect(page)
    context = {"form": form, "page": page, "title": title}
    return render(request, "accounts/me/form.html", context, status=422 if form.errors else 200)


@signed_in
@require_safe
def security(request: Request) -> HttpResponse:
    """Password, two-step sign-in, and where the person is signed in."""
    user: Any = request.user
    context = {
        "page": "me-security",
        "devices": user.totpdevice_set.filter(confirmed=True).order_by("pk"),
        "codes_left": second_factor.codes_left(user),
        "demanded_by": second_factor.demanded_by(user),
        "sessions": sessions.live(user),
        "this_key": request.session.session_key,
        "left": passwords.left_open(user),
    }
    return render(request, "accounts/me/security.html", context)


@signed_in
@require_POST
def end_session(request: Request, session_id: int) -> HttpResponse:
    """Sign one of the person's own sessions out; one of somebody else is answered like one that has ended."""
    own: Any = request.user
    if sessions.end(own.live_sessions.filter(pk=session_id).exclude(session_key=request.session.session_key)):
        messages.success(request, _("Signed out there."))
    else:
        messages.info(request, _("That session had ended before."))
    return redirect("me-security")


@signed_in
@require_POST
def end_other_sessions(request: Request) -> HttpResponse:
    """Every other session, and every token of a portal."""
    own: Any = request.user
    sessions.end(own.live_sessions.exclude(session_key=request.session.session_key))
    access_tokens.end_all_of(own)
    messages.success(request, _("Signed out everywhere else."))
    return redirect("me-security")
