"""The entries of some weeks are found by their weeks, not by way of everything that the organisation has."""

from __future__ import annotations

import copy
import datetime as dt
import io

import pytest
from django.core.management import call_command
from django.db import connection

from tests import factories
from tests.cast import MONDAY
from timetracking.models import TimeEntry, Timesheet

pytestmark = [
    pytest.mark.usefixtures("acme"),
    pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL keeps its statistics by itself"),
]
WEEKS, A_WEEK, A_PAGE = 400, 12, 50


def copies(row, count: int, **values):
    """Rows like this one, stored at once; `values` are made from their number."""
    found = []
    for n in range(count):
        twin = copy.copy(row)
        twin.pk = None
        for name, value in values.items():
            setattr(twin, name, value(n))
        found.append(twin)
    return type(row).objects.bulk_create(found)


def test_a_page_of_weeks_is_found_by_the_weeks(carol):
    entry = factories.TimeEntryFactory(member=carol, date=MONDAY)
    sheets = copies(entry.timesheet, WEEKS, week_start=lambda n: MONDAY - dt.timedelta(weeks=n + 1))
    copies(entry, WEEKS * A_WEEK, timesheet=lambda n: sheets[n // A_WEEK])
    call_command("tidy", stdout=io.StringIO())
    page = Timesheet.objects.values_list("pk", flat=True)[:A_PAGE]
    plan = TimeEntry.objects.filter(timesheet__in=list(page)).order_by().explain()
    assert "(timesheet_id=?)" in plan, plan
