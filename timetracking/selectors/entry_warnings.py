"""What looks odd about an entry that was just written. Nothing here refuses anything."""

from __future__ import annotations

from django.utils.translation import gettext as _

from accounts.models import Organisation
from timetracking.models import TimeEntry
from timetracking.rules import budgets, long_days, overlap


def warnings_of(entry: TimeEntry) -> list[str]:
    """Overlap with another entry of the member, a repetition of one, a long day, a budget that is used up.

    Clock times are in the member's zone.
    """
    found = (_overlap(entry), _repetition(entry), _long_day(entry), _over_budget(entry))
    return [words for words in found if words]


def _overlap(entry: TimeEntry) -> str:
    if entry.member.organisation.overlap == Organisation.Effect.ALLOW:
        return ""
    other = TimeEntry.objects.overlapping(entry).first()
    return overlap.words_of(other, entry.member.zone) if other else ""


def _repetition(entry: TimeEntry) -> str:
    same = ("date", "minutes", "kind", "subject", "ticket_id", "project_id", "task_id", "charge_code_id")
    alike = TimeEntry.objects.beside(entry).filter(**{name: getattr(entry, name) for name in same})
    return _("There is another entry just like it on that day.") if alike.exists() else ""


def _long_day(entry: TimeEntry) -> str:
    organisation = entry.member.organisation
    if organisation.largest_day == Organisation.Effect.ALLOW:
        return ""
    total = TimeEntry.objects.filter(member=entry.member_id).minutes_on(entry.date)
    return long_days.words_of(organisation, entry.date, total)


def _over_budget(entry: TimeEntry) -> str:
    """Costs a query only where there is a budget, and the organisation wants to hear of it."""
    project = entry.project
    if project is None or entry.member.organisation.over_budget == Organisation.Effect.ALLOW:
        return ""
    if project.budget_minutes is None and project.budget_amount is None:
        return ""
    return budgets.words_over(project, *TimeEntry.objects.filter(project=project).spent())
