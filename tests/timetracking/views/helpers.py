"""What the tests of entry forms share: typed values, stored entries, addresses."""

import datetime as dt

from tests.cast import MONDAY
from timetracking.services import time_entries

NOON = dt.datetime(2026, 6, 18, 12, tzinfo=dt.UTC)
NEW = "/o/acme/entries/new/"
WEEK = "http://testserver/o/acme/timesheets/2026-06-15/"
HTMX = {"HX-Request": "true", "HX-Current-URL": WEEK}


def typed(**values):
    return {"kind": "GENERAL", "duration": "30m", "date": "2026-06-15", "subject": "Stand-up", **values}


def logged(actor, **fields):
    return time_entries.log(
        actor, **{"kind": "GENERAL", "date": MONDAY, "minutes": 30, "subject": "Stand-up", **fields}
    )


def url(entry, action):
    return f"/o/acme/entries/{entry.pk}/{action}/"
