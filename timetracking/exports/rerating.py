"""The columns of a preview of re-rating: each value before and after."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from timesheets_site.lib.spreadsheets import Column
from timetracking.rules.rerating import Change


def _pair(name: str) -> tuple[Column, Column]:
    return (
        Column(f"{name} before", _value("before", name)),
        Column(f"{name} after", _value("after", name)),
    )


def _value(side: str, name: str) -> Callable[[Change], Any]:
    def value(change: Change) -> Any:
        found = getattr(getattr(change, side), name)
        if isinstance(found, bool):
            return "true" if found else "false"
        return "" if found is None else found

    return value


COLUMNS = (
    Column("entry", lambda change: change.before.pk),
    Column("date", lambda change: change.before.date.isoformat()),
    Column("agent", lambda change: change.before.member.display_name),
    Column("subject", lambda change: change.before.subject),
    Column("linked ticket / project", lambda change: change.before.link_reference),
    Column("status", lambda change: change.before.status),
    *_pair("billable"),
    *_pair("billed_minutes"),
    *_pair("hourly_rate"),
    *_pair("rate_decided_by"),
    *_pair("covered_minutes"),
    *_pair("amount"),
)
