"""Where a person goes next: only ever to a page of our own."""

from __future__ import annotations

from django.shortcuts import resolve_url
from django.utils.http import url_has_allowed_host_and_scheme

from accounts.requests import Request


def next_path(request: Request, default: str = "home") -> str:
    """The `next` that came with the form or the address if it is a path of ours, else `default` (a URL's name)."""
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    safe = url_has_allowed_host_and_scheme(
        wanted, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return wanted if safe and wanted.startswith("/") else resolve_url(default)
