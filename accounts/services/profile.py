"""What people set for themselves: name, time zone, look."""

from __future__ import annotations

from typing import TypedDict, Unpack

from django.db import transaction

from accounts import audit
from accounts.models import Membership, User
from accounts.tenancy import organisation_scope


class ProfileFields(TypedDict, total=False):
    """What a person may set on their own account."""

    name: str
    time_zone: str  # IANA name; empty for the organisation's
    theme: str
    single_key_shortcuts: bool


def create(email: str, *, name: str, password: str | None = None) -> User:
    """A new account; without a password nobody can sign in with it until they set one by a link."""
    return User.objects.create_user(email, password, name=name)


@transaction.atomic
def edit(user: User, **fields: Unpack[ProfileFields]) -> User:
    """Store a person's own settings; a new name shows in all their organisations."""
    user = User.objects.select_for_update().get(pk=user.pk)
    before = audit.snapshot(user, fields)
    for name, value in fields.items():
        setattr(user, name, value)
    changes = audit.difference(before, user)
    if not changes:
        return user
    user.save(update_fields=list(changes))
    if "name" in changes:
        for member in Membership.unscoped.filter(user=user):
            with organisation_scope(member.organisation_id):
                Membership.objects.filter(pk=member.pk).update(display_name=user.name)
        changes["name"] = (audit.MASK, audit.MASK)
    audit.record_account(user, "user.profile_changed", changes=changes)
    return user
