"""The addresses of the own API."""

from __future__ import annotations

from timetracking.api.native import (
    approvals,
    bulk,
    catalogue,
    changes,
    entries,
    invoices,
    members,
    reports,
    timers,
    timesheets,
    webhooks,
    who,
)
from timetracking.api.native.api import API
from timetracking.api.native.surface import SURFACE
from timetracking.api.surface import mount

API.add_router("", who.router)
API.add_router("", webhooks.router)
API.add_router("", timers.router)
API.add_router("", timesheets.router)
API.add_router("", approvals.router)
API.add_router("", entries.router)
API.add_router("", bulk.router)
API.add_router("", changes.router)
API.add_router("", members.router)
API.add_router("", reports.router)
API.add_router("", invoices.router)
for noun in catalogue.LISTED:
    API.add_router("", catalogue.router_of(noun))

patterns = mount(SURFACE, API, "api/v1/")
