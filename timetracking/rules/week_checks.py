"""What looks odd about a submitted week, for the person who decides on it. Nothing here refuses anything.

What an organisation's policy allows is not odd: a check is made where the policy warns or refuses.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from accounts.models import Organisation
from timetracking.rules import targets

LONG_DAY, NO_DESCRIPTION, OVERLAP = "long_day", "no_description", "overlap"
BELOW_TARGET, CHANGED, CLOSED_DAY = "below_target", "changed", "closed_day"
CODES = (LONG_DAY, NO_DESCRIPTION, OVERLAP, BELOW_TARGET, CHANGED, CLOSED_DAY)


@dataclass(frozen=True, slots=True)
class Worked:
    """What the checks ask of an entry. `label` is its reference, else its subject."""

    date: dt.date
    minutes: int
    lacks_description: bool = False
    started_at: dt.datetime | None = None
    ended_at: dt.datetime | None = None
    label: str = ""
    is_time_off: bool = False


@dataclass(frozen=True, slots=True)
class Limits:
    """What the organisation has settled: None where it does not want to hear of it. Minutes."""

    largest_day_minutes: int | None
    warns_of_overlaps: bool
    targets: Mapping[dt.date, int]
    """What was expected of the member on each day of the week, by `rules.targets`."""
    lock_date: dt.date | None = None

    @property
    def target_minutes(self) -> int:
        return sum(self.targets.values())


@dataclass(frozen=True, slots=True)
class Check:
    """One finding: its code, the day and minutes it speaks of where it does, and the entries' labels."""

    code: str
    date: dt.date | None = None
    minutes: int = 0
    labels: tuple[str, ...] = ()


def limits_of(organisation: Organisation, expected: Mapping[dt.date, int]) -> Limits:
    """What is odd in this organisation about a week of which this was expected."""
    allow = Organisation.Effect.ALLOW
    return Limits(
        largest_day_minutes=None if organisation.largest_day == allow else organisation.largest_day_minutes,
        warns_of_overlaps=organisation.overlap != allow,
        targets=expected,
        lock_date=organisation.lock_date,
    )


def lacks_description(required: str, *, billable: bool, description: str) -> bool:
    """Is a description missing that the organisation's policy (`description_required`) asks for?

    >>> [lacks_description(required, billable=True, description="") for required in ("billable", "never")]
    [True, False]
    """
    asked = required == Organisation.Required.ALWAYS or (required == Organisation.Required.BILLABLE and billable)
    return asked and not description


def find(work: Sequence[Worked], limits: Limits, *, changed: bool) -> list[Check]:
    """All findings of a week. `changed` says whether an entry changed since the week was submitted last.

    >>> monday = dt.date(2026, 6, 15)
    >>> work = [Worked(monday, 700, label="TKT-1"), Worked(monday, 60, lacks_description=True, label="TKT-2")]
    >>> [check.code for check in find(work, Limits(720, True, {monday: 800}), changed=False)]
    ['long_day', 'no_description', 'below_target']
    """
    days: dict[dt.date, int] = defaultdict(int)
    time_off: dict[dt.date, int] = defaultdict(int)
    for entry in work:
        days[entry.date] += entry.minutes
        if entry.is_time_off:
            time_off[entry.date] += entry.minutes
    found = []
    if limits.largest_day_minutes is not None:
        found += [Check(LONG_DAY, day, total) for day, total in sorted(days.items())
                  if total > limits.largest_day_minutes]  # fmt: skip
    if bare := tuple(entry.label for entry in work if entry.lacks_description):
        found.append(Check(NO_DESCRIPTION, labels=bare))
    if limits.warns_of_overlaps:
        found += overlaps(work)
    total = sum(days.values()) - targets.idle(time_off, limits.targets)
    if total < limits.target_minutes:
        found.append(Check(BELOW_TARGET, minutes=limits.target_minutes - total))
    if limits.lock_date is not None and any(day <= limits.lock_date for day in days):
        found.append(Check(CLOSED_DAY, limits.lock_date))
    if changed:
        found.append(Check(CHANGED))
    return found


def overlaps(work: Sequence[Worked]) -> list[Check]:
    """Each entry that begins before an earlier one of the member has ended, once.

    >>> at = lambda hour: dt.datetime(2026, 6, 15, hour, tzinfo=dt.UTC)
    >>> day = dt.date(2026, 6, 15)
    >>> spans = [Worked(day, 120, False, at(9), at(11), "A"), Worked(day, 60, False, at(10), at(11), "B"),
    ...          Worked(day, 60, False, at(11), at(12), "C")]
    >>> overlaps(spans)
    [Check(code='overlap', date=datetime.date(2026, 6, 15), minutes=60, labels=('A', 'B'))]
    """
    found: list[Check] = []
    last: tuple[dt.datetime, str] | None = None
    spans = [(e.started_at, e.ended_at, e) for e in work if e.started_at and e.ended_at]
    for start, end, entry in sorted(spans, key=lambda span: (span[0], span[1])):
        if last is not None and start < last[0]:
            shared = int((min(end, last[0]) - start).total_seconds()) // 60
            found.append(Check(OVERLAP, entry.date, shared, (last[1], entry.label)))
        if last is None or end > last[0]:
            last = (end, entry.label)
    return found
