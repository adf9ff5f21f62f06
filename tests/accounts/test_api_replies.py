"""`Idempotency-Key`: one effect and one answer, however often and however near together a call is sent."""

import datetime as dt
import json
import threading

import pytest
from django.http import JsonResponse
from django.test import RequestFactory
from django.utils import timezone

from accounts.models import ApiReply, GuessCount
from accounts.services import api_replies
from tests import factories
from tests.together import Meeting, together
from timesheets_site.lib.errors import RuleViolation


def asked(body="{}", path="/api/v1/things"):
    return RequestFactory().post(path, body, content_type="application/json")


class Effect:
    """Writes a row (any) and answers with its number."""

    def __init__(self, status=201):
        self.status = status

    def __call__(self):
        row = GuessCount.objects.create(key=f"{GuessCount.objects.count()}", tries=1, last_at=timezone.now())
        return JsonResponse({"n": row.key}, status=self.status, headers={"Location": "/things/1", "X-Other": "1"})


def send(body="{}", credential="key:1", key="abc", effect=None, path="/api/v1/things"):
    return api_replies.once(credential, key, asked(body, path), effect or Effect())


def test_the_second_call_gets_the_first_answer_and_has_no_effect(db):
    first, second = send(), send()
    assert (first.status_code, first.content) == (second.status_code, second.content)
    assert (second["Location"], second["Idempotent-Replay"]) == ("/things/1", "true")
    assert "Idempotent-Replay" not in first and "X-Other" not in second
    assert GuessCount.objects.count() == 1


@pytest.mark.parametrize("other", [{"body": '{"a": 1}'}, {"path": "/api/v1/others"}])
def test_another_request_under_the_same_key_is_refused(db, other):
    send()
    with pytest.raises(RuleViolation) as refused:
        send(**other)
    assert refused.value.code == "idempotency_key_reused"
    assert GuessCount.objects.count() == 1


def test_another_credential_may_use_the_same_key(db):
    send()
    assert json.loads(send(credential="key:2").content) == {"n": "1"}


@pytest.mark.parametrize("status", [400, 409, 422, 503])
def test_a_refused_call_leaves_no_effect_and_the_key_unused(db, status):
    assert send(effect=Effect(status)).status_code == status
    assert (GuessCount.objects.count(), ApiReply.objects.count()) == (0, 0)
    assert send().status_code == 201


def test_an_error_of_ours_leaves_the_key_unused_as_well(db):
    def fails():
        Effect()()
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        send(effect=fails)
    assert (GuessCount.objects.count(), ApiReply.objects.count()) == (0, 0)


@pytest.mark.parametrize("key", ["", "x" * 256, "caf\u00e9", "a\nb", "a\x00b"])
def test_an_unreadable_key_is_refused(db, key):
    with pytest.raises(RuleViolation) as refused:
        send(key=key)
    assert refused.value.code == "idempotency_key_unreadable"


def test_after_a_day_the_key_is_free_again(db):
    send()
    ApiReply.objects.update(created_at=timezone.now() - api_replies.KEPT - dt.timedelta(seconds=1))
    assert "Idempotent-Replay" not in send()
    ApiReply.objects.update(created_at=timezone.now() - api_replies.KEPT - dt.timedelta(seconds=1))
    assert (api_replies.forget_old(), ApiReply.objects.count()) == (1, 0)


@pytest.mark.django_db(transaction=True)
class TestAtOnce:
    def test_two_at_once_have_one_effect_and_the_same_answer(self, monkeypatch):
        meeting = Meeting()
        monkeypatch.setattr(api_replies, "fingerprint_of", meeting.after(api_replies.fingerprint_of))
        answers = together(factories.OrganisationFactory(), send, send)
        assert [answer.status_code for answer in answers] == [201, 201]
        assert answers[0].content == answers[1].content
        assert ["Idempotent-Replay" in answer for answer in answers].count(True) == 1
        assert GuessCount.objects.count() == 1

    def test_twin_without_the_key_there_are_two_effects(self):
        meeting = Meeting(patience=5)

        def look_then_act():
            earlier = ApiReply.objects.filter(key="abc").first()
            meeting()
            if earlier is None:
                GuessCount.objects.create(key=f"{threading.get_ident()}", tries=1, last_at=timezone.now())

        together(factories.OrganisationFactory(), look_then_act, look_then_act)
        assert GuessCount.objects.count() == 2
