"""The pages of webhooks: the secret is shown once, what was typed is kept, a form that comes twice acts once."""

from __future__ import annotations

import re

import pytest

from timetracking.models import Webhook
from timetracking.services import webhooks

LIST = "/o/acme/settings/webhooks/"
URL = "https://quarry.example/hook"


@pytest.fixture
def hook(acme, alice) -> Webhook:
    return webhooks.create(alice, url=URL, events=["timer.*"]).webhook


def test_made_it_shows_its_secret_once(as_alice, acme):
    form = as_alice.get(f"{LIST}new/").context["form"]
    sent = {"url": URL, "events": ["timer.*", "timesheet.approved"], "key": form["key"].value()}
    page = as_alice.post(f"{LIST}new/", sent)
    secret = re.search(r"whsec_[\w+/=]+", page.content.decode())
    assert secret
    hook = Webhook.objects.get()
    assert secret[0] not in as_alice.get(f"{LIST}{hook.pk}/").content.decode()
    assert as_alice.post(f"{LIST}new/", sent)["Location"] == f"{LIST}{hook.pk}/"
    assert Webhook.objects.count() == 1


def test_what_was_typed_is_kept_beside_what_is_wrong(as_alice, acme):
    page = as_alice.post(f"{LIST}new/", {"url": "quarry", "events": ["timer.*"]})
    assert page.status_code == 422
    assert 'value="quarry"' in page.content.decode()


def test_who_comes_late_sees_the_other_change_and_can_save_again(as_alice, alice, hook):
    webhooks.change(alice, hook.pk, version=hook.version, url=f"{URL}/2", events=["timer.*"])
    sent = {"url": f"{URL}/3", "events": ["timer.*"], "version": hook.version}
    page = as_alice.post(f"{LIST}{hook.pk}/edit/", sent)
    assert page.status_code == 409
    assert f"{URL}/2" in page.content.decode()
    assert as_alice.post(f"{LIST}{hook.pk}/edit/", {**sent, "version": hook.version + 1}).status_code == 302


def test_it_is_switched_off_and_on_tested_and_deleted(as_alice, hook):
    for path, data in (("switch/", {"on": "0"}), ("switch/", {"on": "1"}), ("test/", {})):
        assert as_alice.post(f"{LIST}{hook.pk}/{path}", data).status_code == 302
    assert "webhook.test" in as_alice.get(f"{LIST}{hook.pk}/").content.decode()
    assert as_alice.post(f"{LIST}{hook.pk}/delete/").status_code == 302
    assert as_alice.get(f"{LIST}{hook.pk}/").status_code == 404
