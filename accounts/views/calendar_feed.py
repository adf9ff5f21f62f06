"""The page where a person makes, replaces and switches off the address of their calendar."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts import sessions
from accounts.access import signed_in
from accounts.requests import Request
from accounts.services import calendar_feeds

METHODS = ["GET", "HEAD", "POST"]
PAGE = {"page": "me-calendar"}


@signed_in
@require_safe
def calendar(request: Request) -> HttpResponse:
    """Whether there is an address, and when a calendar read it last. The address itself is never shown again."""
    return render(request, "accounts/calendar/calendar.html", {"feed": calendar_feeds.of_person(request.user), **PAGE})


@signed_in
@require_http_methods(METHODS)
@sessions.fresh_sign_in
def make(request: Request) -> HttpResponse:
    """Ask, then make an address, instead of the one that there may be, and show it: once, in the answer to the form."""
    if request.method != "POST":
        feed = calendar_feeds.of_person(request.user)
        return render(request, "accounts/calendar/new.html", {"feed": feed, **PAGE})
    address = request.build_absolute_uri(reverse("calendar-feed", args=[calendar_feeds.make(request.user)]))
    return render(request, "accounts/calendar/made.html", {"address": address, **PAGE})


@signed_in
@require_http_methods(METHODS)
def end(request: Request) -> HttpResponse:
    """Ask, then switch the feed off."""
    if request.method != "POST":
        return render(request, "accounts/calendar/off.html", PAGE)
    if calendar_feeds.end(request.user):
        messages.success(request, _("The calendar address is switched off."))
    else:
        messages.info(request, _("There was no calendar address."))
    return redirect("me-calendar")
