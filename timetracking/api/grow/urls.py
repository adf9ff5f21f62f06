"""The addresses of the Grow CRM format."""

from __future__ import annotations

from timetracking.api.grow import records, timers, timesheets
from timetracking.api.grow.api import API
from timetracking.api.grow.surface import SURFACE
from timetracking.api.surface import mount

__all__ = ["SURFACE", "patterns"]
API.add_router("/timesheets", timesheets.router)
API.add_router("", timers.router)
API.add_router("", records.router)

patterns = mount(SURFACE, API, "api/")
