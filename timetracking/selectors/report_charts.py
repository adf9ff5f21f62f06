"""A report's charts as values ready to print: places in a drawing, words for who does not see it, links to entries.

Drawings are in the units of their own view box, bars in percents of their track. No chart asks the database.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from timesheets_site.lib import dates
from timesheets_site.lib.printable import Printable
from timetracking.rules import durations, months, report_ranges, weeks
from timetracking.rules.report_figures import WORKING_DAYS_A_WEEK, percent
from timetracking.rules.report_ranges import Days
from timetracking.selectors.report_people import People
from timetracking.selectors.report_query import ReportQuery
from timetracking.selectors.report_sums import Day

DAYS_AS_DAYS, DAYS_AS_WEEKS, A_MONTH = 31, 190, 30
TOP, BOTTOM, LEFT, RIGHT = 14, 264, 40, 760
LABELS_WIDE, LABELS_NARROW = 13, 5
HEAT_COLUMNS, HEAT_LEFT, HEAT_RIGHT, HEAT_ROW, HEAT_LABELS = 27, 40, 480, 20, 7
STEPS = 8
"""Shades of the heat map, beside none."""


def hours(minutes: int) -> str:
    """`2,205h`, or `45m` where it is less than one: for charts, where minutes would not be read."""
    if minutes < 60:
        return durations.format_minutes(minutes)
    return f"{durations.grouped((minutes + 30) // 60)}{durations.unit_letters(get_language() or '')[0]}"


# --- Hours per day, week or month -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Bar(Printable):
    label: str
    name: str
    words: str
    url: str
    total: int
    billable: int
    x: int
    width: int
    center: int
    y: int
    height: int
    other_y: int
    other_height: int
    shown: str
    """`all`, `wide` (not on a phone) or empty: whether its label is printed."""

    @property
    def other(self) -> int:
        return self.total - self.billable


@dataclass(frozen=True, slots=True)
class Trend(Printable):
    title: str
    column: str
    takeaway: str
    bars: tuple[Bar, ...]
    lines: tuple[tuple[int, str], ...]
    target_y: int
    target: str


def trend_of(query: ReportQuery, days: Sequence[Day], people: People, goal: int, url: str) -> Trend:
    """Hours per day (to a month), per week (to half a year) or per month."""
    spans, title, column, length = _spans(query)
    minutes, billable = [0] * len(spans), [0] * len(spans)
    place = 0
    for day in days:
        while day.date > spans[place].last:
            place += 1
        minutes[place] += day.minutes
        billable[place] += day.billable
    week = people.weekly * goal // 100 if query.is_of_people else 0
    target = week // WORKING_DAYS_A_WEEK if length == 1 else week * length // 7
    full = _round_up(max([*minutes, target, 60]))
    room = BOTTOM - TOP
    step = (RIGHT - LEFT) / len(spans)
    bars = []
    for n, span in enumerate(spans):
        height, inner = minutes[n] * room // full, billable[n] * room // full
        name = _name(span, length)
        bars.append(
            Bar(
                label=dates.month_short(span.first) if length == A_MONTH else dates.day_short(span.first),
                name=name,
                words=_("%(when)s: %(total)s, %(billable)s billable")
                % {"when": name, "total": hours(minutes[n]), "billable": hours(billable[n])},
                url=url + query.narrowed(**query.within(span)),
                total=minutes[n],
                billable=billable[n],
                x=round(LEFT + n * step + step * 0.22),
                width=max(round(step * 0.56), 3),
                center=round(LEFT + (n + 0.5) * step),
                y=BOTTOM - inner,
                height=inner,
                other_y=BOTTOM - height,
                other_height=height - inner,
                shown=_shown(n, len(spans)),
            )
        )
    lines = tuple((BOTTOM - n * room // 4, durations.grouped(n * full // 240)) for n in range(5))
    words = _("Billable target, %(hours)s") % {"hours": hours(target)} if target else ""
    return Trend(title, column, _trend_words(bars), tuple(bars), lines, BOTTOM - target * room // full, words)


def _spans(query: ReportQuery) -> tuple[list[Days], str, str, int]:
    """The parts of the range, the chart's heading, its first column, and how many days a part has."""
    days = query.days
    if days.count <= DAYS_AS_DAYS:
        return [Days(day, day) for day in weeks.days_of(days.first, days.last)], _("Hours per day"), _("Day"), 1
    if days.count <= DAYS_AS_WEEKS:
        starts = report_ranges.week_starts(days, first_weekday=query.actor.organisation.first_weekday)
        return [Days(first, first + weeks.DAY * 6) for first in starts], _("Hours per week"), _("Week of"), 7
    starts = report_ranges.month_starts(days)
    return [Days(first, months.last_day(first)) for first in starts], _("Hours per month"), _("Month"), A_MONTH


def _name(span: Days, length: int) -> str:
    if length == A_MONTH:
        return dates.month(span.first)
    return dates.weekday_day_month(span.first) if length == 1 else dates.day_month(span.first)


def _shown(place: int, count: int, wide: int = LABELS_WIDE) -> str:
    """Every label, every second one, …: those of a phone are among those of a wide screen."""
    step = -(-count // wide)
    labels = -(-count // step)
    if place % (step * -(-labels // LABELS_NARROW)) == 0:
        return "all"
    return "wide" if place % step == 0 else ""


def _round_up(minutes: int) -> int:
    """The top of the axis in minutes: four equal steps of whole hours.

    >>> _round_up(200), _round_up(13_000)
    (240, 14400)
    """
    scale = 1
    while True:
        for base in (1, 2, 3, 5, 6):
            if base * scale * 240 >= minutes:
                return base * scale * 240
        scale *= 10


def _trend_words(bars: list[Bar]) -> str:
    total, billable = sum(bar.total for bar in bars), sum(bar.billable for bar in bars)
    most = max(bars, key=lambda bar: bar.total)
    values = {"total": hours(total), "billable": hours(billable), "when": most.name, "most": hours(most.total)}
    return _("%(total)s in all, %(billable)s billable. Most in %(when)s: %(most)s.") % values


# --- Where the time went ----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Part(Printable):
    label: str
    minutes: int
    percent: int
    look: str
    """The class or the pattern that fills its bar."""
    url: str

    @property
    def hours(self) -> str:
        return hours(self.minutes)


def kinds_of(query: ReportQuery, days: Sequence[Day], url: str) -> tuple[Part, ...]:
    sums = [
        (_("Tickets"), "TICKET", "f-ticket", sum(day.tickets for day in days)),
        (_("Projects"), "PROJECT", "f-project", sum(day.projects for day in days)),
        (_("General"), "GENERAL", "f-general", sum(day.general for day in days)),
    ]
    return _parts(query, "kind", sums, url)


def billing_of(query: ReportQuery, days: Sequence[Day], url: str) -> tuple[Part, ...]:
    billable, free = sum(day.billable for day in days), sum(day.no_charge for day in days)
    sums = [
        (_("Billable"), "yes", "f-accent", billable),
        (_("No charge"), "free", "f-line", free),
        (_("Non-billable"), "no", "hatch-ink", sum(day.minutes for day in days) - billable - free),
    ]
    return _parts(query, "billable", sums, url)


def _parts(query: ReportQuery, name: str, sums: Iterable[tuple[str, str, str, int]], url: str) -> tuple[Part, ...]:
    listed = list(sums)
    whole = sum(minutes for *_rest, minutes in listed)
    return tuple(
        Part(label, minutes, percent(minutes, whole) or 0, look, url + query.narrowed(**{name: value}))
        for label, value, look, minutes in listed
    )


def parts_words(kinds: Sequence[Part], billing: Sequence[Part]) -> str:
    """`Tickets 46%, projects 38%, …` for who does not see the bars."""
    return "; ".join(", ".join(f"{part.label} {part.percent}%" for part in parts) for parts in (kinds, billing))


# --- Weekdays and weeks -----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Cell(Printable):
    x: int
    y: int
    minutes: int
    shade: str
    """How opaque: 0 for nothing, else an eighth for each step."""
    words: str
    url: str


@dataclass(frozen=True, slots=True)
class HeatRow(Printable):
    label: str
    y: int
    cells: tuple[Cell, ...]
    total: int


@dataclass(frozen=True, slots=True)
class HeatWeek(Printable):
    """A row of the table behind the map: minutes by weekday, None outside the range."""

    label: str
    minutes: tuple[int | None, ...]
    total: int


@dataclass(frozen=True, slots=True)
class Heat(Printable):
    takeaway: str
    rows: tuple[HeatRow, ...]
    weeks: tuple[HeatWeek, ...]
    columns: tuple[tuple[int, str, str], ...]
    """The middle of each column, its label, and whether it is printed."""
    width: int
    height: int
    cell_width: int
    note: str


def heat_of(query: ReportQuery, days: Sequence[Day], url: str) -> Heat:
    """Hours by weekday and week: the last 27 weeks of the range."""
    first_weekday = query.actor.organisation.first_weekday
    starts = report_ranges.week_starts(query.days, first_weekday=first_weekday)
    left_out = len(starts) > HEAT_COLUMNS
    starts = starts[-HEAT_COLUMNS:]
    sums: dict[dt.date, int] = {day.date: day.minutes for day in days if day.date >= starts[0]}
    most = max([*sums.values(), 1])
    column = (HEAT_RIGHT - HEAT_LEFT) // max(len(starts), 7)
    rows: list[HeatRow] = []
    by_weekday: dict[int, int] = defaultdict(int)
    for offset in range(7):
        name = dates.weekday_short(starts[0] + weeks.DAY * offset)
        cells = []
        for place, start in enumerate(starts):
            day = start + weeks.DAY * offset
            minutes = sums.get(day, 0)
            if not query.days.first <= day <= query.days.last:
                continue
            by_weekday[offset] += minutes
            cells.append(
                Cell(
                    x=HEAT_LEFT + place * column,
                    y=offset * HEAT_ROW,
                    minutes=minutes,
                    shade=f"{-(-minutes * STEPS // most) / STEPS:.2f}",
                    words=f"{dates.weekday_day_month(day)}: {hours(minutes)}",
                    url=url + query.narrowed(**query.within(Days(day, day))),
                )
            )
        rows.append(HeatRow(name, offset * HEAT_ROW, tuple(cells), by_weekday[offset]))
    columns = tuple(
        (HEAT_LEFT + place * column + column // 2, dates.day_short(start), _shown(place, len(starts), HEAT_LABELS))
        for place, start in enumerate(starts)
    )
    busiest = max(rows, key=lambda row: row.total)
    takeaway = _("Most time falls on %(day)s: %(hours)s in all.") % {
        "day": dates.weekday_long(starts[0] + weeks.DAY * (busiest.y // HEAT_ROW)),
        "hours": hours(busiest.total),
    }
    note = ngettext("The last %(count)d week", "The last %(count)d weeks", len(starts)) % {"count": len(starts)}
    table = tuple(_heat_week(query.days, start, sums) for start in starts)
    return Heat(
        takeaway, tuple(rows), table, columns, HEAT_RIGHT, 7 * HEAT_ROW + 18, column - 3, note if left_out else ""
    )


def _heat_week(days: Days, start: dt.date, sums: dict[dt.date, int]) -> HeatWeek:
    inside = [start + weeks.DAY * n for n in range(7)]
    minutes = tuple(sums.get(day, 0) if days.first <= day <= days.last else None for day in inside)
    return HeatWeek(dates.day_month(start), minutes, sum(each or 0 for each in minutes))
