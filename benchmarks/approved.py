"""How the older weeks of a measured database came to be approved: each sent on Friday and approved on Monday."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator
from typing import Any

from benchmarks.scale import ADMIN, AGENTS, MANAGER, entry_numbers, monday_of, sheet_number, weeks_of

SENT, DECIDED = 1, 2
STATES = {SENT: ("draft", "submitted"), DECIDED: ("submitted", "approved")}
STATUSES = {SENT: ("OPEN", "SUBMITTED"), DECIDED: ("SUBMITTED", "APPROVED")}
ACTIONS = {SENT: "submitted", DECIDED: "approved"}


def approver_of(agent: int) -> int:
    return ADMIN if agent == MANAGER else MANAGER


def moment(monday: dt.date, step: int) -> str:
    day, time = (4, "17:00:00") if step == SENT else (7, "11:00:00")
    return f"{monday + dt.timedelta(days=day)} {time}"


def of_sheet(agent: int, monday: dt.date) -> dict[str, Any]:
    """What the columns of an approved week hold."""
    return {
        "state": "approved", "version": 38, "submissions": 1,
        "submitted_at": moment(monday, SENT), "submitted_by_id": agent,
        "decided_at": moment(monday, DECIDED), "decided_by_id": approver_of(agent),
        "posting_date": (monday + dt.timedelta(days=6)).isoformat(),
    }  # fmt: skip


def of_entry(monday: dt.date) -> dict[str, Any]:
    return {"status": "APPROVED", "version": 3, "updated_at": moment(monday, DECIDED)}


def _steps(size: int) -> Iterator[tuple[int, int, int, int, dt.date]]:
    """Number, week, agent, step and Monday of all steps of all weeks but the measured one."""
    number, weeks = 0, weeks_of(size)
    for week in range(weeks - 1):
        monday = monday_of(week, weeks)
        for step in (SENT, DECIDED):
            for agent in range(1, AGENTS + 1):
                number += 1
                yield number, week, agent, step, monday


def steps(size: int) -> Iterator[dict[str, Any]]:
    """The approval history."""
    for number, week, agent, step, monday in _steps(size):
        before, after = STATES[step]
        yield {
            "id": number, "organisation_id": 1, "timesheet_id": sheet_number(week, agent), "action": ACTIONS[step],
            "actor_id": agent if step == SENT else approver_of(agent), "at": moment(monday, step),
            "from_state": before, "to_state": after, "version": 36 + step,
        }  # fmt: skip


def lines(size: int) -> Iterator[dict[str, Any]]:
    """What each step did to each entry."""
    number = 0
    for event, week, agent, step, _monday in _steps(size):
        before, after = STATUSES[step]
        for entry in entry_numbers(size, week, agent):
            number += 1
            yield {
                "id": number, "organisation_id": 1, "event_id": event, "entry_id": entry,
                "from_status": before, "to_status": after,
            }  # fmt: skip


def trail(size: int, first: int) -> Iterator[dict[str, Any]]:
    """The same steps in the audit trail; `first` is the id of the first."""
    for number, week, agent, step, monday in _steps(size):
        entries = entry_numbers(size, week, agent)
        before, after = STATUSES[step]
        changes = {"state": list(STATES[step]), "entries": [{before: entries}, {after: entries}]}
        yield {
            "id": first + number - 1, "organisation_id": 1, "action": f"timesheet.{ACTIONS[step]}",
            "actor_id": agent if step == SENT else approver_of(agent),
            "on_behalf_of_id": None if step == SENT else agent,
            "object_type": "timesheet", "object_id": sheet_number(week, agent), "at": moment(monday, step),
            "changes": json.dumps(changes),
        }  # fmt: skip
