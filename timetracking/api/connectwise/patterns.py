"""Texts that fit a pattern, as a condition that both databases answer alike."""

from __future__ import annotations

from typing import Any

from django.db.models import CharField, F, Lookup, Q, Value
from django.db.models.expressions import Combinable


class Matches(Lookup):
    """SQL's LIKE without regard to case, as Django compares texts: SQLite's own is so for ASCII."""

    lookup_name = "matches"
    prepare_rhs = False

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, Any]:
        left, left_values = self.process_lhs(compiler, connection)
        right, right_values = self.process_rhs(compiler, connection)
        return f"UPPER({left}) LIKE UPPER({right}) ESCAPE '\\'", (*left_values, *right_values)


def like(text: str | Combinable, pattern: str) -> Q:
    """Texts of a column, by its path, that fit a pattern with `*` for anything."""
    escaped = pattern.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_").replace("*", "%")
    lookup = Matches(F(text) if isinstance(text, str) else text, Value(escaped, output_field=CharField()))
    return Q(lookup)
