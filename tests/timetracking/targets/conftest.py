"""The week of Christmas 2026, in an organisation with English holidays: 21 – 27 December, looked at on the 22nd."""

from __future__ import annotations

import datetime as dt

import pytest
import time_machine

from accounts.models import Organisation

MONDAY = dt.date(2026, 12, 21)
DAY = dt.timedelta(days=1)
EVE, CHRISTMAS = MONDAY + 3 * DAY, MONDAY + 4 * DAY
NOON = dt.datetime(2026, 12, 22, 12, tzinfo=dt.UTC)
WEEK = f"/o/acme/timesheets/{MONDAY}/"


@pytest.fixture
def now():
    with time_machine.travel(NOON, tick=False) as clock:
        yield clock


@pytest.fixture
def later(england, now) -> Organisation:
    """Acme a week later, when that week is over and due. Named before those who sign in."""
    now.move_to(NOON + 7 * DAY)
    return england


@pytest.fixture
def england(acme, now) -> Organisation:
    """Acme, whose calendar is England's."""
    Organisation.objects.filter(pk=acme.pk).update(holiday_calendar="GB-ENG")
    acme.holiday_calendar = "GB-ENG"
    return acme
