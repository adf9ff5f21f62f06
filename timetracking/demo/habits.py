"""What somebody of the demo does again and again: a template of a usual week, favourites, a row of the grid to fill."""

from __future__ import annotations

from collections.abc import Mapping

from accounts.models import Membership
from timetracking.demo.shelf import Records
from timetracking.services import favourites, grid_rows, week_templates
from timetracking.services.week_templates import Line

REGULAR = "priya@harbourside.example"


def keep(people: Mapping[str, Membership], records: Records) -> None:
    """Priya's usual week, two favourites and a row without time. Nothing for a firm in which she does not work."""
    projects = [project for _code, project in sorted(records.projects.items()) if project.takes_time]
    meeting = records.codes.get("MTNG")
    if REGULAR not in people or not projects or meeting is None:
        return
    priya = people[REGULAR]
    for record in (projects[0], meeting):
        favourites.add(priya, record)
    grid_rows.add(priya, priya, priya.today(), projects[-1])
    lines = [
        Line(meeting, "Weekly stand-up", minutes=[30, 0, 0, 0, 0, 0, 0]),
        Line(meeting, "One-to-one", minutes=[0, 0, 0, 30, 0, 0, 0]),
        Line(projects[0], minutes=[120, 0, 120, 0, 120, 0, 0]),
    ]
    week_templates.create(priya, name="Usual week", lines=lines)
