"""From a request to a member: who asks, in which organisation, with what second factor; closed unless opened."""

from __future__ import annotations

import functools
import ipaddress
import logging
import uuid
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import OperationalError
from django.db.models import Exists, OuterRef
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, resolve_url
from django.urls import reverse
from django.utils import timezone
from django_otp.plugins.otp_totp.models import TOTPDevice

from accounts import sessions, tenancy
from accounts.access import Access, Door
from accounts.context import last_used
from accounts.models import Membership, User
from accounts.permissions import can
from accounts.requests import Request
from accounts.views import errors
from timesheets_site.lib.errors import Conflict, NotAllowed, OutOfReach
from timesheets_site.lib.htmx import open_path, trigger
from timesheets_site.lib.logs import REMOTE_ADDRESS, REQUEST_ID

log = logging.getLogger("accounts.gate")
GetResponse = Callable[[Request], HttpResponse]
PERMISSIONS_POLICY = "camera=(), geolocation=(), microphone=(), payment=(), usb=()"


class RequestContextMiddleware:
    """First in, last out: the request's id for logs and error pages, and the headers that every answer carries."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: Request) -> HttpResponse:
        request.request_id = str(uuid.uuid4())
        id_token = REQUEST_ID.set(request.request_id)
        address_token = REMOTE_ADDRESS.set(remote_address(request))
        try:
            if "\x00" in request.path_info or "%00" in request.META.get("QUERY_STRING", ""):
                response: HttpResponse = errors.unreadable(request)
            else:
                response = self.get_response(request)
        finally:
            REQUEST_ID.reset(id_token)
            REMOTE_ADDRESS.reset(address_token)
        response.headers.setdefault("Permissions-Policy", PERMISSIONS_POLICY)
        response.headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        response.headers.setdefault("X-Request-ID", request.request_id)
        if not request.path_info.startswith(settings.STATIC_URL):
            response.headers.setdefault("Cache-Control", "no-store")
        return response


class GateMiddleware:
    """Opens the organisation's scope for the member who asks, and denies every view that does not say who may enter."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: Request) -> HttpResponse:
        request.membership = None  # type: ignore[assignment]  # nobody has come through the gate yet
        request.memberships = []
        token = tenancy.enter(None)
        try:
            return self.get_response(request)
        finally:
            tenancy.leave(token)
            timezone.deactivate()

    def process_view(self, request: Request, view: Any, args: Any, kwargs: dict[str, Any]) -> HttpResponse | None:
        access: Access | None = getattr(view, "access", None)
        if access is None:
            raise ImproperlyConfigured(f"{view.__module__}.{view.__name__} does not say who may open it.")
        if access.door in (Door.PUBLIC, Door.API):
            return None
        if not request.user.is_authenticated:
            return sign_in_first(request)
        if not sessions.keep_alive(request):
            return sign_in_first(request)
        request.memberships = memberships_of(request.user)
        if access.door is Door.HALF_SIGNED_IN:
            return None
        if step := owed_second_factor(request):
            return redirect_to_step(request, step)
        if own := last_used(request):
            timezone.activate(own.zone)
        if access.door is Door.MEMBER:
            return enter_organisation(request, access, kwargs["slug"]) or demand_second_factor(request, access)
        return None

    def process_exception(self, request: Request, exception: Exception) -> HttpResponse | None:
        if isinstance(exception, OutOfReach):
            raise Http404 from exception
        if isinstance(exception, NotAllowed):
            log.warning("refused: %s %s", request.method, request.path)
            return errors.forbidden(request, str(exception))
        if isinstance(exception, Conflict):
            return errors.conflict(request, str(exception))
        if isinstance(exception, OperationalError):
            log.error("database: %s", exception)
            return errors.unavailable(request)
        return None


def remote_address(request: Request) -> str | None:
    """The peer's address; behind a proxy that we trust, the last address that it added."""
    address = request.META.get("REMOTE_ADDR") or ""
    if settings.SECURE_PROXY_SSL_HEADER and (chain := request.META.get("HTTP_X_FORWARDED_FOR", "")):
        address = chain.split(",")[-1].strip()
    try:
        return str(ipaddress.ip_address(address))
    except ValueError:  # a socket has none, and a proxy may add a port or a name
        return None


def memberships_of(user: Any) -> list[Membership]:
    """The person's active memberships in active organisations, by name: one query for gate, switcher and frame.

    None for the user behind an integration: nobody comes in as a program, whatever the session says.
    """
    members = list(_memberships().filter(user=user))
    for member in members:
        member.user = user
    return members


@functools.cache
def _memberships() -> Any:
    """Asked on every request, so it is put together once; it holds no rows."""
    devices = TOTPDevice.objects.filter(user=OuterRef("user"), confirmed=True)
    return (
        Membership.unscoped.filter(is_active=True, is_integration=False, organisation__is_active=True)
        .select_related("organisation")
        .annotate(has_device=Exists(devices))
        .order_by("organisation__name", "pk")
    )


def _devices_of(user: Any) -> Any:
    return TOTPDevice.objects.filter(user=user, confirmed=True)


def owed_second_factor(request: Request) -> str | None:
    """The page where the second factor is given ("login-code") or set up ("mfa-setup"); None if it is not owed."""
    if request.user.is_verified():
        return None
    members: list[Any] = request.memberships  # with `has_device`, from `memberships_of`
    if members[0].has_device if members else _devices_of(request.user).exists():
        return "login-code"
    if any(member.organisation.require_second_factor for member in request.memberships):
        return "mfa-setup"
    return None


def demand_second_factor(request: Request, access: Access) -> HttpResponse | None:
    """For doors that ask for it always: whoever has no second factor yet goes and sets one up."""
    if not access.second_factor or request.user.is_verified():
        return None
    return redirect_to_step(request, "mfa-setup")


def enter_organisation(request: Request, access: Access, slug: str) -> HttpResponse | None:
    member = next((m for m in request.memberships if m.organisation.slug == slug), None)
    if member is None:
        raise Http404
    request.membership = member
    request.organisation = member.organisation
    tenancy.enter(member.organisation_id)
    timezone.activate(member.zone)
    if request.user.last_organisation_id != member.organisation_id and request.method == "GET":
        # Where the person was, so that `/` leads back there; nothing of the organisation's own changes by reading.
        User.objects.filter(pk=request.user.pk).update(last_organisation=member.organisation_id)
    if access.feature and not member.organisation.has_feature(access.feature):
        return errors.feature_off(request, access.feature)
    if access.permission and not can(member, access.permission):
        log.warning("refused: %s %s", request.method, request.path)
        return errors.forbidden(request)
    return None


def sign_in_first(request: Request) -> HttpResponse:
    """To the sign-in page and back; a fragment call is told by an event, so that what was typed stays in its form."""
    if getattr(request, "htmx", None):
        came_from = open_path(request) or "/"
        address = f"{resolve_url(settings.LOGIN_URL)}?{urlencode({'next': came_from})}"
        return trigger(HttpResponse(status=401), sign_in_needed={"url": address})
    back = request.get_full_path() if request.method == "GET" else "/"
    return redirect(f"{resolve_url(settings.LOGIN_URL)}?{urlencode({'next': back})}")


def redirect_to_step(request: Request, step: str) -> HttpResponse:
    back = request.get_full_path() if request.method == "GET" else "/"
    address = f"{reverse(step)}?{urlencode({'next': back})}"
    if getattr(request, "htmx", None):
        return trigger(HttpResponse(status=401), sign_in_needed={"url": address})
    return redirect(address)
