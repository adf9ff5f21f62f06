"""The Sage Intacct format as one description; its operations are in the modules beside it."""

from __future__ import annotations

from ninja.security import HttpBearer

from timetracking.api.intacct.surface import SURFACE
from timetracking.api.surface import new_api


class OAuth(HttpBearer):
    """Names the scheme in the description; the token was asked for at the door."""

    def authenticate(self, request: object, token: str) -> bool:
        return True


API = new_api(
    SURFACE,
    title="Sage Intacct format",
    description="Timesheets with their lines, what was approved of them, and the records that they point at.",
    scheme=OAuth(),
)
