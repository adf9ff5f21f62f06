"""The filled organisation that every test of the whole site walks through."""

import pytest

from tests import filled


@pytest.fixture
def site(acme, alice, bob, carol) -> filled.Site:
    return filled.fill(acme, alice, bob, carol)
