"""The page of the weekly grid as values ready to print: heads, rows, sums of the days against their targets."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace

from django.utils import timezone
from django.utils.translation import gettext as _

from timesheets_site.lib import dates
from timesheets_site.lib.addresses import address
from timesheets_site.lib.printable import Printable
from timetracking.models import Timesheet
from timetracking.rules import durations, weeks
from timetracking.rules.targets import Targets
from timetracking.selectors.grid_lines import Cell, Line, Lines, entries_of
from timetracking.selectors.marked_up import hm
from timetracking.selectors.targets import own_targets
from timetracking.selectors.week_days import log_url
from timetracking.selectors.week_filters import Choice, Choices
from timetracking.selectors.week_kpis import Kpi, kpis_of
from timetracking.selectors.week_query import WeekQuery
from timetracking.selectors.week_sheet import stored_sheet
from timetracking.selectors.week_status import WeekStatus, status_of
from timetracking.selectors.week_totals import Totals, totals_of_rows


@dataclass(frozen=True, slots=True)
class Day(Printable):
    """One column. `against` says how the day stands to its target, `against_tone` whether that is good or amiss."""

    place: int
    iso: str
    weekday: str
    label: str
    tone: str
    is_today: bool
    is_chosen: bool
    clock: str
    against: str
    against_tone: str


@dataclass(frozen=True)
class GridPage(Printable):
    """Everything that the grid prints. The parts that it shares with the week page have the same names there."""

    title: str
    week_number: str
    grid_url: str
    week_url: str
    paste_url: str
    rows_url: str
    cell_url: str
    pick_url: str
    prev_url: str
    prev_label: str
    this_url: str
    is_this_week: bool
    next_url: str
    next_label: str
    export_url: str
    log_url: str
    agent: str
    agents: tuple[Choice, ...]
    kpis: tuple[Kpi, ...]
    status: WeekStatus | None
    days: tuple[Day, ...]
    lines: tuple[Line, ...]
    total: str
    percent: str
    is_own: bool
    person: str
    saved_at: str
    summary: str
    week_start: dt.date
    has_entries: bool
    has_filters: bool = False
    clear_url: str = ""

    def cell(self, name: str) -> Cell | None:
        """A cell by its name, as long as it is shown."""
        return next((cell for line in self.lines for cell in line.cells if cell.name == name), None)

    def with_cells(self, changed: dict[str, Cell]) -> GridPage:
        """The page with some cells, by their names, in place of what is stored."""
        lines = (replace(line, cells=tuple(changed.get(cell.name, cell) for cell in line.cells)) for line in self.lines)
        return replace(self, lines=tuple(lines))


def grid_page(query: WeekQuery, *, only: str = "") -> GridPage:
    """The grid of the query's member and week. `only` leaves all rows but the one of that name out, and the choices.

    Raises RuleViolation `cell_unreadable` for a name that is none.
    """
    assert query.member is not None  # noqa: S101  # a grid is of one member
    member, slug = query.member, query.actor.organisation.slug
    days = weeks.days_of(query.first, query.last)
    sheet = stored_sheet(member, query.first)
    state = str(sheet.state if sheet is not None else Timesheet.State.DRAFT.value)
    own = own_targets(member, query.first, query.last)
    entries = entries_of(query)
    rows = [entry.row for entry in entries]
    totals = totals_of_rows(rows)
    heads = _heads(query, days, totals, own)
    lines = Lines(query, days, state, [head.tone for head in heads]).of(entries, only)
    week = dt.timedelta(days=7)
    agent = {} if query.is_own else {"agent": str(member.pk)}
    suffix = "".join(f"?agent={pk}" for pk in agent.values())

    def at(name: str, first: dt.date = query.first) -> str:
        return address(name, slug, first) + suffix

    before, after = query.first - week, query.first + week
    is_this_week = query.first <= query.today <= query.last
    this_week = weeks.week_containing(query.today, first_weekday=query.actor.organisation.first_weekday)
    expected = own.between(query.first, query.last)
    number = _("Week %(number)s") % {"number": weeks.year_and_period(query.first)[1]}
    return GridPage(
        title=dates.day_range(query.first, query.last),
        week_number=number if query.actor.organisation.first_weekday == 0 else "",
        grid_url=at("week-grid"),
        week_url=at("week-of"),
        paste_url=at("week-grid"),
        rows_url=at("grid-rows"),
        cell_url=at("grid-cell"),
        pick_url=address("pick", slug),
        prev_url=at("week-grid", before),
        prev_label=dates.day_range_short(before, before + 6 * weeks.DAY),
        this_url=at("week-grid", this_week),
        is_this_week=is_this_week,
        next_url=at("week-grid", after),
        next_label=dates.day_range_short(after, after + 6 * weeks.DAY),
        export_url=at("week-export"),
        log_url=log_url(query, query.today if is_this_week else query.first),
        agent=agent.get("agent", ""),
        agents=() if only else tuple(_people(query)),
        kpis=tuple(kpis_of(query, totals, own)),
        status=status_of(query, sheet, rows, own),
        days=tuple(heads),
        lines=tuple(lines),
        total=hm(totals.total),
        percent=f"{round(100 * totals.towards(own) / expected)}%" if expected else "",
        is_own=query.is_own,
        person=member.display_name,
        saved_at=timezone.now().astimezone(query.actor.zone).strftime("%H:%M"),
        summary=_("%(range)s. %(total)s logged.")
        % {"range": dates.day_range(query.first, query.last), "total": durations.in_words(totals.total)},
        week_start=query.first,
        has_entries=bool(rows),
    )


def _people(query: WeekQuery) -> list[Choice]:
    """Whose grid can be shown; "everyone" has none."""
    return [choice for choice in Choices(query, "").agents() if choice.value != "all"]


def _heads(query: WeekQuery, days: list[dt.date], totals: Totals, own: Targets) -> list[Day]:
    today = query.today
    chosen = today if query.first <= today <= query.last else query.first
    return [_head(place, day, day == chosen, today, totals, own) for place, day in enumerate(days, 1)]


def _head(place: int, day: dt.date, is_chosen: bool, today: dt.date, totals: Totals, own: Targets) -> Day:
    target, minutes = own.on(day), totals.by_day.get(day, 0)
    against, against_tone = _against(minutes, target.minutes, is_over=day < today)
    return Day(
        place=place,
        iso=day.isoformat(),
        weekday=dates.weekday_short(day),
        label=dates.day_short(day),
        tone="now" if day == today else "we" if target.is_off else "",
        is_today=day == today,
        is_chosen=is_chosen,
        clock=durations.clock(minutes) if minutes else "–",
        against=against,
        against_tone=against_tone,
    )


def _against(minutes: int, target: int, *, is_over: bool) -> tuple[str, str]:
    """A day against its target: `on target`, `+0:30`, what is amiss, or while it lasts `4:40 to go`."""
    if not target:
        return "", ""
    left = target - minutes
    if left == 0:
        return _("on target"), "okay"
    if left < 0:
        return f"+{durations.clock(-left)}", "okay"
    if is_over:
        return durations.clock(-left), "gap"
    return _("%(duration)s to go") % {"duration": durations.clock(left)}, ""
