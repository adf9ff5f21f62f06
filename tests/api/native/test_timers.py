"""Timers by the own API: started, changed, stopped, thrown away; who may; and what never breaks them."""

from __future__ import annotations

import datetime as dt

import pytest
from django.utils import timezone

from tests import factories, timers_running
from timetracking.models import TimeEntry, Timer

TIMERS = "/api/v1/timers"


@pytest.fixture
def ticket(acme):
    return factories.TicketFactory(title="Backup job failed")


def test_a_timer_becomes_the_entry_whose_id_it_named(program, carol, ticket):
    caller = program("api", carol)
    started = caller.post(TIMERS, {"ticket_id": ticket.pk})
    told = started.json()
    assert (started.status_code, started["Location"], started["ETag"]) == (201, f"{TIMERS}/{told['id']}", '"1"')
    assert (told["kind"], told["subject"], told["stopped"]) == ("TICKET", "Backup job failed", None)
    assert caller.post(TIMERS, {"ticket_id": ticket.pk}).status_code == 200  # it runs on
    assert [each["id"] for each in caller.get(TIMERS).json()["items"]] == [told["id"]]
    stopped = caller.post(f"{TIMERS}/{told['id']}/stop").json()
    [entry] = stopped["entries"]
    assert (entry["id"], entry["minutes"], stopped["minutes"]) == (told["first_entry_id"], 1, 1)
    assert stopped["waiting"] == []
    assert caller.post(f"{TIMERS}/{told['id']}/stop").json() == stopped  # harmless
    assert caller.get(TIMERS).json()["items"] == []


def test_another_one_stops_the_first_in_the_same_instant(program, carol, acme):
    caller = program("api", carol)
    caller.post(TIMERS, {"subject": "Mail"})
    second = caller.post(TIMERS, {"subject": "Call"}).json()
    assert second["stopped"]["timer"]["subject"] == "Mail"
    assert second["stopped"]["timer"]["stopped_at"] == second["started_at"]


def test_it_is_changed_by_version(program, carol, ticket):
    caller = program("api", carol)
    path = f"{TIMERS}/{caller.post(TIMERS, {'subject': 'Mail'}).json()['id']}"
    begun = (timezone.now() - dt.timedelta(minutes=20)).isoformat()
    changed = caller.patch(path, {"ticket_id": ticket.pk, "started_at": begun}, If_Match='"1"')
    assert (changed.status_code, changed["ETag"]) == (200, '"2"')
    assert changed.json()["minutes"] >= 19
    assert caller.patch(path, {"subject": "Late"}, If_Match='"1"').status_code == 412
    assert caller.patch(path, {"subject": "Late", "version": 1}).status_code == 409
    assert caller.patch(path, {"ticket_id": None}).json()["kind"] == "GENERAL"


def test_the_real_end_can_be_said_and_nothing_is_lost(program, carol, acme):
    timer = timers_running.running(carol, subject="Mail", hours=2)
    end = (timer.started_at + dt.timedelta(minutes=30)).isoformat()
    told = program("api", carol).post(f"{TIMERS}/{timer.pk}/stop", {"ended_at": end}).json()
    assert 30 <= told["minutes"] <= 31
    forgotten = timers_running.running(carol, subject="Long", hours=15)
    told = program("api", carol).post(f"{TIMERS}/{forgotten.pk}/stop").json()
    assert (told["entries"], {each["code"] for each in told["waiting"]}) == ([], {"timer_forgotten"})
    assert told["timer"]["waiting"] == len(told["waiting"])


def test_discard_writes_nothing_and_resume_takes_a_stop_back(program, carol, acme):
    caller = program("api", carol)
    path = f"{TIMERS}/{caller.post(TIMERS, {'subject': 'Mail'}).json()['id']}"
    caller.post(f"{path}/stop")
    assert caller.post(f"{path}/resume", If_Match='"9"').status_code == 412
    assert caller.post(f"{path}/resume", {"version": 9}).status_code == 409
    assert caller.post(f"{path}/resume").json()["state"] == "RUNNING"
    assert caller.post(f"{path}/discard").json()["state"] == "DISCARDED"
    assert not TimeEntry.objects.exists()
    assert caller.post(f"{path}/stop").json()["code"] == "timer_discarded"


def test_a_manager_sees_and_stops_those_of_others_an_agent_does_not(program, bob, carol, acme):
    theirs = timers_running.running(carol, subject="Mail")
    own = timers_running.running(bob, subject="Call")
    agent, manager = program("api", carol), program("api", bob)
    assert {each["id"] for each in manager.get(TIMERS).json()["items"]} == {theirs.pk, own.pk}
    assert manager.get(f"{TIMERS}?member_id={carol.pk}").json()["items"][0]["id"] == theirs.pk
    assert [each["id"] for each in agent.get(TIMERS).json()["items"]] == [theirs.pk]
    assert agent.post(f"{TIMERS}/{own.pk}/stop").status_code == 404
    assert agent.post(TIMERS, {"member_id": bob.pk}).status_code == 404
    assert {each["timer"]["id"] for each in manager.post(f"{TIMERS}/stop-all").json()["items"]} == {theirs.pk, own.pk}
    assert not Timer.objects.running().exists()


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"ticket_id": 10**30}, 404),
        ({"ticket_id": 999_999, "project_id": 1}, 422),
        ({"ticket_id": "1"}, 422),
        ({"subject": "x" * 201}, 422),
        ({"billable_option": "Yes"}, 422),
        ({"minutes": 5}, 422),
        ([], 422),
        ("{", 400),
    ],
)
def test_what_is_no_timer_is_refused_and_starts_nothing(program, carol, acme, body, status):
    assert program("api", carol).post(TIMERS, body).status_code == status
    assert not Timer.objects.exists()


def test_a_list_costs_the_same_however_long(program, bob, acme, count_queries):
    caller = program("api", bob)
    timers_running.running(bob)
    caller.get(TIMERS)
    before = count_queries(lambda: caller.get(TIMERS))
    for _each in range(5):
        timers_running.running(factories.MembershipFactory(), factories.TicketFactory())
    assert count_queries(lambda: caller.get(TIMERS)) == before
