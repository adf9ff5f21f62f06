"""Addresses of APIs work with and without the final slash: a redirect would lose what was posted."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.urls import get_resolver

from accounts.api_shapes import shape_of


class ApiPathMiddleware:
    """Takes the final slash off, before the address is looked up."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response
        _ = get_resolver().url_patterns  # the surfaces say their shapes when their addresses are loaded

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path_info.endswith("/") and len(request.path_info) > 1 and shape_of(request.path_info):
            request.path_info = request.path_info.rstrip("/")
            request.path = request.path.rstrip("/")
        return self.get_response(request)
