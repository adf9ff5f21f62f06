"""The day cards of a week page, and the rows in them."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from dataclasses import dataclass

from django.db.models import F, Window
from django.db.models.functions import RowNumber
from django.utils import timezone
from django.utils.translation import gettext as _

from timesheets_site.lib import dates
from timesheets_site.lib.addresses import address
from timesheets_site.lib.printable import Printable
from timetracking.models import PeriodReopening, TimeEntry
from timetracking.rules import locking, targets, weeks
from timetracking.rules.targets import DayTarget, Targets
from timetracking.selectors.entry_rows import EntryRow, all_values, rows_for, rows_from
from timetracking.selectors.marked_up import hm
from timetracking.selectors.week_query import WeekQuery
from timetracking.selectors.week_totals import Totals, totals_of, totals_of_rows

ROWS_A_DAY = 40  # a day of everyone shows this many; the rest is one click away
READ_AT_ONCE = 7 * ROWS_A_DAY  # a member's week up to here is read once, instead of summed and then read
ROWS_A_PAGE = 200
WORKING_DAYS = 5
ORDER = ("date", "created_at", "pk")
EVERYONES_DAY, EVERYONES_DAY_OFF = DayTarget(0), DayTarget(0, targets.WEEKDAY)


@dataclass(frozen=True, slots=True)
class DayCard(Printable):
    """One day. `billable_width` and `rest_x`/`rest_width` are the parts of the meter, as percentages."""

    iso: str
    dom_id: str
    weekday: str
    label: str
    long_label: str
    is_today: bool
    is_day_off: bool
    is_empty: bool
    hm: str
    clock: str
    billable_width: str
    rest_x: str
    rest_width: str
    empty_text: str
    add_url: str
    add_label: str
    rows: tuple[EntryRow, ...]
    more_url: str = ""
    more_label: str = ""


def days_and_totals(
    query: WeekQuery, page: int, only: set[dt.date] | None, own: Targets | None, week_state: str = ""
) -> tuple[Totals, list[DayCard], str, int, list[EntryRow] | None]:
    """The sums, the day cards, a note on what is not shown, the number of pages (long ranges only), and all rows.

    The rows are None where the database added up.

    `own` are the member's targets, None for everyone. `week_state` is that of one member's week: days on which the
    reader may not log offer no "Add".
    One member's week is read once and added up here; where there is more than fits, the database adds up.
    """
    if only is None and query.member is not None and _is_short(query):
        entries = query.entries(all_values()).order_by(*ORDER)
        rows = rows_from(query.actor, entries[: READ_AT_ONCE + 1])
        if len(rows) <= READ_AT_ONCE:
            totals = totals_of_rows(rows)
            return totals, _cards(query, totals, rows, None, own, week_state), "", 1, rows
    totals = totals_of(query)
    return totals, *days_of(query, totals, page, only, own, week_state), None


def days_of(
    query: WeekQuery, totals: Totals, page: int, only: set[dt.date] | None, own: Targets | None, week_state: str = ""
) -> tuple[list[DayCard], str, int]:
    """The day cards, a note on what is not shown, and the number of pages (long ranges only)."""
    entries = query.entries().order_by(*ORDER)
    is_short = _is_short(query)
    count, pages, note = sum(totals.entries_by_day.values()), 1, ""
    if only is not None:
        entries = entries.filter(date__in=only)
    if is_short:
        if query.member is None or count > READ_AT_ONCE:
            # Which ones first, by their days alone: joined to everything else, thousands would be read for hundreds.
            place = Window(RowNumber(), partition_by=[F("date")], order_by=[F("created_at"), F("pk")])
            first = entries.order_by().annotate(place=place).filter(place__lte=ROWS_A_DAY)
            entries = TimeEntry.objects.filter(pk__in=list(first.values_list("pk", flat=True))).order_by(*ORDER)
    else:
        pages = max(1, -(-count // ROWS_A_PAGE))
        entries = entries[(page - 1) * ROWS_A_PAGE : page * ROWS_A_PAGE]
        if pages > 1:
            note = _("Page %(page)s of %(pages)s, %(count)s entries in all") % {
                "page": page, "pages": pages, "count": count
            }  # fmt: skip
    return _cards(query, totals, rows_for(query.actor, entries), only, own, week_state), note, pages


def _cards(
    query: WeekQuery,
    totals: Totals,
    shown: list[EntryRow],
    only: set[dt.date] | None,
    own: Targets | None,
    week_state: str,
) -> list[DayCard]:
    rows: dict[str, list[EntryRow]] = defaultdict(list)
    for row in shown:
        rows[row.date_iso].append(row)
    if _is_short(query):
        rows.update({iso: of_day[:ROWS_A_DAY] for iso, of_day in rows.items()})
    days = weeks.days_of(query.first, query.last)
    if not _is_short(query):
        days = [day for day in days if day.isoformat() in rows or len(days) == 1]
    maker = _DayMaker(query, totals, own, days, week_state)
    return [maker.card(day, rows[day.isoformat()]) for day in days if only is None or day in only]


class _DayMaker:
    def __init__(
        self, query: WeekQuery, totals: Totals, own: Targets | None, days: list[dt.date], week_state: str
    ) -> None:
        self.query, self.totals, self.week_state = query, totals, week_state
        self.week_url = address("week", query.actor.organisation.slug)
        self.targets = {day: own.on(day) for day in days} if own is not None else {}
        usual = max((target.minutes for target in self.targets.values()), default=0)
        self.longest = max(usual, 1) if usual else max([*totals.by_day.values(), 1])
        now, organisation = timezone.now(), query.actor.organisation
        is_closed = week_state and organisation.lock_date is not None and query.first <= organisation.lock_date
        reopened = PeriodReopening.objects.in_force(organisation, now) if is_closed else {}
        self.policy = locking.policy_of(query.actor, now, reopened)

    def card(self, day: dt.date, rows: list[EntryRow]) -> DayCard:
        total, billable = self.totals.by_day.get(day, 0), self.totals.billable_by_day.get(day, 0)
        target = self.targets.get(day, EVERYONES_DAY_OFF if day.weekday() >= WORKING_DAYS else EVERYONES_DAY)
        part = 100 / max(target.minutes or self.longest, total)
        iso, weekday, label = day.isoformat(), dates.weekday_short(day), dates.day_short(day)
        hidden = self.totals.entries_by_day.get(day, 0) - len(rows)
        is_short = _is_short(self.query)
        return DayCard(
            iso=iso,
            dom_id=f"day-{iso}",
            weekday=weekday,
            label=label,
            long_label=f"{dates.weekday_long(day)} {dates.day_month(day)}",
            is_today=day == self.query.today,
            is_day_off=target.is_off,
            is_empty=not total,
            hm=hm(total),
            clock=f"{total // 60}:{total % 60:02}" if total else "–",
            billable_width=f"{billable * part:.1f}",
            rest_x=f"{billable * part + (0.6 if billable else 0):.1f}",
            rest_width=f"{max((total - billable) * part - 0.6, 0):.1f}" if total > billable else "0",
            empty_text=_empty_text(target),
            add_url=log_url(self.query, day) if self._may_log(day) else "",
            add_label=_("Add time on %(day)s") % {"day": f"{weekday} {label}"},
            rows=tuple(rows),
            more_url=self.week_url + self.query.address(**{"from": iso, "to": iso}) if hidden > 0 and is_short else "",
            more_label=_("Show all %(count)s") % {"count": hidden + len(rows)} if hidden > 0 and is_short else "",
        )

    def _may_log(self, day: dt.date) -> bool:
        if not self.week_state or self.query.member is None:
            return True
        member_id = self.query.member.pk
        return locking.may_log(self.policy, date=day, week_state=self.week_state, member_id=member_id).allowed


def _empty_text(target: DayTarget) -> str:
    """What stands in a day without time: what makes it a day off, by its name where it has one."""
    if target.reason == targets.HALF:
        return _("%(name)s: half a day off") % {"name": target.name}
    return (target.name or _("Day off")) if target.is_off else _("Nothing logged")


def _is_short(query: WeekQuery) -> bool:
    """Two to seven days stand side by side as cards; one day, or more than a week, is a list in pages."""
    return 2 <= (query.last - query.first).days + 1 <= 7


def log_url(query: WeekQuery, day: dt.date | None) -> str:
    url = address("entry-new", query.actor.organisation.slug)
    params = []
    if day and day <= query.today:
        params.append(f"date={day.isoformat()}")
    if query.member is None:
        params.append("member=choose")
    elif not query.is_own:
        params.append(f"member={query.member.pk}")
    return f"{url}?{'&'.join(params)}" if params else url
