"""The time on one ticket or project: totals for everybody, entries and names for those who may see them."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import Count, F, Q, Sum
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import Membership
from accounts.permissions import Permission, Reach, reach
from timesheets_site.lib import dates
from timetracking.models import Project, Ticket, TimeEntry
from timetracking.models.time_entries import TimeEntryQuerySet
from timetracking.rules import budgets, durations, weeks
from timetracking.selectors.entry_rows import EntryRow, rows_for

ENTRIES_A_PAGE = 25
WEEKS_SHOWN = 8
AGENTS_SHOWN = 12


@dataclass(frozen=True)
class TimeCard:
    """What is logged, how it splits, and how much of the plan it uses. Bars are whole percents of the meter."""

    usage: budgets.Usage
    billable: int
    entries: int
    runs_out_on: dt.date | None = None

    @property
    def not_billable(self) -> int:
        return self.usage.used - self.billable

    @property
    def scale(self) -> int:
        """The minutes that fill the meter: the plan, or what is logged once that is more."""
        return max(self.usage.used, self.usage.planned or 0, 1)

    @property
    def billable_bar(self) -> int:
        return self.billable * 100 // self.scale

    @property
    def other_bar(self) -> int:
        return self.usage.used * 100 // self.scale - self.billable_bar

    @property
    def over(self) -> int:
        return max(-(self.usage.left or 0), 0)


@dataclass(frozen=True)
class DatedRow:
    row: EntryRow
    day: str


@dataclass(frozen=True)
class WeekBar:
    """One week of the chart, in the units of its 760 by 190 drawing."""

    first: dt.date
    label: str
    total: int
    billable: int
    x: int
    center: int
    y: int
    height: int
    other_y: int
    other_height: int

    @property
    def other(self) -> int:
        return self.total - self.billable


@dataclass(frozen=True)
class Weeks:
    bars: list[WeekBar]
    lines: list[tuple[int, str]]  # height in the drawing, and what it stands for
    takeaway: str

    @property
    def total(self) -> int:
        return sum(bar.total for bar in self.bars)


@dataclass(frozen=True)
class AgentShare:
    name: str
    minutes: int
    percent: int  # of the longest bar


def on(record: Ticket | Project) -> TimeEntryQuerySet:
    return TimeEntry.objects.filter(**{"ticket" if isinstance(record, Ticket) else "project": record})


def sees_names(actor: Membership) -> bool:
    return reach(actor, Permission.VIEW_TIME) is Reach.ALL


def time_card(record: Ticket | Project, *, weekly: int = 0, today: dt.date | None = None) -> TimeCard:
    """Totals of everybody's time on the record, in one query; `weekly` minutes tell when a budget runs out."""
    sums = on(record).aggregate(
        total=Sum("minutes", default=0),
        billable=Sum("minutes", filter=Q(billable=True), default=0),
        entries=Count("pk"),
    )
    planned = record.estimate_minutes if isinstance(record, Ticket) else record.budget_minutes
    usage = budgets.Usage(sums["total"], planned)
    runs_out = budgets.runs_out_on(usage.left, weekly, today=today) if today else None
    return TimeCard(usage, sums["billable"], sums["entries"], runs_out)


def entries_on(actor: Membership, record: Ticket | Project, page: str) -> tuple[Page, list[DatedRow]]:
    """A page of the entries that `actor` may see, newest first: an agent their own, others everybody's."""
    entries = on(record).visible_to(actor).order_by("-date", "-created_at", "-pk")
    found = Paginator(entries, ENTRIES_A_PAGE).get_page(page)
    year = str(actor.today().year)
    shown: Any = found.object_list
    rows = rows_for(actor, shown)
    return found, [
        DatedRow(row, row.date_label if row.date_iso.startswith(year) else f"{row.date_label} {row.date_iso[:4]}")
        for row in rows
    ]


def hours_per_week(actor: Membership, project: Project) -> Weeks:
    """The last eight weeks up to the member's own, in the organisation's weeks; one query."""
    first_weekday = actor.organisation.first_weekday
    this_week = weeks.week_containing(actor.today(), first_weekday=first_weekday)
    firsts = [this_week - n * 7 * weeks.DAY for n in range(WEEKS_SHOWN - 1, -1, -1)]
    sums = {first: [0, 0] for first in firsts}
    daily = (
        on(project)
        .filter(date__gte=firsts[0], date__lt=this_week + 7 * weeks.DAY)
        .order_by()
        .values("date")
        .annotate(total=Sum("minutes"), billed=Sum("minutes", filter=Q(billable=True), default=0))
    )
    for day in daily:
        week = sums[weeks.week_containing(day["date"], first_weekday=first_weekday)]
        week[0] += day["total"]
        week[1] += day["billed"]
    return _drawn([(first, total, billed) for first, (total, billed) in sums.items()])


def weekly_average(chart: Weeks) -> int:
    """Minutes a week over the last full weeks, for the forecast."""
    full = chart.bars[-1 - budgets.FORECAST_WEEKS : -1]
    return sum(bar.total for bar in full) // budgets.FORECAST_WEEKS


TOP, BOTTOM, LEFT, STEP, WIDE = 14, 166, 44, 89, 34


def _drawn(figures: list[tuple[dt.date, int, int]]) -> Weeks:
    most = max(total for _first, total, _billed in figures)
    step = next((hours for hours in (1, 2, 5, 10, 20, 50, 100, 200, 500) if hours * 240 >= most), -(-most // 240))
    full = step * 240
    room = BOTTOM - TOP
    bars = []
    for index, (first, total, billed) in enumerate(figures):
        height, billed_height = total * room // full, billed * room // full
        bars.append(
            WeekBar(
                first=first,
                label=dates.day_short(first),
                total=total,
                billable=billed,
                x=LEFT + index * STEP + (STEP - WIDE) // 2,
                center=LEFT + index * STEP + STEP // 2,
                y=BOTTOM - billed_height,
                height=billed_height,
                other_y=BOTTOM - height,
                other_height=height - billed_height,
            )
        )
    lines = [(BOTTOM - n * room // 4, str(n * step)) for n in range(5)]
    return Weeks(bars, lines, _takeaway(bars))


def _takeaway(bars: list[WeekBar]) -> str:
    total, billable = sum(bar.total for bar in bars), sum(bar.billable for bar in bars)
    if not total:
        return _("Nothing logged in the last %(count)d weeks.") % {"count": len(bars)}
    busiest = max(bars, key=lambda bar: bar.total)
    return _(
        "%(total)s in the last %(count)d weeks, %(billable)s billable. Most in the week of %(week)s: %(most)s."
    ) % {
        "total": durations.format_minutes(total),
        "count": len(bars),
        "billable": durations.format_minutes(billable),
        "week": dates.day_month(busiest.first),
        "most": durations.format_minutes(busiest.total),
    }


def per_member(entries: TimeEntryQuerySet) -> Any:
    """Minutes by member. `+ 0`: else SQLite would walk all the organisation's entries, in another index's order."""
    who = entries.order_by().annotate(who=F("member_id") + 0)
    return who.values("who", "member__display_name").annotate(total=Sum("minutes"))


def by_agent(actor: Membership, project: Project) -> list[AgentShare]:
    """Who worked how long, most first, the last line for all others; empty for those who see only their own time."""
    if not sees_names(actor):
        return []
    sums: list[Any] = list(per_member(on(project)).order_by("-total", "who"))
    shares = [(row["member__display_name"], row["total"]) for row in sums[:AGENTS_SHOWN]]
    if rest := sums[AGENTS_SHOWN:]:
        words = ngettext("%(count)d other", "%(count)d others", len(rest)) % {"count": len(rest)}
        shares.append((words, sum(row["total"] for row in rest)))
    longest = max((minutes for _name, minutes in shares), default=1)
    return [AgentShare(name, minutes, minutes * 100 // longest) for name, minutes in shares]
