"""Django's admin under `/o/<slug>/admin/`: the organisation is in the path, so no tab changes it silently.

Django's admin knows no slug. So the path loses its `/o/<slug>` before it is resolved, and while an admin view runs that
part stands in as the script's prefix, which makes every link of the admin right. The gate sees an ordinary view of an
organisation: it has a slug, and a sign.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, URLResolver, get_script_prefix, reverse, set_script_prefix

from accounts import audit
from accounts.access import Access, Door
from accounts.permissions import Permission

PATH = re.compile(r"^/o/(?P<slug>[-a-zA-Z0-9_]+)(?P<rest>/admin(?:/.*)?)$", re.DOTALL)
PREFIX = re.compile(r"o/[-a-zA-Z0-9_]+/$")


class AdminPathMiddleware:
    """Before the gate: takes the organisation out of the path of an admin page, and hands it to the view as `slug`."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: Any) -> HttpResponse:
        request.admin_slug = None
        if match := PATH.match(request.path_info):
            if match["rest"] == "/admin":
                return HttpResponseRedirect(request.get_full_path(force_append_slash=True))
            request.admin_slug, request.path_info = match["slug"], match["rest"]
        elif request.path_info == "/admin" or request.path_info.startswith("/admin/"):
            request.path_info = "/admin-home/"
        return self.get_response(request)

    def process_view(self, request: Any, view: Any, args: Any, kwargs: dict[str, Any]) -> None:
        if request.admin_slug is not None:
            kwargs["slug"] = request.admin_slug


def index_of(slug: str) -> str:
    """The address of an organisation's admin."""
    with inside(slug):
        return reverse("admin:index")


@contextmanager
def inside(slug: str) -> Iterator[None]:
    """Addresses of admin pages are made for this organisation."""
    with _prefix(f"{_root()}o/{slug}/"):
        yield


@contextmanager
def outside() -> Iterator[None]:
    """Addresses of our own pages are made, also while an admin view runs."""
    with _prefix(_root()):
        yield


def behind_the_gate(patterns: Iterable[URLPattern | URLResolver], *, feature: str | None = None) -> None:
    """Put a sign on the views of admin patterns that have none: an admin with a second factor, in an organisation.

    The views get a wrapper that takes the slug, and answers 404 where `feature` is off (the gate does).
    """
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            behind_the_gate(pattern.url_patterns, feature=feature)
        elif not hasattr(pattern.callback, "access"):
            pattern.callback = _door(pattern.callback, feature)


def _door(view: Callable[..., Any], feature: str | None) -> Callable[..., Any]:
    @functools.wraps(view)
    def door(request: HttpRequest, *args: Any, slug: str, **kwargs: Any) -> Any:
        channel = audit.CHANNEL.set("admin")
        try:
            with inside(slug):
                response = view(request, *args, **kwargs)
                if hasattr(response, "is_rendered") and not response.is_rendered:
                    response.render()  # here, where the links come out right
                return response
        finally:
            audit.CHANNEL.reset(channel)

    door.access = Access(Door.MEMBER, Permission.USE_ADMIN, feature, second_factor=True)  # type: ignore[attr-defined]
    return door


def _root() -> str:
    """The prefix that the server gave to the whole product, mostly `/`."""
    return PREFIX.sub("", get_script_prefix())


@contextmanager
def _prefix(prefix: str) -> Iterator[None]:
    before = get_script_prefix()
    set_script_prefix(prefix)
    try:
        yield
    finally:
        set_script_prefix(before)
