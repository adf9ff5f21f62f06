"""Timers that run for longer than anybody works: their members are told once, and nothing is stopped."""

from __future__ import annotations

import datetime as dt

from django.db import transaction
from django.utils import timezone

from accounts import jobs
from accounts.models import Organisation
from accounts.services.notices import Notice, tell
from timetracking.models import Timer

KIND = "timer.forgotten"


def flag() -> int:
    """Tell everybody whose timer has passed their organisation's limit, in every organisation; how many were told.

    Each is told once for each timer, however many workers ask at the same time. What fails in one organisation is
    logged and keeps no other from its turn; at the end it is raised.
    """
    now = timezone.now()
    return jobs.in_each(
        Organisation.objects.filter(is_active=True).order_by("pk"),
        lambda organisation: _flag_in(organisation, now),
        feature=Organisation.Feature.TIMESHEETS,
        what="flagging forgotten timers",
    )


def _flag_in(organisation: Organisation, now: dt.datetime) -> int:
    limit = now - dt.timedelta(minutes=organisation.timer_limit_minutes)
    old = Timer.objects.running().filter(flagged_at=None, started_at__lt=limit)
    return sum(_flag_once(timer, now) for timer in old.select_related("member__user").order_by("started_at", "pk"))


@transaction.atomic
def _flag_once(timer: Timer, now: dt.datetime) -> bool:
    """Tell its member, unless another worker did, or it was stopped or set to begin later, in the meantime."""
    as_it_was = Timer.objects.running().filter(pk=timer.pk, flagged_at=None, started_at=timer.started_at)
    if not as_it_was.update(flagged_at=now):
        return False
    values = {"timer_id": timer.pk, "subject": timer.title, "started_at": timer.started_at.isoformat()}
    tell([Notice(timer.member, KIND, values)], actor=None)
    return True
