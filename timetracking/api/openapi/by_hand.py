"""The few addresses that are no NinjaAPI's, described by hand: by surface, a function that gives their parts."""

from __future__ import annotations

from collections.abc import Callable

from timetracking.api.openapi.surfaces import Described

BY_HAND: dict[str, Callable[[], Described]] = {}
