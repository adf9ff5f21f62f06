"""What events are called on the audit log page. Apps above this one add their own words when they start."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from accounts import holiday_calendars, weekdays
from accounts.key_areas import in_words
from accounts.models import DayOff

WORDS: dict[str, str | Promise] = {
    "member.joined": _("Member joined"),
    "member.role_changed": _("Role changed"),
    "member.updated": _("Member changed"),
    "member.deactivated": _("Member deactivated"),
    "member.reactivated": _("Member reactivated"),
    "working_time.added": _("Change of working time added"),
    "working_time.changed": _("Change of working time changed"),
    "working_time.removed": _("Change of working time removed"),
    "day_off.added": _("Days off added"),
    "day_off.changed": _("Days off changed"),
    "day_off.removed": _("Days off removed"),
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
    "api_key.created": _("API key made"),
    "api_key.changed": _("API key changed"),
    "api_key.revoked": _("API key revoked"),
    "user.portal_signed_in": _("Signed in to the portal"),
    "user.portal_signed_out": _("Signed out of the portal"),
    "user.calendar_made": _("Calendar address made"),
    "user.calendar_renewed": _("Calendar address replaced"),
    "user.calendar_ended": _("Calendar address switched off"),
}

LABELS: dict[str, str | Promise] = {
    "working_time_from": _("From"),
    "day_off_name": _("Day off"),
    "day_off_first_on": _("First day"),
    "day_off_last_on": _("Last day"),
    "day_off_part": _("How much"),
}
"""What fields are called that have no name of their own."""

SHOWN: dict[str, Callable[[Any], str]] = {
    "working_weekdays": weekdays.in_words,
    "day_off_part": lambda part: str(DayOff.Part(part).label),
    "areas": in_words,
    "holiday_calendar": lambda code: holiday_calendars.name_of(code) if code != "-" else _now("None"),
}
"""How values are shown that say nothing as they are stored, by the names of their fields."""

STATES: dict[str, str | Promise] = {}
"""What the states are called that records are counted by."""


def word_for(action: str) -> str:
    """The action in words; one that nobody has named as it is stored."""
    return str(WORDS.get(action, action))
