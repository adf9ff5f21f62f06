"""The ticket of the grid's tests."""

import pytest

from tests import factories


@pytest.fixture
def ticket(acme):
    return factories.TicketFactory(title="VPN drops", number=4811, client__name="Marlow Vets")
