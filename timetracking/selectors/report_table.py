"""A report's table: groups, the groups within them, subtotals and the total. Each sum shown is that of its parts."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Sum

from timetracking.models import Project, TimeEntry
from timetracking.rules.report_figures import percent
from timetracking.selectors import report_dimensions, report_sums
from timetracking.selectors.report_dimensions import AGENT, CALENDAR, PROJECT, Name
from timetracking.selectors.report_query import ReportQuery
from timetracking.selectors.report_sums import Sums

GROUPS_A_PAGE = 25
INNER_SHOWN = 10


@dataclass
class Group:
    """One value of the first level, or of the second within it. `key` is None for entries without such a record."""

    key: Any
    sums: Sums
    inner: list[Group] = field(default_factory=list)
    name: Name = Name("")  # noqa: RUF009  # frozen
    capacity: int | None = None
    """Minutes that an agent had to give, where the group is an agent of the first level."""


@dataclass
class Grouped:
    """All groups in their order, and what they add up to."""

    query: ReportQuery
    groups: list[Group]
    total: Sums

    @property
    def pages(self) -> int:
        return max(-(-len(self.groups) // GROUPS_A_PAGE), 1)

    @property
    def page(self) -> int:
        return min(self.query.page, self.pages)

    @property
    def shown(self) -> list[Group]:
        start = (self.page - 1) * GROUPS_A_PAGE
        return self.groups[start : start + GROUPS_A_PAGE]


def grouped(query: ReportQuery, capacities: Mapping[int, int]) -> Grouped:
    """The table in its order; names are there for all groups where the order needs them, else none yet."""
    groups: dict[Any, Group] = {}
    for keys, sums in report_sums.by_groups(query):
        group = groups.get(keys[0])
        if group is None:
            group = groups[keys[0]] = Group(keys[0], Sums())
        group.sums.add(sums)
        if len(keys) == 2:
            group.inner.append(Group(keys[1], sums))
    found = list(groups.values())
    if query.by == AGENT:
        for group in found:
            group.capacity = capacities.get(group.key, 0)
    if query.sort.removeprefix("-") == "name":
        name_all(query, found)
    _sort(query.by, query.sort, found)
    for group in found:
        _sort(query.then, query.sort, group.inner)
    return Grouped(query, found, report_sums.total_of(group.sums for group in found))


def name_all(query: ReportQuery, groups: list[Group], most_inner: int | None = None) -> None:
    """Give groups their names, and those within them (only the first `most_inner` of each): a query for each level."""
    names = report_dimensions.names_of(query.by, {group.key for group in groups}, query)
    inner = [child for group in groups for child in group.inner[:most_inner]]
    inner_names = report_dimensions.names_of(query.then, {child.key for child in inner}, query) if inner else {}
    for group in groups:
        group.name = names.get(group.key, Name("?"))
    for child in inner:
        child.name = inner_names.get(child.key, Name("?"))


Key = Callable[[Group], Any]
KEYS: dict[str, Key] = {
    "name": lambda group: (group.key is None, group.name.label.casefold()),
    "minutes": lambda group: group.sums.minutes,
    "billable": lambda group: group.sums.billable,
    "share": lambda group: group.sums.billable * 10**9 // max(group.sums.minutes, 1),
    "billed": lambda group: group.sums.billed,
    "amount": lambda group: group.sums.amount,
    "utilisation": lambda group: group.sums.billable * 10**9 // group.capacity if group.capacity else -1,
}


def _sort(code: str, sort: str, groups: list[Group]) -> None:
    """Weeks and months in their order and all else by hours, unless told otherwise; what is equal, by key."""
    groups.sort(key=lambda group: (group.key is None, group.key or 0))
    word = sort.removeprefix("-")
    if word == "name" and code in CALENDAR:
        groups.sort(key=lambda group: group.key, reverse=sort.startswith("-"))
    elif word:
        groups.sort(key=KEYS[word], reverse=sort.startswith("-"))
    elif code not in CALENDAR:
        groups.sort(key=KEYS["minutes"], reverse=True)


# --- Budgets ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Budget:
    """All time of a project beside its budget in minutes."""

    used: int
    planned: int

    @property
    def percent(self) -> int:
        return percent(self.used, self.planned) or 0


def budgets_of(project_ids: set[int]) -> dict[int, Budget]:
    """The budgets of those projects that have one, with all that was ever logged on them. At most two queries."""
    if not project_ids:
        return {}
    planned = Project.objects.filter(pk__in=project_ids, budget_minutes__gt=0).order_by()
    budgets = dict(planned.values_list("pk", "budget_minutes"))
    if not budgets:
        return {}
    rows = TimeEntry.objects.filter(project__in=list(budgets)).order_by()
    used = dict(rows.values_list("project_id").annotate(total=Sum("minutes")))
    return {pk: Budget(used.get(pk, 0), minutes) for pk, minutes in budgets.items()}


def project_ids(query: ReportQuery, groups: list[Group], most_inner: int | None = None) -> set[int]:
    """The projects among some groups, on either level."""
    if query.by == PROJECT:
        return {group.key for group in groups if group.key is not None}
    if query.then == PROJECT:
        return {child.key for group in groups for child in group.inner[:most_inner] if child.key is not None}
    return set()


def rest_of(group: Group) -> tuple[int, Sums]:
    """How many inner groups are not shown, and their sums."""
    hidden = group.inner[INNER_SHOWN:]
    return len(hidden), report_sums.total_of(child.sums for child in hidden)
