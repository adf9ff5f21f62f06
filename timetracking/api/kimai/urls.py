"""The addresses of the Kimai format."""

from __future__ import annotations

from timetracking.api.kimai import lookups, timesheets
from timetracking.api.kimai.api import API
from timetracking.api.kimai.surface import SURFACE
from timetracking.api.surface import mount

API.add_router("", timesheets.router)
API.add_router("", lookups.router)

patterns = mount(SURFACE, API, "kimai/api/")
