"""Make, change and revoke API keys, and find the member behind one."""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac
import secrets
from collections.abc import Collection, Iterable
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import audit
from accounts.key_areas import AREAS, permissions_of
from accounts.models import ApiKey, Membership, Organisation, User
from accounts.models.user import PROGRAMS
from accounts.permissions import Permission, Role, require
from timesheets_site.lib import texts
from timesheets_site.lib.errors import OutOfReach, RuleViolation

PREFIX = "ts"
SECRET_BYTES = 32
USED_EVERY = dt.timedelta(minutes=1)
"""How exact "last used" is; so that not every request writes it."""
AUDITED = ("member_id", "kind", "name", "areas", "read_only", "requests_per_minute", "expires_at", "revoked_at")
LONGEST_LIFE = dt.timedelta(days=5 * 366)
LIVE_KEYS = 200
"""Of one member."""


def digest_of(secret: str) -> str:
    """What is stored of a secret: SHA-256, in hex."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


@transaction.atomic
def create(
    actor: Membership,
    *,
    member: Membership,
    kind: str,
    name: str,
    areas: Collection[str],
    read_only: bool = False,
    expires_at: dt.datetime | None = None,
    requests_per_minute: int | None = None,
    secret: str = "",
    public_id: str = "",
) -> tuple[ApiKey, str]:
    """A new key of `member`, and its secret, which is not stored.

    One's own, or, by admins, of an integration. `secret` and `public_id` are drawn unless given (demo data). Raises
    NotAllowed, OutOfReach, or RuleViolation: not_for_people, member_inactive, kind_unknown, admin_needed,
    too_many_keys, name_required, areas_required, expires_past, limit_unreadable.
    """
    require(actor, Permission.MANAGE_API_KEYS, owner=member)
    _own_or_integrations(actor, member)
    if not member.is_active:
        raise RuleViolation("member_inactive", _("Reactivate it first: its keys open nothing now."), "member")
    if kind not in ApiKey.Kind.values:
        raise RuleViolation("kind_unknown", _("Choose what the key opens"), "kind")
    if kind == ApiKey.Kind.GROW and member.role != Role.ADMIN:
        raise RuleViolation("admin_needed", _("Keys of the Grow CRM format are an admin's."), "kind")
    if ApiKey.objects.live(timezone.now()).filter(member=member).count() >= LIVE_KEYS:
        text = _("There are %(count)s keys already. Revoke those that nothing uses any more.")
        raise RuleViolation("too_many_keys", text % {"count": LIVE_KEYS})
    key = ApiKey(
        member=member,
        kind=kind,
        public_id=public_id or f"{PREFIX}_{kind[:4]}_{secrets.token_hex(6)}",
        created_by=actor,
        created_at=timezone.now(),
    )
    _limit(key, name, areas, read_only, expires_at, requests_per_minute)
    secret = secret or secrets.token_urlsafe(SECRET_BYTES)
    key.digest = digest_of(secret)
    key.save()
    changes = {field: (None, getattr(key, field)) for field in AUDITED if getattr(key, field) not in (None, "")}
    audit.record(actor, "api_key.created", key, changes=changes)
    return key, (secret if kind in ApiKey.PAIRS else f"{key.public_id}_{secret}")


def is_free(public_id: str) -> bool:
    """Has no key this public part, whosever it is?"""
    return not ApiKey.unscoped.filter(public_id=public_id).exists()


@transaction.atomic
def change(
    actor: Membership,
    key_id: int,
    *,
    version: int | None,
    name: str,
    areas: Collection[str],
    read_only: bool,
    expires_at: dt.datetime | None,
    requests_per_minute: int | None = None,
) -> ApiKey:
    """Limit a key otherwise, from the next request on: one's own, or, by admins, of an integration.

    Raises OutOfReach, Conflict, or RuleViolation: key_revoked, and as `create`.
    """
    key = _locked(actor, key_id, version)
    _own_or_integrations(actor, key.member)
    if key.revoked_at is not None:
        raise RuleViolation("key_revoked", _("This key was revoked. Make a new one."))
    before = audit.snapshot(key, AUDITED)
    _limit(key, name, areas, read_only, expires_at, requests_per_minute)
    if changes := audit.difference(before, key):
        key.save()
        audit.record(actor, "api_key.changed", key, changes=changes)
    return key


@transaction.atomic
def revoke(actor: Membership, key_id: int) -> ApiKey:
    """End a key, and every token that was issued for it, at once and for ever. Done twice it is done once."""
    key = _locked(actor, key_id, None)
    if key.revoked_at is None:
        key.revoked_at, key.revoked_by = timezone.now(), actor
        key.save()
        audit.record(actor, "api_key.revoked", key, changes={"revoked_at": (None, key.revoked_at)})
    return key


def of_person(memberships: Iterable[Membership]) -> QuerySet[ApiKey]:
    """The keys of a person in all of their organisations, given by what the gate found: latest first."""
    own = ApiKey.unscoped.filter(member__in=[member.pk for member in memberships])
    return own.select_related("organisation", "member__user").order_by("-pk")


def live_of(user: User) -> int:
    """How many keys of a person open something now, in all of their organisations."""
    own = ApiKey.unscoped.filter(member__user=user, member__is_active=True, organisation__is_active=True)
    return own.filter(Q(expires_at__isnull=True) | Q(expires_at__gt=timezone.now()), revoked_at__isnull=True).count()


def _own_or_integrations(actor: Membership, member: Membership) -> None:
    if member.pk != actor.pk and not member.is_integration:
        raise RuleViolation("not_for_people", _("People make their own keys. Choose an integration."), "member")


def _locked(actor: Membership, key_id: int, version: int | None) -> ApiKey:
    if not ApiKey.objects.visible_to(actor).filter(pk=key_id).exists():
        raise OutOfReach
    return ApiKey.objects.locked(key_id, version)


def _limit(
    key: ApiKey,
    name: str,
    areas: Collection[str],
    read_only: bool,
    expires_at: dt.datetime | None,
    requests_per_minute: int | None,
) -> None:
    name = texts.at_most(name, 80, "name")
    if not name:
        raise RuleViolation("name_required", _("Say what the key is for"), "name")
    if not set(areas) or not set(areas) <= AREAS.keys():
        raise RuleViolation("areas_required", _("Choose at least one area"), "areas")
    now = timezone.now()
    if expires_at is not None and expires_at != key.expires_at and not now < expires_at <= now + LONGEST_LIFE:
        raise RuleViolation("expires_past", _("Choose a day from tomorrow on, at most five years ahead"), "expires_on")
    if requests_per_minute is not None and not 1 <= requests_per_minute <= 100_000:
        raise RuleViolation("limit_unreadable", _("Enter a number from 1 to 100,000"), "requests_per_minute")
    key.name, key.areas, key.read_only = name, [area for area in AREAS if area in areas], read_only
    key.expires_at, key.requests_per_minute = expires_at, requests_per_minute


@transaction.atomic
def create_integration(actor: Membership, *, name: str, role: str) -> Membership:
    """A member that is a program: it can be given keys, and nobody can sign in as it.

    Raises NotAllowed, or RuleViolation name_required, role_unknown.
    """
    require(actor, Permission.MANAGE_MEMBERS)
    name = texts.at_most(name, 150, "name")
    if not name:
        raise RuleViolation("name_required", _("Name the program"), "name")
    if role not in tuple(Role):
        raise RuleViolation("role_unknown", _("Choose a role"), "role")
    user = User(email=f"integration-{secrets.token_hex(8)}{PROGRAMS}", name=name)
    user.set_unusable_password()
    user.save()
    member = Membership(user=user, role=role, display_name=name, weekly_capacity_minutes=0, is_integration=True)
    member.save()
    audit.record(actor, "member.joined", member, changes={"role": (None, role), "is_integration": (None, True)})
    return member


# --- At a request -----------------------------------------------------------------------------------------------------


def split(token: str) -> tuple[str, str]:
    """A one-piece key as (public id, secret); empty texts where it can't be one.

    >>> split("ts_api_0011aabbccdd_SeCrEt_x"), split("nonsense")
    (('ts_api_0011aabbccdd', 'SeCrEt_x'), ('', ''))
    """
    parts = token.split("_", 3)
    return ("_".join(parts[:3]), parts[3]) if len(parts) == 4 and parts[0] == PREFIX else ("", "")


def find(kind: str, public_id: str, secret: str) -> ApiKey | None:
    """The live key with its member, user and organisation; None for any reason at all, which is told to nobody.

    Looks across organisations, as a sign-in does: the key says which one it belongs to.
    """
    if not public_id or not secret or len(public_id) > 24 or not public_id.isascii() or not public_id.isprintable():
        return None
    rows = ApiKey.unscoped.select_related("member__user", "organisation").order_by()
    key: ApiKey | None = next(iter(rows.filter(public_id=public_id, kind=kind)[:1]), None)
    if key is None or not hmac.compare_digest(key.digest, digest_of(secret)):
        return None
    return key if _may_act(key) else None


def find_by_id(key_id: int) -> ApiKey | None:
    """The same for a token that was issued for the key."""
    key = ApiKey.unscoped.select_related("member__user", "organisation").filter(pk=key_id).first()
    return key if key is not None and _may_act(key) else None


def _may_act(key: ApiKey) -> bool:
    member = key.member
    return key.is_live() and member.is_active and member.user.is_active and key.organisation.is_active


def arm(key: ApiKey) -> Membership:
    """The member whom the key stands for, with what the key leaves of their permissions."""
    member = key.member
    member.organisation = key.organisation
    member.key_permissions = permissions_of(key.areas)
    return member


def note_use(key: ApiKey, address: str | None) -> None:
    """When, and from where, the key was used last, to the minute."""
    now = timezone.now()
    if key.last_used_at is None or now - key.last_used_at >= USED_EVERY or key.last_used_from != address:
        ApiKey.unscoped.filter(pk=key.pk).update(last_used_at=now, last_used_from=address)


def limit_of(key: ApiKey) -> int:
    """Requests a minute."""
    return key.requests_per_minute or settings.API_REQUESTS_PER_KEY


def main_administrator(organisation: Organisation) -> Membership | None:
    """The first active admin who is a person: whom keys of the Grow CRM format act as."""
    admins: Any = Membership.objects.filter(role=Role.ADMIN, is_active=True, is_integration=False)
    member: Membership | None = admins.select_related("user").order_by("pk").first()
    if member is not None:
        member.organisation = organisation
    return member
