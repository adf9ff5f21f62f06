"""Who may decide on time at all: the organisation's active managers and admins."""

from __future__ import annotations

from typing import Any

from accounts.models import Membership

ROLES = (Membership.Role.MANAGER, Membership.Role.ADMIN)


def approving_members() -> Any:
    """Those members, of the active organisation."""
    return Membership.objects.filter(is_active=True, user__is_active=True, role__in=ROLES)
