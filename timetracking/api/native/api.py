"""The own API as one description; its operations are in the modules beside it, one for each noun."""

from __future__ import annotations

from ninja.security import HttpBearer

from timetracking.api.native.surface import SURFACE
from timetracking.api.surface import new_api


class Bearer(HttpBearer):
    """Names the scheme in the description; the key was asked for at the door."""

    def authenticate(self, request: object, token: str) -> bool:
        return True


API = new_api(
    SURFACE,
    title="Timesheets API",
    description="Time entries, timesheets, timers, records, reports and invoices of one organisation.",
    scheme=Bearer(),
)
