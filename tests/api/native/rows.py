"""Who gets what from the own API."""

from __future__ import annotations

from tests.api.table import Row

ROWS = [
    Row("GET", "api.who_am_i", "/api/v1/me", "401 200 200 200 200"),
    Row("GET", "api.openapi", "/api/openapi.json", "200 200 200 200 200"),
]
