"""A token for e-mail address, password and code; what ends it; and that nothing is told to who guesses."""

from __future__ import annotations

import pytest
from django.test import Client

from accounts.models import AccessToken, AuditEvent, User
from accounts.services import passwords
from accounts.tenancy import organisation_scope
from tests import factories
from tests.accounts.helpers import at_once, authenticator, code_of, wait_for_time_to_type, wrong_code
from tests.factories import PASSWORD

LOGIN, TIME = "/api/auth/login", "/api/helpdesk/time?from=2026-06-01&to=2026-06-08"


def login(**body):
    return Client().post(LOGIN, body, content_type="application/json")


def with_token(token: str) -> Client:
    return Client(headers={"Authorization": f"Bearer {token}"})


def test_a_token_for_the_password(carol):
    answer = login(email=carol.user.email.upper(), password=PASSWORD)
    assert (answer.status_code, answer.json()["tokenType"], answer.json()["expiresIn"]) == (200, "Bearer", 43_200)
    organisation = {"id": str(carol.organisation_id), "name": "Acme", "slug": "acme", "role": "AGENT"}
    assert answer.json()["user"] == {
        "id": str(carol.user_id), "name": "Carol Clark", "email": "carol@acme.test", "organisations": [organisation]
    }  # fmt: skip
    token = answer.json()["accessToken"]
    assert with_token(token).get(TIME).json() == []
    assert AccessToken.objects.get().digest not in token
    with organisation_scope(carol.organisation):
        event = AuditEvent.objects.get(action="user.portal_signed_in")
    assert (event.user, event.channel) == (carol.user, "portal")


def test_form_fields_will_do(carol):
    assert Client().post(LOGIN, {"email": carol.user.email, "password": PASSWORD}).status_code == 200


def test_nobody_learns_what_was_wrong(carol, bob):
    User.objects.filter(pk=bob.user_id).update(is_active=False)
    answers = [
        login(email=carol.user.email, password="wrong"),
        login(email="nobody@acme.test", password=PASSWORD),
        login(email=bob.user.email, password=PASSWORD),
    ]
    assert {answer.status_code for answer in answers} == {401}
    assert {answer.content for answer in answers} == {answers[0].content}
    assert answers[0].json()["code"] == "invalid_credentials"


def test_guessing_costs_the_same_queries(carol, count_queries):
    login(email="first@acme.test", password="wrong")  # the counter of the address is made
    known = count_queries(lambda: login(email=carol.user.email, password="wrong"))
    assert count_queries(lambda: login(email="nobody@acme.test", password="wrong")) == known


def test_the_code_is_asked_for_after_the_password_only(carol):
    device = authenticator(carol.user)
    mail = carol.user.email
    wait_for_time_to_type()
    assert login(email=mail, password="wrong", mfaCode=code_of(device.key)).json()["code"] == "invalid_credentials"
    for code in (None, ""):
        answer = login(email=mail, password=PASSWORD, mfaCode=code)
        assert (answer.status_code, answer.json()["code"]) == (401, "mfa_required")
    for code in (wrong_code(device.key), "x", "½½½½½½"):
        answer = login(email=mail, password=PASSWORD, mfaCode=code)
        assert (answer.status_code, answer.json()["code"]) == (401, "mfa_invalid")
    assert not AccessToken.objects.exists()
    code = code_of(device.key)
    token = login(email=mail, password=PASSWORD, mfaCode=code).json()["accessToken"]
    assert AccessToken.objects.get().verified and with_token(token).get(TIME).status_code == 200
    assert login(email=mail, password=PASSWORD, mfaCode=code).json()["code"] == "mfa_invalid"  # used


@pytest.mark.django_db(transaction=True)
def test_a_code_works_once_when_sent_twice_at_once(carol):
    device = authenticator(carol.user)
    wait_for_time_to_type()
    body = {"email": carol.user.email, "password": PASSWORD, "mfaCode": code_of(device.key)}
    answers = at_once(lambda: login(**body), lambda: login(**body))
    assert sorted(answer.status_code for answer in answers) == [200, 401]
    assert AccessToken.objects.count() == 1


def test_an_organisation_that_demands_the_second_factor_is_closed_without(carol, alice):
    alice.organisation.require_second_factor = True
    alice.organisation.save()
    answer = login(email=carol.user.email, password=PASSWORD)
    assert (answer.status_code, answer.json()["code"]) == (401, "mfa_required")
    other = factories.OrganisationFactory()
    with organisation_scope(other):
        factories.MembershipFactory(user=carol.user)
    shown = login(email=carol.user.email, password=PASSWORD).json()["user"]["organisations"]
    assert [each["id"] for each in shown] == [str(other.pk)]


def test_guessing_is_slowed_down(carol, settings):
    settings.GUESSES_PER_ACCOUNT = 2
    answers = [login(email=carol.user.email, password="wrong") for _try in range(3)]
    assert [answer.status_code for answer in answers] == [401, 401, 429]
    assert (answers[-1]["Retry-After"], answers[-1].json()["code"]) == ("900", "too_many_tries")
    assert login(email=carol.user.email, password=PASSWORD).status_code == 429


def test_codes_are_slowed_down_too(carol, settings):
    settings.GUESSES_PER_ACCOUNT = 2
    wrong = wrong_code(authenticator(carol.user).key)
    codes = [login(email=carol.user.email, password=PASSWORD, mfaCode=wrong).status_code for _try in range(3)]
    assert codes == [401, 401, 429]


@pytest.mark.parametrize(
    "body",
    ["", "{", "[]", "null", '{"email": "a@b.c"}', '{"email": 5, "password": "x"}', '{"email": "", "password": "x"}',
     '{"email": "a@b.c", "password": ["x"]}', '{"email": "a@b.c", "password": "x", "mfaCode": {}}',
     '{"email": "a\\u0000@b.c", "password": "x"}', '{"email": "a@b.c", "password": "x", "mfaCode": true}'],
)  # fmt: skip
def test_a_broken_body_is_400(db, body):
    answer = Client().post(LOGIN, body, content_type="application/json")
    assert answer.status_code == 400
    assert answer.json().keys() >= {"message", "code"}


def test_signing_out_ends_the_token(portal, carol):
    caller = portal(carol)
    other = portal(carol)
    assert caller.post("/api/auth/logout").status_code == 204
    assert (caller.get(TIME).status_code, other.get(TIME).status_code) == (401, 200)


def test_a_new_password_ends_every_token(portal, carol, bob):
    caller, other = portal(carol), portal(bob)
    passwords.change(carol.user, "a much better battery")
    assert (caller.get(TIME).status_code, other.get(TIME).status_code) == (401, 200)


def test_signing_out_everywhere_else_ends_every_token(portal, carol, as_carol):
    caller = portal(carol)
    as_carol.post("/me/security/sessions/end-others/")
    assert caller.get(TIME).status_code == 401


@pytest.mark.parametrize("end", ["user", "membership", "expired", "device"])
def test_what_ends_a_token(portal, carol, end, db):
    caller = portal(carol)
    if end == "user":
        User.objects.filter(pk=carol.user_id).update(is_active=False)
    elif end == "membership":
        type(carol).unscoped.filter(pk=carol.pk).update(is_active=False)
    elif end == "expired":
        AccessToken.objects.update(expires_at="2020-01-01T00:00:00Z")
    else:
        authenticator(carol.user)
    answer = caller.get(TIME)
    assert answer.status_code == (200 if end == "membership" else 401)  # a person without organisations sees nothing
    assert end != "membership" or answer.json() == []
