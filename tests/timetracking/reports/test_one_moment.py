"""What a report adds up in several statements is of one moment, also while somebody logs time between them."""

from __future__ import annotations

import datetime as dt
import threading

import pytest
from django.db import connection

from accounts.tenancy import organisation_scope
from tests import factories
from timesheets_site.lib import snapshots
from timetracking.selectors import report_address, report_sums, report_values

pytestmark = pytest.mark.django_db(transaction=True)


def figures_and_table(acme, alice, monkeypatch):
    """Minutes of the figures and of the table, where somebody logs 30 minutes after the first statement."""
    factories.TimeEntryFactory(member=alice, date=dt.date(2026, 6, 15))
    read_days = report_sums.by_day

    def log() -> None:
        with organisation_scope(acme):
            factories.TimeEntryFactory(member=alice, date=dt.date(2026, 6, 16))
        connection.close()

    def then_somebody_logs(query):
        days = read_days(query)
        thread = threading.Thread(target=log)
        thread.start()
        thread.join(10)
        return days

    monkeypatch.setattr(report_sums, "by_day", then_somebody_logs)
    values = report_values.computed(report_address.read(alice, {}))
    return sum(day.minutes for day in values.days), values.table.total.minutes


def test_figures_and_table_agree_while_somebody_logs(acme, alice, monkeypatch):
    assert figures_and_table(acme, alice, monkeypatch) == (30, 30)


def test_without_one_moment_they_would_not(acme, alice, monkeypatch):
    monkeypatch.setattr(report_values, "one_moment", snapshots.contextmanager(lambda: iter([None])))
    assert figures_and_table(acme, alice, monkeypatch) == (30, 60)
