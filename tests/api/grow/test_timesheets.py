"""Timesheets of the Grow CRM format: the recorded answers, every filter and order, and what is refused how."""

from __future__ import annotations

import datetime as dt
import json

import pytest

from accounts.models import AuditEvent, Membership
from tests import factories
from tests.api.grow.conftest import FORM, NOW
from timetracking.models import TimeEntry
from timetracking.services import invoices, time_entries, timers

EXAMPLE = {
    "id": 27, "task_id": 43, "project_id": 44, "client_id": 20, "worked_by_id": None, "recorded_by_id": None,
    "time_seconds": 5400, "time_readable": "1h 30m", "status": "stopped",
    "billing": {"status": "not_invoiced", "invoice_id": None},
    "dates": {"created": "2026-06-20", "started": None, "stopped": None},
}  # fmt: skip


def entry_of(actor: Membership, grow, minutes: int = 30, day: str = "2026-06-15", **fields) -> TimeEntry:
    return time_entries.log(
        actor, kind="PROJECT", task=grow.task, date=dt.date.fromisoformat(day), minutes=minutes, subject="Work",
        **fields
    )  # fmt: skip


def invoiced(grow) -> tuple[TimeEntry, int]:
    entry = entry_of(grow.agent, grow, billable_option="Billable")
    TimeEntry.objects.filter(pk=entry.pk).update(status="APPROVED")
    invoice = invoices.draft(grow.admin, client=grow.task.project.client, first_on=entry.date, last_on=entry.date)
    invoices.issue(grow.admin, invoice.pk, version=invoice.version)
    return entry, invoice.pk


def test_the_example_of_the_format_word_for_word(grow):
    entry = entry_of(grow.admin, grow, 90, "2026-06-20", member=grow.agent, number=27)
    answer = grow.program.get("/api/timesheets/27")
    people = {"worked_by_id": grow.agent.pk, "recorded_by_id": grow.admin.pk}
    assert entry.pk == 27
    assert json.loads(answer.content) == {
        "data": {**EXAMPLE, **people}, "message": "Timesheet retrieved successfully",
    }  # fmt: skip
    assert grow.get("timesheets")["meta"] == {"current_page": 1, "per_page": 25, "total": 1, "last_page": 1}
    assert grow.get("timesheets")["data"] == [answer.json()["data"]]


@pytest.mark.parametrize("form", [True, False])
@pytest.mark.parametrize(
    ("hours", "minutes", "stored"), [("1", "30", 90), ("0", "45", 45), ("1.5", "0.5", 91), ("0", "0.5", 1)]
)
def test_create_from_a_form_or_json(grow, form, hours, minutes, stored):
    sent = grow.new(hours=hours, minutes=minutes)
    body = "&".join(f"{name}={value}" for name, value in sent.items())
    answer = grow.program.post("/api/timesheets", body, **FORM) if form else grow.program.post("/api/timesheets/", sent)
    assert answer.status_code == 201, answer.content
    data = answer.json()["data"]
    assert data["time_seconds"] == stored * 60
    assert (data["project_id"], data["client_id"], data["recorded_by_id"]) == (44, 20, grow.admin.pk)
    entry = TimeEntry.objects.get(pk=data["id"])
    assert (entry.member, entry.subject, entry.minutes) == (grow.agent, "Design homepage", stored)
    event = AuditEvent.objects.get(action="time_entry.logged")
    assert (event.channel, event.actor_id, event.token_id) == ("grow", grow.admin.pk, grow.program.key.pk)


REQUIRED = {
    "task_id": ["The task id field is required."], "user_id": ["The user id field is required."],
    "hours": ["The hours field is required."], "minutes": ["The minutes field is required."],
    "timer_created": ["The timer created field is required."],
}  # fmt: skip


def test_everything_that_is_missing_is_named_at_once(grow):
    for body in ({}, dict.fromkeys(REQUIRED, ""), dict.fromkeys(REQUIRED), b""):
        answer = grow.program.post("/api/timesheets", body)
        assert answer.status_code == 422
        assert answer.json() == {"message": "The given data was invalid.", "errors": REQUIRED}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("task_id", "x"), ("task_id", [43]), ("task_id", -1), ("task_id", 4.5), ("user_id", 999_999), ("user_id", True),
        ("user_id", 10**30), ("hours", -1), ("hours", "NaN"), ("hours", "1e9"), ("hours", {}), ("hours", 25),
        ("minutes", "\u0661"), ("minutes", 10**9), ("minutes", "0." + "1" * 50), ("timer_created", "soon"),
        ("timer_created", "2026-02-30"), ("timer_created", "1999-12-31"), ("timer_created", "2030-01-01"),
        ("timer_created", 20260620),
    ],
)  # fmt: skip
def test_what_can_not_be_accepted_is_422_on_its_field(grow, name, value):
    answer = grow.program.post("/api/timesheets", grow.new(**{name: value}))
    assert answer.status_code == 422
    named = "minutes" if (name, value) == ("hours", 25) else name  # a day has no room for it
    assert list(answer.json()["errors"]) == [named]
    assert not TimeEntry.objects.exists()


def test_less_than_a_minute_is_refused(grow):
    errors = grow.program.post("/api/timesheets", grow.new(hours=0, minutes=0.4)).json()["errors"]
    assert errors == {"minutes": ["The duration must be at least one minute."]}


@pytest.mark.parametrize("body", ["{", "[]", '"x"', '{"a": "\\u0000"}', b"\xff"])
def test_a_body_that_is_none_is_422(grow, body):
    assert grow.program.post("/api/timesheets", body).status_code == 422


@pytest.mark.parametrize("task", [44_000, 2**63, 0])
def test_an_unknown_task_is_404(grow, task):
    assert grow.program.post("/api/timesheets", grow.new(task_id=task)).status_code == 404


def test_others_records_are_unknown(grow, program, mallory):
    stranger = program("grow", mallory)
    entry = entry_of(grow.agent, grow)
    for method, path in (
        ("GET", f"timesheets/{entry.pk}"), ("PATCH", f"timesheets/{entry.pk}"), ("DELETE", f"timesheets/{entry.pk}"),
        ("PUT", "tasks/43/start-timer"), ("GET", "tasks/43/timers"), ("PUT", "projects/44/stop-timers"),
    ):  # fmt: skip
        unknown = stranger.ask(method, f"/api/{path.replace('43', '99').replace('44', '98')}", {"hours": 1})
        answer = stranger.ask(method, f"/api/{path}", {"hours": 1})
        assert (answer.status_code, answer.json()) == (404, {"message": "Not found."}) or method == "PUT"
        assert answer.status_code == 404 and unknown.status_code == 404
    assert grow.program.post("/api/timesheets", grow.new(user_id=mallory.pk)).json()["errors"] == {
        "user_id": ["The selected user id is invalid."]
    }
    assert stranger.get("/api/timesheets?task_id=43").json()["data"] == []


def test_patch_changes_how_long_it_took_and_nothing_else(grow):
    entry = entry_of(grow.agent, grow)
    sent = "hours=1&minutes=15&task_id=9&user_id=9&timer_created=2020-01-01"
    answer = grow.program.patch(f"/api/timesheets/{entry.pk}", sent, **FORM)
    assert answer.status_code == 200
    data = answer.json()["data"]
    assert (data["time_seconds"], data["task_id"], data["worked_by_id"]) == (4500, 43, grow.agent.pk)
    assert data["dates"]["created"] == "2026-06-15"
    missing = grow.program.patch(f"/api/timesheets/{entry.pk}", {"hours": 1})
    assert missing.json() == {
        "message": "The given data was invalid.", "errors": {"minutes": ["The minutes field is required."]},
    }  # fmt: skip


def test_patch_of_time_with_a_clock_moves_its_end(grow):
    begin = dt.datetime(2026, 6, 15, 9, tzinfo=dt.UTC)
    entry = entry_of(grow.agent, grow, started_at=begin, ended_at=begin + dt.timedelta(minutes=30))
    assert grow.program.patch(f"/api/timesheets/{entry.pk}", {"hours": 0, "minutes": 50}).status_code == 200
    entry.refresh_from_db()
    assert (entry.minutes, entry.ended_at) == (50, begin + dt.timedelta(minutes=50))


def test_delete_says_which_and_is_404_the_second_time(grow):
    entry = entry_of(grow.agent, grow)
    answer = grow.program.delete(f"/api/timesheets/{entry.pk}")
    assert (answer.status_code, answer.json()) == (
        200, {"data": {"id": entry.pk}, "message": "Timesheet deleted successfully"},
    )  # fmt: skip
    assert grow.program.delete(f"/api/timesheets/{entry.pk}").status_code == 404
    assert grow.program.get(f"/api/timesheets/{entry.pk}").status_code == 404


def test_what_is_invoiced_says_so_and_is_left_alone(grow):
    entry, invoice = invoiced(grow)
    data = grow.get(f"timesheets/{entry.pk}")["data"]
    assert data["billing"] == {"status": "invoiced", "invoice_id": invoice}
    for answer in (
        grow.program.patch(f"/api/timesheets/{entry.pk}", {"hours": 1, "minutes": 0}),
        grow.program.delete(f"/api/timesheets/{entry.pk}"),
    ):
        assert answer.status_code == 409
        assert list(answer.json()) == ["message"] and "INV" in answer.json()["message"]
    other = entry_of(grow.agent, grow)
    assert grow.ids("billing_status=invoiced") == [entry.pk]
    assert grow.ids("billing_status=not_invoiced") == [other.pk]


def test_a_closed_period_is_a_conflict(grow, acme):
    acme.lock_date = dt.date(2026, 6, 18)
    acme.save()
    assert grow.program.post("/api/timesheets", grow.new(timer_created="2026-06-18")).status_code == 409


# --- The list ---------------------------------------------------------------------------------------------------------


def test_filters(grow, bob):
    other = factories.TaskFactory(name="Elsewhere")
    first = entry_of(grow.agent, grow, day="2026-06-15")
    second = entry_of(bob, grow, day="2026-06-17")
    elsewhere = time_entries.log(
        bob, kind="PROJECT", task=other, date=dt.date(2026, 6, 16), minutes=30, subject="Elsewhere"
    )
    time_entries.log(bob, kind="GENERAL", date=dt.date(2026, 6, 16), minutes=30, subject="On no task")
    timer = timers.start(grow.agent, record=grow.task).timer.first_entry_number
    assert grow.ids() == [timer, second.pk, elsewhere.pk, first.pk]
    assert grow.ids("task_id=43") == grow.ids("project_id=44") == grow.ids("client_id=20") == [
        timer, second.pk, first.pk,
    ]  # fmt: skip
    assert grow.ids(f"user_id={grow.agent.pk}") == [timer, first.pk]
    assert grow.ids("status=running") == [timer]
    assert grow.ids("status=stopped&task_id=43") == [second.pk, first.pk]
    assert grow.ids("date_start=2026-06-16&date_end=2026-06-17") == [second.pk, elsewhere.pk]
    assert grow.ids("date_start=2026-06-20") == [timer]
    assert grow.ids("task_id=999") == grow.ids(f"task_id={10**25}") == grow.ids("project_id=44&client_id=1") == []
    assert grow.ids("task_id=&status=&date_start=") == grow.ids()


@pytest.mark.parametrize(
    "query",
    ["task_id=x", "task_id=-1", "task_id=1.5", "status=gone", "billing_status=maybe", "date_start=soon", "page=0",
     "page=x", "limit=0", "limit=", "date_end=2026-02-30"],
)  # fmt: skip
def test_a_filter_that_can_not_be_read_is_422(grow, query):
    answer = grow.program.get(f"/api/timesheets?{query}")
    assert answer.status_code == 422
    assert list(answer.json()["errors"]) == [query.partition("=")[0]]


def test_pages_far_away_and_unknown_sorts(grow):
    entry = entry_of(grow.agent, grow)
    assert grow.ids("sort=user__password&order=sideways") == [entry.pk]
    assert grow.ids("page=99999999999999999999&limit=100000") == []
    assert grow.get("timesheets?limit=1000")["meta"]["per_page"] == 100


@pytest.mark.parametrize("sort", ["timer_created", "timer_time"])
@pytest.mark.parametrize("order", ["asc", "desc"])
def test_pages_of_entries_and_timers_are_cut_from_one_order(grow, saturday, sort, order):
    """Timers of many ages between, before and behind many entries: page by page it is the list, sorted."""
    for n in range(6):
        entry_of(grow.agent, grow, 20 * n + 10, f"2026-06-{14 + n}")
    for n, hours in enumerate((0, 1, 30, 80, 200)):
        saturday.move_to(dt.datetime.fromisoformat(NOW) - dt.timedelta(hours=hours))
        worker = factories.MembershipFactory(user__name=f"Worker {n}")
        worker.organisation = grow.agent.organisation
        timers.start(worker, record=grow.task)
        saturday.move_to(NOW)
    whole = grow.get(f"timesheets?sort={sort}&order={order}")["data"]
    assert len(whole) == 11

    def key(row):
        return row["time_seconds"] if sort == "timer_time" else row["dates"]["created"], row["id"]

    assert [row["id"] for row in whole] == [row["id"] for row in sorted(whole, key=key, reverse=order == "desc")]
    for size in (1, 3, 4):
        pages = []
        for page in range(1, -(-11 // size) + 2):
            answer = grow.get(f"timesheets?sort={sort}&order={order}&limit={size}&page={page}")
            assert answer["meta"]["total"] == 11 and answer["meta"]["last_page"] == -(-11 // size)
            pages += answer["data"]
        assert pages == whole


def test_the_list_costs_the_same_quiet_or_busy(grow, count_queries):
    invoiced(grow)
    timers.start(grow.agent, record=grow.task)
    path = "/api/timesheets?limit=100"
    grow.program.get(path)
    quiet = count_queries(lambda: grow.program.get(path))
    for n in range(20):
        worker = factories.MembershipFactory()
        worker.organisation = grow.agent.organisation
        timers.start(worker, record=grow.task)
        entry_of(worker, grow, n + 1)
    assert count_queries(lambda: grow.program.get(path)) == quiet
    assert quiet <= 6
