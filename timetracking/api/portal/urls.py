"""The addresses of the portal's format."""

from __future__ import annotations

from timetracking.api.portal import entries, sign_in
from timetracking.api.portal.api import API
from timetracking.api.portal.surface import SURFACE
from timetracking.api.surface import mount

API.add_router("", sign_in.router)
API.add_router("", entries.router)

patterns = mount(SURFACE, API, "api/", public={"login"})
