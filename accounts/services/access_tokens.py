"""Tokens that are issued at a sign-in: to a person for the portal, to a program by OAuth 2. Only hashes are stored."""

from __future__ import annotations

import datetime as dt
import secrets
from dataclasses import dataclass

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from accounts import audit
from accounts.models import AccessToken, ApiKey, User
from accounts.services.api_keys import digest_of
from timesheets_site.lib.logs import REMOTE_ADDRESS

Use = AccessToken.Use


@dataclass(frozen=True)
class Issued:
    """`token` is shown once; `refresh` is empty where there is none. `seconds` until the first one expires."""

    token: str
    refresh: str
    seconds: int


@transaction.atomic
def issue_to_person(user: User, *, verified: bool) -> Issued:
    """For the portal, after password and code. `verified`: a second factor was given."""
    seconds = settings.PORTAL_TOKEN_SECONDS
    token = _issue(Use.PORTAL, seconds, user=user, verified=verified)
    audit.record_account(user, "user.portal_signed_in")
    return Issued(token, "", seconds)


@transaction.atomic
def issue_for_key(key: ApiKey) -> Issued:
    """An access and a refresh token of OAuth 2. Runs in the scope of the key's organisation."""
    token = _issue(Use.OAUTH_ACCESS, settings.OAUTH_TOKEN_SECONDS, key=key)
    refresh = _issue(Use.OAUTH_REFRESH, settings.OAUTH_REFRESH_SECONDS, key=key)
    return Issued(token, refresh, settings.OAUTH_TOKEN_SECONDS)


def _issue(
    use: Use, seconds: int, *, user: User | None = None, key: ApiKey | None = None, verified: bool = False
) -> str:
    now = timezone.now()
    token = secrets.token_urlsafe(32)
    AccessToken.objects.create(
        use=use,
        user=user,
        key=key,
        verified=verified,
        digest=digest_of(token),
        created_at=now,
        expires_at=now + dt.timedelta(seconds=seconds),
        created_from=REMOTE_ADDRESS.get(),
    )
    return token


def find(use: str, token: str) -> AccessToken | None:
    """The live token, with its user or key id; None for any reason."""
    now = timezone.now()
    tokens = AccessToken.objects.select_related("user").filter(revoked_at__isnull=True, expires_at__gt=now)
    return tokens.filter(use=use, digest=digest_of(token)).first()


@transaction.atomic
def use_up(token: str) -> AccessToken | None:
    """A refresh token, which works once: of two uses at the same time one gets it."""
    found = find(Use.OAUTH_REFRESH, token)
    if found is None:
        return None
    taken = AccessToken.objects.filter(pk=found.pk, revoked_at__isnull=True).update(revoked_at=timezone.now())
    return found if taken else None


@transaction.atomic
def end(token: str) -> None:
    """Revoke one portal token, as a sign-out does; ended already, or unknown: nothing happens."""
    found = find(Use.PORTAL, token)
    if found is not None and found.user is not None:
        AccessToken.objects.filter(pk=found.pk).update(revoked_at=timezone.now())
        audit.record_account(found.user, "user.portal_signed_out")


def end_all_of(user: User) -> int:
    """Revoke every portal token of a person: after a new password, or when they ask for it. How many there were."""
    live = AccessToken.objects.filter(user=user, revoked_at__isnull=True)
    return live.update(revoked_at=timezone.now())


def forget_old() -> int:
    """Throw away what has expired or was revoked a day ago or longer."""
    day_ago = timezone.now() - dt.timedelta(days=1)
    gone, _each = AccessToken.objects.filter(Q(expires_at__lt=day_ago) | Q(revoked_at__lt=day_ago)).delete()
    return gone
