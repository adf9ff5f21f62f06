"""Who may decide on time at all: the organisation's active managers and admins, who are people."""

from __future__ import annotations

from typing import Any

from accounts.models import Membership

ROLES = (Membership.Role.MANAGER, Membership.Role.ADMIN)


def approving_members() -> Any:
    """Those members, of the active organisation."""
    return Membership.objects.people().filter(role__in=ROLES)
