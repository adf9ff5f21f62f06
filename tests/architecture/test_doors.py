"""Every view says who may open it; the gate denies one that does not."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.urls import URLPattern, get_resolver

from accounts.access import Access, Door
from accounts.middleware import GateMiddleware
from accounts.permissions import Permission


def doors(resolver: Any = None, prefix: str = "") -> Iterator[tuple[str, URLPattern]]:
    for pattern in (resolver or get_resolver()).url_patterns:
        path = prefix + str(pattern.pattern)
        if isinstance(pattern, URLPattern):
            yield path, pattern
        else:
            yield from doors(pattern, path)


def test_every_view_has_a_sign():
    assert [path for path, door in doors() if not isinstance(getattr(door.callback, "access", None), Access)] == []


def test_views_of_an_organisation_are_for_members():
    for path, door in doors():
        if path.startswith("o/<slug:slug>/"):
            assert door.callback.access.door is Door.MEMBER, path
            assert door.callback.access.permission is not None, path


def test_only_the_admin_always_asks_for_the_second_factor():
    for path, door in doors():
        access = door.callback.access
        assert access.second_factor == path.startswith("admin/"), path
        if access.second_factor:
            assert (access.door, access.permission) == (Door.MEMBER, Permission.USE_ADMIN), path


def test_a_view_without_a_sign_is_denied(rf):
    def unsigned(request):
        raise AssertionError("it was opened")

    with pytest.raises(ImproperlyConfigured):
        GateMiddleware(unsigned).process_view(rf.get("/"), unsigned, (), {})
