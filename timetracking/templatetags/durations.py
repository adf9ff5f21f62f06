"""{{ minutes|hm }} and {{ minutes|duration }}: durations, the same everywhere."""

from __future__ import annotations

from django import template

from timetracking.rules import durations
from timetracking.selectors import marked_up

register = template.Library()
register.filter("hm", marked_up.hm)


@register.filter
def duration(minutes: int | None) -> str:
    """23h 20m as plain text, for labels and sentences."""
    return "" if minutes is None else durations.format_minutes(int(minutes))
