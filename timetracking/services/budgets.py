"""Where the organisation refuses time beyond a project's budget: no new minutes, or money, once it is used up.

Only what makes a project's time longer or dearer is refused: logging, restoring, an edit that adds. Whatever shrinks or
corrects is not, nor what new rates or terms make dearer. A refusal keeps no timer from stopping: its time
then waits for its member to place it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from accounts.models import Organisation
from timesheets_site.lib import turns
from timesheets_site.lib.errors import RuleViolation
from timesheets_site.lib.turns import Place
from timetracking.models import Project, TimeEntry
from timetracking.rules import budgets


def hold(organisation: Organisation, project: Callable[[], Project | None]) -> None:
    """Take the budget of what is logged on, so that two who log at once are counted one after the other.

    Before included hours and weeks, which are held together; nobody who holds those waits for a budget. Costs nothing
    where nothing is refused; `project` is only asked for where something is.
    """
    if organisation.over_budget != Organisation.Effect.REFUSE:
        return
    on = project()
    if on is not None and _has_budget(on):
        turns.alone(Place.BUDGETS, on.pk)


def hold_each(organisation: Organisation, projects: Callable[[], Iterable[Project | None]]) -> None:
    """`hold`, for what is written together: budgets by the ids of their projects, so that nobody waits in a ring."""
    if organisation.over_budget != Organisation.Effect.REFUSE:
        return
    wanted = {project.pk: project for project in projects() if project is not None and _has_budget(project)}
    for pk in sorted(wanted):
        turns.alone(Place.BUDGETS, pk)


def check(entry: TimeEntry, before: Mapping[str, Any] | None = None) -> None:
    """Refuse what was just written, if it makes its project exceed a budget. `before` are its values before an edit.

    The caller holds the budget, and has stored the entry and shared out included hours, which decide the amount.
    Raises RuleViolation `budget_exceeded` (field `duration`).
    """
    project = entry.project
    if entry.member.organisation.over_budget != Organisation.Effect.REFUSE or project is None:
        return
    was_here = before is not None and before["project_id"] == project.pk
    longer = not was_here or entry.minutes > before["minutes"]  # type: ignore[index]  # it is there where it was here
    dearer = not was_here or entry.amount > before["amount"]  # type: ignore[index]
    if not _has_budget(project) or not (longer or dearer):
        return
    minutes, amount = TimeEntry.objects.filter(project=project).spent()
    over_time = longer and project.budget_minutes is not None and minutes > project.budget_minutes
    over_money = dearer and project.budget_amount is not None and amount > project.budget_amount
    if over_time or over_money:
        words = budgets.words_over(project, minutes if over_time else 0, amount)
        raise RuleViolation("budget_exceeded", words, "duration")


def _has_budget(project: Project) -> bool:
    return project.budget_minutes is not None or project.budget_amount is not None
