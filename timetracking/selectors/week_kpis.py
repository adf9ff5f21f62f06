"""The five KPI cards: Total, Billable, Tickets, Projects, Manual. Tickets + Projects + Manual = Total."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from timesheets_site.lib.printable import Printable
from timetracking.models import TimeEntry
from timetracking.rules import durations, weeks
from timetracking.rules.targets import Targets
from timetracking.selectors.marked_up import hm
from timetracking.selectors.week_query import WeekQuery
from timetracking.selectors.week_totals import Totals

Kind = TimeEntry.Kind
SPARK_HEIGHT = 26


@dataclass(frozen=True, slots=True)
class Bar(Printable):
    """One bar of the spark line, in the units of its 52 x 26 drawing."""

    x: int
    y: int
    height: int
    today: bool


@dataclass(frozen=True, slots=True)
class Kpi(Printable):
    label: str
    icon: str
    tone: str
    hm: str
    percent: str
    left: str
    right: str
    spark: tuple[Bar, ...] = ()


def kpis_of(query: WeekQuery, totals: Totals, own: Targets | None) -> list[Kpi]:
    """`own` are the member's targets, None for everyone."""
    total, billable = totals.total, totals.billable

    def share(minutes: int, of: int) -> int:
        return round(100 * minutes / of) if of else 0

    def kind(label: str, value: str, icon: str, tone: str) -> Kpi:
        minutes, count = totals.by_kind.get(value, 0), totals.entries_by_kind.get(value, 0)
        entries = ngettext("%(count)s entry", "%(count)s entries", count) % {"count": count}
        percent = share(minutes, total)
        return Kpi(label, icon, tone, hm(minutes), str(percent), f"{percent}%", entries)

    target = own.between(query.first, query.last) if own is not None and query.is_week else 0
    if own is not None and target:
        reached = share(totals.towards(own), target)
        values = {"percent": reached, "target": durations.format_minutes(target)}
        of_target, width = _("%(percent)s%% of %(target)s") % values, min(100, reached)
    else:
        count = sum(totals.entries_by_kind.values())
        of_target = ngettext("%(count)s entry", "%(count)s entries", count) % {"count": count}
        width = 100 if total else 0
    billable_share, goal = share(billable, total), query.actor.organisation.billable_goal_percent
    return [
        Kpi(_("Total"), "clock", "accent", hm(total), str(width), of_target, "", tuple(_spark(query, totals))),
        Kpi(
            _("Billable"), "receipt", "accent", hm(billable), str(billable_share),
            _("%(percent)s%% of total") % {"percent": billable_share},
            _("goal %(percent)s%%") % {"percent": goal} if goal else "",
        ),
        kind(_("Tickets"), Kind.TICKET, "ticket", "ticket"),
        kind(_("Projects"), Kind.PROJECT, "layers", "project"),
        kind(_("Manual"), Kind.GENERAL, "tag", "general"),
    ]  # fmt: skip


def _spark(query: WeekQuery, totals: Totals) -> list[Bar]:
    days = weeks.days_of(query.first, query.last)
    if len(days) != 7:
        return []
    longest = max([*totals.by_day.values(), 1])
    bars = []
    for place, day in enumerate(days):
        height = max(3, round(SPARK_HEIGHT * totals.by_day.get(day, 0) / longest))
        bars.append(Bar(place * 8, SPARK_HEIGHT - height, height, day == query.today))
    return bars
