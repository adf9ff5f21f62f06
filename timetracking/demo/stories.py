"""How the latest weeks of the demo's firms stand, so that every state of a week has somebody who tells of it."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from enum import Enum, auto

from timetracking.demo.days import Planned
from timetracking.demo.firms import Firm, Person
from timetracking.demo.harbourside import HANNAH, HARBOURSIDE, NOOR, TOM
from timetracking.demo.larch_street import LARCH_STREET, MAYA, SOFIA
from timetracking.models import TimeEntry

MONDAY, TUESDAY, WEDNESDAY, THURSDAY, FRIDAY = range(5)
SMALLEST = 10


class Becomes(Enum):
    """What happened to a week after its last piece of work."""

    KEPT = auto()
    """Not sent: by now it is overdue."""
    READY = auto()
    SENT = auto()
    SENT_LATE = auto()
    SENT_AGAIN = auto()
    """Rejected as a whole, corrected, and sent once more."""
    BEGUN = auto()
    """Its first days are approved, or it has one of the two approvals that it needs."""
    REJECTED_IN_PART = auto()
    REJECTED = auto()
    APPROVED = auto()


@dataclass(frozen=True)
class Story:
    """One member's week, counted back from the current one. Its minutes are their weekly capacity and `overtime`."""

    person: str
    weeks_ago: int
    becomes: Becomes
    overtime: int = 0
    note: str = ""
    reason: str = ""
    extra: dict[int, tuple[Planned, ...]] = field(default_factory=dict)
    """Pieces of work that the story needs, by weekday."""
    reasons: tuple[tuple[Planned, str], ...] = ()
    """Pieces of work that were rejected, and why."""
    only: frozenset[int] = frozenset()
    """The weekdays on which there was nothing else."""

    def day(self, day: dt.date, planned: list[Planned]) -> list[Planned]:
        """A day's work with what the story needs of it."""
        extra = list(self.extra.get(day.weekday(), ()))
        return extra if day.weekday() in self.only else [*planned, *extra]

    def fit(self, entries: list[TimeEntry], minutes: int, now: dt.datetime) -> None:
        """Lengthen or shorten the members' work a little each day, until the week comes to so many minutes."""
        told = [work for works in self.extra.values() for work in works]
        by_day: dict[dt.date, list[TimeEntry]] = {}
        for entry in entries:
            if not any(_is(entry, work) for work in told) and entry.date.weekday() <= FRIDAY:
                by_day.setdefault(entry.date, []).append(entry)
        lacking = minutes - sum(entry.minutes for entry in entries)
        for n, day in enumerate(by_day.values()):
            share = lacking // (len(by_day) - n)
            entry = day[-1] if share > 0 else max(day, key=lambda each: each.minutes)
            change = max(share, SMALLEST - entry.minutes)
            lacking -= change
            _lengthen(entry, change, now)

    def reason_of(self, entry: TimeEntry) -> str:
        """Why this entry was rejected; empty if it was not."""
        return next((reason for work, reason in self.reasons if _is(entry, work)), "")


def _is(entry: TimeEntry, work: Planned) -> bool:
    return (entry.subject, entry.description) == (work.subject, work.description)


def _lengthen(entry: TimeEntry, minutes: int, now: dt.datetime) -> None:
    longer = dt.timedelta(minutes=minutes)
    entry.minutes += minutes
    if entry.ended_at is not None:
        entry.ended_at += longer
    if minutes > 0:  # it was written down once it was done
        entry.created_at, entry.updated_at = min(entry.created_at + longer, now), min(entry.updated_at + longer, now)


EWA, LEWIS, PRIYA = "ewa@harbourside.example", "lewis@harbourside.example", "priya@harbourside.example"
OWEN, JAMAL = "owen@harbourside.example", "jamal@harbourside.example"
AISHA, BEN, CHLOE = "aisha@harbourside.example", "ben@larchstreet.example", "chloe@larchstreet.example"
EVENING, NIGHT = 18 * 60, 19 * 60 + 40

OUTAGE = (
    Planned(
        "TICKET",
        555,
        "Site outage: core switch",
        ticket=4843,
        description="Core switch dead; borrowed one, moved 38 ports, stayed until the practice had closed.",
        logged=NIGHT - 5,
    ),
    Planned("TICKET", 65, "Follow-up call: core switch", ticket=4843, logged=NIGHT),
)
PATCHES = (
    Planned(
        "PROJECT",
        380,
        "Move the file shares",
        project="PRJ-121",
        task="Build",
        description="All shares but accounting are on the new server.",
        logged=EVENING - 60,
    ),
    Planned("PROJECT", 260, "Server patching window", project="PRJ-121", task="Build", logged=22 * 60),
)
CALL = Planned("TICKET", 35, "Follow-up call", ticket=4843, description="Called them back.", logged=EVENING)
HANDOVER = Planned(
    "PROJECT",
    75,
    "Handover notes",
    project="PRJ-112",
    task="Teams voice",
    description="Wrote up where everything is.",
    logged=EVENING,
)

STORIES = {
    HARBOURSIDE.slug: (
        Story(
            TOM,
            1,
            Becomes.SENT,
            overtime=40,
            note="Wednesday ran long because of the Marlow outage.",
            extra={WEDNESDAY: OUTAGE},
            only=frozenset({WEDNESDAY}),
        ),
        Story(EWA, 1, Becomes.SENT),
        Story(
            LEWIS,
            1,
            Becomes.SENT,
            note="Tuesday has the patch night; I took it easier on the other days.",
            extra={TUESDAY: PATCHES},
            only=frozenset({TUESDAY}),
        ),
        Story(SOFIA, 1, Becomes.SENT, overtime=230),
        Story(
            SOFIA,
            2,
            Becomes.SENT_AGAIN,
            reason="Thursday says too little to bill it. Please write what was done for whom.",
            note="Thursday is described now.",
        ),
        Story(JAMAL, 2, Becomes.SENT_LATE, note="Sorry, this one slipped."),
        Story(JAMAL, 1, Becomes.REJECTED, reason="This looks like the week before. Please check each day again."),
        Story(AISHA, 1, Becomes.BEGUN),
        Story(
            PRIYA,
            1,
            Becomes.REJECTED_IN_PART,
            extra={WEDNESDAY: (CALL,), FRIDAY: (HANDOVER,)},
            reasons=(
                (CALL, "Please say who you spoke to and what was agreed."),
                (HANDOVER, "Handover is not in the statement of work. Move it to ADMIN."),
            ),
        ),
        Story(HANNAH, 1, Becomes.READY),
        Story(NOOR, 2, Becomes.SENT),
        Story(OWEN, 1, Becomes.KEPT),
        Story(OWEN, 2, Becomes.KEPT),
    ),
    LARCH_STREET.slug: (
        Story(BEN, 1, Becomes.BEGUN),
        Story(CHLOE, 1, Becomes.SENT, note="The bookshop moved its opening, so the checkout came first."),
        Story(MAYA, 1, Becomes.APPROVED),
        Story(SOFIA, 1, Becomes.KEPT),
    ),
}

AWAY = {LARCH_STREET.slug: (SOFIA, MAYA)}
"""Who has handed their decisions over, and to whom."""


def story_of(firm: Firm, person: str, weeks_ago: int) -> Story | None:
    """The story of a member's week; most weeks have none."""
    found = (each for each in STORIES[firm.slug] if (each.person, each.weeks_ago) == (person, weeks_ago))
    kept = next((Story(person, weeks_ago, Becomes.KEPT) for each in firm.people if _is_left_alone(each, person)), None)
    return next(found, kept)


def _is_left_alone(person: Person, email: str) -> bool:
    return person.in_examples and person.email == email
