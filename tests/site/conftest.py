"""The filled organisation that every test of the whole site walks through."""

import pytest

from tests import pages


@pytest.fixture
def site(acme, alice, bob, carol) -> pages.Site:
    return pages.fill(acme, alice, bob, carol)
