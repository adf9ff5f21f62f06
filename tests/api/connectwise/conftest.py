"""A moment, a ticket and an admin's program, for tests of time entries."""

from __future__ import annotations

import pytest
import time_machine

from tests import factories
from tests.api.connectwise.calls import NOW


@pytest.fixture
def march():
    """The clock stands still on 2 March 2026."""
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def ticket(acme):
    client = factories.ClientFactory(identifier="OTHER", name="Other Ltd")
    return factories.TicketFactory(client=client, title="Office LAN")


@pytest.fixture
def admin(program, alice):
    return program("connectwise", alice)
