"""What looks odd about a member's week: the organisation's policies put to `rules.week_checks`."""

from __future__ import annotations

from collections.abc import Iterable

from accounts.models import Membership
from timetracking.models import TimeEntry
from timetracking.rules import week_checks


def codes(member: Membership, entries: Iterable[TimeEntry], *, changed: bool) -> list[str]:
    """The codes of all findings, each once, in the order of the rule. `member` has its organisation at hand."""
    organisation = member.organisation
    work = [
        week_checks.Worked(
            entry.date,
            entry.minutes,
            week_checks.lacks_description(
                organisation.description_required, billable=entry.billable, description=entry.description
            ),
            entry.started_at,
            entry.ended_at,
        )
        for entry in entries
    ]
    found = week_checks.find(work, week_checks.limits_of(organisation, member), changed=changed)
    return list(dict.fromkeys(check.code for check in found))
