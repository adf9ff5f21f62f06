"""API keys as pages show them: rows of lists, and what a client is to be told."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.key_areas import in_words
from accounts.models import ApiKey, Membership
from timesheets_site.lib import dates
from timesheets_site.lib.addresses import address
from timesheets_site.lib.printable import Printable

ENDED_SHOWN = 50


@dataclass(frozen=True)
class KeyRow(Printable):
    id: int
    name: str
    kind: str
    public_id: str
    organisation: str
    whose: str
    areas: str
    read_only: bool
    made: str
    used: str
    last_day: str
    ended: str
    """How it ended, in a word; empty for a live one."""
    change_url: str
    """Empty where it can't be changed by who looks."""
    revoke_url: str


@dataclass(frozen=True)
class Direction(Printable):
    """One thing that a client asks for. `value` is empty for the secret, where it is not shown any more."""

    label: str
    value: str
    is_secret: bool = False


def own_rows(keys: Iterable[ApiKey]) -> tuple[list[KeyRow], list[KeyRow]]:
    """A person's own keys, given latest first: the live ones, and the latest of those that ended."""
    rows = [_row(key, "me-token", "me-token-revoke") for key in keys]
    return [row for row in rows if not row.ended], [row for row in rows if row.ended][:ENDED_SHOWN]


def organisation_rows(keys: Iterable[ApiKey]) -> list[KeyRow]:
    """Keys of an organisation's members, for its admins, who change those of programs alone."""
    return [_row(key, "integration-key", "integration-key-revoke", slug=key.organisation.slug) for key in keys]


def _row(key: ApiKey, change: str, revoke: str, slug: str = "") -> KeyRow:
    parts = (slug, key.pk) if slug else (key.pk,)
    may_change = not slug or key.member.is_integration
    ended = _("Revoked") if key.revoked_at else "" if key.is_live() else _("Expired")
    last_day = _day(key.revoked_at) if key.revoked_at else dates.full(key.expires_on) if key.expires_on else _("None")
    used = _moment(key.last_used_at) if key.last_used_at else ""
    return KeyRow(
        id=key.pk,
        name=key.name,
        kind=key.get_kind_display(),
        public_id=key.public_id,
        organisation=key.organisation.name,
        whose=key.member.display_name,
        areas=in_words(key.areas),
        read_only=key.read_only,
        made=_day(key.created_at),
        used=f"{used} · {key.last_used_from}" if used and key.last_used_from else used,
        last_day=last_day,
        ended=ended,
        change_url="" if key.revoked_at or not may_change else address(change, *parts),
        revoke_url="" if key.revoked_at else address(revoke, *parts),
    )


def _user_of(member: Membership) -> str:
    """What names a member beside the company: the employee number, else the address (of a program its id)."""
    return member.employee_number or (str(member.pk) if member.is_integration else member.user.email)


def _day(instant: dt.datetime) -> str:
    return dates.full(timezone.localtime(instant).date())


def _moment(instant: dt.datetime) -> str:
    return dates.moment(instant, timezone.get_current_timezone())


def directions(key: ApiKey, site: str, secret: str = "") -> list[Direction]:
    """What to type into a client. `site` is our address without a final slash; `secret` is known only once."""
    hidden = Direction(_("API key"), secret, is_secret=True)
    server = Direction(_("Server address"), site)
    header = Direction(_("Header"), "Authorization: Bearer …")
    company = Direction(_("Company id"), key.organisation.slug)
    if key.kind == ApiKey.Kind.CONNECTWISE:
        public = Direction(_("Public key"), key.public_id)
        return [server, company, public, Direction(_("Private key"), secret, is_secret=True)]
    if key.kind == ApiKey.Kind.INTACCT:
        return [
            Direction(_("Server address"), f"{site}/ia/api/v1"),
            Direction(_("Token address"), f"{site}/ia/api/v1/oauth2/token"),
            Direction(_("Client id"), key.public_id),
            Direction(_("Client secret"), secret, is_secret=True),
            Direction(_("User name"), f"{_user_of(key.member)}@{key.organisation.slug}"),
        ]
    if key.kind == ApiKey.Kind.KIMAI:
        user = Direction(_("User name"), key.member.user.email)
        return [Direction(_("Server address"), f"{site}/kimai"), user, hidden]
    if key.kind == ApiKey.Kind.GROW:
        return [Direction(_("Server address"), f"{site}/api"), hidden, header]
    return [Direction(_("Server address"), f"{site}/api/v1"), hidden, header]
