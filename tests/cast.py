"""The small cast of every test: at Acme, Alice is ADMIN, Bob MANAGER, Carol AGENT; Mallory works at Globex."""

from __future__ import annotations

import datetime as dt

import pytest
from django.test import Client

from accounts.models import Membership, Organisation
from accounts.tenancy import organisation_scope
from tests import factories

MONDAY = dt.date(2026, 6, 15)
BACKEND = "accounts.backends.SlowGuessingBackend"


@pytest.fixture
def acme_organisation(db) -> Organisation:
    return factories.OrganisationFactory(name="Acme", slug="acme")


@pytest.fixture
def acme(acme_organisation):
    """Acme, with its scope open for the test's own queries."""
    with organisation_scope(acme_organisation):
        yield acme_organisation


@pytest.fixture
def globex(db) -> Organisation:
    return factories.OrganisationFactory(name="Globex", slug="globex")


def _member(organisation: Organisation, name: str, role: str) -> Membership:
    with organisation_scope(organisation):
        member = factories.MembershipFactory(
            user__name=name, user__email=f"{name.split()[0].lower()}@{organisation.slug}.test", role=role
        )
        member.organisation = organisation
        return member


@pytest.fixture
def alice(acme_organisation) -> Membership:
    return _member(acme_organisation, "Alice Adams", "ADMIN")


@pytest.fixture
def bob(acme_organisation) -> Membership:
    return _member(acme_organisation, "Bob Brown", "MANAGER")


@pytest.fixture
def carol(acme_organisation) -> Membership:
    return _member(acme_organisation, "Carol Clark", "AGENT")


@pytest.fixture
def mallory(globex) -> Membership:
    """An admin, so that only the wall between organisations keeps her out of Acme."""
    return _member(globex, "Mallory Moss", "ADMIN")


def browser_of(member: Membership) -> Client:
    """A test client signed in as a member."""
    client = Client()
    client.force_login(member.user, backend=BACKEND)
    return client


@pytest.fixture
def as_alice(alice) -> Client:
    return browser_of(alice)


@pytest.fixture
def as_bob(bob) -> Client:
    return browser_of(bob)


@pytest.fixture
def as_carol(carol) -> Client:
    return browser_of(carol)


@pytest.fixture
def as_mallory(mallory) -> Client:
    return browser_of(mallory)
