"""A report's table as lines ready to print: groups with what is in them, the links behind each, the columns to sort."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from timesheets_site.lib.printable import Printable
from timetracking.rules import amounts
from timetracking.rules.report_figures import percent
from timetracking.selectors import report_dimensions, report_table
from timetracking.selectors.marked_up import hm
from timetracking.selectors.report_dimensions import AGENT, DIMENSIONS, PROJECT
from timetracking.selectors.report_query import ReportQuery
from timetracking.selectors.report_sums import Sums
from timetracking.selectors.report_table import INNER_SHOWN, Budget, Group, Grouped


@dataclass(frozen=True, slots=True)
class Line(Printable):
    """One row. `url` leads to its entries, `page_url` to the record's own page; empty where there is none."""

    label: str
    url: str
    page_url: str
    page_label: str
    hours: str
    billable: str
    share: str
    billed: str
    amount: str
    utilisation: str
    budget: str
    is_inner: bool = False


@dataclass(frozen=True, slots=True)
class Head(Printable):
    label: str
    url: str
    order: str
    """`ascending`, `descending` or empty, as `aria-sort` has it."""
    is_number: bool


@dataclass(frozen=True)
class Table(Printable):
    caption: str
    heads: tuple[Head, ...]
    lines: tuple[Line, ...]
    total: Line
    shows_money: bool
    shows_utilisation: bool
    shows_budget: bool
    note: str
    previous_url: str
    next_url: str


def table_of(query: ReportQuery, grouped: Grouped, budgets: Mapping[int, Budget], url: str, entries_url: str) -> Table:
    writer = _Writer(query, budgets, url, entries_url)
    lines: list[Line] = []
    for group in grouped.shown:
        lines += writer.lines(group)
    start = (grouped.page - 1) * report_table.GROUPS_A_PAGE
    note = ""
    if grouped.pages > 1:
        values = {"start": start + 1, "end": start + len(grouped.shown), "total": len(grouped.groups)}
        note = _("Groups %(start)s–%(end)s of %(total)s; the totals are of all") % values
    groups = " / ".join(str(DIMENSIONS[code].label) for code in query.levels)
    return Table(
        caption=groups,
        heads=tuple(_heads(query, url, groups, writer.shows_budget)),
        lines=tuple(lines),
        total=writer.line(_("Total"), grouped.total, entries_url + query.narrowed()),
        shows_money=query.shows_money,
        shows_utilisation=query.by == AGENT,
        shows_budget=writer.shows_budget,
        note=note,
        previous_url=url + query.address(page=grouped.page - 1) if grouped.page > 1 else "",
        next_url=url + query.address(page=grouped.page + 1) if grouped.page < grouped.pages else "",
    )


class _Writer:
    def __init__(self, query: ReportQuery, budgets: Mapping[int, Budget], url: str, entries_url: str) -> None:
        self.query, self.budgets, self.url, self.entries_url = query, budgets, url, entries_url
        self.currency = query.actor.organisation.currency
        self.page_words = _("Page of %(name)s")
        self.shows_budget = PROJECT in query.levels and bool(budgets)

    def lines(self, group: Group) -> list[Line]:
        """A group, what is in it, and a line for what is not shown."""
        query = self.query
        narrowed = report_dimensions.narrowing(query.by, group.key, query)
        used = ""
        if group.capacity is not None:
            share = percent(group.sums.billable, group.capacity)
            used = "–" if share is None else f"{share}%"
        found = [
            self.line(
                group.name.label, group.sums, self._entries(narrowed), page_url=group.name.url, utilisation=used,
                budget=self._budget(query.by, group),
            )
        ]  # fmt: skip
        for child in group.inner[:INNER_SHOWN]:
            inner = narrowed | report_dimensions.narrowing(query.then, child.key, query)
            if query.by in report_dimensions.CALENDAR and query.then in report_dimensions.CALENDAR:
                inner = self._both(group, child)
            found.append(
                self.line(
                    child.name.label, child.sums, self._entries(inner), page_url=child.name.url, is_inner=True,
                    budget=self._budget(query.then, child),
                )
            )  # fmt: skip
        count, sums = report_table.rest_of(group)
        if count:
            words = ngettext("%(count)d more", "%(count)d more", count) % {"count": count}
            alone = query.address(by=query.then, then=None, page=None, sort=None, **narrowed)
            found.append(self.line(words, sums, self.url + alone, is_inner=True))
        return found

    def line(
        self,
        label: str,
        sums: Sums,
        url: str,
        *,
        page_url: str = "",
        utilisation: str = "",
        budget: str = "",
        is_inner: bool = False,
    ) -> Line:
        share = percent(sums.billable, sums.minutes)
        return Line(
            label=label,
            url=url,
            page_url=page_url,
            page_label=self.page_words % {"name": label} if page_url else "",
            hours=hm(sums.minutes),
            billable=hm(sums.billable),
            share="–" if share is None else f"{share}%",
            billed=hm(sums.billed),
            amount=amounts.money(sums.amount, self.currency) if self.query.shows_money else "",
            utilisation=utilisation,
            budget=budget,
            is_inner=is_inner,
        )

    def _entries(self, changes: dict[str, str]) -> str:
        return self.entries_url + self.query.narrowed(**changes)

    def _both(self, group: Group, child: Group) -> dict[str, str]:
        """The days that a week and a month have in common."""
        spans = []
        for code, key in ((self.query.by, group.key), (self.query.then, child.key)):
            spans.append(report_dimensions.span(code, report_dimensions.starts(code, self.query)[key]))
        first = max(*(span.first for span in spans), self.query.days.first)
        last = min(*(span.last for span in spans), self.query.days.last)
        return {"range": "", "from": first.isoformat(), "to": last.isoformat()}

    def _budget(self, code: str, group: Group) -> str:
        budget = self.budgets.get(group.key) if code == PROJECT and group.key is not None else None
        return f"{budget.percent}%" if budget else ""


def _heads(query: ReportQuery, url: str, groups: str, has_budget: bool) -> list[Head]:
    """The columns, each a link that sorts by it: numbers from the largest down first, names from A."""
    columns = [
        ("name", groups),
        ("minutes", _("Hours")),
        ("billable", _("Billable hours")),
        ("share", _("Billable share")),
        ("billed", _("Billed hours")),
    ]
    if query.shows_money:
        columns.append(("amount", _("Amount")))
    if query.by == AGENT:
        columns.append(("utilisation", _("Utilisation")))
    heads = []
    for word, label in columns:
        down = f"-{word}"
        order = {word: "ascending", down: "descending"}.get(query.sort, "")
        turned = word if query.sort == down or (word == "name" and query.sort != word) else down
        heads.append(Head(label, url + query.address(sort=turned, page=None), order, word != "name"))
    if has_budget:
        heads.append(Head(_("Budget used"), "", "", True))
    return heads
