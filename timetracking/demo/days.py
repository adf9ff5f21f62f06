"""What a person logs on a day: drawn from a die that only the firm, the person and the day have thrown.

No clock and no database: the same day gives the same work, whenever the demo is filled.
"""

from __future__ import annotations

import datetime as dt
import random
from dataclasses import dataclass, replace
from typing import Any

from timetracking.demo.firms import DemoProject, DemoTicket, Firm, Person

PARTLY_MINUTES = 175
"""How far today has got."""
AFTER_HOURS = 16 * 60 + 45

FOLLOW_UPS = ("Follow-up call", "Remote session", "Call back and explain", "Check that it holds")
ON_TICKETS = (
    "Replaced the part, tested with two people on site.",
    "Waiting for the supplier; told the client.",
    "Steps are written down in the ticket.",
    "Worked with the office manager; she confirmed that it is fine now.",
    "Rolled back to the earlier version, and watched it for half an hour.",
    "Second visit needed: the spare was the wrong model.",
    "Cleared the queue, restarted the service, checked the log.",
    "Agreed the next steps with the client by phone.",
    "Showed the new starter how it is done.",
    "Could not make it happen again; watching it until Friday.",
)
ON_PROJECTS = (
    "First half done, the rest follows tomorrow.",
    "Went through it with the client; two small changes noted.",
    "Tested with one group of users before the others get it.",
    "Took longer than planned: the old notes were wrong.",
    "Done and checked against the plan.",
    "Prepared what the next step needs, and told who does it.",
)
NOTES = (
    "Ask Tom whether we bill the second visit.",
    "The admin password is in the safe.",
    "Client was cross; be kind.",
)
MEETINGS = {0: "Weekly stand-up", 3: "One-to-one", 4: "Team retrospective"}
TRAINING = ("Endpoint security training", "Certification study", "First aid refresher")


@dataclass(frozen=True)
class Planned:
    """One entry to be. Moments are minutes after the day's midnight on the wall; more than 1,440 is the next day."""

    kind: str
    minutes: int
    subject: str
    ticket: int | None = None
    project: str = ""
    task: str = ""
    charge_code: str = ""
    activity: str = ""
    option: str = "NoDefault"
    description: str = ""
    internal_notes: str = ""
    starts: int | None = None
    break_minutes: int = 0
    logged: int = 0
    first_minutes: int | None = None
    """What was typed at first, where it was corrected soon after."""
    deleted: int | None = None
    by_line_manager: bool = False
    work_type: str = ""
    """Empty for the one that is used where none is named."""


@dataclass(frozen=True)
class Open:
    """What may be worked on that day."""

    tickets: list[DemoTicket]
    projects: list[DemoProject]


def plan(
    firm: Firm, person: Person, day: dt.date, open_then: Open, *, partly: bool = False, at_work: bool = False
) -> list[Planned]:
    """The person's entries of a day, in order. `partly` stops after the first few: today isn't over.

    `at_work` says that they are neither on leave nor forgetful that day.
    """
    dice = random.Random(f"{firm.slug} {person.email} {day.isoformat()}")  # noqa: S311  # no secret hangs on it
    if not person.works_minutes:
        return []
    if day.weekday() >= 5:
        return _weekend(dice, person, day)
    mood = 1.0 if at_work else dice.random()
    if mood < 0.015:
        return []
    if mood < 0.045:
        return [_general("PTO", min(person.works_minutes, 450), "Annual leave", logged=9 * 60)]
    aim = person.works_minutes + dice.randrange(-45, 40, 5)
    if partly:
        aim = min(aim, PARTLY_MINUTES)
    drafts: list[Planned] = []
    total = 0
    while total < aim:
        draft = _draft(dice, firm, person, day, open_then, first=not drafts)
        minutes = min(draft.minutes, max(aim - total, 10))
        drafts.append(replace(draft, minutes=minutes))
        total += minutes
    return [_finish(dice, firm, person, draft, at) for draft, at in _on_the_wall(dice, person, drafts)]


def _weekend(dice: random.Random, person: Person, day: dt.date) -> list[Planned]:
    if person.role != "AGENT" or dice.random() > 0.09:
        return []
    minutes = dice.randrange(30, 150, 15)
    subject = dice.choice(("Weekend on call", "Server patching window"))
    return [_general("ONCALL", minutes, subject, logged=11 * 60 + minutes)]


def _general(code: str, minutes: int, subject: str, *, logged: int = 0) -> Planned:
    return Planned("GENERAL", minutes, subject, charge_code=code, logged=logged)


def _draft(dice: random.Random, firm: Firm, person: Person, day: dt.date, open_then: Open, *, first: bool) -> Planned:
    if first and (meeting := MEETINGS.get(day.weekday())) and dice.random() < 0.7:
        return _general("MTNG", dice.choice((15, 30, 30, 45)), meeting)
    roll = dice.random()
    if roll < 0.05:
        return _general(
            "ADMIN", dice.choice((10, 15, 20, 30)), dice.choice(("Time sheets and expenses", "Inbox", "Ordering"))
        )
    if roll < 0.08:
        return _general("TRNG", dice.choice((45, 60, 90)), dice.choice(TRAINING))
    if roll < (0.16 if person.role != "AGENT" else 0.09):
        activity = dice.choice(sorted(firm.activities))
        return Planned("GENERAL", dice.choice((30, 45, 60)), activity, activity=activity)
    if roll < 0.11:
        minutes, subject = dice.choice((30, 60, 90)), dice.choice(("Tune the alerts", "Tidy the wiki"))
        return Planned("PROJECT", minutes, subject, project=firm.bound_code[2], charge_code=firm.bound_code[0])
    if roll < 0.12:
        return Planned("GENERAL", dice.choice((10, 15, 25)), "Call without a ticket")
    if dice.random() < person.share_on_tickets or not open_then.projects:
        return _ticket_work(dice, open_then.tickets)
    return _project_work(dice, open_then.projects)


def _ticket_work(dice: random.Random, tickets: list[DemoTicket]) -> Planned:
    ticket = dice.choice(tickets)
    subject = ticket.title if dice.random() < 0.65 else dice.choice(FOLLOW_UPS)
    minutes = dice.choice((15, 20, 30, 35, 40, 45, 45, 50, 60, 70, 75, 90, 105, 120))
    option = dice.choices(("NoDefault", "NoCharge", "DoNotBill", "Billable"), (90, 4, 3, 3))[0]
    return Planned("TICKET", minutes, subject, ticket=ticket.number, option=option)


def _project_work(dice: random.Random, projects: list[DemoProject]) -> Planned:
    project = dice.choices(projects, [project.weight for project in projects])[0]
    task = dice.choice(sorted(project.tasks))
    subject = dice.choice(project.tasks[task])
    minutes = dice.choice((75, 90, 105, 120, 120, 150, 165, 180, 210, 240))
    named = task if dice.random() < 0.85 else ""
    option = "NoCharge" if dice.random() < 0.02 else "NoDefault"
    return Planned("PROJECT", minutes, subject, project=project.code, task=named, option=option)


def _on_the_wall(dice: random.Random, person: Person, drafts: list[Planned]) -> list[tuple[Planned, int]]:
    """Each draft with the minute at which it began: one after the other, with lunch between."""
    at, lunch, result = dice.randrange(8 * 60 + 15, 9 * 60 + 20, 5), True, []
    for draft in drafts:
        if lunch and at >= 12 * 60 + 15:
            at, lunch = at + 30, False
        result.append((draft, at))
        at += draft.minutes
    return result


def _finish(dice: random.Random, firm: Firm, person: Person, draft: Planned, at: int) -> Planned:
    """Words, clock times, when it was written down, and what became of it."""
    extra: dict[str, Any] = {}
    if person.notes_times and dice.random() < 0.8:
        extra["starts"] = at
        if draft.minutes >= 150 and dice.random() < 0.4:
            extra["minutes"], extra["break_minutes"] = draft.minutes - 15, 15
    if draft.kind != "GENERAL" and dice.random() < firm.described_share:
        extra["description"] = dice.choice(ON_TICKETS if draft.kind == "TICKET" else ON_PROJECTS)
    if draft.kind == "TICKET" and dice.random() < 0.05:
        extra["internal_notes"] = dice.choice(NOTES)
    habit = dice.random()
    ends = at + draft.minutes + dice.randrange(1, 9)
    logged = (
        ends if habit < 0.7 else max(ends, 17 * 60 + dice.randrange(0, 40)) if habit < 0.93 else 32 * 60 + ends % 90
    )
    extra["logged"] = logged
    fate = dice.random()
    if fate < 0.012:
        extra["deleted"] = logged + dice.randrange(2, 300)
    elif fate < 0.05 and draft.minutes >= 20 and "starts" not in extra:
        extra["first_minutes"] = draft.minutes - dice.choice((5, 10, 15))
    elif fate < 0.065 and person.line_manager:
        extra["by_line_manager"] = True
    extra["work_type"] = _work_type(firm, person, draft, at)
    return replace(draft, **extra)


def _work_type(firm: Firm, person: Person, draft: Planned, at: int) -> str:
    """Of client work some is on site, on the way there, or after hours; thrown with a die of its own."""
    if draft.kind == "GENERAL":
        return ""
    dice = random.Random(f"{firm.slug} {person.email} {at} {draft.minutes} {draft.subject}")  # noqa: S311  # as above
    if at >= AFTER_HOURS:
        return "Overtime"
    return dice.choices(("", "On-site", "Remote", "Travel"), (80, 10, 6, 4))[0]
