"""Another length of time with clock times: its end follows from its start, also where somebody moved that meanwhile."""

from __future__ import annotations

import datetime as dt

import pytest

from accounts.tenancy import organisation_scope
from tests import factories
from timetracking.services import time_entries

HOUR = dt.timedelta(hours=1)
ASKED = {
    "native": ("api", "/api/v1/entries/{}", {"minutes": 90}),
    "portal": ("portal", "/api/helpdesk/time/{}", {"minutes": 90}),
    "connectwise": ("connectwise", "/time/entries/{}", {"actualHours": 1.5}),
    "grow": ("grow", "/api/timesheets/{}", {"hours": 1, "minutes": 30}),
}


@pytest.mark.parametrize("surface", ASKED)
def test_another_length_goes_by_the_start_that_is_stored(surface, program, portal, acme, alice, carol, monkeypatch):
    kind, path, body = ASKED[surface]
    caller = portal(alice) if kind == "portal" else program(kind, alice)
    start = (dt.datetime.now(dt.UTC) - dt.timedelta(days=2)).replace(hour=9, minute=0, second=0, microsecond=0)
    task = factories.TaskFactory()
    entry = factories.TimeEntryFactory(
        member=carol, kind="PROJECT", task=task, project=task.project, client=task.project.client, date=start.date(),
        minutes=60, started_at=start, ended_at=start + HOUR,
    )  # fmt: skip
    edit = time_entries.edit

    def after_somebody_else(actor, entry_id, **fields):
        """What was read a moment ago is old when it is written."""
        monkeypatch.setattr(time_entries, "edit", edit)
        edit(alice, entry_id, started_at=start - HOUR, ended_at=start)
        return edit(actor, entry_id, **fields)

    monkeypatch.setattr(time_entries, "edit", after_somebody_else)
    assert caller.patch(path.format(entry.pk), body).status_code == 200
    with organisation_scope(acme):
        entry.refresh_from_db()
    assert (entry.minutes, entry.started_at, entry.ended_at) == (90, start - HOUR, start + HOUR / 2)
