"""A person's keys, from pages that stand in no organisation: each key is read and written in its own scope."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TypeVar

from accounts.models import ApiKey, Membership
from accounts.services import api_keys
from accounts.tenancy import organisation_scope
from timesheets_site.lib.errors import OutOfReach

T = TypeVar("T")


def find(memberships: Iterable[Membership], key_id: int) -> tuple[Membership, ApiKey]:
    """One of the person's own keys, and the member whose it is. Raises OutOfReach for any other."""
    members = {member.pk: member for member in memberships}
    key: ApiKey | None = api_keys.of_person(members.values()).filter(pk=key_id).first()
    if key is None:
        raise OutOfReach
    return members[key.member_id], key


def within(actor: Membership, act: Callable[[], T]) -> T:
    """What `act` gives, done in the scope of the actor's organisation."""
    with organisation_scope(actor.organisation_id):
        return act()
