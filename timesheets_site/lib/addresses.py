"""Addresses of pages by their names. Working one out is slow, and a page has dozens: each is kept."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from django.urls import get_script_prefix, reverse


def address(name: str, *args: Any) -> str:
    """`reverse(name, args=args)`."""
    return _kept(get_script_prefix(), name, args)


@lru_cache(maxsize=8_192)
def _kept(prefix: str, name: str, args: tuple[Any, ...]) -> str:
    return reverse(name, args=args)
