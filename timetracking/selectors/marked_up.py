"""Durations as markup with quiet units: for rows and cards, and through a filter for templates."""

from __future__ import annotations

from functools import lru_cache

from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from timetracking.rules import durations


def hm(minutes: int | None) -> SafeString | str:
    """23h 20m, marked up; nothing for nothing."""
    return "" if minutes is None else quiet_units(int(minutes), get_language() or "")


@lru_cache(maxsize=8192)
def quiet_units(minutes: int, language: str) -> SafeString:
    """
    >>> quiet_units(1400, "en")
    '<time class="hm" datetime="PT23H20M">23<i>h</i> 20<i>m</i></time>'
    >>> quiet_units(45, "en"), quiet_units(0, "en")
    ('<time class="hm" datetime="PT0H45M">45<i>m</i></time>', '<time class="hm" datetime="PT0H0M">0<i>h</i></time>')
    >>> quiet_units(60_000, "en")
    '<time class="hm" datetime="PT1000H0M">1,000<i>h</i></time>'
    """
    hours, rest = divmod(abs(minutes), 60)
    hour, minute = durations.unit_letters(language)
    sign = durations.MINUS if minutes < 0 else ""
    machine, written = f"PT{hours}H{rest}M", durations.grouped(hours)
    if not hours and rest:
        return format_html('<time class="hm" datetime="{}">{}{}<i>{}</i></time>', machine, sign, rest, minute)
    if not rest:
        return format_html('<time class="hm" datetime="{}">{}{}<i>{}</i></time>', machine, sign, written, hour)
    return format_html(
        '<time class="hm" datetime="{}">{}{}<i>{}</i> {}<i>{}</i></time>',
        machine,
        sign,
        written,
        hour,
        f"{rest:02}",
        minute,
    )
