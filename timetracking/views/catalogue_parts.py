"""Parts of a noun's declaration: what its list shows, and its sentences."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from timetracking.selectors import records

ARCHIVE, ARCHIVED, SAVED = _("Archive"), _("Archived %(name)s."), _("Saved %(name)s.")


@dataclass(frozen=True)
class Cell:
    """One value of a list: a text, or minutes as a duration; with an address a link, with a tone a chip.

    Or several lines, each a text with the words of a chip behind it (or "").
    """

    text: str = ""
    url: str = ""
    minutes: int | None = None
    tone: str | None = None
    lines: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Column:
    label: Any
    cell: Callable[[Any, records.Worked, str], Cell]  # record, its time, the organisation's slug
    sort: str = ""
    number: bool = False


@dataclass(frozen=True)
class Words:
    """The noun in sentences, each whole, so that each can be translated whole."""

    title: Any
    new: Any
    edit: Any
    none_yet: Any
    none_found: Any
    put_away: Any = ARCHIVE
    was_put_away: Any = ARCHIVED
    saved: Any = SAVED
    note: Any = ""  # above the form of a record that is there: what changing it does, and what it doesn't
    list_note: Any = ""  # above the list: what is true of all its rows
