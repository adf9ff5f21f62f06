"""Tokens of sign-ins: found while they live, used up once, ended together, thrown away later."""

import datetime as dt

import pytest
from django.utils import timezone

from accounts.models import AccessToken
from accounts.services import access_tokens, api_keys
from tests.together import Meeting, together

Use = AccessToken.Use


@pytest.fixture
def key(acme, carol):
    return api_keys.create(carol, member=carol, kind="intacct", name="ERP", areas=["time"])[0]


def test_a_token_is_stored_as_a_hash_and_found_for_its_use_alone(carol):
    issued = access_tokens.issue_to_person(carol.user, verified=True)
    row = AccessToken.objects.get()
    assert issued.token not in str(AccessToken.objects.values().get())
    assert access_tokens.find(Use.PORTAL, issued.token) == row
    assert row.verified
    assert access_tokens.find(Use.OAUTH_ACCESS, issued.token) is None
    for wrong in ("", issued.token[:-1], row.digest, "\ud800", "x" * 10_000):
        assert access_tokens.find(Use.PORTAL, wrong) is None


def test_it_ends_by_itself(carol, settings):
    issued = access_tokens.issue_to_person(carol.user, verified=False)
    assert issued.seconds == settings.PORTAL_TOKEN_SECONDS
    AccessToken.objects.update(expires_at=timezone.now())
    assert access_tokens.find(Use.PORTAL, issued.token) is None


def test_a_refresh_token_works_once(key):
    issued = access_tokens.issue_for_key(key)
    assert access_tokens.use_up(issued.token) is None  # that is the access token
    assert access_tokens.use_up(issued.refresh).key_id == key.pk
    assert access_tokens.use_up(issued.refresh) is None


def test_all_of_a_person_end_together(carol, bob):
    tokens = [access_tokens.issue_to_person(carol.user, verified=False).token for _each in range(2)]
    other = access_tokens.issue_to_person(bob.user, verified=False).token
    assert access_tokens.end_all_of(carol.user) == 2
    assert [access_tokens.find(Use.PORTAL, token) for token in tokens] == [None, None]
    assert access_tokens.find(Use.PORTAL, other) is not None


def test_what_has_ended_is_thrown_away_after_a_day(key, carol):
    for _each in range(3):
        access_tokens.issue_to_person(carol.user, verified=False)
    long_ago = timezone.now() - dt.timedelta(days=1, seconds=1)
    first, second, third = AccessToken.objects.order_by("pk")
    AccessToken.objects.filter(pk=first.pk).update(expires_at=long_ago)
    AccessToken.objects.filter(pk=second.pk).update(revoked_at=long_ago)
    assert access_tokens.forget_old() == 2
    assert AccessToken.objects.get() == third


@pytest.mark.django_db(transaction=True)
class TestAtOnce:
    @pytest.fixture
    def refresh(self, acme, carol, key):
        return access_tokens.issue_for_key(key).refresh

    def test_of_two_uses_one_gets_it(self, acme, refresh, monkeypatch):
        meeting = Meeting()
        monkeypatch.setattr(access_tokens, "find", meeting.after(access_tokens.find))
        got = together(acme, *[lambda: access_tokens.use_up(refresh)] * 2)
        assert sorted(each is None for each in got) == [False, True], got

    def test_twin_where_it_is_only_looked_at_both_get_it(self, acme, refresh):
        got = together(acme, *[lambda: access_tokens.find(Use.OAUTH_REFRESH, refresh)] * 2)
        assert None not in got
