"""What looks odd about a member's week: the organisation's policies put to `rules.week_checks`."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from accounts import working_time
from accounts.models import Membership
from timetracking.models import ChargeCode, TimeEntry
from timetracking.rules import targets, week_checks


def codes(member: Membership, week_start: dt.date, entries: Iterable[TimeEntry], *, changed: bool) -> list[str]:
    """The codes of all findings, each once, in the order of the rule. `member` has its organisation at hand.

    Three queries: the member's working time, and which charge codes are time off.
    """
    organisation, week_end = member.organisation, week_start + dt.timedelta(days=6)
    expected = targets.of(working_time.read(organisation, [member], week_start, week_end))[member.pk]
    time_off = set(ChargeCode.objects.filter(is_time_off=True).values_list("pk", flat=True))
    work = [
        week_checks.Worked(
            entry.date,
            entry.minutes,
            week_checks.lacks_description(
                organisation.description_required, billable=entry.billable, description=entry.description
            ),
            entry.started_at,
            entry.ended_at,
            is_time_off=entry.charge_code_id in time_off,
        )
        for entry in entries
    ]
    limits = week_checks.limits_of(organisation, expected.by_day(week_start, week_end))
    found = week_checks.find(work, limits, changed=changed)
    return list(dict.fromkeys(check.code for check in found))
