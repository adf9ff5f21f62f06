"""Webhooks by API: the secret once, by admins with the area alone."""

from __future__ import annotations

from accounts.models import ApiReply

PATH = "/api/v1/webhooks"
HOOK = {"url": "https://quarry.example/hook", "events": ["time_entry.*", "timesheet.approved"]}


def test_made_listed_and_deleted(program, alice):
    caller = program("api", alice)
    made = caller.post(PATH, HOOK)
    assert made.status_code == 201
    hook = made.json()
    assert hook.pop("secret").startswith("whsec_")
    assert caller.get(PATH).json() == {"items": [hook]}
    assert caller.get(made["Location"]).json() == hook
    assert caller.delete(made["Location"], If_Match='"9"').status_code == 412
    assert caller.delete(made["Location"], If_Match=caller.get(made["Location"])["ETag"]).status_code == 204
    assert caller.get(made["Location"]).status_code == 404
    assert caller.delete(f"{PATH}/{10**30}").status_code == 404


def test_what_is_refused_names_its_field(program, alice):
    caller = program("api", alice)
    for body, field in (
        ({**HOOK, "events": ["invoice.paid"]}, "events"),
        ({**HOOK, "url": "ftp://quarry.example"}, "url"),
        ({**HOOK, "secret": "mine"}, "secret"),
        ({"url": HOOK["url"]}, "events"),
    ):
        answer = caller.post(PATH, body)
        assert (answer.status_code, list(answer.json()["errors"])) == (422, [field])


def test_by_admins_with_the_area_alone(program, alice, bob):
    assert program("api", bob).post(PATH, HOOK).status_code == 403
    assert program("api", alice, areas=["time"]).post(PATH, HOOK).status_code == 403
    assert program("api", alice, read_only=True).post(PATH, HOOK).status_code == 403


def test_who_may_not_see_time_or_rates_is_not_told_of_them(program, alice):
    for areas in (["webhooks"], ["webhooks", "time"], ["webhooks", "rates"]):
        assert program("api", alice, areas=areas).post(PATH, HOOK).status_code == 403


def test_the_secret_is_not_kept_beside_an_idempotency_key(program, alice):
    caller = program("api", alice)
    first = caller.post(PATH, HOOK, Idempotency_Key="once").json()
    again = caller.post(PATH, HOOK, Idempotency_Key="once").json()
    assert again == {**first, "secret": "shown once"}
    assert first["secret"] not in str(list(ApiReply.objects.values()))
