"""Batches that can't be undone for long are forgotten, of all organisations; what they wrote stays."""

import datetime as dt

import pytest
import time_machine

from accounts import jobs
from accounts.tenancy import organisation_scope
from timetracking.models import EntryBatch, TimeEntry
from timetracking.services import many_entries, old_batches
from timetracking.services.many_entries import Log

NOON = dt.datetime(2026, 6, 18, 12, tzinfo=dt.UTC)


def batch(member):
    fields = {"kind": "GENERAL", "date": NOON.date(), "minutes": 1, "subject": "Stand-up"}
    return many_entries.carry_out(member, EntryBatch.Action.LOGGED, [Log(member, fields)]).batch


@pytest.mark.parametrize(("age", "stays"), [(dt.timedelta(days=30), True), (dt.timedelta(days=30, seconds=1), False)])
def test_after_thirty_days(carol, globex, mallory, acme, age, stays):
    with time_machine.travel(NOON, tick=False) as clock:
        batch(carol)
        with organisation_scope(globex):
            batch(mallory)
        clock.shift(age)
        assert old_batches.forget() == (0 if stays else 2)
    assert EntryBatch.unscoped.count() == (2 if stays else 0)
    assert TimeEntry.unscoped.count() == 2


def test_the_worker_does_it():
    assert old_batches.forget in [job.run for job in jobs.JOBS]
