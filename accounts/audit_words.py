"""What events are called on the audit log page. Apps above this one add their own words when they start."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

WORDS: dict[str, str | Promise] = {
    "member.joined": _("Member joined"),
    "member.role_changed": _("Role changed"),
    "member.updated": _("Member changed"),
    "member.deactivated": _("Member deactivated"),
    "member.reactivated": _("Member reactivated"),
    "invitation.sent": _("Invitation sent"),
    "invitation.revoked": _("Invitation revoked"),
    "invitation.accepted": _("Invitation accepted"),
    "organisation.founded": _("Organisation founded"),
    "organisation.settings_changed": _("Settings changed"),
    "user.profile_changed": _("Profile changed"),
    "user.notifications_chosen": _("Notifications chosen"),
    "user.password_changed": _("Password changed"),
    "user.device_added": _("Authenticator added"),
    "user.device_removed": _("Authenticator removed"),
    "user.recovery_codes_made": _("Recovery codes made"),
    "user.recovery_code_used": _("Recovery code used"),
}

LABELS: dict[str, str | Promise] = {}
"""What fields are called that have no name of their own."""

STATES: dict[str, str | Promise] = {}
"""What the states are called that records are counted by."""


def word_for(action: str) -> str:
    """The action in words; one that nobody has named as it is stored."""
    return str(WORDS.get(action, action))
