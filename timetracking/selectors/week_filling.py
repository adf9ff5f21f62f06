"""What a week would get from a copy or a template, day by day, in words: what is new, there already, or refused."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from accounts.models import Membership
from timesheets_site.lib import dates
from timesheets_site.lib.errors import DomainError
from timetracking.rules import durations, weeks
from timetracking.selectors.targets import own_targets

NEW, THERE, REFUSED = "new", "there", "refused"


@dataclass(frozen=True)
class FillLine:
    """One entry. `state` is "new", "there" or "refused"; `words` say why it is not copied."""

    subject: str
    detail: str
    duration: str
    state: str
    words: str = ""


@dataclass(frozen=True)
class FillDay:
    """`hint` names a holiday or a day off."""

    label: str
    hint: str
    lines: list[FillLine] = field(default_factory=list)


@dataclass(frozen=True)
class Preview:
    days: list[FillDay]
    count: int
    minutes: int
    there: int
    refused: int


def preview_of(member: Membership, first: dt.date, result: Any, there: Any) -> Preview:
    """`result` and `there` are those of `services.repetition.rehearse`, asked by the view. Two queries or three."""
    lines: dict[dt.date, list[FillLine]] = defaultdict(list)
    for outcome in result.outcomes:
        fields, refusal = outcome.step.fields, outcome.refusal
        lines[fields["date"]].append(_line(fields, REFUSED if refusal else NEW, _why(refusal)))
    for fields in there:
        lines[fields["date"]].append(_line(fields, THERE, _("There already")))
    targets = own_targets(member, first, first + 6 * weeks.DAY)
    days = []
    for day in sorted(lines):
        target = targets.on(day)
        hint = target.name or (_("Day off") if target.is_off else "")
        days.append(FillDay(dates.weekday_day_month(day), hint, lines[day]))
    return Preview(days, len(result.done), result.minutes, len(there), len(result.refused))


def _why(refusal: DomainError | None) -> str:
    return str(refusal) if refusal is not None else ""


def _line(fields: dict[str, Any], state: str, words: str) -> FillLine:
    names = ("ticket", "task", "charge_code", "project", "activity")
    record = next((fields[name] for name in names if fields.get(name) is not None), None)
    return FillLine(
        subject=fields["subject"],
        detail=str(record) if record is not None else "",
        duration=durations.format_minutes(fields["minutes"]),
        state=state,
        words=words,
    )
