"""Making, changing and ending webhooks: who may, what is refused, what the trail says."""

from __future__ import annotations

import pytest

from accounts.models import AuditEvent
from accounts.tenancy import organisation_scope
from timesheets_site.lib.errors import Conflict, NotAllowed, OutOfReach, RuleViolation
from timetracking.models import Webhook, WebhookMessage
from timetracking.services import webhooks

URL = "https://quarry.example/hook"


def make(actor, **other):
    return webhooks.create(actor, **{"url": URL, "events": ["timesheet.approved"], **other})


def test_it_is_made_with_a_secret_that_is_stored_nowhere(acme, alice):
    secret = make(alice)
    assert secret.text.startswith("whsec_")
    stored = str(Webhook.objects.values().get())
    assert secret.text not in stored
    assert AuditEvent.objects.filter(action="webhook.created", object_id=secret.webhook.pk).exists()


def test_by_admins_alone(acme, bob, carol):
    for member in (bob, carol):
        with pytest.raises(NotAllowed):
            make(member)


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"url": "ftp://quarry.example/"}, "url_unreadable"),
        ({"url": "https://user:word@quarry.example/"}, "url_unreadable"),
        ({"url": "https://quarry.example:22/"}, "url_unreadable"),
        ({"url": "https://quarry.example:0/"}, "url_unreadable"),
        ({"url": "https://10.1.2.3/hook"}, "url_private"),
        ({"url": "https://[::ffff:127.0.0.1]/hook"}, "url_private"),
        ({"url": "https://localhost/hook"}, "url_private"),
        ({"url": "https://quarry.example/\nX-Header: 1"}, "url_unreadable"),
        ({"url": "https://" + "a" * 600}, "text_too_long"),
        ({"events": []}, "events_required"),
        ({"events": ["invoice.paid"]}, "events_unknown"),
    ],
)
def test_what_is_refused(acme, alice, given, code):
    with pytest.raises(RuleViolation) as refusal:
        make(alice, **given)
    assert refusal.value.code == code


def test_a_change_names_the_version_that_it_changes(acme, alice):
    hook = make(alice).webhook
    webhooks.change(alice, hook.pk, version=hook.version, url=URL, events=["timer.*"])
    with pytest.raises(Conflict):
        webhooks.change(alice, hook.pk, version=hook.version, url=URL, events=["timesheet.*"])


def test_switched_on_again_it_is_told_of_nothing_that_was_meanwhile(acme, alice):
    hook = make(alice).webhook
    webhooks.switch(alice, hook.pk, on=False)
    again = webhooks.switch(alice, hook.pk, on=True)
    assert again.told_up_to >= AuditEvent.objects.filter(action="webhook.changed").order_by("pk").first().pk


def test_deleted_it_is_gone_with_what_waits(acme, alice):
    hook = make(alice).webhook
    webhooks.send_test(alice, hook.pk)
    webhooks.delete(alice, hook.pk)
    assert not WebhookMessage.objects.exists()
    for act in (webhooks.delete, webhooks.send_test, webhooks.renew_secret):
        with pytest.raises(OutOfReach):
            act(alice, hook.pk)


def test_for_another_organisation_it_does_not_exist(acme, alice, mallory, globex):
    hook = make(alice).webhook
    with organisation_scope(globex), pytest.raises(OutOfReach):
        webhooks.send_test(mallory, hook.pk)
