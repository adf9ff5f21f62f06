"""The pages that are measured."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Page:
    """`who` names the session; with `form` it is sent, else asked for."""

    name: str
    who: str
    path: str
    form: dict[str, str] | None = None
    headers: dict[str, str] = field(default_factory=dict)
    expect: int = 200


def pages_of(facts: dict[str, Any]) -> list[Page]:
    base, monday = f"/o/{facts['slug']}", dt.date.fromisoformat(facts["monday"])
    week = f"{base}/timesheets/{monday}/"
    month = f"from={monday - dt.timedelta(days=28)}&to={monday + dt.timedelta(days=4)}"
    referer = f"https://127.0.0.1{week}"
    return [
        Page("week, agent", "agent", week),
        Page("week of an agent, manager", "manager", f"{week}?agent={facts['agent']}"),
        Page("week of everyone (1,750 entries), manager", "manager", f"{week}?agent=all"),
        Page("33 days of everyone, in pages, manager", "manager", f"{base}/timesheets/?agent=all&{month}"),
        Page("list of tickets, agent", "agent", f"{base}/tickets/"),
        Page("ticket, manager", "manager", f"{base}/tickets/TKT-{facts['ticket']}/"),
        Page("project, manager", "manager", f"{base}/projects/{facts['project']}/"),
        Page("log-time form, agent", "agent", f"{base}/entries/new/"),
        Page(
            "log an entry, agent",
            "other_agent",
            f"{base}/entries/new/",
            form={
                "kind": "TICKET",
                "record": f"ticket:{facts['ticket']}",
                "duration": "1m",
                "date": (monday + dt.timedelta(days=4)).isoformat(),
                "subject": "Measured",
            },
            headers={"HX-Request": "true", "HX-Current-URL": referer, "Referer": referer},
        ),
    ]


def year_csv(facts: dict[str, Any], days: int = 365) -> str:
    """Everyone's entries of the days that end with the measured week."""
    last = dt.date.fromisoformat(facts["monday"]) + dt.timedelta(days=4)
    first = last - dt.timedelta(days=days - 1)
    return f"/o/{facts['slug']}/timesheets/{facts['monday']}/export.csv?agent=all&from={first}&to={last}"
