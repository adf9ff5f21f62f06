"""People for the tests of the approvals pages."""

import pytest

from tests.timetracking.approval.inbox import colleague


@pytest.fixture
def dora(acme):
    """A second agent."""
    return colleague(acme, "Dora Diaz")
