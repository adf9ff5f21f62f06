"""Workers at the same time: each mail goes once. The twin shows what happens without the claim."""

import collections

import pytest
from django.core import mail
from django.db import transaction

from accounts.models import OutgoingMail
from accounts.services import outbox
from tests import factories
from tests.mails import SITE
from tests.together import Meeting, together

pytestmark = pytest.mark.django_db(transaction=True)
MAILS = 25


@pytest.fixture
def acme(transactional_db):
    organisation = factories.OrganisationFactory(slug="acme")
    for number in range(MAILS):
        outbox.put(f"person{number}@example.test", "account.password_changed", {})
    return organisation


def empty_the_queue(acme, workers):
    results = together(acme, *[lambda: outbox.send_waiting(SITE)] * workers)
    assert all(isinstance(result, int) for result in results), results
    return collections.Counter(message.to[0] for message in mail.outbox)


def test_two_workers_at_once_send_each_mail_once(acme, monkeypatch):
    """They see the same mails waiting, and meet before either claims one."""
    monkeypatch.setattr(outbox, "waiting", Meeting().after(outbox.waiting))
    sent = empty_the_queue(acme, 2)
    assert len(sent) == MAILS
    assert set(sent.values()) == {1}
    assert not OutgoingMail.objects.filter(sent_at__isnull=True).exists()


def test_four_workers_at_once_send_each_mail_once(acme):
    assert set(empty_the_queue(acme, 4).values()) == {1}


def test_twin_without_the_claim_they_go_twice(acme, monkeypatch):
    waiting = Meeting(patience=5)

    def look_only():
        mails = list(OutgoingMail.objects.filter(sent_at__isnull=True)[: outbox.BATCH])
        waiting()
        return mails

    monkeypatch.setattr(outbox, "claim", look_only)
    assert max(empty_the_queue(acme, 2).values()) == 2


def test_what_one_claims_the_other_passes_over(acme):
    """On PostgreSQL they do not even wait for each other; on SQLite one claims after the other."""
    if transaction.get_connection().vendor != "postgresql":
        first, second = together(acme, outbox.claim, outbox.claim)
    else:
        with transaction.atomic():
            first = outbox.claim()
            (second,) = together(acme, outbox.claim)
    assert len(first) == len(second) == outbox.BATCH
    assert not {each.pk for each in first} & {each.pk for each in second}
