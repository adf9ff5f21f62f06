"""The week page as values ready to print: range, KPI cards, days, filters. Its queries do not grow with the entries."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from dataclasses import dataclass, field

from django.db.models import Count, F, Sum, Window
from django.db.models.functions import RowNumber
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import Membership
from accounts.permissions import Permission, Reach, reach
from timesheets_site.lib import dates
from timetracking.models import Project, TimeEntry
from timetracking.rules import durations, weeks
from timetracking.selectors.entry_rows import EntryRow, rows_for
from timetracking.selectors.week_query import EVERYONE, WeekQuery
from timetracking.templatetags.durations import hm

Kind = TimeEntry.Kind
ROWS_A_DAY = 40  # a day of everyone shows this many; the rest is one click away
ROWS_A_PAGE = 200
BILLABLE_GOAL = 80
SPARK_HEIGHT = 26


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar of the spark line, in the units of its 52 x 26 drawing."""

    x: int
    y: int
    height: int
    today: bool


@dataclass(frozen=True, slots=True)
class Kpi:
    label: str
    icon: str
    tone: str
    hm: str
    percent: str
    left: str
    right: str
    spark: list[Bar] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class DayCard:
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
    rows: list[EntryRow]
    more_url: str = ""
    more_label: str = ""


@dataclass(frozen=True, slots=True)
class Choice:
    value: str
    label: str
    selected: bool
    url: str = ""


@dataclass(frozen=True, slots=True)
class ActiveFilter:
    label: str
    remove_url: str
    remove_label: str


@dataclass(frozen=True)
class WeekPage:
    """Everything that the week page prints."""

    title: str
    week_number: str
    week_url: str
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
    kpis: list[Kpi]
    days: list[DayCard]
    status_text: str
    is_everyone: bool
    is_own: bool
    person: str
    has_entries: bool
    has_filters: bool
    agents: list[Choice]
    projects: list[Choice]
    kinds: list[Choice]
    billables: list[Choice]
    statuses: list[Choice]
    presets: list[Choice]
    active_filters: list[ActiveFilter]
    first_iso: str
    last_iso: str
    is_custom: bool
    zone: str
    first_weekday: str
    next_page_url: str
    previous_page_url: str
    shown_note: str
    summary: str


@dataclass
class _Totals:
    """Minutes by day, kind and billable, in one query; every figure of the page adds these up."""

    by_day: dict[dt.date, int]
    billable_by_day: dict[dt.date, int]
    by_kind: dict[str, int]
    entries_by_kind: dict[str, int]
    entries_by_day: dict[dt.date, int]

    @property
    def total(self) -> int:
        return sum(self.by_day.values())

    @property
    def billable(self) -> int:
        return sum(self.billable_by_day.values())


def totals_of(query: WeekQuery) -> _Totals:
    result = _Totals(defaultdict(int), defaultdict(int), defaultdict(int), defaultdict(int), defaultdict(int))
    grouped = query.entries().order_by().values_list("date", "kind", "billable").annotate(Sum("minutes"), Count("id"))
    for day, kind, is_billable, minutes, count in grouped:
        result.by_day[day] += minutes
        result.by_kind[kind] += minutes
        result.entries_by_kind[kind] += count
        result.entries_by_day[day] += count
        if is_billable:
            result.billable_by_day[day] += minutes
    return result


def week_page(query: WeekQuery, *, page: int = 1, only_days: set[dt.date] | None = None) -> WeekPage:
    """The page of a query. `only_days` leaves the other day cards out, for an answer that changed only some."""
    actor, slug = query.actor, query.actor.organisation.slug
    totals = totals_of(query)
    days, shown, pages = _days(query, totals, page, only_days)
    whole_week = query.is_week
    length = dt.timedelta(days=(query.last - query.first).days + 1)
    before, after = query.first - length, query.first + length
    week_url = reverse("week", args=[slug])

    def at(first: dt.date) -> str:
        if whole_week:
            return reverse("week-of", args=[slug, first]) + query.address()
        last = first + length - weeks.DAY
        return week_url + query.address(**{"from": first.isoformat(), "to": last.isoformat()})

    is_this_week = whole_week and query.first <= query.today <= query.last
    number = _("Week %(number)s") % {"number": weeks.year_and_period(query.first)[1]}
    choices = _Choices(query, week_url)
    return WeekPage(
        title=dates.day_range(query.first, query.last),
        week_number=number if whole_week and actor.organisation.first_weekday == 0 else "",
        week_url=reverse("week-of", args=[slug, query.first]) if whole_week else week_url,
        prev_url=at(before),
        prev_label=dates.day_range_short(before, before + length - weeks.DAY),
        this_url=week_url + query.address(**{"from": None, "to": None}),
        is_this_week=is_this_week,
        next_url=at(after),
        next_label=dates.day_range_short(after, after + length - weeks.DAY),
        export_url=reverse("week-export", args=[slug, query.first]) + query.address(),
        log_url=_log_url(query, query.today if query.first <= query.today <= query.last else None),
        deleted_url=reverse("entries-deleted", args=[slug]),
        clear_url=week_url if is_this_week else (reverse("week-of", args=[slug, query.first])),
        kpis=_kpis(query, totals),
        days=days,
        status_text=_status(query, totals),
        is_everyone=query.member is None,
        is_own=query.is_own,
        person=query.member.display_name if query.member else _("Everyone"),
        has_entries=bool(totals.by_day),
        has_filters=query.has_filters,
        agents=choices.agents(),
        projects=choices.projects(),
        kinds=choices.of("kind", Kind.choices),
        billables=choices.of("billable", [("yes", _("Billable")), ("no", _("Non-billable"))]),
        statuses=choices.of("status", TimeEntry.Status.choices),
        presets=_presets(query),
        active_filters=choices.active(),
        first_iso=query.first.isoformat(),
        last_iso=query.last.isoformat(),
        is_custom=query.is_custom,
        zone=actor.zone.key,
        first_weekday=dates.weekday_long(query.first) if whole_week else "",
        previous_page_url=week_url + query.address(page=str(page - 1)) if page > 1 else "",
        next_page_url=week_url + query.address(page=str(page + 1)) if page < pages else "",
        shown_note=shown,
        summary=_("%(range)s. %(total)s logged.")
        % {"range": dates.day_range(query.first, query.last), "total": durations.in_words(totals.total)},
    )


def _days(query: WeekQuery, totals: _Totals, page: int, only: set[dt.date] | None) -> tuple[list[DayCard], str, int]:
    """The day cards, a note on what is not shown, and the number of pages (long ranges only)."""
    entries = query.entries().order_by("date", "created_at", "pk")
    is_short = 1 < (query.last - query.first).days + 1 <= 7
    count, pages, note = sum(totals.entries_by_day.values()), 1, ""
    if only is not None:
        entries = entries.filter(date__in=only)
    if is_short:
        if count > ROWS_A_DAY:  # a member's own week never is; everyone's may be thousands
            entries = entries.annotate(
                place=Window(RowNumber(), partition_by=[F("date")], order_by=[F("created_at"), F("pk")])
            ).filter(place__lte=ROWS_A_DAY)
    else:
        pages = max(1, -(-count // ROWS_A_PAGE))
        entries = entries[(page - 1) * ROWS_A_PAGE : page * ROWS_A_PAGE]
        if pages > 1:
            note = _("Page %(page)s of %(pages)s, %(count)s entries in all") % {
                "page": page, "pages": pages, "count": count
            }  # fmt: skip
    rows: dict[str, list[EntryRow]] = defaultdict(list)
    for row in rows_for(query.actor, entries):
        rows[row.date_iso].append(row)
    days = weeks.days_of(query.first, query.last)
    if not is_short:
        days = [day for day in days if day.isoformat() in rows or len(days) == 1]
    maker = _DayMaker(query, totals)
    return [maker.card(day, rows[day.isoformat()]) for day in days if only is None or day in only], note, pages


class _DayMaker:
    def __init__(self, query: WeekQuery, totals: _Totals) -> None:
        self.query, self.totals = query, totals
        self.week_url = reverse("week", args=[query.actor.organisation.slug])
        working_days = 5
        capacity = query.member.weekly_capacity_minutes if query.member else 0
        self.target = capacity // working_days
        self.longest = max([self.target, *totals.by_day.values(), 1])

    def card(self, day: dt.date, rows: list[EntryRow]) -> DayCard:
        total, billable = self.totals.by_day.get(day, 0), self.totals.billable_by_day.get(day, 0)
        scale = max(self.target, total) if self.target else self.longest
        part = 100 / scale if scale else 0
        iso, weekday, label = day.isoformat(), dates.weekday_short(day), dates.day_short(day)
        hidden = self.totals.entries_by_day.get(day, 0) - len(rows)
        is_short = 1 < (self.query.last - self.query.first).days + 1 <= 7
        is_day_off = day.weekday() >= 5
        return DayCard(
            iso=iso,
            dom_id=f"day-{iso}",
            weekday=weekday,
            label=label,
            long_label=f"{dates.weekday_long(day)} {dates.day_month(day)}",
            is_today=day == self.query.today,
            is_day_off=is_day_off,
            is_empty=not total,
            hm=hm(total),
            clock=f"{total // 60}:{total % 60:02}" if total else "–",
            billable_width=f"{billable * part:.1f}",
            rest_x=f"{billable * part + (0.6 if billable else 0):.1f}",
            rest_width=f"{max((total - billable) * part - 0.6, 0):.1f}" if total > billable else "0",
            empty_text=_("Day off") if is_day_off else _("Nothing logged"),
            add_url=_log_url(self.query, day),
            add_label=_("Add time on %(day)s") % {"day": f"{weekday} {label}"},
            rows=rows,
            more_url=self.week_url + self.query.address(**{"from": iso, "to": iso}) if hidden > 0 and is_short else "",
            more_label=_("Show all %(count)s") % {"count": hidden + len(rows)} if hidden > 0 and is_short else "",
        )


def _log_url(query: WeekQuery, day: dt.date | None) -> str:
    url = reverse("entry-new", args=[query.actor.organisation.slug])
    params = []
    if day and day <= query.today:
        params.append(f"date={day.isoformat()}")
    if query.member is None:
        params.append("member=choose")
    elif not query.is_own:
        params.append(f"member={query.member.pk}")
    return f"{url}?{'&'.join(params)}" if params else url


def _kpis(query: WeekQuery, totals: _Totals) -> list[Kpi]:
    total, billable = totals.total, totals.billable

    def share(minutes: int, of: int) -> int:
        return round(100 * minutes / of) if of else 0

    def kind(label: str, value: str, icon: str, tone: str) -> Kpi:
        minutes, count = totals.by_kind.get(value, 0), totals.entries_by_kind.get(value, 0)
        entries = ngettext("%(count)s entry", "%(count)s entries", count) % {"count": count}
        percent = share(minutes, total)
        return Kpi(label, icon, tone, hm(minutes), str(percent), f"{percent}%", entries)

    target = query.member.weekly_capacity_minutes if query.member and query.is_week else 0
    if target:
        values = {"percent": share(total, target), "target": durations.format_minutes(target)}
        of_target, width = _("%(percent)s%% of %(target)s") % values, min(100, share(total, target))
    else:
        count = sum(totals.entries_by_kind.values())
        of_target = ngettext("%(count)s entry", "%(count)s entries", count) % {"count": count}
        width = 100 if total else 0
    billable_share = share(billable, total)
    return [
        Kpi(_("Total"), "clock", "accent", hm(total), str(width), of_target, "", _spark(query, totals)),
        Kpi(
            _("Billable"), "receipt", "accent", hm(billable), str(billable_share),
            _("%(percent)s%% of total") % {"percent": billable_share}, _("goal %(percent)s%%") % {"percent": BILLABLE_GOAL},
        ),
        kind(_("Tickets"), Kind.TICKET, "ticket", "ticket"),
        kind(_("Projects"), Kind.PROJECT, "layers", "project"),
        kind(_("Manual"), Kind.GENERAL, "tag", "general"),
    ]  # fmt: skip


def _spark(query: WeekQuery, totals: _Totals) -> list[Bar]:
    days = weeks.days_of(query.first, query.last)
    if len(days) != 7:
        return []
    longest = max([*totals.by_day.values(), 1])
    bars = []
    for place, day in enumerate(days):
        height = max(3, round(SPARK_HEIGHT * totals.by_day.get(day, 0) / longest))
        bars.append(Bar(place * 8, SPARK_HEIGHT - height, height, day == query.today))
    return bars


def _status(query: WeekQuery, totals: _Totals) -> str:
    """The sentence of the week's status. Submission adds its own words here."""
    if query.member is None or not query.is_week:
        return ""
    left = query.member.weekly_capacity_minutes - totals.total
    if left > 0:
        return _("%(duration)s to go this week") % {"duration": durations.format_minutes(left)}
    return _("The week's target is reached")


def _presets(query: WeekQuery) -> list[Choice]:
    """The choices of the Dates filter, each a link; the last one stands for a range that somebody chose."""
    slug, no_range = query.actor.organisation.slug, query.address(**{"from": None, "to": None})
    first = weeks.week_containing(query.today, first_weekday=query.actor.organisation.first_weekday)
    month = query.today.replace(day=1)
    next_month = (month + dt.timedelta(days=32)).replace(day=1)
    last_week = first - dt.timedelta(days=7)
    last_day = next_month - weeks.DAY
    whole_month = query.address(**{"from": month.isoformat(), "to": last_day.isoformat()})
    spans = [
        (_("This week"), first, first + dt.timedelta(days=6), reverse("week", args=[slug]) + no_range),
        (_("Last week"), last_week, first - weeks.DAY, reverse("week-of", args=[slug, last_week]) + no_range),
        (_("This month"), month, last_day, reverse("week", args=[slug]) + whole_month),
    ]
    choices = [Choice(f"{a}/{b}", label, (a, b) == (query.first, query.last), url) for label, a, b, url in spans]
    known = any(choice.selected for choice in choices)
    return [*choices, Choice("custom", _("Custom…") if known else dates.day_range(query.first, query.last), not known)]


class _Choices:
    """The options of the filters, with what is chosen."""

    def __init__(self, query: WeekQuery, url: str) -> None:
        self.query, self.url = query, url
        self.all = reach(query.actor, Permission.VIEW_TIME) is Reach.ALL
        self._labels: dict[str, str] = {}

    def of(self, name: str, values: list[tuple[str, str]]) -> list[Choice]:
        chosen = self.query.params.get(name, "")
        choices = [Choice(str(value), str(label), str(value) == chosen) for value, label in values]
        self._labels.update({name: choice.label for choice in choices if choice.selected})
        return choices

    def agents(self) -> list[Choice]:
        """People to choose from; empty for those who see only themselves."""
        if not self.all:
            return []
        actor, chosen = self.query.actor, self.query.member
        people = Membership.objects.filter(is_active=True).values_list("pk", "display_name")
        if chosen and not chosen.is_active:
            people = people.union(Membership.objects.filter(pk=chosen.pk).values_list("pk", "display_name"))
        me = Choice("", _("%(name)s (you)") % {"name": actor.display_name}, self.query.is_own)
        others = [
            Choice(str(pk), name, chosen is not None and pk == chosen.pk) for pk, name in people if pk != actor.pk
        ]
        return [me, Choice(EVERYONE, _("Everyone"), chosen is None), *others]

    def projects(self) -> list[Choice]:
        projects = Project.objects.active().order_by("code").values_list("pk", "code", "name")
        project = self.query.project
        chosen = project.pk if project else None
        choices = [Choice(str(pk), f"{code} {name}", pk == chosen) for pk, code, name in projects]
        if project and not any(choice.selected for choice in choices):
            choices.append(Choice(str(project.pk), str(project), True))
        if project:
            self._labels["project"] = str(project)
        return choices

    def active(self) -> list[ActiveFilter]:
        """The filters in force, each with the address that takes it off."""
        if self.query.is_week:
            url = reverse("week-of", args=[self.query.actor.organisation.slug, self.query.first])
        else:
            url = self.url
        words = _("Remove the filter %(label)s")
        return [
            ActiveFilter(label, url + self.query.address(**{name: None}), words % {"label": label})
            for name, label in self._labels.items()
        ]
