"""What an API key may touch: areas that people choose from, as the permissions that each gives.

A key never does more than its member may do now: an area only leaves permissions out.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from django.utils.functional import Promise
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from accounts.permissions import Permission

ALWAYS = frozenset({Permission.READ_NOTIFICATIONS})


class Area(NamedTuple):
    """`label` is what a person reads when choosing."""

    label: str | Promise
    permissions: frozenset[Permission]


AREAS: dict[str, Area] = {
    "time": Area(
        _("Time entries and timers"),
        frozenset({Permission.VIEW_TIME, Permission.LOG_TIME, Permission.EDIT_TIME, Permission.EXPORT_TIME}),
    ),
    "timesheets": Area(_("Submitting and recalling weeks"), frozenset({Permission.SUBMIT_TIMESHEET})),
    "approvals": Area(_("Approving and rejecting"), frozenset({Permission.APPROVE_TIMESHEET})),
    "records": Area(
        _("Clients, projects, tickets and other records"),
        frozenset({Permission.VIEW_CATALOGUE, Permission.MANAGE_CATALOGUE}),
    ),
    "members": Area(_("Members"), frozenset({Permission.VIEW_MEMBERS})),
    "rates": Area(_("Rates and amounts"), frozenset({Permission.SEE_RATES})),
    "reports": Area(_("Reports"), frozenset({Permission.VIEW_REPORTS})),
    "invoices": Area(_("Invoices"), frozenset({Permission.MANAGE_INVOICES})),
    "webhooks": Area(_("Webhooks"), frozenset({Permission.MANAGE_WEBHOOKS})),
}


def permissions_of(areas: Iterable[str]) -> frozenset[Permission]:
    """The permissions that these areas leave a key.

    >>> Permission.LOG_TIME in permissions_of(["time"]), Permission.SEE_RATES in permissions_of(["time", "gone"])
    (True, False)
    """
    return ALWAYS.union(*(AREAS[area].permissions for area in areas if area in AREAS))


def in_words(codes: Iterable[str]) -> str:
    """What people read: `Time entries and timers, Reports`, or `Everything`; a code that is no more as it is."""
    codes = list(codes)
    if set(codes) >= AREAS.keys():
        return _now("Everything")
    return ", ".join(str(AREAS[code].label) if code in AREAS else str(code) for code in codes)
