"""Invitations by e-mail: sent, sent again, revoked, accepted. The secret of the link is only in the mail."""

from __future__ import annotations

import datetime as dt
import hashlib
import secrets
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import audit
from accounts.account_mails import INVITATION
from accounts.models import Invitation, Membership, User
from accounts.models.user import PROGRAMS
from accounts.permissions import Permission, require
from accounts.services import members, outbox
from accounts.tenancy import organisation_scope
from timesheets_site.lib.errors import OutOfReach, RuleViolation

Address = Callable[[str], str]  # makes a full address of a path


@transaction.atomic
def send(actor: Membership, *, email: str, role: str, address: Address) -> Invitation:
    """Invite an e-mail address with a role. Raises NotAllowed, or RuleViolation: not_a_person, already_invited,
    already_member, member_deactivated.
    """
    require(actor, Permission.MANAGE_MEMBERS)
    email = email.strip().lower()
    if email.endswith(PROGRAMS):
        raise RuleViolation("not_a_person", _("Nobody reads mails at this address."), "email")
    if user := User.objects.filter(email=email).first():
        _as_field("email", lambda: members.check_not_member(actor.organisation, user))
    for earlier in _open().filter(email__iexact=email):
        if earlier.expires_at > timezone.now():
            raise _already_invited()
        _revoke(actor, earlier)
    token = secrets.token_urlsafe(32)
    invitation = Invitation(email=email, role=role, invited_by=actor, token_hash=_hash(token), expires_at=_expiry())
    try:
        with transaction.atomic():
            invitation.save()
    except IntegrityError as error:  # somebody else invited them in this moment
        raise _already_invited() from error
    audit.record(actor, "invitation.sent", invitation, changes={"role": (None, role)})
    _mail(actor, invitation, token, address)
    return invitation


@transaction.atomic
def resend(actor: Membership, invitation_id: int, *, address: Address) -> Invitation:
    """Send a new link, good for the full time again; the one before no longer works.

    Raises NotAllowed, OutOfReach, or RuleViolation: invitation_closed.
    """
    require(actor, Permission.MANAGE_MEMBERS)
    invitation = _open_one(invitation_id)
    token = secrets.token_urlsafe(32)
    invitation.token_hash, invitation.expires_at = _hash(token), _expiry()
    invitation.save(update_fields=["token_hash", "expires_at", "version"])
    audit.record(actor, "invitation.sent", invitation, changes={"role": (invitation.role, invitation.role)})
    _mail(actor, invitation, token, address)
    return invitation


@transaction.atomic
def revoke(actor: Membership, invitation_id: int) -> Invitation:
    """Close an invitation: its link no longer works. Raises as `resend`."""
    require(actor, Permission.MANAGE_MEMBERS)
    invitation = _open_one(invitation_id)
    _revoke(actor, invitation)
    return invitation


def by_token(token: str) -> Invitation:
    """The open invitation that a link names, with its organisation. Raises OutOfReach for any other."""
    found = Invitation.unscoped.select_related("organisation").filter(
        token_hash=_hash(token),
        accepted_at__isnull=True,
        revoked_at__isnull=True,
        expires_at__gt=timezone.now(),
        organisation__is_active=True,
    )
    invitation = found.first()
    if invitation is None:
        raise OutOfReach
    return invitation


def accept(token: str, user: User) -> Membership:
    """A user joins. Raises OutOfReach (no such open invitation), or RuleViolation: other_address, already_member,
    member_deactivated.
    """
    invitation = by_token(token)
    if user.email.lower() != invitation.email.lower():
        raise RuleViolation("other_address", _("This invitation is for another e-mail address."))
    with organisation_scope(invitation.organisation_id), transaction.atomic():
        _close(invitation)
        member = members.join(invitation.organisation, user, invitation.role)
        audit.record(member, "invitation.accepted", invitation)
        return member


def accept_as_new(token: str, *, name: str, password: str) -> User:
    """Somebody without an account makes one and joins. The password has been validated.

    Raises OutOfReach, or RuleViolation: account_exists, member_deactivated.
    """
    invitation = by_token(token)
    try:
        with transaction.atomic():
            user = User.objects.create_user(invitation.email, password, name=name)
            accept(token, user)
            return user
    except IntegrityError as error:
        raise RuleViolation("account_exists", _("This e-mail address has an account. Sign in to join.")) from error


def _close(invitation: Invitation) -> None:
    """Use the invitation up, once: of two at the same time the second finds nothing to close."""
    unused = Invitation.objects.filter(
        pk=invitation.pk, token_hash=invitation.token_hash, accepted_at__isnull=True, revoked_at__isnull=True
    )
    if not unused.update(accepted_at=timezone.now(), version=invitation.version + 1):
        raise OutOfReach


def _open() -> Any:
    return Invitation.objects.filter(accepted_at__isnull=True, revoked_at__isnull=True)


def _open_one(invitation_id: int) -> Invitation:
    invitation: Invitation = Invitation.objects.locked(invitation_id, None)
    if invitation.accepted_at or invitation.revoked_at:
        raise RuleViolation("invitation_closed", _("This invitation was accepted or revoked before."))
    return invitation


def _revoke(actor: Membership, invitation: Invitation) -> None:
    invitation.revoked_at = timezone.now()
    invitation.save(update_fields=["revoked_at", "version"])
    audit.record(actor, "invitation.revoked", invitation)


def _mail(actor: Membership, invitation: Invitation, token: str, address: Address) -> None:
    values = {
        "organisation": actor.organisation.name,
        "inviter": actor.display_name,
        "role": invitation.role,
        "link": address(reverse("invitation-accept", args=[token])),
        "days": settings.INVITATION_DAYS,
    }
    outbox.put(invitation.email, INVITATION, values)


def _already_invited() -> RuleViolation:
    text = _("This address has an open invitation. Send it again from the list below.")
    return RuleViolation("already_invited", text, "email")


def _as_field(field: str, check: Callable[[], None]) -> None:
    try:
        check()
    except RuleViolation as refusal:
        refusal.field = field
        raise


def _expiry() -> dt.datetime:
    return timezone.now() + dt.timedelta(days=settings.INVITATION_DAYS)


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()
