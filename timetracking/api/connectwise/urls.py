"""The addresses of this surface."""

from __future__ import annotations

from django.urls import URLPattern

from timetracking.api.connectwise import discovery, entries, lookups, sheets
from timetracking.api.connectwise.api import API, mounted
from timetracking.api.connectwise.surface import SURFACE
from timetracking.api.surface import mount

__all__ = ["SURFACE", "patterns"]

API.add_router("/system", discovery.SYSTEM)
patterns: list[URLPattern] = [
    *mount(SURFACE, discovery.API, "login/", public={"company_info"}),
    *mounted(
        entries=entries.router,
        sheets=sheets.router,
        workTypes=lookups.WORK_TYPES.router,
        workRoles=lookups.WORK_ROLES.router,
        chargeCodes=lookups.CHARGE_CODES.router,
    ),
]
