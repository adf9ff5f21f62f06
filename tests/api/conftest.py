"""Programs with keys: `program("api", carol)` calls as Carol's key."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client

from accounts import rate_limits
from accounts.key_areas import AREAS
from accounts.models import Membership
from accounts.services import access_tokens, api_keys
from accounts.tenancy import organisation_scope
from timetracking.api.native.surface import MEANINGS


class Program:
    """A client of an API. JSON in and out; answers have `.json()`. Exceptions of ours are raised, not answered."""

    def __init__(self, headers: dict[str, str], key: Any = None) -> None:
        self.headers = headers
        self.key = key
        self.client = Client()

    def ask(self, method: str, path: str, body: Any = None, **headers: str) -> HttpResponse:
        """`body` is sent as JSON; text and bytes as they are. Headers by name, `_` for `-`."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        content_type = named.pop("Content-Type", "application/json")
        data = body if isinstance(body, str | bytes) else b"" if body is None else json.dumps(body)
        answer = self.client.generic(
            method.upper(), path, data, content_type=content_type, headers={**self.headers, **named}
        )
        if answer.headers.get("Content-Type") == "application/problem+json":
            problem = answer.json()
            assert problem["type"] == f"/api/docs#{problem['code']}" and problem["code"] in MEANINGS, problem["code"]
        return answer

    def get(self, path: str, **headers: str) -> HttpResponse:
        return self.ask("GET", path, **headers)

    def post(self, path: str, body: Any = None, **headers: str) -> HttpResponse:
        return self.ask("POST", path, body, **headers)

    def patch(self, path: str, body: Any = None, **headers: str) -> HttpResponse:
        return self.ask("PATCH", path, body, **headers)

    def put(self, path: str, body: Any = None, **headers: str) -> HttpResponse:
        return self.ask("PUT", path, body, **headers)

    def delete(self, path: str, body: Any = None, **headers: str) -> HttpResponse:
        return self.ask("DELETE", path, body, **headers)


def headers_of(kind: str, slug: str, public_id: str, secret: str) -> dict[str, str]:
    if kind == "connectwise":
        pair = base64.b64encode(f"{slug}+{public_id}:{secret}".encode()).decode()
        return {"Authorization": f"Basic {pair}"}
    return {"Authorization": f"Bearer {secret}"}


@pytest.fixture(autouse=True)
def fresh_limits() -> None:
    rate_limits.forget_blocks()


@pytest.fixture
def program(db: None) -> Callable[..., Program]:
    """``program(kind, member, **limits)``; the Intacct format gets its access token at once."""

    def make(kind: str, member: Membership, **limits: Any) -> Program:
        with organisation_scope(member.organisation_id):
            limits = {"name": "Test", "areas": list(AREAS), **limits}
            key, secret = api_keys.create(member, member=member, kind=kind, **limits)
            token = access_tokens.issue_for_key(key).token if kind == "intacct" else secret
        return Program(headers_of(kind, member.organisation.slug, key.public_id, token), key)

    return make


@pytest.fixture
def portal(db: None) -> Callable[..., Program]:
    """``portal(carol)`` calls with a portal token of that member's user."""

    def make(member: Membership, *, verified: bool = False) -> Program:
        issued = access_tokens.issue_to_person(member.user, verified=verified)
        return Program({"Authorization": f"Bearer {issued.token}"})

    return make
