"""The addresses of the own API."""

from __future__ import annotations

from timetracking.api.native import who
from timetracking.api.native.api import API
from timetracking.api.native.surface import SURFACE
from timetracking.api.surface import mount

API.add_router("", who.router)

patterns = mount(SURFACE, API, "api/v1/")
