"""One address serves the whole page and its fragment: which of the two is decided here."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.cache import patch_vary_headers

VARY = ["HX-Request", "HX-Boosted", "HX-History-Restore-Request"]


def wants_fragment(request: HttpRequest) -> bool:
    """True when htmx will swap the answer into a page that is already open."""
    htmx: Any = getattr(request, "htmx", None)
    return bool(htmx) and not htmx.boosted and not htmx.history_restore_request


def open_path(request: HttpRequest) -> str:
    """Path and query of the page that htmx is asking from; empty for other calls, foreign pages and unreadable text."""
    htmx: Any = getattr(request, "htmx", None)
    try:
        return (htmx.current_url_abs_path or "") if htmx else ""
    except ValueError:  # "http://[" is no address
        return ""


def render_page(
    request: HttpRequest, page: str, fragment: str, context: Mapping[str, Any], status: int = 200
) -> HttpResponse:
    """The whole page, or only its fragment when htmx will swap it into a page already open."""
    response = render(request, fragment if wants_fragment(request) else page, dict(context), status=status)
    patch_vary_headers(response, VARY)
    return response


def trigger(response: HttpResponse, **events: Any) -> HttpResponse:
    """Add client events (`say`, `dialog-close`, …) to the `HX-Trigger` header; underscores become hyphens."""
    header = json.loads(response.get("HX-Trigger", "{}"))
    header.update({name.replace("_", "-"): detail for name, detail in events.items()})
    response["HX-Trigger"] = json.dumps(header)
    return response
