"""The week page as values ready to print: range, KPI cards, days, filters. Its queries do not grow with the entries."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from timesheets_site.lib import dates
from timesheets_site.lib.addresses import address
from timesheets_site.lib.printable import Printable
from timetracking.models import TimeEntry, Timesheet
from timetracking.rules import durations, weeks
from timetracking.selectors.targets import own_targets
from timetracking.selectors.week_days import DayCard, days_and_totals, log_url
from timetracking.selectors.week_filters import ActiveFilter, Choice, Choices, presets_of
from timetracking.selectors.week_kpis import Kpi, kpis_of
from timetracking.selectors.week_query import WeekQuery
from timetracking.selectors.week_sheet import stored_sheet
from timetracking.selectors.week_status import WeekStatus, status_of
from timetracking.selectors.week_totals import Totals

Kind = TimeEntry.Kind


@dataclass(frozen=True, slots=True)
class Filters(Printable):
    """What the filters offer, and what is chosen."""

    week_url: str
    export_url: str
    agents: tuple[Choice, ...]
    projects: tuple[Choice, ...]
    kinds: tuple[Choice, ...]
    billables: tuple[Choice, ...]
    statuses: tuple[Choice, ...]
    presets: tuple[Choice, ...]
    first_iso: str
    last_iso: str
    is_custom: bool


@dataclass(frozen=True)
class WeekPage(Printable):
    """Everything that the week page prints."""

    title: str
    week_number: str
    week_url: str
    grid_url: str
    """The same week of the same member as a grid; everyone has their own, and other ranges have none."""
    prev_url: str
    prev_label: str
    this_url: str
    is_this_week: bool
    next_url: str
    next_label: str
    export_url: str
    log_url: str
    deleted_url: str
    clear_url: str
    kpis: tuple[Kpi, ...]
    filters: Filters
    days: tuple[DayCard, ...]
    status: WeekStatus | None
    history_url: str
    is_everyone: bool
    is_own: bool
    person: str
    has_entries: bool
    has_filters: bool
    active_filters: tuple[ActiveFilter, ...]
    zone: str
    first_weekday: str
    next_page_url: str
    previous_page_url: str
    shown_note: str
    summary: str


def week_page(query: WeekQuery, *, page: int = 1, only_days: set[dt.date] | None = None) -> WeekPage:
    """The page of a query. `only_days` leaves the other day cards out, for an answer that changed only some."""
    actor, slug = query.actor, query.actor.organisation.slug
    sheet, state = _sheet_and_state(query)
    own = own_targets(query.member, query.first, query.last) if query.member is not None else None
    totals, days, shown, pages, rows = days_and_totals(query, page, only_days, own, state)
    status = status_of(query, sheet, None if query.has_filters else rows, own)
    whole_week = query.is_week
    length = dt.timedelta(days=(query.last - query.first).days + 1)
    before, after = query.first - length, query.first + length
    week_url = address("week", slug)

    def at(first: dt.date) -> str:
        if whole_week:
            return address("week-of", slug, first) + query.address()
        last = first + length - weeks.DAY
        return week_url + query.address(**{"from": first.isoformat(), "to": last.isoformat()})

    is_this_week = whole_week and query.first <= query.today <= query.last
    number = _("Week %(number)s") % {"number": weeks.year_and_period(query.first)[1]}
    choices = Choices(query, week_url)
    shown_url = address("week-of", slug, query.first) if whole_week else week_url
    export_url = address("week-export", slug, query.first) + query.address()
    filters = Filters(
        week_url=shown_url,
        export_url=export_url,
        agents=tuple(choices.agents()),
        projects=tuple(choices.projects()),
        kinds=tuple(choices.of("kind", Kind.choices)),
        billables=tuple(choices.of("billable", [("yes", _("Billable")), ("no", _("Non-billable"))])),
        statuses=tuple(choices.of("status", TimeEntry.Status.choices)),
        presets=tuple(presets_of(query)),
        first_iso=query.first.isoformat(),
        last_iso=query.last.isoformat(),
        is_custom=query.is_custom,
    )
    return WeekPage(
        title=dates.day_range(query.first, query.last),
        week_number=number if whole_week and actor.organisation.first_weekday == 0 else "",
        week_url=address("week-of", slug, query.first) if whole_week else week_url,
        grid_url=_grid_url(query),
        prev_url=at(before),
        prev_label=dates.day_range_short(before, before + length - weeks.DAY),
        this_url=week_url + query.address(**{"from": None, "to": None}),
        is_this_week=is_this_week,
        next_url=at(after),
        next_label=dates.day_range_short(after, after + length - weeks.DAY),
        export_url=address("week-export", slug, query.first) + query.address(),
        log_url=log_url(query, query.today if query.first <= query.today <= query.last else None),
        deleted_url=address("entries-deleted", slug),
        clear_url=week_url if is_this_week else (address("week-of", slug, query.first)),
        kpis=tuple(kpis_of(query, totals, own)),
        filters=filters,
        days=tuple(days),
        status=status,
        history_url=_history_url(query) if whole_week and query.member is not None else "",
        is_everyone=query.member is None,
        is_own=query.is_own,
        person=query.member.display_name if query.member else _("Everyone"),
        has_entries=bool(totals.by_day),
        has_filters=query.has_filters,
        active_filters=tuple(choices.active()),
        zone=actor.zone.key,
        first_weekday=dates.weekday_long(query.first) if whole_week else "",
        previous_page_url=week_url + query.address(page=str(page - 1)) if page > 1 else "",
        next_page_url=week_url + query.address(page=str(page + 1)) if page < pages else "",
        shown_note=shown,
        summary=_summary(query, totals, only_days),
    )


def _sheet_and_state(query: WeekQuery) -> tuple[Any, str]:
    """The stored sheet of one member's week with its state; no state for everyone and for other ranges of days."""
    if query.member is None or not query.is_week:
        return None, ""
    sheet = stored_sheet(query.member, query.first)
    return sheet, str(sheet.state if sheet is not None else Timesheet.State.DRAFT.value)


def _summary(query: WeekQuery, totals: Totals, only_days: set[dt.date] | None) -> str:
    """What is announced: of a page its days and total, of changed days their totals and the new one of all."""
    total = durations.in_words(totals.total)
    if only_days is None:
        words = _("%(range)s. %(total)s logged.")
        return words % {"range": dates.day_range(query.first, query.last), "total": total}
    day_words = _("%(day)s %(total)s.")
    sums = [
        day_words % {"day": dates.weekday_long(day), "total": durations.in_words(totals.by_day.get(day, 0))}
        for day in sorted(only_days)
    ]
    return " ".join([*sums, (_("Week %(total)s.") if query.is_week else _("In all %(total)s.")) % {"total": total}])


def _grid_url(query: WeekQuery) -> str:
    if query.member is None or not query.is_week:
        return ""
    url = address("week-grid", query.actor.organisation.slug, query.first)
    return url if query.is_own else f"{url}?agent={query.member.pk}"


def _history_url(query: WeekQuery) -> str:
    url = address("week-history", query.actor.organisation.slug, query.first)
    return url if query.is_own or query.member is None else f"{url}?agent={query.member.pk}"
