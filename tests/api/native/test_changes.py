"""The feed of changes: in order, complete, deletions included, and nothing of others."""

from __future__ import annotations

import contextlib
import re
from decimal import Decimal
from pathlib import Path

import pytest
from django.db import transaction
from hypothesis import given
from hypothesis import strategies as st

from accounts import audit
from tests import factories
from timetracking.api.native import changes
from timetracking.api.refusals import BadRequest
from timetracking.rules.public_events import ACTIONS, public_types
from timetracking.services import approval_reversals, approvals, catalogue, time_entries, timers, timesheets

CHANGES = "/api/v1/changes"
INSIDE = {
    "time_entry.split", "time_entry.split_off",  # beside the events of the two parts
    "timer.piece_placed", "timer.piece_dropped", "timer.piece_brought_back",
    "timesheet.reminded",
}  # fmt: skip
"""Events that say nothing of a record outside."""
NOTICES = {"time_entry.changed_after_approval", "timer.forgotten", "timer.unplaced", "timesheet.missing"}
"""What people are told, which is no event."""


def log(member, **fields):
    return time_entries.log(
        member, **{"kind": "GENERAL", "date": member.today(), "minutes": 5, "subject": "A", **fields}
    )


def told(answer):
    assert answer.status_code == 200, answer.content
    return [(each["type"], each["object_id"]) for each in answer.json()["items"]]


def read_all(caller, start="", limit=200):
    """All items from a place on, page by page, and the place behind them."""
    items, place = [], start
    while True:
        answer = caller.get(f"{CHANGES}?limit={limit}" + (f"&after={place}" if place else "")).json()
        assert len(answer["items"]) <= limit
        items, place = items + answer["items"], answer["next"]
        if not answer["more"]:
            return items, place


def test_what_happens_to_an_entry_is_told_in_order(program, acme, carol):
    caller = program("api", carol)
    start = caller.get(f"{CHANGES}/now").json()["next"]
    stays, goes = log(carol), log(carol)
    time_entries.edit(carol, stays.pk, minutes=10)
    time_entries.delete(carol, goes.pk)
    answer = caller.get(f"{CHANGES}?after={start}")
    assert told(answer) == [
        ("time_entry.created", stays.pk), ("time_entry.created", goes.pk), ("time_entry.updated", stays.pk),
        ("time_entry.deleted", goes.pk),
    ]  # fmt: skip
    items = answer.json()["items"]
    assert [each["deleted"] for each in items] == [False, True, False, True]
    assert items[0]["record"] == items[2]["record"] == caller.get(f"/api/v1/entries/{stays.pk}").json()
    assert (items[1]["record"], items[1]["by"], answer.json()["more"]) == (None, carol.pk, False)
    behind = answer.json()["next"]
    assert told(caller.get(f"{CHANGES}?after={behind}")) == []
    time_entries.restore(carol, goes.pk)
    assert told(caller.get(f"{CHANGES}?after={behind}")) == [("time_entry.restored", goes.pk)]


def test_a_decided_week_tells_of_each_of_its_entries(program, acme, carol, bob):
    entries = [log(carol).pk for _each in range(3)]
    caller = program("api", carol)
    start = caller.get(f"{CHANGES}/now").json()["next"]
    sheet = timesheets.submit(carol, carol, carol.today(), version=None)
    decided = approvals.decide(bob, sheet.pk, version=None, approve=entries[:2], reject={entries[2]: "Why?"})
    approval_reversals.undo(bob, sheet.pk, version=decided.sheet.version)
    approvals.approve(bob, sheet.pk, version=None)
    [*items] = told(caller.get(f"{CHANGES}?after={start}"))
    submitted = [("time_entry.submitted", pk) for pk in entries]
    assert items == [
        ("timesheet.submitted", sheet.pk), *submitted,
        ("timesheet.rejected", sheet.pk), *((f"time_entry.{what}", pk) for what, pk in zip(
            ("approved", "approved", "rejected"), entries, strict=True)),
        ("timesheet.undone", sheet.pk), *submitted,
        ("timesheet.approved", sheet.pk), *(("time_entry.approved", pk) for pk in entries),
    ]  # fmt: skip
    whole, end = read_all(caller, start)
    assert [read_all(caller, start, limit) for limit in (1, 3, 7)] == [(whole, end)] * 3
    assert len({each["id"] for each in whole}) == len(whole)
    week = program("api", bob).get(f"/api/v1/timesheets/{sheet.pk}").json()
    assert whole[0]["record"] == {name: week[name] for name in whole[0]["record"]}
    assert (week["state"], len(whole[0]["record"]) > 10) == ("approved", True)


def test_a_decision_on_single_entries_decides_no_week(acme, carol, bob, program):
    entry = log(carol)
    start = program("api", bob).get(f"{CHANGES}/now").json()["next"]
    approvals.decide(bob, entry.timesheet_id, version=None, approve=[entry.pk])
    assert told(program("api", bob).get(f"{CHANGES}?after={start}")) == [
        ("timesheet.updated", entry.timesheet_id), ("time_entry.approved", entry.pk),
    ]  # fmt: skip


def test_agreements_are_told_to_those_who_may_read_them(program, acme, alice, carol):
    agreement = factories.AgreementFactory()
    start = program("api", alice).get(f"{CHANGES}/now").json()["next"]
    catalogue.edit(alice, agreement, version=agreement.version, name="Care plan")
    answers = [told(program("api", member).get(f"{CHANGES}?after={start}")) for member in (alice, carol)]
    assert answers == [[("agreement.updated", agreement.pk)], []]


def test_timers_and_records_are_told_too(program, acme, alice):
    caller = program("api", alice)
    start = caller.get(f"{CHANGES}/now").json()["next"]
    client = catalogue.create(alice, type(factories.ClientFactory()), name="Lantern")
    timer = timers.start(alice, member=alice, subject="A").timer
    timers.discard(alice, timer.pk)
    answer = caller.get(f"{CHANGES}?after={start}")
    assert told(answer) == [
        ("client.created", client.pk), ("timer.started", timer.pk), ("timer.discarded", timer.pk),
    ]  # fmt: skip
    assert [(each["record"], each["deleted"]) for each in answer.json()["items"]] == [(None, False)] * 3


def test_an_agent_is_told_of_their_own_time_alone(program, acme, carol, bob, alice, mallory):
    starts = {
        member.pk: program("api", member).get(f"{CHANGES}/now").json()["next"] for member in (carol, alice, mallory)
    }
    own, other = log(carol), log(bob)
    timers.start(bob, member=bob, subject="B")
    timesheets.submit(bob, bob, bob.today(), version=None)

    def ids(member, **limits):
        items = program("api", member, **limits).get(f"{CHANGES}?after={starts[member.pk]}").json()["items"]
        return {each["object_id"] for each in items if each["object"] == "time_entry"}, len(items)

    assert ids(carol) == ({own.pk}, 1)
    assert ids(carol, areas=["records"]) == (set(), 0)
    assert ids(alice) == ({own.pk, other.pk}, 5)
    assert ids(mallory) == (set(), 0)


def test_what_moves_money_alone_is_told_to_who_sees_it(program, acme, carol, alice):
    """One entry takes the included hours of another."""
    agreement = factories.AgreementFactory(included_minutes_a_month=60, starts_on=carol.today().replace(day=1))
    ticket = factories.TicketFactory(client=agreement.client, agreement=agreement)
    day = carol.today()
    log(carol, kind="TICKET", ticket=ticket, date=day, minutes=60)
    first = log(carol, kind="TICKET", ticket=ticket, date=day, minutes=30)
    start = program("api", carol).get(f"{CHANGES}/now").json()["next"]
    time_entries.delete(carol, first.pk - 1)
    types = [kind for kind, _pk in told(program("api", alice).get(f"{CHANGES}?after={start}"))]
    assert sorted(types) == ["time_entry.coverage_changed", "time_entry.deleted"]
    assert [kind for kind, _pk in told(program("api", carol).get(f"{CHANGES}?after={start}"))] == ["time_entry.deleted"]
    type(carol).objects.filter(pk=carol.pk).update(sees_rates=True)
    assert len(told(program("api", carol).get(f"{CHANGES}?after={start}"))) == 2


def test_a_page_costs_the_same_however_full(program, acme, carol, count_queries):
    caller = program("api", carol)
    start = caller.get(f"{CHANGES}/now").json()["next"]
    log(carol, minutes=1)
    quiet = count_queries(lambda: caller.get(f"{CHANGES}?after={start}"))
    entries = factories.TimeEntryFactory.create_batch(40, member=carol, date=carol.today(), minutes=1)
    with transaction.atomic():
        audit.record_all(carol, "time_entry.logged", [audit.Told(entry, {"minutes": (None, 1)}) for entry in entries])
    assert len(told(caller.get(f"{CHANGES}?after={start}"))) == 41
    assert count_queries(lambda: caller.get(f"{CHANGES}?after={start}")) == quiet


@pytest.mark.parametrize(
    "query", ["after=x", "after=%00", "limit=0", "limit=201", "since=2026-01-01", "after=" + "A" * 61]
)
def test_what_cannot_be_read_is_400(program, acme, carol, query):
    assert program("api", carol).get(f"{CHANGES}?{query}").status_code == 400


@given(st.text(max_size=80))
def test_no_text_breaks_the_reading_of_a_place(text):
    with contextlib.suppress(BadRequest):
        assert min(changes.read_place(text)) >= 0


@given(st.integers(0, 2**63 - 1), st.integers(0, 10**9 - 1))
def test_a_place_comes_back(event_id, count):
    assert changes.read_place(changes.place_of(event_id, count)) == (event_id, count)


def test_every_event_of_time_is_told_or_kept_inside_on_purpose():
    """A new event in a service has to be looked at: who keeps a copy wants to know."""
    written = set()
    for path in Path("timetracking/services").glob("*.py"):
        written |= set(re.findall(r'"((?:time_entry|timesheet|timer|invoice)\.[a-z_]+)"', path.read_text()))
    known = {action for actions in ACTIONS.values() for action in actions} | INSIDE
    assert written - known - NOTICES == set()


def test_an_event_of_long_ago_with_other_values_breaks_nothing():
    assert public_types("timesheet.approved", "timesheet", 1, {"state": ["x", "gone"], "entries": [{}, {"GONE": [1]}]})
    assert public_types("time_entry.updated", "timeentry", 1, {"amount": [str(Decimal(1)), None]})
