"""The rows of a member's weekly grid with their cells, as values ready to print.

A row is the records of its entries: those of one ticket, of one project without a task, of one task, …; general time
without any is a row too. Its queries do not grow with the rows.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.db.models import BooleanField, ExpressionWrapper, Q
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from timesheets_site.lib import dates
from timesheets_site.lib.addresses import address
from timesheets_site.lib.printable import Printable
from timetracking.models import GridRow, PeriodReopening, TimeEntry
from timetracking.models.record_links import name_of
from timetracking.rules import closed_records, durations, grid_cells, locking
from timetracking.rules.grid_cells import NAMES, Seen
from timetracking.selectors import picker
from timetracking.selectors.entry_rows import COLUMNS, EntryRow, rows_from
from timetracking.selectors.marked_up import hm
from timetracking.selectors.week_query import WeekQuery

Ids = tuple[int | None, ...]
"""Of a row's ticket, project, task, charge code and activity, in the order of NAMES."""
Records = dict[tuple[str, int], Any]
LINKS = tuple(f"{name}_id" for name in NAMES)
PLACES = {"project": 0, "ticket": 1, "general": 2}
MOST_SPECIFIC = ("task", "ticket", "charge_code", "project", "activity")


@dataclass(frozen=True, slots=True)
class Cell(Printable):
    """One day of a row. `text` is what is stored, `shown` what stands in the field: after a refusal what was typed.

    `lock` says why nothing can be typed, `seen` what is in it (rules.grid_cells), `more_url` leads to its entry or to
    the list of its entries; of an empty one there is none.
    """

    dom: str
    name: str
    place: int
    tone: str
    label: str
    text: str = ""
    shown: str = ""
    seen: str = ""
    count: int = 0
    has_note: bool = False
    lock: str = ""
    shows_lock: bool = False
    more_url: str = ""
    more_label: str = ""
    error: str = ""
    is_saved: bool = False
    form_url: str = ""
    list_url: str = ""
    opens: str = ""
    """What is opened at once, where only a choice among its entries helps."""


@dataclass(frozen=True, slots=True)
class Line(Printable):
    """One row. `closed` says why it takes no new time; `remove_url` is there while somebody put it there."""

    name: str
    dom: str
    kind: str
    kind_label: str
    icon: str
    title: str
    detail: str
    billable: bool
    bill_icon: str
    bill_label: str
    closed: str
    hm: str
    new_url: str
    remove_url: str
    remove_label: str
    cells: tuple[Cell, ...]


@dataclass(frozen=True)
class Entry:
    """An entry of the week: its row as everywhere, the records that it is on, and whether it has a description."""

    row: EntryRow
    ids: Ids
    has_note: bool


@dataclass(frozen=True)
class Taken:
    """A row as it was put together from entries and from what its member added."""

    ids: Ids
    entries: tuple[Entry, ...] = ()
    added: int = 0
    """The id of the row that was added by hand."""


def entries_of(query: WeekQuery) -> list[Entry]:
    """The entries of the query with their records: one query, and one or two for what is closed or billed."""
    has_note = ExpressionWrapper(~Q(description=""), output_field=BooleanField())
    found = query.entries().annotate(has_note=has_note).order_by("date", "created_at", "pk")
    values = list(found.values_list(*COLUMNS, *LINKS, "has_note"))
    rows = rows_from(query.actor, (each[: len(COLUMNS)] for each in values))
    return [Entry(row, each[len(COLUMNS) : -1], each[-1]) for row, each in zip(rows, values, strict=True)]


class Lines:
    """The rows of one member's week for one reader."""

    def __init__(self, query: WeekQuery, days: Sequence[dt.date], state: str, tones: Sequence[str]) -> None:
        assert query.member is not None  # noqa: S101  # a grid is of one member
        self.query, self.member, self.days, self.tones = query, query.member, days, tones
        self.actor, self.now = query.actor, timezone.now()
        self.slug = self.actor.organisation.slug
        self.grace = closed_records.grace_of(self.member, self.now)
        self.kind_labels = {kind.value: str(kind.label) for kind in TimeEntry.Kind}
        self.closed_days = [self._closed(day, state) for day in days]

    def of(self, entries: Iterable[Entry], only: str = "") -> list[Line]:
        """All rows in their order; with `only` (its name) that one alone, also where nothing is in it."""
        by_ids: dict[Ids, list[Entry]] = defaultdict(list)
        for entry in entries:
            by_ids[entry.ids].append(entry)
        if only:
            wanted = ids_of(only)
            return [self._line(Taken(wanted, tuple(by_ids.get(wanted, ()))), records_of([wanted]))]
        added = self._added()
        taken = [Taken(ids, tuple(some), added.pop(ids, 0)) for ids, some in by_ids.items()]
        records = records_of([*by_ids, *added])
        taken = self._merged(taken, added, records)
        return [self._line(each, records) for each in sorted(taken, key=_order)]

    def _added(self) -> dict[Ids, int]:
        rows = GridRow.objects.filter(member=self.member, week_start=self.days[0]).order_by("-pk")
        return {tuple(ids): pk for pk, *ids in rows.values_list("pk", *LINKS)}

    def _merged(self, taken: list[Taken], added: dict[Ids, int], records: Records) -> list[Taken]:
        """With the rows that were added: one of a task or a bound charge code is known by its project too."""
        by_ids = {each.ids: each for each in taken}
        for ids, pk in added.items():
            whole = _with_project(ids, records)
            present = by_ids.get(whole, Taken(whole))
            by_ids[whole] = Taken(whole, present.entries, pk)
        return list(by_ids.values())

    def _line(self, taken: Taken, records: Records) -> Line:
        ids = dict(zip(NAMES, taken.ids, strict=True))
        mine = mine_of(taken.ids, records)
        name, record = grid_cells.row_name(taken.ids), leading_of(mine)
        leading = name_of(record) if record is not None else ""
        option = picker.option(record, self.actor, grace=self.grace) if record is not None else None
        kind = "ticket" if ids["ticket"] else "project" if ids["project"] else "general"
        title = option.title if option else _("General time without a charge code")
        billable = bool(option and option.billable and kind != "general")
        closed = self._closed_words(mine)
        new_url = self._new_url(leading, ids)
        dom = name.replace(":", "-").replace(",", "-")
        return Line(
            name=name,
            dom=dom,
            kind=kind,
            kind_label=self.kind_labels[kind.upper()],
            icon=picker.ICONS[kind.upper()],
            title=title,
            detail=self._detail(option, leading, mine),
            billable=billable,
            bill_icon="receipt" if billable else "receipt-off",
            bill_label=_("Billable") if billable else _("Non-billable"),
            closed=closed,
            hm=hm(sum(entry.row.minutes for entry in taken.entries)),
            new_url=new_url,
            remove_url=self._remove_url(taken),
            remove_label=_("Remove the row %(title)s") % {"title": title} if taken.added else "",
            cells=tuple(self._cells(name, dom, title, taken.entries, closed)),
        )

    def _cells(self, name: str, dom: str, title: str, entries: Sequence[Entry], closed: str) -> Iterable[Cell]:
        by_day: dict[str, list[Entry]] = defaultdict(list)
        for entry in entries:
            by_day[entry.row.date_iso].append(entry)
        for place, day in enumerate(self.days):
            iso = day.isoformat()
            here = by_day[iso]
            label = _("%(title)s, %(day)s") % {"title": title, "day": dates.weekday_day_month(day)}
            lock, shows_lock = self._lock(place, here, closed)
            text = durations.clock(sum(entry.row.minutes for entry in here)) if here else ""
            list_url = _with(self._cell_url(), row=name, date=iso)
            yield Cell(
                dom=f"{dom}-{place + 1}",
                name=f"{name}.{iso}",
                place=place + 1,
                tone=self.tones[place],
                label=label,
                text=text,
                shown=text,
                seen=grid_cells.written([Seen(e.row.id, e.row.version, e.row.minutes) for e in here]),
                count=len(here),
                has_note=any(entry.has_note for entry in here),
                lock=lock,
                shows_lock=shows_lock,
                more_url=(here[0].row.edit_url if len(here) == 1 and not lock else list_url) if here else "",
                more_label=_more_label(label, here),
                list_url=list_url,
            )

    def _lock(self, place: int, here: Sequence[Entry], closed: str) -> tuple[str, bool]:
        """Why nothing can be typed into a cell, and whether a lock says so: days to come show none."""
        if here:
            open_ones = [entry for entry in here if not entry.row.lock_reason]
            return ("", False) if open_ones else (here[0].row.lock_reason, True)
        words, shows_lock = self.closed_days[place]
        return (words, shows_lock) if words else (closed, bool(closed))

    def _closed(self, day: dt.date, state: str) -> tuple[str, bool]:
        """Why nothing new can be logged on a day: its period, its week, its being in the future, who it is."""
        if not self.member.is_active:
            return _("This member is deactivated."), True
        verdict = locking.may_log(self._policy, date=day, week_state=state, member_id=self.member.pk)
        if not verdict.allowed:
            return verdict.reason, True
        if day > self.member.today() and not self.member.organisation.future_dates_allowed:
            return _("You can log time up to today"), False
        return "", False

    @cached_property
    def _policy(self) -> locking.Policy:
        organisation = self.actor.organisation
        is_closed = organisation.lock_date is not None and self.days[0] <= organisation.lock_date
        reopened = PeriodReopening.objects.in_force(organisation, self.now) if is_closed else {}
        return locking.policy_of(self.actor, self.now, reopened)

    def _closed_words(self, records: dict[str, Any]) -> str:
        """Why a row takes no new time, in the words of the refusal; asked of its records and of their project."""
        asked = [each for record in records.values() for each in (record, getattr(record, "project", None)) if each]
        for record in asked:
            standing = closed_records.standing_of(record, self.grace)
            if not standing.takes_time:
                return closed_records.refusal_words(standing, _name_of(record))
        return ""

    def _detail(self, option: picker.Option | None, leading: str, records: dict[str, Any]) -> str:
        parts = [option.detail if option else ""]
        if leading != "charge_code" and "charge_code" in records:
            parts.append(records["charge_code"].code)
        if leading == "charge_code" and not records["charge_code"].project_id:
            parts.append(_("Charge code"))
        if leading == "activity":
            parts.append(_("Activity"))
        return " · ".join(part for part in parts if part)

    def _new_url(self, leading: str, ids: dict[str, int | None]) -> str:
        """The log-time form with the row's record; the day is added by whoever opens it."""
        record = {leading: ids[leading]} if leading else {"kind": TimeEntry.Kind.GENERAL.value}
        return _with(address("entry-new", self.slug), **record, **self._member())

    def _remove_url(self, taken: Taken) -> str:
        if not taken.added or taken.entries:
            return ""
        return _with(address("grid-row-remove", self.slug, self.days[0], taken.added), **self._agent())

    def _cell_url(self) -> str:
        return _with(address("grid-cell", self.slug, self.days[0]), **self._agent())

    def _agent(self) -> dict[str, Any]:
        return {} if self.query.is_own else {"agent": self.member.pk}

    def _member(self) -> dict[str, Any]:
        return {} if self.query.is_own else {"member": self.member.pk}


def ids_of(name: str) -> Ids:
    """A row's ids from its name. Raises RuleViolation `cell_unreadable`."""
    ids = grid_cells.read_row(name)
    return tuple(ids.get(each) for each in NAMES)


def records_of(rows: Iterable[Ids]) -> Records:
    """The records of rows, with what follows from them: one query for each kind of them."""
    wanted: dict[str, set[int]] = defaultdict(set)
    for ids in rows:
        for name, pk in zip(NAMES, ids, strict=True):
            if pk is not None and not (name == "project" and ids[2]):  # a task brings its own
                wanted[name].add(pk)
    found: Records = {}
    for name, pks in wanted.items():
        records = picker.MODELS[name].objects.select_related(*picker.RELATED[name]).filter(pk__in=pks).order_by()
        found.update({(name, record.pk): record for record in records})
    return found


def mine_of(ids: Ids, records: Records) -> dict[str, Any]:
    """Those of one row, by name."""
    return {name: records[name, pk] for name, pk in zip(NAMES, ids, strict=True) if pk and (name, pk) in records}


def leading_of(records: dict[str, Any]) -> Any | None:
    """The record that names a row; None for general time without any."""
    return next((records[name] for name in MOST_SPECIFIC if name in records), None)


def _with_project(ids: Ids, records: Records) -> Ids:
    """The ids as an entry on the same record has them: with the project of a task or a bound charge code."""
    _ticket, project, task, code, _activity = ids
    record = records.get(("task", task)) if task else records.get(("charge_code", code)) if code else None
    owner = getattr(record, "project_id", None)
    return (ids[0], project or owner, *ids[2:])


def _order(taken: Taken) -> tuple[int, bool, int]:
    """By kind, then the newest first: by its first entry, so that a row keeps its place while it is filled."""
    kind = "ticket" if taken.ids[0] else "project" if taken.ids[1] else "general"
    first = min((entry.row.id for entry in taken.entries), default=0)
    return PLACES[kind], bool(taken.entries), -(first or taken.added)


def _more_label(label: str, here: Sequence[Entry]) -> str:
    if len(here) > 1:
        words = ngettext(
            "%(count)s entry: %(label)s. Open the list", "%(count)s entries: %(label)s. Open the list", len(here)
        )
        return words % {"count": len(here), "label": label}
    if here and here[0].has_note:
        return _("Has a description: %(label)s. Open the entry") % {"label": label}
    return _("Open the entry: %(label)s") % {"label": label} if here else ""


def _name_of(record: Any) -> str:
    return str(getattr(record, "reference", "") or getattr(record, "code", "") or record.name)


def _with(url: str, **params: Any) -> str:
    if not params:
        return url
    pairs = "&".join(f"{name}={value}" for name, value in params.items())
    return f"{url}{'&' if '?' in url else '?'}{pairs}"
