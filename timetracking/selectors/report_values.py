"""What the database added up for a report, before any of it is put into words: the statements that take time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from timesheets_site.lib.snapshots import one_moment
from timetracking.selectors import report_sums, report_table
from timetracking.selectors.report_people import People, people_of
from timetracking.selectors.report_query import ReportQuery
from timetracking.selectors.report_sums import Day, Share
from timetracking.selectors.report_table import Budget

PROJECTS_ASKED = 40
"""Of so many projects, those with most time, it is looked whether they have a budget to be drawn."""


@dataclass
class Computed:
    """Days of both periods, people, clients and projects of the report's own; the table in its order."""

    days: list[Day]
    people: People
    clients: Mapping[Any, Share]
    projects: Mapping[Any, Share]
    budgets: Mapping[int, Budget]
    table: report_table.Grouped


def computed(query: ReportQuery) -> Computed:
    """The sums of a report: the statements that take time, all of one moment."""
    with one_moment():
        days = report_sums.by_day(query)
        people = people_of(query, report_sums.by_member(query))
        clients, projects = report_sums.by_client_and_project(query)
        table = report_table.grouped(query, people.capacities)
    report_table.name_all(query, table.shown, report_table.INNER_SHOWN)
    most = sorted((pk for pk in projects if pk is not None), key=lambda pk: (-projects[pk].minutes, pk))
    wanted = {*most[:PROJECTS_ASKED], *report_table.project_ids(query, table.shown, report_table.INNER_SHOWN)}
    return Computed(days, people, clients, projects, report_table.budgets_of(wanted), table)
