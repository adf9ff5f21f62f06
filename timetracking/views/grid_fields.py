"""Cells of the weekly grid as a form carries them: `t.<row>.<day>` is what was typed, `s.<row>.<day>` what was seen."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext as _

from accounts.models import Membership
from timesheets_site.lib.errors import DomainError, RuleViolation
from timetracking.rules import durations, grid_cells
from timetracking.rules.grid_cells import NAMES, Seen
from timetracking.selectors import picker
from timetracking.selectors.grid_lines import Ids, ids_of, leading_of, mine_of, records_of
from timetracking.services.grid import Cell

EMPTY = ("", "-", "–", "—")
LONGEST = 100
ZEROS = frozenset("0.,:h m")


@dataclass(frozen=True)
class Typed:
    """One cell of the form; `name` is that of selectors.grid_lines.Cell."""

    name: str
    ids: Ids
    day: dt.date
    text: str
    seen: tuple[Seen, ...]

    @property
    def is_changed(self) -> bool:
        """Whether it says something else than what was shown."""
        return self.text != shown_text(self.seen)


def shown_text(seen: Iterable[Seen]) -> str:
    """What the page shows of a cell with these entries."""
    minutes = [each.minutes for each in seen]
    return durations.clock(sum(minutes)) if minutes else ""


def read(data: QueryDict, days: Iterable[dt.date]) -> list[Typed]:
    """The cells of a form on some days of a week. Raises RuleViolation `cell_unreadable`."""
    known = {day.isoformat(): day for day in days}
    return [
        one(name.removeprefix("t."), known, str(text), str(data.get(f"s.{name.removeprefix('t.')}", "")))
        for name, text in data.items()
        if name.startswith("t.")
    ]


def one(name: str, days: dict[str, dt.date], text: str, seen: str) -> Typed:
    """A cell by its name. Raises RuleViolation `cell_unreadable`."""
    row, _dot, iso = name.rpartition(".")
    if iso not in days:
        raise grid_cells.unreadable()
    text = text.strip()[:LONGEST]
    return Typed(name, ids_of(row), days[iso], "" if text in EMPTY else text, grid_cells.read(seen))


def is_nothing(text: str) -> bool:
    """`0`, `0:00` and the like, as tables of others write a day without time."""
    return bool(text) and set(text.lower()) <= ZEROS and "0" in text


def cells_of(actor: Membership, typed: Iterable[Typed]) -> tuple[list[Cell], dict[str, DomainError]]:
    """What `services.grid` takes, and why some of it can't be read, by the names of the cells."""
    typed = list(typed)
    records = records_of({each.ids for each in typed})
    cells: list[Cell] = []
    refused: dict[str, DomainError] = {}
    for each in typed:
        try:
            cells.append(_cell(actor, each, mine_of(each.ids, records)))
        except DomainError as refusal:
            refused[each.name] = refusal
    return cells, refused


def _cell(actor: Membership, typed: Typed, mine: dict[str, Any]) -> Cell:
    ids = {name: pk for name, pk in zip(NAMES, typed.ids, strict=True) if pk}
    if ids.keys() - mine.keys() - {"project"}:
        raise RuleViolation("record_gone", _("This record is not there any more. Open the week again."), "record")
    there = sum(each.minutes for each in typed.seen)
    reading = durations.parse(typed.text, current_minutes=there) if typed.text else None
    kind = "TICKET" if "ticket" in ids else "PROJECT" if "project" in ids else "GENERAL"
    record = leading_of(mine)
    subject = picker.option(record, actor).subject if record is not None else ""
    return Cell(ids, {"kind": kind, **mine}, typed.day, typed.seen, reading, subject, key=typed.name)
