"""The addresses of this surface."""

from __future__ import annotations

from timetracking.api.intacct import lines, lists, model, timesheets, token
from timetracking.api.intacct.api import API
from timetracking.api.intacct.query import routes as query
from timetracking.api.intacct.surface import SURFACE
from timetracking.api.surface import mount

API.add_router("", token.router)
API.add_router("", timesheets.router)
API.add_router("", lines.router)
API.add_router("", lists.router)
API.add_router("", model.router)
API.add_router("", query.router)

patterns = mount(SURFACE, API, "ia/api/v1/", public={"token"})
