"""What every surface's door does, asked through GET and POST of the own API."""

from __future__ import annotations

import datetime as dt

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import ApiKey
from accounts.services import api_keys

ME = "/api/v1/me"


def test_a_key_acts_as_its_member_in_its_organisation(program, carol):
    answer = program("api", carol).get(ME)
    assert (answer.status_code, answer.json()["member_id"]) == (200, carol.pk)
    assert answer.json()["organisation"]["slug"] == "acme"


def test_with_and_without_the_final_slash(program, carol):
    assert program("api", carol).get(f"{ME}/").status_code == 200


def test_a_key_leaves_only_what_its_areas_leave(program, carol):
    held = program("api", carol, areas=["time"]).get(ME).json()["permissions"]
    assert held["log_time"] == "own"
    assert "submit_timesheet" not in held


@pytest.mark.parametrize(
    "header", ["", "Bearer", "Bearer nonsense", "Bearer ts_api_0_0", "Basic YTpi", "Bearer \u00e9"]
)
def test_without_a_key_it_is_401_in_the_own_shape(db, header):
    answer = Client(headers={"Authorization": header} if header else {}).get(ME)
    assert answer.status_code == 401
    assert answer["Content-Type"] == "application/problem+json"
    assert answer["WWW-Authenticate"] == "Bearer"


def test_a_cookie_opens_no_api(as_carol):
    assert as_carol.get(ME).status_code == 401


def test_a_key_is_worthless_in_the_pages(program, carol):
    assert program("api", carol).get("/o/acme/timesheets/").status_code == 302


@pytest.mark.parametrize("end", ["revoked", "expired", "member", "user", "organisation"])
def test_what_ends_a_key_ends_it_at_the_next_request(program, alice, acme, end):
    caller = program("api", alice)
    assert caller.get(ME).status_code == 200
    if end == "revoked":
        api_keys.revoke(alice, caller.key.pk)
    elif end == "expired":
        ApiKey.objects.filter(pk=caller.key.pk).update(expires_at=timezone.now() - dt.timedelta(seconds=1))
    else:
        record = {"member": alice, "user": alice.user, "organisation": alice.organisation}[end]
        record.is_active = False
        record.save()
    assert caller.get(ME).status_code == 401


def test_the_limit_of_a_minute_is_held(program, carol):
    caller = program("api", carol, requests_per_minute=3)
    answers = [caller.get(ME) for _each in range(4)]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    assert 0 < int(answers[-1]["Retry-After"]) <= 60


def test_an_unknown_path_and_a_wrong_method_speak_json(program, carol):
    caller = program("api", carol)
    assert caller.get("/api/v1/nothing").json()["code"] == "404"
    wrong = caller.post(ME)
    assert (wrong.status_code, wrong["Allow"]) == (405, "GET")


def test_the_use_of_a_key_is_noted(program, carol, acme):
    caller = program("api", carol)
    caller.get(ME)
    assert ApiKey.objects.get(pk=caller.key.pk).last_used_at is not None


def test_it_costs_no_more_the_second_time(program, carol, count_queries):
    caller = program("api", carol)
    caller.get(ME)
    assert count_queries(lambda: caller.get(ME)) == 1
