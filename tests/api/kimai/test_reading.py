"""Lists, single timesheets and look-ups of the Kimai format: shapes, filters, order, pages, whose; what they cost."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

import pytest
from django.test import Client

from accounts.models import Membership
from accounts.tenancy import organisation_scope
from tests import factories
from tests.api.conftest import Program
from timetracking.services import timers

API = "/kimai/api"
SHEETS = f"{API}/timesheets"
RECORDED = Path("tests/contracts/kimai")
DAY = dt.date(2026, 3, 2)


@pytest.fixture
def vienna(acme, carol):
    acme.time_zone = "Europe/Vienna"
    acme.save()
    carol.organisation = acme
    return acme


@pytest.fixture
def task(acme):
    return factories.TaskFactory(name="Wiring", project__name="New office", project__code="NEW-1")


@pytest.fixture
def ada(program, carol):
    return program("kimai", carol)


def entry_of(member, task, day=DAY, hour=None, **values):
    if hour is not None:
        start = dt.datetime.combine(day, dt.time(hour), dt.UTC)
        values = {"started_at": start, "ended_at": start + dt.timedelta(minutes=30), **values}
    fields = {"kind": "PROJECT", "project": task.project, "task": task, "subject": "Wiring", **values}
    with organisation_scope(member.organisation_id):
        return factories.TimeEntryFactory(member=member, date=day, **fields)


def numbers(answer) -> list[int]:
    assert answer.status_code == 200, answer.content
    return [row["id"] for row in answer.json()]


def recorded(name: str, **ids: int) -> object:
    text = (RECORDED / name).read_text()
    for each, pk in ids.items():
        text = text.replace(f'"<{each}>"', str(pk))
    return json.loads(text)


def test_a_timesheet_as_recorded(vienna, ada, carol, task):
    entry = entry_of(
        carol, task, hour=8, minutes=30, subject="First line", description="First line\nmore", zone="Europe/Vienna"
    )
    ids = {"entry": entry.pk, "user": carol.pk, "project": task.project_id, "activity": task.pk}
    assert ada.get(f"{SHEETS}/{entry.pk}").json() == recorded("entity.json", **ids)
    listed = recorded("entity.json", **ids)
    assert isinstance(listed, dict)
    assert ada.get(SHEETS).json() == [{k: v for k, v in listed.items() if k not in ("fixedRate", "hourlyRate")}]


def test_time_without_clock_times_begins_at_midnight(vienna, ada, carol, task):
    entry = entry_of(carol, task, minutes=90, zone="Europe/Vienna")
    shown = ada.get(f"{SHEETS}/{entry.pk}").json()
    assert (shown["begin"], shown["end"]) == ("2026-03-02T00:00:00+0100", "2026-03-02T01:30:00+0100")
    assert (shown["duration"], shown["description"]) == (5400, None)


def test_records_as_objects(ada, carol, task):
    entry = entry_of(carol, task)
    for path in (f"{SHEETS}?full=true", f"{SHEETS}/recent"):
        (row,) = ada.get(path).json()
        assert (row["id"], row["project"]["name"], row["activity"]["id"]) == (entry.pk, "New office", task.pk)
        assert row["project"]["customer"]["id"] == task.project.client_id
        assert row["user"]["username"] == carol.user.email


def test_older_clients_send_two_headers(ada, carol):
    token = ada.headers["Authorization"].removeprefix("Bearer ")
    for user, status in ((carol.user.email, 200), (carol.user.name, 200), ("somebody", 401), ("", 401)):
        assert Program({"X-AUTH-USER": user, "X-AUTH-TOKEN": token}).get(f"{API}/ping").status_code == status
    refused = Client().get(f"{API}/ping")
    assert (refused.status_code, refused.json()) == (401, {"code": 401, "message": "Invalid credentials"})


def test_whose(program, ada, bob, carol, task, mallory):
    mine, his = entry_of(carol, task), entry_of(bob, task)
    manager = program("kimai", bob)
    assert numbers(ada.get(SHEETS)) == numbers(ada.get(f"{SHEETS}?user=all")) == [mine.pk]
    assert numbers(manager.get(SHEETS)) == [his.pk]
    assert numbers(manager.get(f"{SHEETS}?user=all&orderBy=id&order=ASC")) == [mine.pk, his.pk]
    for query in (f"user={carol.pk}", f"users[]={carol.pk}"):
        assert numbers(manager.get(f"{SHEETS}?{query}")) == [mine.pk]
    for caller, unknown in ((ada, bob.pk), (manager, mallory.pk), (manager, "9" * 30)):
        assert caller.get(f"{SHEETS}?user={unknown}").status_code == 404
    assert ada.get(f"{SHEETS}/{his.pk}").status_code == 404


def test_only_time_on_tasks(ada, carol, task):
    general = factories.TimeEntryFactory(member=carol, date=DAY)
    assert numbers(ada.get(SHEETS)) == []
    assert ada.get(f"{SHEETS}/{general.pk}").json() == {"code": 404, "message": "Not Found"}


def test_filters(ada, carol, task, mallory):
    other = factories.TaskFactory(project__billable="no")
    first = entry_of(carol, task, hour=9, subject="Cables", status="BILLED")
    second = entry_of(carol, other, DAY + dt.timedelta(days=1), description="More cables", billable=False)
    ada.patch(f"{SHEETS}/{second.pk}", {"tags": "on site,Büro", "exported": True})
    for query, expected in {
        f"project={task.project_id}": [first],
        f"projects[]={task.project_id}&projects[]={other.project_id}": [second, first],
        f"customer={other.project.client_id}": [second], f"activities[]={task.pk}": [first],
        "begin=2026-03-02T09:00:00&end=2026-03-02T23:00:00": [first], "begin=2026-03-03T00:00:00": [second],
        "begin=2026-03-03T00:00:01": [], "end=2026-03-03": [second, first], "end=2026-03-02T08:59:59": [],
        "billable=0": [second], "billable=1": [first], "term=CABLES": [second, first], "term=more": [second],
        "exported=1": [second, first], "exported=0": [], "active=1": [], "active=0": [second, first],
        "tags=B%C3%BCro": [second], "tags[]=on site&tags[]=x": [second], "tags=x": [],
        "modified_after=2099-01-01T00:00:00": [], "modified_after=2020-01-01T00:00:00": [second, first],
        "order=ASC": [first, second], "orderBy=id": [second, first], "orderBy=end&order=asc": [first, second],
        "orderBy=rate": [second, first],
    }.items():  # fmt: skip
        assert numbers(ada.get(f"{SHEETS}?{query}")) == [entry.pk for entry in expected], query
    for unknown in ("project=999999999", "customers[]=0", "activity=" + "9" * 30):
        assert ada.get(f"{SHEETS}?{unknown}").status_code == 404
    with organisation_scope(mallory.organisation):
        foreign = factories.TaskFactory()
    assert ada.get(f"{SHEETS}?activity={foreign.pk}").status_code == 404


@pytest.mark.parametrize(
    "query", ["page=0", "page=x", "size=0", "size=-1", "begin=now", "active=2", "order=UP", "orderBy=member__user",
              "project=x", "exported=maybe", "tags=" + "x" * 200, "page=1.5", "begin=0001-01-01T00:00:00%2B14:00",
              "begin=9999-12-31T23:59:59Z", "end=0001-01-01T00:00:00Z", "modified_after=9999-12-31T23:59:59Z"]
)  # fmt: skip
@pytest.mark.parametrize("zone", ["Pacific/Kiritimati", "America/Los_Angeles"])
def test_queries_that_can_t_be_read(ada, carol, zone, query):
    carol.user.time_zone = zone
    carol.user.save()
    answer = ada.get(f"{SHEETS}?{query}")
    assert (answer.status_code, answer.json()["message"]) == (400, "Validation Failed")
    assert next(iter(answer.json()["errors"]["children"].values()))["errors"]


def test_pages_with_what_runs_among_them(program, acme, ada, bob, carol, task, time_machine):
    manager = program("kimai", bob)
    time_machine.move_to("2026-03-02T10:00:00Z", tick=False)
    running = [timers.start(each, record=task).timer.first_entry_number for each in (carol, bob)]
    entries = [entry_of(bob, task, hour=hour) for hour in (8, 9, 11, 12)] + [entry_of(bob, task)]
    day = [entries[4].pk, entries[0].pk, entries[1].pk, *running, entries[2].pk, entries[3].pk]
    for order, expected in (("ASC", day), ("DESC", day[::-1])):
        assert numbers(manager.get(f"{SHEETS}?user=all&order={order}")) == expected
        pages = [manager.get(f"{SHEETS}?user=all&order={order}&size=2&page={number}") for number in (1, 2, 3, 4)]
        assert [number for page in pages for number in numbers(page)] == expected
    told = {name: pages[3][name] for name in ("X-Page", "X-Total-Count", "X-Total-Pages", "X-Per-Page")}
    assert told == {"X-Page": "4", "X-Total-Count": "7", "X-Total-Pages": "4", "X-Per-Page": "2"}
    assert manager.get(f"{SHEETS}?user=all&size=2&page=5").status_code == 404
    assert ada.get(f"{SHEETS}?project={task.project_id}&active=0").json() == []
    assert numbers(manager.get(f"{SHEETS}?user=all&active=1&order=ASC")) == running
    assert manager.get(f"{SHEETS}?size=9000")["X-Per-Page"] == "500"


def test_it_costs_the_same_however_busy(program, ada, acme, alice, carol, task, count_queries):
    caller = program("kimai", alice)
    entry_of(carol, task, timer=timers.start(carol, record=task).timer)
    paths = [f"{SHEETS}?user=all&full=1", f"{API}/projects", f"{API}/activities", f"{API}/customers"]
    for path in paths:
        caller.get(path)
    quiet = [count_queries(lambda path=path: caller.get(path)) for path in paths]
    for _each in range(5):
        member = factories.MembershipFactory()
        member.organisation = acme
        again = factories.TaskFactory()
        entry_of(member, again, hour=9)
        timers.start(member, record=again)
    assert [count_queries(lambda path=path: caller.get(path)) for path in paths] == quiet
    assert quiet[0] <= 8


def test_amounts_only_for_who_may_see_them(program, carol, task):
    entry = entry_of(carol, task, amount=40, hourly_rate=80, billed_minutes=30)
    caller = program("kimai", carol)
    shown = caller.get(f"{SHEETS}/{entry.pk}").json()
    assert (shown["rate"], shown["internalRate"], shown["hourlyRate"]) == (0, 0, None)
    Membership.objects.filter(pk=carol.pk).update(sees_rates=True)
    shown = caller.get(f"{SHEETS}/{entry.pk}").json()
    assert (shown["rate"], shown["hourlyRate"]) == (40, 80)


def test_look_ups(ada, carol, task, acme):
    done = factories.TaskFactory(project=task.project, status="done", name="Old")
    project, client = task.project, task.project.client
    assert ada.get(f"{API}/ping").json() == {"message": "pong"}
    assert ada.get(f"{API}/version").json()["versionId"] == 26600
    me = ada.get(f"{API}/users/me").json()
    assert (me["id"], me["username"], me["timezone"], me["roles"]) == (
        carol.pk, carol.user.email, "Europe/London", ["ROLE_USER"]
    )  # fmt: skip
    assert [row["id"] for row in ada.get(f"{API}/activities").json()] == [task.pk]
    assert [row["id"] for row in ada.get(f"{API}/activities?visible=3&orderBy=id").json()] == [task.pk, done.pk]
    assert [row["id"] for row in ada.get(f"{API}/activities?visible=2&project={project.pk}").json()] == [done.pk]
    (shown,) = ada.get(f"{API}/projects?customers[]={client.pk}&term=office").json()
    assert (shown["id"], shown["customer"], shown["parentTitle"], shown["number"]) == (
        project.pk, client.pk, client.name, "NEW-1"
    )  # fmt: skip
    assert ada.get(f"{API}/projects/{project.pk}").json() == shown
    assert ada.get(f"{API}/customers/{client.pk}").json()["currency"] == acme.currency
    assert ada.get(f"{API}/config/timesheet").json()["activeEntriesHardLimit"] == 1
    assert ada.get(f"{API}/projects/x").status_code == ada.get(f"{API}/nothing").status_code == 404


def test_a_key_for_time_alone_looks_nothing_up(program, carol):
    caller = program("kimai", carol, areas=["time"])
    for path in ("customers", "projects", "activities", "projects/1"):
        assert caller.get(f"{API}/{path}").json() == {"code": 403, "message": "Access denied."}
