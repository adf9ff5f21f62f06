"""`{% pure "file.html" name=value … %}`: an include that is rendered once for equal values.

A fragment whose text follows from the values that it is given, and from the language, is the same text whenever those
are equal: nearly all of a page that somebody opens again is. The values are compared themselves (strings, numbers,
tuples, frozen dataclasses), so nothing is ever out of date and nothing of one organisation is shown in another.

The fragment sees the values that it is given and nothing else: no request, no CSRF token, no member.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from django import template
from django.template import Engine
from django.template.context import Context
from django.utils.safestring import SafeString
from django.utils.translation import get_language

register = template.Library()
KEPT = 1_000
"""Fragments in each process; a day's card has about 10 KB."""


@register.simple_tag
def pure(name: str, **values: Any) -> SafeString:
    """{% pure "timetracking/week/_day.html" day=day everyone=week.is_everyone %}"""
    return _rendered(name, get_language(), tuple(values.items()))


@lru_cache(maxsize=KEPT)
def _rendered(name: str, language: str | None, values: tuple[tuple[str, Any], ...]) -> SafeString:
    return Engine.get_default().get_template(name).render(Context(dict(values)))
