"""Nine on a Thursday in London, a ticket, and Carol's browser."""

import pytest
import time_machine

from tests import factories
from tests.cast import browser_of
from tests.timetracking.timers.asking import NINE


@pytest.fixture
def thursday(acme):
    """The clock stands until a test moves it."""
    acme.time_zone = "Europe/London"
    acme.save()
    with time_machine.travel(NINE, tick=False) as travelled:
        yield travelled


@pytest.fixture
def ticket(acme):
    return factories.TicketFactory(number=4851, title="Slow CRM over VPN", client__name="Marlow Vets")


@pytest.fixture
def browser(carol):
    return browser_of(carol)
