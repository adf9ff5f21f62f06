"""Makes the database in which approval is measured: organisations alike but for how many weeks wait in them.

Each has 1,000 weeks of 40 entries (50 agents, 20 weeks). Of these the latest 10 (`few`), 55 (`page`: a full page of the
inbox) or all (`many`) wait for a decision. Every third waiting week has a finding.
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
from collections.abc import Iterator
from typing import Any

from benchmarks import approved, fill
from benchmarks.scale import AGENTS, DAYS, MANAGER, MONDAY

NAME = "waiting"
WEEKS, A_DAY = 20, 8
CLIENTS, TICKETS, PROJECTS = 10, 50, 30
MINUTES = (45, 60, 75, 30, 90, 45, 60, 45)
ORGANISATIONS = {"few": (1, 10), "page": (2, 55), "many": (3, WEEKS * AGENTS)}
"""Their numbers, and how many weeks wait."""
PER_ORGANISATION = 100_000
"""Ids of an organisation's rows lie between its number times this and the next."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--here", required=True, help=argparse.SUPPRESS)
    parser.parse_args()
    fill.set_up()
    for slug, (number, count) in ORGANISATIONS.items():
        fill.people(number, slug)
        catalogue(number)
        waiting = set(range(WEEKS * AGENTS - count + 1, WEEKS * AGENTS + 1))
        fill.store("timetracking.Timesheet", sheets(number, waiting))
        fill.store("timetracking.TimeEntry", entries(number, waiting))
        fill.store("timetracking.ApprovalEvent", steps(number, waiting))
        fill.store("timetracking.ApprovalLine", lines(number, waiting))
    fill.tidy()
    managers = {slug: (number - 1) * 100 + MANAGER for slug, (number, _count) in ORGANISATIONS.items()}
    print(json.dumps({"filled": fill.FILLED, "managers": managers, "reviewed": _id(ORGANISATIONS["many"][0], 7)}))


def _id(number: int, place: int) -> int:
    return number * PER_ORGANISATION + place


def catalogue(number: int) -> None:
    made = {"organisation_id": number, "created_at": "2015-01-01 09:00:00", "updated_at": "2015-01-01 09:00:00"}
    manager = (number - 1) * 100 + MANAGER
    fill.store("timetracking.Client", ({**made, "id": _id(number, n), "name": f"Client {n}"} for n in range(CLIENTS)))
    fill.store(
        "timetracking.Project",
        (
            {
                **made, "id": _id(number, n), "code": f"P{n}", "name": f"Project {n}", "manager_id": manager,
                "client_id": _id(number, n % CLIENTS), "status": "active",
            }
            for n in range(PROJECTS)
        ),
    )  # fmt: skip
    fill.store(
        "timetracking.Ticket",
        (
            {
                **made, "id": _id(number, n), "number": n + 1, "title": f"Ticket {n}: {fill.SUBJECTS[n % 5].lower()}",
                "client_id": _id(number, n % CLIENTS), "status": "open",
            }
            for n in range(TICKETS)
        ),
    )  # fmt: skip


def _weeks() -> Iterator[tuple[int, int, dt.date]]:
    """Place, agent and Monday of each week."""
    for week in range(WEEKS):
        for agent in range(1, AGENTS + 1):
            yield week * AGENTS + agent, agent, MONDAY - dt.timedelta(weeks=WEEKS - 1 - week)


def sheets(number: int, waiting: set[int]) -> Iterator[dict[str, Any]]:
    before = (number - 1) * 100
    for place, agent, monday in _weeks():
        made = approved.of_sheet(before + agent, monday)
        if place in waiting:
            made |= {"state": "submitted", "decided_at": None, "decided_by_id": None}
            made["checks"] = json.dumps(["long_day"] if place % 3 == 0 else [])
        else:
            made["decided_by_id"] = before + approved.approver_of(agent)
        yield {
            "id": _id(number, place), "organisation_id": number, "member_id": before + agent,
            "week_start": monday.isoformat(), "created_at": f"{monday} 09:00:00", **made,
        }  # fmt: skip


def entries(number: int, waiting: set[int]) -> Iterator[dict[str, Any]]:
    count, before = 0, (number - 1) * 100
    for place, agent, monday in _weeks():
        status = approved.of_entry(monday) | ({"status": "SUBMITTED"} if place in waiting else {})
        for weekday in range(DAYS):
            day = (monday + dt.timedelta(days=weekday)).isoformat()
            for nth in range(A_DAY):
                count += 1
                kind = ("TICKET", "PROJECT")[nth % 2]
                record = _id(number, count % (TICKETS if kind == "TICKET" else PROJECTS))
                yield {
                    "id": _id(number, count), "organisation_id": number, "timesheet_id": _id(number, place),
                    "member_id": before + agent, "recorded_by_id": before + agent, "date": day,
                    "zone": "Europe/London", "minutes": MINUTES[nth], "subject": fill.SUBJECTS[count % 5],
                    "description": fill.DESCRIPTION, "kind": kind, f"{kind.lower()}_id": record,
                    "client_id": _id(number, record % CLIENTS), "billable": True,
                    "billable_decided_by": "organisation", "created_at": f"{day} {9 + nth:02}:00:00", **status,
                }  # fmt: skip


def _steps(waiting: set[int]) -> Iterator[tuple[int, int, int, int, dt.date]]:
    number = 0
    for place, agent, monday in _weeks():
        for step in (approved.SENT,) if place in waiting else (approved.SENT, approved.DECIDED):
            number += 1
            yield number, place, agent, step, monday


def steps(number: int, waiting: set[int]) -> Iterator[dict[str, Any]]:
    before = (number - 1) * 100
    for event, place, agent, step, monday in _steps(waiting):
        was, now_is = approved.STATES[step]
        actor = agent if step == approved.SENT else approved.approver_of(agent)
        yield {
            "id": _id(number, event), "organisation_id": number, "timesheet_id": _id(number, place),
            "action": approved.ACTIONS[step], "actor_id": before + actor, "at": approved.moment(monday, step),
            "from_state": was, "to_state": now_is, "version": 36 + step,
        }  # fmt: skip


def lines(number: int, waiting: set[int]) -> Iterator[dict[str, Any]]:
    count = 0
    for event, place, _agent, step, _monday in _steps(waiting):
        was, now_is = approved.STATUSES[step]
        for nth in range(DAYS * A_DAY):
            count += 1
            yield {
                "id": _id(number, count), "organisation_id": number, "event_id": _id(number, event),
                "entry_id": _id(number, (place - 1) * DAYS * A_DAY + nth + 1), "from_status": was,
                "to_status": now_is,
            }  # fmt: skip


if __name__ == "__main__":
    main()
