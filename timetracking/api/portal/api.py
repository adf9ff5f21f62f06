"""The portal's format as one description; its operations are in `sign_in` and `entries`."""

from __future__ import annotations

from ninja.security import HttpBearer

from timetracking.api.portal.surface import SURFACE
from timetracking.api.surface import new_api


class AccessToken(HttpBearer):
    """Names the scheme in the description; the token was asked for at the door."""

    def authenticate(self, request: object, token: str) -> bool:
        return True


API = new_api(
    SURFACE,
    title="Portal",
    description="Sign in with e-mail address, password and code; read and write time in all of one's organisations.",
    scheme=AccessToken(),
)
