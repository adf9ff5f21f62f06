"""GET /api/openapi.json: every operation of every surface as one OpenAPI 3.1 document, built once in each process."""

from __future__ import annotations

import functools
import hashlib
import json
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.urls import get_resolver
from django.utils.cache import get_conditional_response, patch_cache_control
from ninja import NinjaAPI

from timetracking.api.openapi.by_hand import BY_HAND
from timetracking.api.openapi.surfaces import Described, described
from timetracking.api.refusals import LARGEST_BODY, BadRequest
from timetracking.api.surface import MOUNTED, Surface, per_minute

VERSION = "1"
ABOUT = "One store of time, spoken to in several formats: our own, and those that existing programs speak already."
COMMON = (
    ("Keys", "are made on the page API keys of one's settings, one for each program, and go in the header "
     "Authorization. A key does at most what its member may do now."),
    ("Limits", "are {per_minute:,} requests a minute for each key unless the key says otherwise (429 with "
     "Retry-After), and bodies of at most {largest:,} bytes (413)."),
    ("Paths", "are answered with and without a slash at their end. Every GET may be asked as HEAD. What is not "
     "described does not exist (404); a method that is not described is answered 405 with Allow."),
    ("Refusals", "have the shape of their format. Ids of other organisations are answered as unknown ones: 404."),
    ("Repeating", "a POST with the same Idempotency-Key has one effect, however often it is sent within 24 hours."),
)  # fmt: skip


def common() -> tuple[tuple[str, str], ...]:
    """What holds for all surfaces: a heading and a sentence each."""
    return tuple((name, words.format(per_minute=per_minute(), largest=LARGEST_BODY)) for name, words in COMMON)


def document(surface: str = "") -> dict[str, Any]:
    """The description of one surface, or of all. Raises BadRequest for a surface that is not there."""
    if surface and surface not in names():
        raise BadRequest(f"There are these surfaces: {', '.join(names())}.", "unknown_surface", "surface")
    parts = Described()
    for name in names() if not surface else [surface]:
        parts.add(parts_of(name))
    words = "\n".join([ABOUT, "", *(f"- **{name}** {sentence}" for name, sentence in common())])
    return {
        "openapi": "3.1.0",
        "info": {"title": "Timesheets", "version": VERSION, "description": words},
        "servers": [{"url": "/"}],
        "tags": [{"name": name, "description": words} for name, words in sorted(parts.tags.items())],
        "paths": dict(sorted(parts.paths.items())),
        "components": {
            "schemas": dict(sorted(parts.schemas.items())),
            "responses": dict(sorted(parts.responses.items())),
            "securitySchemes": dict(sorted(parts.security.items())),
        },
    }


@functools.cache
def parts_of(surface: str) -> Described:
    """What is said of one surface; nobody changes it."""
    parts = Described()
    for each, api, prefix in mounted():
        if each.name == surface:
            parts.add(described(each, api, prefix))
    if surface in BY_HAND:
        parts.add(BY_HAND[surface]())
    _name_once(parts)
    return parts


def names() -> list[str]:
    """The surfaces that can be named."""
    return sorted({each.name for each, _api, _prefix in mounted()} | set(BY_HAND))


def mounted() -> list[tuple[Surface, NinjaAPI, str]]:
    """What the site's addresses mount; they are read first, where nobody has yet."""
    get_resolver().url_patterns  # noqa: B018  # reading them is what mounts
    return MOUNTED


def _name_once(parts: Described) -> None:
    """An operation that answers several methods, or at several addresses, has a name for each."""
    taken: set[str] = set()
    for _path, operations in sorted(parts.paths.items()):
        for method, operation in operations.items():
            name = wanted = operation["operationId"]
            number = 1
            while name in taken:
                name, number = f"{wanted}_{method}" if number == 1 else f"{wanted}_{method}_{number}", number + 1
            operation["operationId"] = name
            taken.add(name)


@functools.cache
def written(surface: str = "") -> tuple[bytes, str]:
    """The document as JSON, and its ETag."""
    text = json.dumps(document(surface), ensure_ascii=False, separators=(",", ":")).encode()
    return text, f'"{hashlib.sha256(text).hexdigest()[:32]}"'


def openapi_json(request: HttpRequest) -> HttpResponse:
    """The description of all surfaces, or of the one that `surface` names. Open to everybody."""
    if request.method not in ("GET", "HEAD"):
        return HttpResponseNotAllowed(["GET", "HEAD"])
    text, etag = written(request.GET.get("surface", "")[:40])
    # Weak tags count as well: a proxy that compresses makes them of ours.
    known = get_conditional_response(request, etag=etag)
    response = known or HttpResponse(text, content_type="application/json")
    response["ETag"] = etag
    patch_cache_control(response, max_age=300)
    return response
