"""The tests of repetition stand still at a Thursday noon."""

import pytest
import time_machine

from tests.timetracking.views.helpers import NOON


@pytest.fixture(autouse=True)
def now(acme):
    with time_machine.travel(NOON, tick=False) as clock:
        yield clock
