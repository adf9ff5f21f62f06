"""Programs that meet: one of two writers is told, one of two equal calls has the effect, no open event is passed over.

Each has a twin that shows what happens without the protection.
"""

from __future__ import annotations

import functools
import threading

import pytest
from django.db import connection, transaction

from accounts import audit
from accounts.models import ApiReply, AuditEvent
from accounts.services import api_replies
from accounts.tenancy import organisation_scope
from tests import factories
from tests.marks import on_postgresql_alone
from tests.together import Meeting, together
from timesheets_site.lib import turns
from timetracking.api.native import entry_fields
from timetracking.models import TimeEntry
from timetracking.services import time_entries

pytestmark = pytest.mark.django_db(transaction=True)
ENTRIES, CHANGES = "/api/v1/entries", "/api/v1/changes"


# --- If-Match ---------------------------------------------------------------------------------------------------------


def two_changes(program, acme, carol, monkeypatch, **headers):
    """Both have read the entry before either writes; what they are answered."""
    entry = factories.TimeEntryFactory(member=carol, date=carol.today(), subject="Old")
    one, other = program("api", carol), program("api", carol)
    monkeypatch.setattr(entry_fields, "of_change", Meeting().after(entry_fields.of_change))
    path = f"{ENTRIES}/{entry.pk}"
    return together(
        acme,
        lambda: one.patch(path, {"subject": "One"}, **headers).status_code,
        lambda: other.patch(path, {"subject": "Other"}, **headers).status_code,
    )


def test_of_two_who_read_the_same_one_is_told(program, acme, carol, monkeypatch):
    assert sorted(two_changes(program, acme, carol, monkeypatch, If_Match='"1"')) == [200, 412]
    assert TimeEntry.objects.get().version == 2


def test_without_a_version_the_last_one_wins(program, acme, carol, monkeypatch):
    assert two_changes(program, acme, carol, monkeypatch) == [200, 200]
    assert TimeEntry.objects.get().version == 3


# --- Idempotency-Key --------------------------------------------------------------------------------------------------


def two_equal_calls(program, acme, carol, monkeypatch):
    caller = program("api", carol)
    body = {"date": str(carol.today()), "minutes": 5, "subject": "Stand-up"}
    monkeypatch.setattr(time_entries, "log", Meeting().after(time_entries.log))
    call = functools.partial(caller.post, ENTRIES, body, Idempotency_Key="once")
    return together(acme, call, call)


def test_sent_twice_at_once_it_is_stored_once(program, acme, carol, monkeypatch):
    answers = two_equal_calls(program, acme, carol, monkeypatch)
    assert [answer.status_code for answer in answers] == [201, 201]
    assert answers[0].json() == answers[1].json()
    assert sorted("Idempotent-Replay" in answer for answer in answers) == [False, True]
    assert (TimeEntry.objects.count(), ApiReply.objects.count()) == (1, 1)


def test_without_the_claim_it_is_stored_twice(program, acme, carol, monkeypatch):
    monkeypatch.setattr(api_replies, "once", lambda _credential, _key, _request, act: act())
    two_equal_calls(program, acme, carol, monkeypatch)
    assert TimeEntry.objects.count() == 2


# --- The feed ---------------------------------------------------------------------------------------------------------


class Open:
    """A transaction of somebody else's that has recorded an event and is not over yet."""

    def __init__(self, organisation, member, entry):
        self.recorded, self.end = threading.Event(), threading.Event()
        self.thread = threading.Thread(target=self.run, args=(organisation, member, entry))
        self.thread.start()
        assert self.recorded.wait(10)

    def run(self, organisation, member, entry):
        try:
            with organisation_scope(organisation), transaction.atomic():
                audit.record(member, "time_entry.updated", entry, changes={"minutes": (1, 2)})
                self.recorded.set()
                self.end.wait(10)
        finally:
            connection.close()

    def close(self):
        self.end.set()
        self.thread.join()


def read_while_open(program, acme, carol, monkeypatch):
    """What the feed answers while an earlier event is on its way, and what it tells from there once it is there."""
    monkeypatch.setattr(turns, "alone_soon", functools.partial(turns.alone_soon, tries=2))
    caller = program("api", carol)
    entry, later = factories.TimeEntryFactory.create_batch(2, member=carol, date=carol.today(), minutes=1)
    start = caller.get(f"{CHANGES}/now").json()["next"]
    somebody = Open(acme, carol, entry)
    try:
        with transaction.atomic():
            audit.record(carol, "time_entry.updated", later, changes={"minutes": (1, 3)})
        meanwhile = caller.get(f"{CHANGES}?after={start}")
    finally:
        somebody.close()
    place = meanwhile.json()["next"] if meanwhile.status_code == 200 else start
    seen = [each["object_id"] for each in meanwhile.json().get("items", [])]
    seen += [each["object_id"] for each in caller.get(f"{CHANGES}?after={place}").json()["items"]]
    return meanwhile, seen, [entry.pk, later.pk]


@on_postgresql_alone
def test_an_event_whose_transaction_is_open_is_not_passed_over(program, acme, carol, monkeypatch):
    meanwhile, seen, both = read_while_open(program, acme, carol, monkeypatch)
    assert (meanwhile.status_code, "Retry-After" in meanwhile) == (503, True)
    assert seen == both


@on_postgresql_alone
def test_without_the_lock_it_is_passed_over(program, acme, carol, monkeypatch):
    def last():
        return AuditEvent.objects.order_by("-pk").values_list("pk", flat=True).first()

    monkeypatch.setattr(audit, "last_settled", last)
    _meanwhile, seen, both = read_while_open(program, acme, carol, monkeypatch)
    assert seen == both[1:]
