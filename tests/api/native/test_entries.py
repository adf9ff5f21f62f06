"""One time entry through the own API: every field, versions, what follows from a link, and refusals in words."""

from __future__ import annotations

import datetime as dt
import json
from decimal import Decimal
from pathlib import Path

import pytest
import time_machine
from django.utils import timezone

from accounts.models import AuditEvent
from accounts.tenancy import organisation_scope
from tests import factories
from timetracking.models import TimeEntry

RECORDED = Path("tests/contracts/native")
ENTRIES = "/api/v1/entries"
NOW = dt.datetime(2026, 6, 15, 14, 30, tzinfo=dt.UTC)


@pytest.fixture
def june(monkeypatch):
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def job(acme):
    """A project with a rate, and its task."""
    project = factories.ProjectFactory(code="BCN-1", name="Beacon", hourly_rate=Decimal("90"))
    return factories.TaskFactory(project=project, name="Cabling")


def general(**fields):
    return {"date": "2026-06-15", "minutes": 30, "subject": "Stand-up", **fields}


def put_in(recorded: str, ids: dict[str, int]) -> dict[str, object]:
    """A recorded exchange; `"<task>"` stands for that record's id."""
    text = (RECORDED / recorded).read_text()
    for name, number in ids.items():
        text = text.replace(f'"<{name}>"', str(number)).replace(f"<{name}>", str(number))
    answer: dict[str, object] = json.loads(text)
    return answer


# --- Logging ----------------------------------------------------------------------------------------------------------


def test_an_entry_is_logged_and_answered_field_by_field(program, acme, june, alice, job):
    ids = {"task": job.pk, "project": job.project_id, "client": job.project.client_id, "member": alice.pk}
    sent = put_in("log_entry.json", ids)
    answer = program("api", alice).post(ENTRIES, sent["request"])
    assert answer.status_code == 201
    told = answer.json()
    assert (answer["ETag"], answer["Location"]) == ('"1"', f"{ENTRIES}/{told['id']}")
    assert told == put_in("log_entry.json", {**ids, "entry": told["id"], "sheet": told["timesheet_id"]})["answer"]
    assert program("api", alice).get(answer["Location"]).json() == told
    event = AuditEvent.objects.get(action="time_entry.logged")
    assert (event.channel, event.actor_id) == ("api", alice.pk)
    assert event.token_id is not None


def test_an_agent_is_told_no_rates(program, acme, june, carol, job):
    told = program("api", carol).post(ENTRIES, general(task_id=job.pk)).json()
    assert [told[name] for name in ("hourly_rate", "amount", "covered_minutes", "rate_reason")] == [None] * 4
    assert (told["kind"], told["billable"], told["billed_minutes"]) == ("PROJECT", True, 30)


@pytest.mark.parametrize(
    ("sent", "expected"),
    [
        ({}, {"kind": "GENERAL", "billable": False, "billable_reason": "general", "minutes": 30}),
        ({"billable_option": "Billable"}, {"billable": False, "billable_option": "Billable"}),
        # the member's local day, in London
        ({"date": None, "started_at": "2026-06-14T23:30:00Z", "minutes": 5}, {"date": "2026-06-15", "minutes": 5}),
        (
            {
                "minutes": None, "break_minutes": 15, "started_at": "2026-06-15T10:00:00+01:00",
                "ended_at": "2026-06-15T11:00:29.9Z",
            },
            {"minutes": 105, "started_at": "2026-06-15T09:00:00Z", "ended_at": "2026-06-15T11:00:29Z"},
        ),
        ({"minutes": 120, "started_at": "2026-06-15T09:00:00Z", "ended_at": "2026-06-15T11:00:00Z"}, {"minutes": 120}),
    ],
)  # fmt: skip
def test_general_time(program, acme, june, carol, sent, expected):
    answer = program("api", carol).post(ENTRIES, general(**sent))
    assert answer.status_code == 201, answer.json()
    assert {name: answer.json()[name] for name in expected} == expected


def test_the_hour_that_comes_twice_is_told_apart_by_its_offset(program, acme, carol):
    with time_machine.travel(dt.datetime(2026, 10, 26, 9, tzinfo=dt.UTC), tick=False):
        caller = program("api", carol)
        first, second = (
            caller.post(ENTRIES, general(date=None, minutes=20, started_at=f"2026-10-25T01:30:00{offset}")).json()
            for offset in ("+01:00", "+00:00")
        )
    assert [each["started_at"] for each in (first, second)] == ["2026-10-25T00:30:00Z", "2026-10-25T01:30:00Z"]
    assert first["date"] == second["date"] == "2026-10-25"


def test_a_manager_logs_for_others_and_an_agent_does_not(program, acme, june, alice, carol):
    told = program("api", alice).post(ENTRIES, general(member_id=carol.pk)).json()
    assert (told["member_id"], told["recorded_by_id"]) == (carol.pk, alice.pk)
    refused = program("api", carol).post(ENTRIES, general(member_id=alice.pk))
    assert refused.status_code == 404


def test_ids_of_others_in_a_body_are_unknown_ones(program, acme, june, alice, mallory):
    with organisation_scope(mallory.organisation):
        foreign = factories.TicketFactory()
    caller = program("api", alice)
    answers = [caller.post(ENTRIES, general(ticket_id=number)) for number in (foreign.pk, 999_999, 2**70)]
    assert [answer.status_code for answer in answers] == [404] * 3
    told = [{name: value for name, value in a.json().items() if name != "request_id"} for a in answers]
    assert told[0] == told[1] == told[2]
    assert list(told[0]["errors"]) == ["ticket_id"]


BAD = [
    ({"minutes": 1.5}, "minutes"), ({"minutes": "30"}, "minutes"), ({"minutes": True}, "minutes"),
    ({"minutes": 0}, "minutes"), ({"minutes": 10**30}, "minutes"), ({"minutes": None}, "minutes"),
    ({"subject": ""}, "subject"), ({"subject": "x" * 201}, "subject"), ({"subject": 5}, "subject"),
    ({"subject": None}, "subject"), ({"description": "x" * 10_001}, "description"),
    ({"date": "2026-02-30"}, "date"), ({"date": "15.6.2026"}, "date"), ({"date": 20260615}, "date"),
    ({"date": "1999-12-31"}, "date"), ({"date": "9999-12-31"}, "date"), ({"date": None}, "date"),
    ({"date": "0001-01-01"}, "date"), ({"date": "2899-12-31"}, "date"),
    ({"started_at": "soon"}, "started_at"), ({"started_at": "0001-01-01T00:00:00Z"}, "started_at"),
    ({"started_at": "2026-06-15T09:00:00Z", "ended_at": "2026-06-15T08:00:00Z"}, "ended_at"),
    ({"minutes": 5, "started_at": "2026-06-15T09:00:00Z", "ended_at": "2026-06-15T12:00:00Z"}, "minutes"),
    ({"break_minutes": -1}, "break_minutes"), ({"kind": "HOLIDAY"}, "kind"),
    ({"billable_option": "yes"}, "billable_option"), ({"created_at": "2020-01-01T00:00:00Z"}, "created_at"),
    ({"ticket_id": "5"}, "ticket_id"), ({"ticket_id": -5}, "ticket_id"), ({"ticket_id": [5]}, "ticket_id"),
    ({"status": "APPROVED"}, "status"), ({"version": 3}, "version"),
    ({"amount": "5"}, "amount"), ({"organisation_id": 5}, "organisation_id"),
]  # fmt: skip


def test_bad_values_are_refused_by_their_names(program, acme, june, carol):
    caller, wrong = program("api", carol), []
    for sent, at_fault in BAD:
        answer = caller.post(ENTRIES, general(**sent))
        told = answer.json()
        if (answer.status_code, at_fault in told["errors"]) != (422, True):
            wrong.append((sent, answer.status_code, told))
    assert wrong == []
    assert TimeEntry.objects.count() == 0


@pytest.mark.parametrize(
    "body",
    ["{", "[", "\x00", '{"minutes": NaN}', '{"subject": "\\u0000"}', '{"subject": "\\ud800"}', "[" * 500, b"\xff"],
)
def test_what_cannot_be_read_is_400(program, acme, carol, body):
    answer = program("api", carol).post(ENTRIES, body)
    assert (answer.status_code, answer["Content-Type"]) == (400, "application/problem+json")


@pytest.mark.parametrize("body", [[], 5, None, [[]]])
def test_what_is_no_object_is_422(program, acme, carol, body):
    assert program("api", carol).post(ENTRIES, body).status_code == 422


def test_what_may_not_be_logged_says_why(program, acme, june, carol):
    closed = factories.TicketFactory(number=4790, status="closed", closed_at=NOW - dt.timedelta(days=90))
    refused = program("api", carol).post(ENTRIES, general(ticket_id=closed.pk))
    assert (refused.status_code, refused.json()["code"]) == (422, "record_closed")
    assert "TKT-4790" in refused.json()["detail"]


# --- Changing ---------------------------------------------------------------------------------------------------------


@pytest.fixture
def entry(acme, carol, job):
    return factories.TimeEntryFactory(
        member=carol,
        date=carol.today(),
        project=job.project,
        task=job,
        minutes=60,
        subject="Cabling",
        description="Room 4",
    )


def test_bad_values_are_refused_in_changes_too(program, entry, carol):
    caller, wrong = program("api", carol), []
    for sent, at_fault in BAD:
        if "version" in sent or sent == {"minutes": None}:
            continue
        one = caller.patch(f"{ENTRIES}/{entry.pk}", sent)
        many = caller.post(f"{ENTRIES}/bulk", {"items": [{"op": "update", "id": entry.pk, **sent}]}).json()["items"][0]
        for status, told in ((one.status_code, one.json()), (many["status"], many["problem"] or {"errors": {}})):
            if (status, at_fault in told.get("errors", {})) != (422, True):
                wrong.append((sent, status, told))
    assert wrong == []
    assert TimeEntry.objects.get().version == 1


def test_a_change_leaves_what_it_does_not_name(program, entry, carol):
    told = program("api", carol).patch(f"{ENTRIES}/{entry.pk}", {"minutes": 90}).json()
    assert (told["minutes"], told["subject"], told["description"]) == (90, "Cabling", "Room 4")
    assert (told["task_id"], told["version"]) == (entry.task_id, 2)


def test_null_empties_what_may_be_empty(program, entry, carol):
    caller = program("api", carol)
    told = caller.patch(f"{ENTRIES}/{entry.pk}", {"description": None, "task_id": None}).json()
    assert (told["description"], told["task_id"], told["project_id"]) == ("", None, entry.project_id)
    assert caller.patch(f"{ENTRIES}/{entry.pk}", {"subject": None}).json()["errors"]["subject"]


def test_a_task_of_another_project_takes_the_entry_there(program, entry, carol):
    other = factories.TaskFactory()
    told = program("api", carol).patch(f"{ENTRIES}/{entry.pk}", {"task_id": other.pk}).json()
    assert (told["project_id"], told["client_id"]) == (other.project_id, other.project.client_id)


def test_a_ticket_takes_the_entry_from_its_project(program, entry, carol):
    ticket = factories.TicketFactory()
    told = program("api", carol).patch(f"{ENTRIES}/{entry.pk}", {"ticket_id": ticket.pk}).json()
    assert (told["kind"], told["ticket_id"], told["project_id"], told["task_id"]) == ("TICKET", ticket.pk, None, None)


def test_general_time_gets_a_charge_code_and_keeps_its_client(program, acme, carol):
    client, code = factories.ClientFactory(), factories.ChargeCodeFactory()
    entry = factories.TimeEntryFactory(member=carol, date=carol.today(), client=client)
    told = program("api", carol).patch(f"{ENTRIES}/{entry.pk}", {"charge_code_id": code.pk}).json()
    assert (told["kind"], told["charge_code_id"], told["client_id"]) == ("GENERAL", code.pk, client.pk)


def test_another_length_ends_it_later(program, acme, carol):
    start = timezone.now().replace(hour=0, minute=30, second=0, microsecond=0)
    entry = factories.TimeEntryFactory(
        member=carol, date=start.date(), started_at=start, ended_at=start + dt.timedelta(minutes=70), minutes=60,
        break_minutes=10,
    )  # fmt: skip
    told = program("api", carol).patch(f"{ENTRIES}/{entry.pk}", {"minutes": 75}).json()
    assert (told["minutes"], told["break_minutes"]) == (75, 10)
    assert told["ended_at"] == f"{start + dt.timedelta(minutes=85):%Y-%m-%dT%H:%M:%SZ}"


@pytest.mark.parametrize(
    ("header", "body", "expected"),
    [
        ('"1"', {}, 200), ('W/"1"', {}, 200), ("*", {}, 200), (None, {"version": 1}, 200), (None, {}, 200),
        ('"2"', {}, 412), ('"tag"', {}, 412), ("1", {}, 412), (f'"{2**70}"', {}, 412),
        (None, {"version": 2}, 409), (None, {"version": 2**70}, 409), ("*", {"version": 2}, 412),
        ('"1"', {"version": 2}, 400), (None, {"version": "1"}, 422), (None, {"version": -1}, 422),
    ],
)  # fmt: skip
def test_a_write_names_the_version_that_was_read(program, entry, carol, header, body, expected):
    headers = {} if header is None else {"If_Match": header}
    answer = program("api", carol).patch(f"{ENTRIES}/{entry.pk}", {"subject": "New", **body}, **headers)
    entry.refresh_from_db()
    assert (answer.status_code, entry.subject == "New") == (expected, expected == 200)
    if expected in (409, 412):
        assert answer.json()["code"] == "stale_version"


def test_after_24_hours_it_says_until_when(program, entry, carol):
    TimeEntry.objects.filter(pk=entry.pk).update(created_at=timezone.now() - dt.timedelta(hours=24))
    caller = program("api", carol)
    told = caller.get(f"{ENTRIES}/{entry.pk}").json()["may_change"]
    assert (told["allowed"], told["code"], told["until"] is None) == (False, "edit_window_over", False)
    for answer in (caller.patch(f"{ENTRIES}/{entry.pk}", {"minutes": 5}), caller.delete(f"{ENTRIES}/{entry.pk}")):
        assert (answer.status_code, answer.json()["code"]) == (409, "edit_window_over")
        assert answer.json()["detail"] == told["reason"]


# --- Deleting ---------------------------------------------------------------------------------------------------------


def test_deleted_and_restored_with_the_same_id(program, entry, carol):
    caller, path = program("api", carol), f"{ENTRIES}/{entry.pk}"
    assert caller.delete(path, If_Match='"9"').status_code == 412
    assert [caller.delete(path).status_code for _twice in (1, 2)] == [204, 204]
    assert caller.get(path).status_code == 404
    assert caller.get(ENTRIES).json()["items"] == []
    [gone] = caller.get(f"{ENTRIES}/deleted").json()["items"]
    assert (gone["id"], gone["member_id"], gone["deleted_by_id"]) == (entry.pk, carol.pk, carol.pk)
    assert caller.post(f"{path}/restore", If_Match='"1"').status_code == 412
    restored = caller.post(f"{path}/restore", If_Match=f'"{gone["version"]}"')
    assert (restored.status_code, restored.json()["id"]) == (200, entry.pk)
    assert caller.get(f"{ENTRIES}/deleted").json()["items"] == []


def test_after_30_days_it_is_told_and_not_restored(program, entry, carol):
    gone_at = timezone.now() - dt.timedelta(days=31)
    TimeEntry.objects.filter(pk=entry.pk).update(deleted_at=gone_at)
    caller = program("api", carol)
    assert caller.post(f"{ENTRIES}/{entry.pk}/restore").status_code == 404
    assert caller.get(f"{ENTRIES}/deleted").json()["items"] == []
    since = f"{gone_at:%Y-%m-%dT%H:%M:%SZ}"
    assert [each["id"] for each in caller.get(f"{ENTRIES}/deleted?since={since}").json()["items"]] == [entry.pk]


def test_a_key_without_the_area_reads_no_time(program, entry, carol):
    caller = program("api", carol, areas=["records"])
    answers = [caller.get(path) for path in (ENTRIES, f"{ENTRIES}/{entry.pk}", f"{ENTRIES}/deleted")]
    answers.append(caller.post(f"{ENTRIES}/bulk", {"items": [{}]}))
    assert [answer.status_code for answer in answers] == [403] * 4


def test_a_key_that_only_reads(program, entry, carol):
    caller = program("api", carol, read_only=True)
    assert caller.get(f"{ENTRIES}/{entry.pk}").status_code == 200
    assert caller.patch(f"{ENTRIES}/{entry.pk}", {"minutes": 5}).status_code == 403


def test_a_person_with_two_organisations_is_answered_in_each_by_itself(portal, acme, carol, globex):
    """The same Idempotency-Key, body and address: the header names the organisation."""
    with organisation_scope(globex):
        factories.MembershipFactory(user=carol.user, display_name="Carol Clark")
    caller = portal(carol)
    assert caller.get("/api/v1/me").json()["code"] == "organisation_needed"
    assert caller.get("/api/v1/me", X_Organisation="unknown").status_code == 401
    answers = [
        caller.post(ENTRIES, general(date=str(carol.today())), Idempotency_Key="once", X_Organisation=slug)
        for slug in ("acme", "globex", "acme")
    ]
    assert [("Idempotent-Replay" in answer, answer.status_code) for answer in answers] == [
        (False, 201), (False, 201), (True, 201),
    ]  # fmt: skip
    ids = [answer.json()["id"] for answer in answers]
    assert ids[0] == ids[2] != ids[1]
    assert caller.get(f"{ENTRIES}/{ids[1]}", X_Organisation="acme").status_code == 404
