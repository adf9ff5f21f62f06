"""Published clients of other people's formats, run unchanged against the live server behind TLS.

They are installed as their makers published them. `-m clients` runs them; those for Node are installed by
`python -m tests.clients.node_clients`.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from accounts import rate_limits
from accounts.key_areas import AREAS
from accounts.models import Membership
from accounts.services import api_keys
from accounts.tenancy import organisation_scope
from tests import factories
from tests.clients.tls_front import make_certificate, tls_front
from timetracking.models import Ticket, WorkRole, WorkType

MONDAY = dt.date(2026, 3, 2)
CLIENT_ID = "0e4b1ba4-7c52-4b9f-8c9e-3f4a5b6c7d8e"


@dataclass(frozen=True)
class Office:
    """What a client needs: where to go, two key pairs, and what there is at Acme."""

    host: str
    """"localhost:port" of the TLS front."""
    certificate: Path
    seen: list[str]
    """What came through the front: "GET /path 200"."""
    agent: tuple[str, str]
    """Carol's public and private key."""
    manager: tuple[str, str]
    carol: Membership
    ticket: Ticket
    work_type: WorkType
    work_role: WorkRole
    entries: list[int] = field(default_factory=list)
    """Ids of five entries of Carol's that are there, of a week of their own each."""

    def settings(self) -> dict[str, Any]:
        """The same for a script in another language."""
        return {
            "host": self.host,
            "company": "acme",
            "clientId": CLIENT_ID,
            "agent": self.agent,
            "manager": self.manager,
            "member": self.carol.pk,
            "ticket": self.ticket.pk,
            "workType": self.work_type.pk,
            "workRole": self.work_role.pk,
        }


@pytest.fixture(autouse=True)
def fresh_limits() -> None:
    rate_limits.forget_blocks()


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    return make_certificate(tmp_path_factory.mktemp("tls"))


@pytest.fixture
def front(live_server: Any, settings: Any, certificate: tuple[Path, Path], monkeypatch: Any) -> Iterator[Any]:
    """The live server behind TLS, as an installation stands behind a proxy; clients in this process trust it."""
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(certificate[0]))
    monkeypatch.setenv("NO_PROXY", "*")
    with tls_front(live_server.url, *certificate) as (host, seen):
        yield host, seen


@pytest.fixture
def key_pair(db: None) -> Callable[..., tuple[str, str]]:
    """``key_pair("connectwise", carol)``: the public part and the secret of a new key."""

    def make(kind: str, member: Membership) -> tuple[str, str]:
        with organisation_scope(member.organisation_id):
            key, secret = api_keys.create(member, member=member, kind=kind, name="Client", areas=list(AREAS))
        return key.public_id, secret

    return make


@pytest.fixture
def office(front: Any, certificate: Any, key_pair: Any, acme: Any, alice: Any, bob: Any, carol: Any) -> Office:
    host, seen = front
    client = factories.ClientFactory(name="Other Ltd", identifier="OTHER")
    ticket = factories.TicketFactory(client=client, title="Office LAN")
    role = factories.WorkRoleFactory(name="Level 2 Tech")
    factories.WorkRoleRateFactory(work_role=role, hourly_rate=110)
    factories.ChargeCodeFactory(code="MTNG", name="Meetings")
    entries = [
        factories.TimeEntryFactory(
            member=carol, ticket=ticket, date=MONDAY - dt.timedelta(days=7 * number), subject=f"Visit {number}, on site"
        ).pk
        for number in range(1, 6)
    ]
    return Office(
        host=host,
        certificate=certificate[0],
        seen=seen,
        agent=key_pair("connectwise", carol),
        manager=key_pair("connectwise", bob),
        carol=carol,
        ticket=ticket,
        work_type=factories.WorkTypeFactory(name="Regular", is_default=True),
        work_role=role,
        entries=entries,
    )
