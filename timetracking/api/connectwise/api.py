"""One set of operations, mounted twice: below /time/ with the short words, below the vendor's path with its words.

`vocabulary.mount_of(request)` tells an operation which of them was called. Modules with operations have a `router`.
"""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern
from ninja import NinjaAPI, Router
from ninja.security import HttpBasicAuth

from timetracking.api.connectwise.surface import SURFACE, InvalidObject, object_refused
from timetracking.api.surface import mount, new_api

MOUNTS = ("", "v4_6_release/apis/3.0/")


class KeyPair(HttpBasicAuth):
    """Names the scheme in the description; the key was asked for at the door."""

    def authenticate(self, request: HttpRequest, username: str, password: str) -> bool:
        return True


API: NinjaAPI = new_api(
    SURFACE,
    title="ConnectWise PSA format",
    description="Time entries, time sheets and what they refer to, as clients of ConnectWise PSA speak of them.",
    scheme=KeyPair(),
)


@API.exception_handler(InvalidObject)
def invalid(request: HttpRequest, error: Any) -> HttpResponse:
    return object_refused(request, *error.problems)


def mounted(**routers: Router) -> list[URLPattern]:
    """The addresses of these routers, {what stands below /time/: router}, at both mounts."""
    for path, router in routers.items():
        API.add_router(f"/time/{path}", router)
    return [pattern for prefix in MOUNTS for pattern in mount(SURFACE, API, prefix)]
