"""The ends that are proposed to whoever forgot a timer: what they depend on, read for its member."""

from __future__ import annotations

from django.db.models import Sum
from django.utils import timezone

from timetracking.models import TimeEntry, Timer
from timetracking.rules import timer_ends
from timetracking.rules.timer_ends import Proposal
from timetracking.selectors.targets import own_targets


def proposals_for(timer: Timer) -> list[Proposal]:
    """For a running timer whose member has the organisation loaded. Four queries."""
    member, now = timer.member, timezone.now()
    day = timer.started_at.astimezone(member.zone).date()
    entries = TimeEntry.objects.filter(member=member)
    logged = entries.filter(date=day).aggregate(total=Sum("minutes"))["total"] or 0
    last = entries.filter(date__gte=day, ended_at__gt=timer.started_at).order_by("-ended_at").values_list("ended_at")
    return timer_ends.proposals(
        timer.started_at,
        now,
        limit_minutes=member.organisation.timer_limit_minutes,
        left_of_target=own_targets(member, day, day).on(day).minutes - logged,
        ended_entries=[ended_at for (ended_at,) in last[:5]],
    )
