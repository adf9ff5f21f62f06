"""The approvals inbox as values ready to print. It costs the same with a thousand weeks waiting as with ten.

A page reads 50 weeks and their sums; only the answer to "select all weeks without checks" reads more: ids and versions.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Sum
from django.utils.translation import gettext as _

from timesheets_site.lib import dates
from timesheets_site.lib.addresses import address
from timesheets_site.lib.printable import Printable
from timetracking.models import TimeEntry
from timetracking.rules import durations, weeks
from timetracking.selectors import approval_query as asked
from timetracking.selectors.approval_query import A_PAGE, InboxQuery
from timetracking.selectors.approval_routing import CAP, Desk, capped, decidable_by
from timetracking.selectors.approval_rows import InboxRow, WeekWords, rows_of
from timetracking.selectors.missing_weeks import MissingRow, missing_members, missing_rows, older_weeks, week_shown

LISTED_WEEKS = 12
WEEK = dt.timedelta(days=7)
Shown = tuple[int, int]
"""A week's id and the version that was shown."""


@dataclass(frozen=True, slots=True)
class Tab(Printable):
    label: str
    url: str
    count: str
    is_current: bool


@dataclass(frozen=True, slots=True)
class Option(Printable):
    value: str
    label: str
    is_chosen: bool


@dataclass(frozen=True, slots=True)
class Selection(Printable):
    """What is selected: in all, and on other pages (`elsewhere`, as `id:version,…`, with its count and minutes)."""

    count: int = 0
    hours: str = ""
    elsewhere: str = ""
    elsewhere_count: int = 0
    elsewhere_minutes: int = 0
    note: str = ""


@dataclass(frozen=True)
class Inbox(Printable):
    status: str
    rows: tuple[InboxRow, ...]
    missing: tuple[MissingRow, ...]
    missing_title: str
    missing_week: str
    missing_ids: str
    older: tuple[Option, ...]
    selection: Selection
    can_select: bool
    url: str
    query: str
    """What the addresses of decisions carry along, with its question mark."""
    clean_url: str
    everything_url: str
    previous_url: str
    next_url: str
    page_note: str
    is_narrowed: bool


@dataclass(frozen=True)
class InboxFrame(Printable):
    """What stands around the list: tabs and filters."""

    tabs: tuple[Tab, ...]
    teams: tuple[Option, ...]
    weeks: tuple[Option, ...]
    stands_in_for: str


def inbox_of(query: InboxQuery, desk: Desk, *, ticked: Collection[int] = (), current: int | None = None) -> Inbox:
    """The list. `ticked` are ids of weeks that stay selected, `current` is the one that is open beside it."""
    slug = query.actor.organisation.slug
    url = address("approvals", slug)
    is_missing = query.status == asked.MISSING
    shown = week_shown(query) if is_missing else None
    rows: list[InboxRow] = []
    missing: list[MissingRow] = []
    selection, has_next = Selection(), False
    if is_missing:
        missing, has_next = missing_rows(query)
    else:
        sheets, has_next = _page(query.ordered().select_related("member", "decided_by"), query.page)
        clean = _clean(query) if query.selects_clean else []
        chosen = {pk for pk, _version in clean} | set(ticked)
        rows = rows_of(query, desk, sheets, chosen, current)
        selection = _selection(rows, clean)
    return Inbox(
        status=query.status,
        rows=tuple(rows),
        missing=tuple(missing),
        missing_title=dates.day_range(shown, shown + weeks.DAY * 6) if shown else "",
        missing_week=shown.isoformat() if shown else "",
        missing_ids=",".join(str(row.id) for row in missing),
        older=tuple(_older(query, url)) if is_missing else (),
        selection=selection,
        can_select=any(row.value for row in rows),
        url=url,
        query=query.address(),
        clean_url=f"{url}{query.address(select='clean', page=None)}" if query.status == asked.WAITING else "",
        everything_url=url + query.address(team=asked.EVERYONE, week=None, page=None),
        previous_url=_page_url(query, url, query.page - 1) if query.page > 1 else "",
        next_url=_page_url(query, url, query.page + 1) if has_next else "",
        page_note=_("Page %(page)s") % {"page": query.page} if query.page > 1 or has_next else "",
        is_narrowed=bool(query.week or query.whose == asked.REPORTS),
    )


def frame_of(query: InboxQuery, desk: Desk) -> InboxFrame:
    """Tabs with their counts, and the filters: one capped count for each tab."""
    url = address("approvals", query.actor.organisation.slug)
    labels = {
        asked.WAITING: _("Waiting"),
        asked.REJECTED: _("Rejected"),
        asked.APPROVED: _("Approved"),
        asked.MISSING: _("Not submitted"),
    }
    tabs = []
    for status, label in labels.items():
        rows = missing_members(query) if status == asked.MISSING else query.sheets(status)
        params = {"status": status if status != asked.WAITING else None, "page": None}
        tabs.append(Tab(label, url + query.address(**params), capped(rows), status == query.status))
    names = sorted(str(desk.approvers[pk]) for pk in desk.stands_in_for if pk in desk.approvers)
    return InboxFrame(tuple(tabs), tuple(_teams(query)), tuple(_weeks(query)), ", ".join(names))


def _teams(query: InboxQuery) -> Iterable[Option]:
    offered = [(asked.REPORTS, _("My line reports")), (asked.EVERYONE, _("Everyone"))]
    if query.status == asked.WAITING:
        offered.insert(0, (asked.MINE, _("Waiting for me")))
    return [Option(value, label, value == query.whose) for value, label in offered]


def _weeks(query: InboxQuery) -> Iterable[Option]:
    """The last weeks, and the one that is shown."""
    organisation = query.actor.organisation
    this = weeks.week_containing(query.actor.today(), first_weekday=organisation.first_weekday)
    shown = week_shown(query) if query.status == asked.MISSING else query.week
    starts = {this - WEEK * ago for ago in range(LISTED_WEEKS)} | ({shown} if shown else set())
    options = [] if query.status == asked.MISSING else [Option("", _("All weeks"), shown is None)]
    label = WeekWords(query.actor)
    return options + [
        Option(start.isoformat(), label.of(start), start == shown) for start in sorted(starts, reverse=True)
    ]


def _older(query: InboxQuery, url: str) -> Iterable[Option]:
    """Links to earlier weeks that are not submitted either; `value` is the address."""
    label = WeekWords(query.actor)
    for start, count in older_weeks(query):
        words = _("%(week)s: %(count)s") % {"week": label.of(start), "count": count}
        yield Option(url + query.address(week=start, page=None), words, False)


def _page(rows: Any, number: int) -> tuple[list[Any], bool]:
    """One page of them, and whether there is another behind it."""
    start = (number - 1) * A_PAGE
    found = list(rows[start : start + A_PAGE + 1])
    return found[:A_PAGE], len(found) > A_PAGE


def _page_url(query: InboxQuery, url: str, number: int) -> str:
    clean = "clean" if query.selects_clean else None
    return url + query.address(page=number if number > 1 else None, select=clean)


# --- Weeks without checks ---------------------------------------------------------------------------------------------


def _clean(query: InboxQuery) -> list[Shown]:
    """The weeks of all pages that the product found nothing odd about and that the reader may decide on."""
    found = query.ordered().filter(decidable_by(query.actor), checks=[])
    return list(found.values_list("pk", "version")[: CAP + 1])


def _selection(rows: list[InboxRow], clean: list[Shown]) -> Selection:
    here = {row.id for row in rows}
    note = ""
    if len(clean) > CAP:
        note = _("These are the first 1,000. Decide on them, then select the rest.")
    elsewhere = [(pk, version) for pk, version in clean[:CAP] if pk not in here]
    away = 0
    if elsewhere:
        ids = [pk for pk, _version in elsewhere]
        away = TimeEntry.objects.filter(timesheet__in=ids).aggregate(sum=Sum("minutes", default=0))["sum"]
    ticked = [row for row in rows if row.is_selected]
    return Selection(
        count=len(ticked) + len(elsewhere),
        hours=durations.format_minutes(sum(row.minutes for row in ticked) + away),
        elsewhere=",".join(f"{pk}:{version}" for pk, version in elsewhere),
        elsewhere_count=len(elsewhere),
        elsewhere_minutes=away,
        note=note,
    )
