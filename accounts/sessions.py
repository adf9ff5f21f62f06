"""How a sign-in begins, lasts and ends; all of it kept on the server. Times in a session are Unix seconds."""

from __future__ import annotations

import functools
import logging
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

import django_otp
from django.conf import settings
from django.contrib.auth import login, logout
from django.contrib.sessions.models import Session
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django_otp.models import Device

from accounts import browsers
from accounts.models import User, UserSession
from timesheets_site.lib.logs import REMOTE_ADDRESS

log = logging.getLogger("accounts.sign_in")
SIGNED_IN, SEEN, PROVED = "signed_in_at", "seen_at", "proved_at"
UNATTENDED = "X-Unattended"
"""A header of what a page asks for by itself, at intervals: it does not keep a session from being idle."""
SEEN_STEP_SECONDS = 300  # `seen_at` is written no more often than this, so that reading pages writes nothing


def _now() -> int:
    return int(timezone.now().timestamp())


def keep_alive(request: HttpRequest) -> bool:
    """False, and the session ended, if it was idle or alive for too long."""
    now = _now()
    session = request.session
    started = session.setdefault(SIGNED_IN, now) if SIGNED_IN not in session else session[SIGNED_IN]
    seen = session.get(SEEN)
    if seen is None:
        session[SEEN] = now
        return True
    if now - started > settings.SESSION_ABSOLUTE_SECONDS or now - seen > settings.SESSION_IDLE_SECONDS:
        sign_out(request)
        return False
    if now - seen > SEEN_STEP_SECONDS and UNATTENDED not in request.headers:
        session[SEEN] = now
        UserSession.objects.filter(session_key=session.session_key).update(last_seen_at=timezone.now())
    return True


# --- Signing in and out -----------------------------------------------------------------------------------------------


def begin(request: HttpRequest, user: User) -> None:
    """The password was right: a session with a new key, which may still owe the second factor."""
    if request.user.is_authenticated:
        sign_out(request)  # Django would keep the key of a session that is this user's already
    login(request, user, backend=settings.AUTHENTICATION_BACKENDS[0])
    request.session[SIGNED_IN] = request.session[SEEN] = _now()


def give_second_factor(request: HttpRequest, device: Device) -> None:
    """The code was right: nothing is owed any more, and the key changes once again."""
    django_otp.login(request, device)
    request.session.cycle_key()


def complete(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """Nothing is owed: list the session for its owner, and remember the browser."""
    user: User = request.user  # type: ignore[assignment]  # somebody is signed in
    if request.session.session_key is None:
        request.session.create()
    request.session[PROVED] = _now()
    live_keys = Session.objects.filter(expire_date__gt=timezone.now()).values("session_key")
    user.live_sessions.exclude(session_key__in=live_keys).delete()
    UserSession.objects.update_or_create(
        session_key=request.session.session_key,
        defaults={
            "user_id": user.pk,
            "user_agent": request.headers.get("User-Agent", "").replace("\x00", "")[:200],
            "address": REMOTE_ADDRESS.get(),
            "last_seen_at": timezone.now(),
        },
    )
    browsers.trust(request, response, user)
    log.info("signed in: user %s", user.pk)
    return response


def sign_out(request: HttpRequest) -> None:
    """End this session on the server: its key opens nothing any more."""
    UserSession.objects.filter(session_key=request.session.session_key).delete()
    logout(request)


# --- A person's sessions ----------------------------------------------------------------------------------------------


def live(user: User) -> QuerySet[UserSession]:
    """The sessions that the person could still use, latest first."""
    keys = Session.objects.filter(expire_date__gt=timezone.now()).values("session_key")
    return user.live_sessions.filter(session_key__in=keys).order_by("-last_seen_at", "-pk")


def end(sessions: QuerySet[UserSession]) -> int:
    """End these sessions on the server; how many there were."""
    keys = list(sessions.values_list("session_key", flat=True))
    Session.objects.filter(session_key__in=keys).delete()
    UserSession.objects.filter(session_key__in=keys).delete()
    return len(keys)


def moved(request: HttpRequest, old_key: str | None) -> None:
    """Django gave this session a new key: keep its place in the owner's list."""
    UserSession.objects.filter(session_key=old_key).update(session_key=request.session.session_key)


# --- "Confirm it is you" ----------------------------------------------------------------------------------------------


def prove(request: HttpRequest) -> None:
    """Password (and code) were given again just now."""
    request.session[PROVED] = _now()


def is_fresh(request: HttpRequest) -> bool:
    """True while the last check of password and code is recent enough for a sensitive change."""
    last = request.session.get(PROVED, request.session.get(SIGNED_IN, 0))
    return _now() - last <= settings.FRESH_SIGN_IN_SECONDS


def fresh_sign_in(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """For views of sensitive changes: ask for password and code again when the last check is too long ago."""

    @functools.wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if is_fresh(request):
            return view(request, *args, **kwargs)
        return confirm_first(request)

    return guarded


def confirm_first(request: HttpRequest) -> HttpResponse:
    """To the "confirm it is you" page and back."""
    return redirect(f"{reverse('confirm')}?{urlencode({'next': request.get_full_path()})}")
