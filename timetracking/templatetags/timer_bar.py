"""`{% timer_bar as bar %}`: what the timer bar shows to the person who asks; read once for each request."""

from __future__ import annotations

from django import template
from django.template.context import Context

from accounts.context import last_used
from accounts.models import Membership
from accounts.requests import Request
from timesheets_site.lib.htmx import open_path
from timetracking.selectors.timer_bar import Bar, bar_of

register = template.Library()


@register.simple_tag(takes_context=True)
def timer_bar(context: Context) -> Bar | None:
    """None for who is in no organisation, and on pages that no request has made."""
    request: Request | None = context.get("request")
    return bar_for(request) if request is not None else None


@register.simple_tag(takes_context=True)
def open_page(context: Context) -> str:
    """The path of the page that the browser shows, also where only a part of it is sent."""
    request: Request | None = context.get("request")
    if request is None:
        return ""
    return open_path(request) or request.get_full_path()


def bar_for(request: Request) -> Bar | None:
    """The bar of the page that the browser shows: asked once, so only after everything was written."""
    if not hasattr(request, "timer_bar"):
        request.timer_bar = _read(request)  # type: ignore[attr-defined]  # kept with what it was made for
    found: Bar | None = request.timer_bar  # type: ignore[attr-defined]
    return found


def _read(request: Request) -> Bar | None:
    memberships = getattr(request, "memberships", None)
    if not memberships:
        return None
    member = _of_open_page(request) or request.membership or last_used(request)
    return bar_of(memberships, member) if member is not None else None


def _of_open_page(request: Request) -> Membership | None:
    """Whose page is open, where a fragment is asked of another organisation: its timer was stopped from here."""
    here = open_path(request).split("/")
    if len(here) < 3 or here[1] != "o":
        return None
    return next((member for member in request.memberships if member.organisation.slug == here[2]), None)
