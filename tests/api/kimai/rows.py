"""Who gets what from this surface."""

from __future__ import annotations

from tests.api.table import Row

ROWS: list[Row] = []
