"""Who calls: from what stands in the `Authorization` header to the member whom it stands for."""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass

from django.conf import settings
from django.http import HttpRequest

from accounts.middleware import memberships_of
from accounts.models import AccessToken, ApiKey, Membership, User
from accounts.services import access_tokens, api_keys

Kind = ApiKey.Kind


class Unauthorised(Exception):
    """No key or token that opens this (401). Neither `code` nor `message` tells which part of it is wrong."""

    def __init__(self, code: str = "unauthorized", message: str = "A valid key or token is needed.") -> None:
        super().__init__(code)
        self.code = code
        self.message = message


@dataclass(frozen=True)
class Caller:
    """A key's member in its organisation, or a person with a token, who may belong to several organisations."""

    credential: str
    """ "key:12" or "user:7": what limits and idempotency keys are counted by."""
    limit: int
    """Requests a minute."""
    key: ApiKey | None = None
    member: Membership | None = None
    """None for a person who has not named the organisation."""
    user: User | None = None
    memberships: tuple[Membership, ...] = ()


def bearer(request: HttpRequest) -> str:
    """The token of an `Authorization: Bearer …` header; empty where there is none."""
    scheme, _space, token = request.headers.get("Authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""


def basic(request: HttpRequest) -> tuple[str, str]:
    """User name and password of an `Authorization: Basic …` header; empty texts where they can't be read."""
    scheme, _space, value = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "basic":
        return "", ""
    try:
        name, _colon, password = base64.b64decode(value.strip(), validate=True).decode().partition(":")
    except (binascii.Error, ValueError):
        return "", ""
    return name, password


def of_token_key(kind: str, token: str) -> Caller:
    """The caller behind a one-piece key of this kind. Raises Unauthorised."""
    return of_key(api_keys.find(kind, *api_keys.split(token)))


def of_key(key: ApiKey | None) -> Caller:
    """The caller behind a key that was found. Raises Unauthorised for none."""
    if key is None:
        raise Unauthorised
    member = api_keys.arm(key)
    return Caller(f"key:{key.pk}", api_keys.limit_of(key), key, member, member.user, (member,))


def of_person(token: str) -> Caller:
    """The person behind a portal token, with the memberships that they have now. Raises Unauthorised.

    Whoever owes a second factor since the token was issued owes it here as well.
    """
    found = access_tokens.find(AccessToken.Use.PORTAL, token)
    if found is None or found.user is None or not found.user.is_active:
        raise Unauthorised
    members = memberships_of(found.user)
    if not found.verified:
        if members and members[0].has_device:  # type: ignore[attr-defined]  # annotated
            raise Unauthorised
        members = [member for member in members if not member.organisation.require_second_factor]
    user = found.user
    return Caller(f"user:{user.pk}", settings.API_REQUESTS_PER_KEY, user=user, memberships=tuple(members))
