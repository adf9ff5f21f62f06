"""Many entries in one call: an answer for each, in order, and what one is refused stops no other."""

from __future__ import annotations

import pytest
from django.db import OperationalError

from accounts.models import AuditEvent
from accounts.tenancy import organisation_scope
from tests import factories
from timetracking.api.native import bulk
from timetracking.models import EntryBatch, TimeEntry
from timetracking.services import many_entries

BULK = "/api/v1/entries/bulk"


@pytest.fixture
def mixed(acme, carol, bob, mallory):
    """Entries of the agent, of a colleague and of another organisation."""
    with organisation_scope(mallory.organisation):
        foreign = factories.TimeEntryFactory(member=mallory, date=mallory.today())
    make = factories.TimeEntryFactory
    return {
        "own": make(member=carol, date=carol.today(), minutes=10),
        "old": make(member=carol, date=carol.today(), minutes=10),
        "colleague": make(member=bob, date=carol.today(), minutes=10),
        "foreign": foreign,
    }


def create(member, **fields):
    return {"op": "create", "date": str(member.today()), "minutes": 5, "subject": "Stand-up", **fields}


def answers_of(response):
    assert response.status_code == 200, response.content
    items = response.json()["items"]
    assert [each["index"] for each in items] == list(range(len(items)))
    return items


def test_each_item_gets_its_own_answer(program, mixed, carol, bob):
    own, old = mixed["own"].pk, mixed["old"].pk
    sent = [
        ({"op": "update", "id": own, "version": 1, "minutes": 20}, 200),
        ({"op": "update", "id": own, "version": 1, "minutes": 30}, 409),
        ({"op": "update", "id": mixed["colleague"].pk, "minutes": 20}, 404),
        ({"op": "update", "id": mixed["foreign"].pk, "minutes": 20}, 404),
        ({"op": "update", "id": 999_999, "minutes": 20}, 404),
        ({"op": "update", "id": 2**70, "minutes": 20}, 404),
        ({"op": "update", "id": own, "minutes": "20"}, 422),
        ({"op": "update", "id": own, "project_id": 999_999}, 404),
        ({"op": "delete", "id": old, "version": 7}, 409),
        ({"op": "delete", "id": old, "version": 1}, 204),
        ({"op": "delete", "id": mixed["colleague"].pk}, 404),
        ({"op": "delete", "id": mixed["foreign"].pk}, 404),
        ({"op": "delete", "id": 2**70}, 404),
        ({"op": "delete", "id": own, "minutes": 5}, 422),
        (create(carol), 201),
        (create(carol, member_id=bob.pk), 404),
        (create(carol, subject=""), 422),
        (create(carol, minutes=2000), 422),
        (create(carol, id=5), 422),
        ({"op": "approve", "id": own}, 422),
        ({}, 422), (5, 422), (None, 422), ([], 422), ({"op": []}, 422),
    ]  # fmt: skip
    items = answers_of(program("api", carol).post(BULK, {"items": [item for item, _status in sent]}))
    assert [each["status"] for each in items] == [status for _item, status in sent]
    for each in items:
        refused = each["status"] >= 400
        assert (each["problem"] is not None, each["entry"] is not None) == (refused, each["status"] in (200, 201))
        assert not refused or each["problem"]["status"] == each["status"]
    colleagues, foreign, unknown = ({**each["problem"], "id": None} for each in items[2:5])
    assert colleagues == foreign == unknown
    assert TimeEntry.objects.get(pk=own).minutes == 20
    assert not TimeEntry.objects.filter(pk=old).exists()
    assert TimeEntry.objects.filter(member=bob).get().minutes == 10
    with organisation_scope(mixed["foreign"].organisation_id):
        assert TimeEntry.objects.get(pk=mixed["foreign"].pk).version == 1


def test_a_manager_writes_for_everybody(program, mixed, bob, carol, alice):
    sent = [
        {"op": "update", "id": mixed["own"].pk, "subject": "Yours"},
        create(bob, member_id=carol.pk),
        {"op": "delete", "id": mixed["colleague"].pk},
    ]
    items = answers_of(program("api", alice).post(BULK, {"items": sent}))
    assert [each["status"] for each in items] == [200, 201, 204]
    assert items[1]["entry"]["member_id"] == carol.pk
    assert set(AuditEvent.objects.filter(object_type="timeentry").values_list("channel", flat=True)) == {"api"}


def test_more_than_one_block(program, acme, carol, monkeypatch):
    monkeypatch.setattr(bulk, "AT_ONCE", 2)
    sent = [create(carol, subject=f"S {number}") for number in range(5)]
    items = answers_of(program("api", carol).post(BULK, {"items": sent}))
    assert [each["entry"]["subject"] for each in items] == [item["subject"] for item in sent]
    assert EntryBatch.objects.filter(action="logged").count() == 3


def test_a_block_that_the_database_refused_is_told_as_such(program, acme, carol, monkeypatch):
    monkeypatch.setattr(bulk, "AT_ONCE", 1)
    carry_out, calls = many_entries.carry_out, iter([False, True, False])

    def sometimes(*args):
        if next(calls):
            raise OperationalError("locked")
        return carry_out(*args)

    monkeypatch.setattr(many_entries, "carry_out", sometimes)
    items = answers_of(program("api", carol).post(BULK, {"items": [create(carol) for _each in range(3)]}))
    assert [each["status"] for each in items] == [201, 503, 201]
    assert TimeEntry.objects.count() == 2


def test_how_many_and_what_else(program, acme, carol):
    caller = program("api", carol)
    assert caller.post(BULK, {"items": [{}] * 1000}).status_code == 200
    for body in ({"items": [{}] * 1001}, {"items": []}, {"items": {}}, {}, [], {"items": [{}], "dry": True}):
        assert caller.post(BULK, body).status_code == 422
    assert caller.post(BULK, "{").status_code == 400


def test_sent_again_under_its_key_it_has_no_second_effect(program, acme, carol):
    caller, body = program("api", carol), {"items": [create(carol), create(carol)]}
    first, again = (caller.post(BULK, body, Idempotency_Key="b-1") for _twice in (1, 2))
    assert first.json() == again.json()
    assert (again["Idempotent-Replay"], TimeEntry.objects.count()) == ("true", 2)
    other = caller.post(BULK, {"items": [create(carol)]}, Idempotency_Key="b-1")
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")


def test_reading_costs_the_same_however_many(program, mixed, carol, count_queries):
    """What is written is written one by one; what items name is looked up once for all of them."""
    caller = program("api", carol)
    caller.get("/api/v1/me")
    ticket, task = factories.TicketFactory(), factories.TaskFactory()
    unknown = [
        {"op": "update", "id": 999_999, "ticket_id": ticket.pk},
        create(carol, ticket_id=999_999, task_id=task.pk),
    ]
    few = count_queries(lambda: caller.post(BULK, {"items": unknown}))
    assert count_queries(lambda: caller.post(BULK, {"items": unknown * 20})) == few
