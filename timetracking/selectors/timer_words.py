"""A timer's record in words, from columns that are read without its models."""

from __future__ import annotations

from typing import Any

from timesheets_site.lib.addresses import address

NAMES = (
    "subject", "ticket__number", "ticket__client__name", "project__code", "project__client__name",
    "task__project__code", "task__project__client__name",
    "charge_code__code", "charge_code__name", "charge_code__project_id", "activity__name", "activity__client__name",
)  # fmt: skip
"""What `link_of` and a title need of a timer."""


def link_of(row: dict[str, Any], slug: str) -> tuple[str, str, str, str, str]:
    """Reference, its address, the client (or what says as much), the kind in small letters, and its icon."""
    if number := row["ticket__number"]:
        reference = f"TKT-{number}"
        return reference, address("ticket", slug, reference), row["ticket__client__name"], "ticket", "ticket"
    for at in ("task__project", "project"):
        if code := row[f"{at}__code"]:
            return code, address("project", slug, code), row[f"{at}__client__name"], "project", "layers"
    if code := row["charge_code__code"]:
        kind, icon = ("project", "layers") if row["charge_code__project_id"] else ("general", "tag")
        return code, "", row["charge_code__name"], kind, icon
    return "", "", row["activity__client__name"] or row["activity__name"] or "", "general", "tag"


def clock(seconds: int) -> str:
    """
    >>> clock(2538), clock(-3), clock(36_000)
    ('0:42:18', '0:00:00', '10:00:00')
    """
    minutes, rest = divmod(max(seconds, 0), 60)
    return f"{minutes // 60}:{minutes % 60:02}:{rest:02}"
