"""The moment at which the tests take place: the same one in every run, so that no hour and no weekday decides them.

`TEST_CLOCK=2026-11-22T00:05 pytest` asks the same at another moment (UTC), `TEST_CLOCK=now` at that of the machine.
The clock goes on from there. Chromium, PostgreSQL and programs that a test starts keep the clock of the machine.
"""

import datetime as dt
import os
from collections.abc import Iterator

import pytest
import time_machine

NOON = "2026-11-18T12:00"  # a Wednesday in winter, when London keeps UTC


def moment() -> dt.datetime | None:
    """When the tests take place, in UTC; None is the clock of the machine."""
    asked = os.environ.get("TEST_CLOCK", NOON)
    return None if asked == "now" else dt.datetime.fromisoformat(asked).replace(tzinfo=dt.UTC)


@pytest.fixture(scope="session", autouse=True)
def the_clock() -> Iterator[None]:
    at = moment()
    if at is None:
        yield
        return
    with time_machine.travel(at, tick=True):
        yield


def pytest_report_header() -> str:
    return f"clock: {moment() or 'of the machine'}"
