"""The record that an id in a path names."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet

from timesheets_site.lib.errors import OutOfReach
from timetracking.api.connectwise.references import by_id, whole_number


def by_path(rows: QuerySet[Any], written: str) -> Any:
    """The record of these rows that the path means. Raises OutOfReach for an unknown id, and for what can be none."""
    pk = whole_number(written)
    if pk is None:
        raise OutOfReach
    return by_id(rows, pk)
