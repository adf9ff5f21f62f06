"""The addresses of this surface."""

from __future__ import annotations

from django.urls import URLPattern

from timetracking.api.grow.surface import SURFACE

__all__ = ["SURFACE", "patterns"]
patterns: list[URLPattern] = []
