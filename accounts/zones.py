"""Time zones by their IANA names."""

from __future__ import annotations

import functools
import zoneinfo

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _


@functools.cache
def names() -> tuple[str, ...]:
    """Every zone a person may choose, sorted; without the aliases that name no place."""
    places = (name for name in zoneinfo.available_timezones() if "/" in name)
    return (*sorted(name for name in places if not name.startswith(("Etc/", "SystemV/"))), "UTC")


def validate_zone(name: str) -> None:
    if name not in zoneinfo.available_timezones():
        raise ValidationError(_("Choose a time zone from the list."), code="unknown_zone")
