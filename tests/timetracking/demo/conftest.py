"""The demo, loaded once for each file on a Thursday, since that takes seconds; what a test changes is taken back."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

import pytest
import time_machine
from django.db import connection, transaction
from django.test import override_settings

from accounts.models import Membership, Organisation
from timetracking.demo import load
from timetracking.selectors import integrity

THURSDAY = dt.datetime(2026, 6, 18, 14, 0, tzinfo=dt.UTC)
DAY = dt.timedelta(days=1)


@pytest.fixture(autouse=True)
def on_thursday(settings) -> Iterator[None]:
    """The services' own "today" is the day of the demo."""
    settings.DEVELOPMENT = True
    with time_machine.travel(THURSDAY, tick=False):
        yield


@pytest.fixture(scope="module")
def first_run(django_db_setup, django_db_blocker, quick_passwords) -> Iterator[load.Loaded]:
    with (
        django_db_blocker.unblock(),
        override_settings(DEVELOPMENT=True),
        time_machine.travel(THURSDAY, tick=False),
        transaction.atomic(),
    ):
        loaded = load.load(THURSDAY)
        count_rows()
        yield loaded
        transaction.set_rollback(True)


@pytest.fixture
def loaded(first_run, db) -> load.Loaded:
    return first_run


def start_over() -> None:
    """For the demo there is nothing yet."""
    for organisation in Organisation.objects.all():
        organisation.slug += "-before"
        organisation.save()


def count_rows() -> None:
    """PostgreSQL has not counted yet what only this transaction sees, and would plan for empty tables."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")


def findings() -> list[integrity.Finding]:
    """What check_integrity finds."""
    count_rows()
    return list(integrity.findings())


def firm(slug: str) -> Organisation:
    return Organisation.objects.get(slug=slug)


def member(email: str) -> Membership:
    return Membership.objects.select_related("user", "organisation").get(user__email=email)
