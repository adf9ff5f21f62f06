"""Browsers that have completed a sign-in: each keeps a secret in a signed cookie, one row here for each user."""

from __future__ import annotations

import hashlib
import secrets

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from accounts.models import TrustedBrowser, User

SALT = "accounts.browser"
LIFETIME_SECONDS = 400 * 24 * 3600  # the longest that browsers keep a cookie


def _token(request: HttpRequest) -> str | None:
    return request.get_signed_cookie(settings.BROWSER_COOKIE_NAME, None, salt=SALT, max_age=LIFETIME_SECONDS)


def _hash(token: str, user_id: int) -> str:
    return hashlib.sha256(f"{user_id}:{token}".encode()).hexdigest()


def recognise(request: HttpRequest | None, user_id: int | None) -> int | None:
    """Id of the TrustedBrowser that this request comes from, if this user has signed in with it before."""
    token = _token(request) if request is not None else None
    if token is None:
        return None
    # A query for an unknown user as well, so that the answer takes as long.
    found = TrustedBrowser.objects.filter(user_id=user_id or 0, token_hash=_hash(token, user_id or 0))
    return found.values_list("pk", flat=True).first()


def trust(request: HttpRequest, response: HttpResponse, user: User) -> None:
    """Remember that this user has signed in completely with this browser."""
    token = _token(request) or secrets.token_urlsafe(32)
    TrustedBrowser.objects.update_or_create(
        token_hash=_hash(token, user.pk), defaults={"user": user, "last_used_at": timezone.now()}
    )
    response.set_signed_cookie(
        settings.BROWSER_COOKIE_NAME,
        token,
        salt=SALT,
        max_age=LIFETIME_SECONDS,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )
