"""A client with time to bill."""

import pytest

from tests import factories
from tests.timetracking.invoices.billing import billed_entry


@pytest.fixture
def client_(acme):
    return factories.ClientFactory(name="Harbourside", billing_address="1 Quay\nBristol", tax_number="GB 1")


@pytest.fixture
def project(client_):
    return factories.ProjectFactory(client=client_, code="BCN-1", name="Beacon")


@pytest.fixture
def ticket(client_):
    return factories.TicketFactory(client=client_, number=4846, title="VPN drops")


@pytest.fixture
def entries(carol, project, ticket):
    """Two approved entries of Carol's: an hour on the project at 80, half an hour on the ticket at 95.50."""
    return [
        billed_entry(carol, project=project, subject="Rollout"),
        billed_entry(carol, ticket=ticket, subject="Tunnel", minutes=30, hourly_rate="95.50"),
    ]
