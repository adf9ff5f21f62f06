"""What typing into a cell of the weekly grid asks for: from the entries that were seen in it and the new sum.

One entry gets the new length. Several keep theirs: a larger sum adds one for the difference, and of a smaller one only
a person can say whose minutes go. Nothing is deleted but what was seen.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from django.utils.translation import gettext as _

from timesheets_site.lib.errors import RuleViolation

SEEN = re.compile(r"[0-9]{1,18}\.[0-9]{1,9}\.[0-9]{1,5}")
LINK = re.compile(r"(ticket|project|task|charge_code|activity):([0-9]{1,18})")
NAMES = ("ticket", "project", "task", "charge_code", "activity")


class Do(StrEnum):
    NOTHING = "nothing"
    LOG = "log"
    CHANGE = "change"
    DELETE = "delete"
    CHOOSE = "choose"
    """A smaller sum, or none, for several entries."""


@dataclass(frozen=True, slots=True)
class Seen:
    """An entry of a cell as somebody saw it."""

    entry_id: int
    version: int
    minutes: int


@dataclass(frozen=True, slots=True)
class Plan:
    """`minutes` are those of the entry to write: a new one (LOG) or the only one (CHANGE)."""

    do: Do
    minutes: int = 0


def plan(seen: Sequence[Seen], wanted: int | None) -> Plan:
    """What a new sum of `wanted` minutes (None: the cell was cleared) asks for.

    >>> one, two = Seen(1, 3, 60), Seen(2, 1, 30)
    >>> plan([], 90), plan([], None).do.value
    (Plan(do=<Do.LOG: 'log'>, minutes=90), 'nothing')
    >>> plan([one], 90), plan([one], 60).do.value, plan([one], None).do.value
    (Plan(do=<Do.CHANGE: 'change'>, minutes=90), 'nothing', 'delete')
    >>> plan([one, two], 120), plan([one, two], 80).do.value, plan([one, two], None).do.value
    (Plan(do=<Do.LOG: 'log'>, minutes=30), 'choose', 'choose')
    """
    there = sum(entry.minutes for entry in seen)
    if wanted is None:
        return Plan((Do.NOTHING, Do.DELETE, Do.CHOOSE)[min(len(seen), 2)])
    if wanted == there:
        return Plan(Do.NOTHING)
    if len(seen) == 1:
        return Plan(Do.CHANGE, wanted)
    return Plan(Do.LOG, wanted - there) if wanted > there else Plan(Do.CHOOSE)


def written(seen: Sequence[Seen]) -> str:
    """As a field of the page carries them: `12.3.60 13.1.30`.

    >>> written([Seen(12, 3, 60), Seen(13, 1, 30)])
    '12.3.60 13.1.30'
    """
    return " ".join(f"{entry.entry_id}.{entry.version}.{entry.minutes}" for entry in seen)


def read(text: str) -> tuple[Seen, ...]:
    """The opposite of `written`. Raises RuleViolation `cell_unreadable`.

    >>> read("12.3.60 13.1.30") == (Seen(12, 3, 60), Seen(13, 1, 30)), read("")
    (True, ())
    """
    parts = text.split()
    if len(parts) > 100 or not all(SEEN.fullmatch(part) for part in parts):
        raise unreadable()
    return tuple(Seen(*map(int, part.split("."))) for part in parts)


def read_row(name: str) -> dict[str, int]:
    """The ids of the records of a row, by name; empty for general time without any. Raises `cell_unreadable`.

    >>> read_row("project:4,task:9"), read_row("general")
    ({'project': 4, 'task': 9}, {})
    """
    if name == "general":
        return {}
    parts = [LINK.fullmatch(part) for part in name.split(",")]
    ids = {part[1]: int(part[2]) for part in parts if part is not None}
    if len(ids) != len(parts):
        raise unreadable()
    return ids


def row_name(ids: Sequence[int | None]) -> str:
    """A row by the ids of its ticket, project, task, charge code and activity, in this order.

    >>> row_name([None, 4, 9, None, None]), row_name([None] * 5)
    ('project:4,task:9', 'general')
    """
    return ",".join(f"{name}:{pk}" for name, pk in zip(NAMES, ids, strict=True) if pk) or "general"


def unreadable() -> RuleViolation:
    return RuleViolation("cell_unreadable", _("This cell can't be read. Open the week again."), "duration")
