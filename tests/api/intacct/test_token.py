"""Signing in: client credentials, and refresh tokens that work once."""

from __future__ import annotations

import base64
import datetime as dt
from urllib.parse import urlencode

import pytest

from accounts.key_areas import AREAS
from accounts.services import api_keys
from tests.api.conftest import Program
from tests.api.intacct import BASE, SHEETS, error

TOKEN = f"{BASE}/oauth2/token"
FORM = {"Content_Type": "application/x-www-form-urlencoded"}


@pytest.fixture
def client(named):
    john = named.john
    key, secret = api_keys.create(john, member=john, kind="intacct", name="Sync", areas=list(AREAS))
    return {"grant_type": "client_credentials", "client_id": key.public_id, "client_secret": secret}


def signed_in(answer) -> Program:
    assert answer.status_code == 200, answer.content
    return Program({"Authorization": f"Bearer {answer.json()['access_token']}"})


def test_a_client_signs_in_as_its_member(client, named):
    for user in ("E-001", "John Smith", named.john.user.email, str(named.john.pk)):
        answer = Program({}).post(TOKEN, {**client, "username": f"{user}@acme"})
        assert answer.status_code == 200, user
    assert set(answer.json()) == {"token_type", "access_token", "refresh_token", "expires_in"}
    assert (answer.json()["token_type"], answer.json()["expires_in"]) == ("Bearer", 43200)
    assert answer["Cache-Control"] == "no-store"
    assert signed_in(answer).get(BASE + SHEETS).status_code == 200


def test_as_a_form_with_an_entity_and_by_basic(client):
    form = urlencode({**client, "username": "E-001@acme|North"})
    assert Program({}).post(TOKEN, form, **FORM).status_code == 200
    pair = base64.b64encode(f"{client['client_id']}:{client['client_secret']}".encode()).decode()
    form = urlencode({"grant_type": "client_credentials", "username": "e-001@ACME"})
    assert Program({"Authorization": f"Basic {pair}"}).post(TOKEN, form, **FORM).status_code == 200


WRONG = [
    {"client_secret": "x"}, {"client_id": "ts_intacct_0"}, {"username": "E-002@acme"}, {"username": "E-001@globex"},
    {"username": "E-001"}, {"username": ""}, {"client_id": "\u00e9"},
]  # fmt: skip
UNREADABLE: list[object] = [
    "", "{", "[]", {}, {"grant_type": "password"}, {"grant_type": 1},
    {"grant_type": "client_credentials", "client_id": ["x"]},
    {"grant_type": "client_credentials", "client_id": "x" * 501},
]  # fmt: skip


def test_a_wrong_client_is_401(client):
    for wrong in WRONG:
        answer = Program({}).post(TOKEN, {**client, "username": "E-001@acme", **wrong})
        assert (answer.status_code, error(answer)["code"]) == (401, "unauthorized"), wrong


def test_what_can_not_be_read_is_400(db):
    for body in UNREADABLE:
        assert error(Program({}).post(TOKEN, body))["code"] == "invalidRequest", body


def test_a_refresh_token_works_once(client, named):
    first = Program({}).post(TOKEN, {**client, "username": "E-001@acme"}).json()
    refresh = {"grant_type": "refresh_token", "refresh_token": first["refresh_token"]}
    wrong = {**refresh, "client_id": client["client_id"], "client_secret": "x"}
    assert Program({}).post(TOKEN, wrong).status_code == 401
    second = Program({}).post(TOKEN, {**refresh, "client_id": client["client_id"],
                                      "client_secret": client["client_secret"]})  # fmt: skip
    assert signed_in(second).get(BASE + SHEETS).status_code == 200
    assert second.json()["refresh_token"] != first["refresh_token"]
    assert Program({}).post(TOKEN, refresh).status_code == 401
    as_access = Program({"Authorization": f"Bearer {second.json()['refresh_token']}"})
    assert as_access.get(BASE + SHEETS).status_code == 401


def test_tokens_end_with_their_time_and_their_key(client, named, time_machine):
    answer = Program({}).post(TOKEN, {**client, "username": "E-001@acme"})
    caller = signed_in(answer)
    time_machine.move_to(dt.datetime(2026, 3, 13, 1, tzinfo=dt.UTC))
    assert error(caller.get(BASE + SHEETS))["message"].startswith("The access token")
    refresh = {"grant_type": "refresh_token", "refresh_token": answer.json()["refresh_token"]}
    caller = signed_in(Program({}).post(TOKEN, refresh))
    key = named.john.api_keys.get()
    api_keys.revoke(named.john, key.pk)
    assert caller.get(BASE + SHEETS).status_code == 401


def test_a_get_is_405(db):
    answer = Program({}).get(TOKEN)
    assert (answer.status_code, answer["Allow"], error(answer)["code"]) == (405, "POST", "methodNotAllowed")
