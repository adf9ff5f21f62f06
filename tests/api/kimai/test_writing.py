"""Writing by the Kimai format: start, stop, log, change, copy, mark, delete; a timer and its entry share one number."""

from __future__ import annotations

import datetime as dt

import pytest

from accounts.tenancy import organisation_scope
from tests import factories
from timetracking.models import PartnerValues, TimeEntry, Timer
from timetracking.services import timers

SHEETS = "/kimai/api/timesheets"
NOW = "2026-03-02T09:00:00Z"


@pytest.fixture(autouse=True)
def on_a_monday(time_machine):
    time_machine.move_to(NOW, tick=False)


@pytest.fixture
def task(acme):
    return factories.TaskFactory(name="Wiring")


@pytest.fixture
def ada(program, carol, acme):
    acme.time_zone = "Europe/Vienna"
    acme.save()
    carol.organisation = acme
    return program("kimai", carol)


def on(task, **values):
    return {"project": task.project_id, "activity": task.pk, **values}


def log(caller, task, **values):
    times = {"begin": "2026-03-02T08:00:00", "end": "2026-03-02T09:30:00"}
    return sent(caller.post(SHEETS, on(task, **{**times, **values})))


def sent(answer):
    assert answer.status_code == 200, answer.content
    return answer.json()


def test_start_and_stop_keep_one_number(ada, carol, task, time_machine):
    running = sent(
        ada.post(SHEETS, on(task, description="Cables", tags="a, b,a", metaFields=[{"name": "x", "value": 1}]))
    )
    assert (running["begin"], running["end"], running["duration"]) == ("2026-03-02T10:00:00+0100", None, 0)
    assert (running["tags"], running["metaFields"]) == (["a", "b"], [{"name": "x", "value": 1}])
    assert ada.get(f"{SHEETS}/{running['id']}").json() == running
    (active,) = ada.get(f"{SHEETS}/active").json()
    assert (active["id"], active["tags"], active["activity"]["name"]) == (running["id"], ["a", "b"], "Wiring")
    assert [row["id"] for row in ada.get(f"{SHEETS}?tags=a").json()] == [running["id"]]
    time_machine.move_to("2026-03-02T09:45:10Z", tick=False)
    stopped = sent(ada.patch(f"{SHEETS}/{running['id']}/stop"))
    assert {**running, "end": "2026-03-02T10:45:00+0100", "duration": 2700} == stopped
    entry = TimeEntry.objects.get(pk=running["id"])
    assert (entry.subject, entry.description, entry.minutes, entry.task) == ("Cables", "Cables", 45, task)
    assert sent(ada.patch(f"{SHEETS}/{running['id']}/stop")) == stopped
    assert ada.get(f"{SHEETS}/active").json() == []
    assert [row.entry_id for row in PartnerValues.objects.exclude(values={})] == [entry.pk]


def test_tags_of_a_timer_that_was_stopped_in_the_pages(ada, carol, task, time_machine):
    number = sent(ada.post(SHEETS, on(task, tags="a")))["id"]
    time_machine.move_to("2026-03-02T09:45:00Z", tick=False)
    timers.stop(carol, Timer.objects.get().pk)
    assert ada.get(f"{SHEETS}/{number}").json()["tags"] == ["a"]
    assert sent(ada.patch(f"{SHEETS}/{number}", {"metaFields": [{"name": "x", "value": "y"}]}))["tags"] == ["a"]


def test_a_second_start_stops_the_first(ada, carol, task, time_machine):
    first = sent(ada.post(SHEETS, on(task)))
    time_machine.move_to("2026-03-02T09:30:40Z", tick=False)
    second = sent(ada.post(SHEETS, on(factories.TaskFactory(), begin="2026-03-02T10:30:00")))  # rounded down
    assert second["end"] is None
    assert sent(ada.get(f"{SHEETS}/{first['id']}"))["duration"] == 1860


def test_start_in_the_past_and_not_in_the_future(ada, carol, task):
    running = sent(ada.post(SHEETS, on(task, begin="2026-03-02T08:15:00")))
    assert running["begin"] == "2026-03-02T08:15:00+0100"
    refused = ada.post(SHEETS, on(factories.TaskFactory(), begin="2026-03-02T10:10:00"))
    assert (refused.status_code, list(refused.json()["errors"]["children"])) == (400, ["begin"])
    assert Timer.objects.running().get().first_entry_number == running["id"]
    ahead = sent(ada.post(SHEETS, on(factories.TaskFactory(), begin="2026-03-02T10:01:00")))  # a clock that is ahead
    assert ahead["begin"] == "2026-03-02T10:00:00+0100"


def test_change_what_runs(ada, carol, task, time_machine):
    number = sent(ada.post(SHEETS, on(task, description="Cables")))["id"]
    other = factories.TaskFactory(name="Painting")
    path = f"{SHEETS}/{number}"
    changed = sent(ada.patch(path, on(other, begin="2026-03-02T09:00:00", billable=False, tags=["c"])))
    assert (changed["activity"], changed["begin"], changed["billable"]) == (other.pk, "2026-03-02T09:00:00+0100", False)
    assert (changed["description"], changed["tags"]) == ("Cables", ["c"])
    assert sent(ada.patch(path, changed)) == changed
    ended = sent(ada.patch(path, {"end": "2026-03-02T09:20:00"}))
    assert (ended["id"], ended["duration"], ended["tags"]) == (number, 1200, ["c"])


def test_a_timer_is_discarded_by_its_owner(program, ada, bob, carol, task):
    number = sent(ada.post(SHEETS, on(task)))["id"]
    manager = program("kimai", bob)
    assert manager.delete(f"{SHEETS}/{number}").status_code == 404
    assert ada.delete(f"{SHEETS}/{number}").status_code == 204
    assert ada.get(f"{SHEETS}/{number}").status_code == 404
    assert not TimeEntry.objects.exists()
    again = sent(ada.post(SHEETS, on(task)))["id"]
    assert sent(manager.patch(f"{SHEETS}/{again}/stop"))["end"] is not None


def test_a_forgotten_timer_waits_for_its_user(ada, carol, task, time_machine):
    number = sent(ada.post(SHEETS, on(task)))["id"]
    time_machine.move_to("2026-03-02T22:00:00Z", tick=False)
    stopped = sent(ada.patch(f"{SHEETS}/{number}/stop"))
    assert (stopped["id"], stopped["end"]) == (number, "2026-03-02T23:00:00+0100")
    assert sent(ada.get(f"{SHEETS}/{number}")) == stopped and ada.get(SHEETS).json() == []
    assert ada.patch(f"{SHEETS}/{number}", {"end": "2026-03-02T12:00:00"}).status_code == 400


def test_log_between_two_instants(ada, carol, task):
    row = log(ada, task, description="First line\nmore", billable=False, **{"break": 600})
    assert (row["begin"], row["end"], row["duration"]) == (
        "2026-03-02T08:00:00+0100", "2026-03-02T09:30:00+0100", 4800
    )  # fmt: skip
    assert (row["break"], row["billable"], row["description"], row["tags"]) == (600, False, "First line\nmore", [])
    entry = TimeEntry.objects.get(pk=row["id"])
    assert (entry.subject, entry.billable_option, str(entry.date)) == ("First line", "DoNotBill", "2026-03-02")
    late = log(ada, task, begin="2026-03-01T23:30:00+0000", end="2026-03-02T00:15:00Z")
    assert str(TimeEntry.objects.get(pk=late["id"]).date) == "2026-03-02"  # of whom it is


def test_forms_and_nulls(ada, carol, task):
    """Numbers of a form are texts; what a client leaves out may be sent as null."""
    row = log(
        ada,
        task,
        **{"break": 60},
        billable=None,
        exported=None,
        metaFields=None,
        tags=None,
        user=None,
        description=None,
    )
    assert (row["billable"], row["exported"], row["metaFields"], row["tags"]) == (True, False, [], [])
    path, form = f"{SHEETS}/{row['id']}", {"Content_Type": "application/x-www-form-urlencoded"}
    marked = sent(ada.patch(path, {"exported": True, "billable": False}))
    nulls = dict.fromkeys(
        ("begin", "end", "project", "activity", "user", "break", "billable", "exported", "metaFields")
    )
    for name in ("project", "activity"):
        assert ada.patch(path, {name: None}).status_code == 400  # as Kimai does
        del nulls[name]
    assert sent(ada.patch(path, nulls)) == marked
    assert sent(ada.patch(path, "break=600&billable=1&description=Cables&tags=a,b", **form))["break"] == 600
    assert ada.patch(path, "break=much", **form).status_code == 400


def test_for_somebody_else(program, ada, bob, carol, task, mallory):
    manager = program("kimai", bob)
    assert log(manager, task, user=carol.pk)["user"] == carol.pk
    assert manager.post(SHEETS, on(task, user=mallory.pk)).status_code == 400
    assert ada.post(SHEETS, on(task, user=bob.pk)).status_code == 404


def test_what_was_read_is_sent_back_and_changes_nothing(ada, carol, task):
    start = dt.datetime(2026, 3, 2, 7, 0, 20, 500, tzinfo=dt.UTC)
    common = {"member": carol, "date": dt.date(2026, 3, 2), "project": task.project, "task": task, "minutes": 30,
              "zone": "Europe/Vienna", "billable_option": "NoCharge", "billable": False, "no_charge": True}  # fmt: skip
    for values in ({}, {"started_at": start, "ended_at": start + dt.timedelta(minutes=30)}, {"description": "More"}):
        entry = factories.TimeEntryFactory(**common, **values)
        shown = ada.get(f"{SHEETS}/{entry.pk}").json()
        assert sent(ada.patch(f"{SHEETS}/{entry.pk}", shown)) == shown
        before, after = entry, TimeEntry.objects.get(pk=entry.pk)
        for name in ("started_at", "ended_at", "subject", "description", "billable_option", "minutes", "date"):
            assert getattr(after, name) == getattr(before, name), name


def test_change_an_entry(ada, carol, task):
    row = log(ada, task, description="Cables")
    other = factories.TaskFactory(name="Painting")
    path = f"{SHEETS}/{row['id']}"
    assert sent(ada.patch(path, {"end": "2026-03-02T09:00:00"}))["duration"] == 3600
    moved = sent(ada.patch(path, {"begin": "2026-03-01T08:00:00", "end": "2026-03-01T08:30:00"}))
    assert (moved["duration"], str(TimeEntry.objects.get().date)) == (1800, "2026-03-01")
    assert sent(ada.patch(path, {"description": None}))["description"] is None
    moved = sent(ada.patch(path, on(other)))
    assert (moved["activity"], TimeEntry.objects.get().subject) == (other.pk, "Painting")
    assert sent(ada.patch(path, {"billable": False}))["billable"] is False
    assert ada.patch(path, {"user": carol.pk + 1}).status_code == 400
    assert ada.patch(path, {"activity": task.pk, "project": other.project_id}).status_code == 400
    assert ada.delete(path).status_code == 204
    assert (ada.get(path).status_code, ada.delete(path).status_code) == (404, 404)


def test_restart_duplicate_export_and_meta(ada, carol, task):
    row = log(ada, task, description="Cables", tags="a")
    path = f"{SHEETS}/{row['id']}"
    copy = sent(ada.patch(f"{path}/duplicate"))
    assert copy == {**row, "id": copy["id"]} and copy["id"] != row["id"]
    assert sent(ada.patch(f"{path}/export"))["exported"] is True
    assert sent(ada.patch(f"{path}/export"))["exported"] is False
    assert sent(ada.patch(f"{path}/meta", {"name": "place", "value": "Graz"}))["metaFields"] == [
        {"name": "place", "value": "Graz"}
    ]
    assert ada.patch(f"{path}/meta", {"value": 1}).status_code == 400
    plain = sent(ada.patch(f"{path}/restart"))
    assert (plain["end"], plain["description"], plain["tags"]) == (None, None, [])
    whole = sent(ada.patch(f"{path}/restart", {"copy": "all"}))
    assert (whole["description"], whole["tags"], whole["metaFields"]) == (
        "Cables", ["a"], [{"name": "place", "value": "Graz"}]
    )  # fmt: skip
    assert ada.patch(f"{SHEETS}/{whole['id']}/duplicate").status_code == 400
    assert [row["id"] for row in ada.get(f"{SHEETS}/recent").json()] != []
    assert ada.get("/kimai/api/tags").json() == ["a"]


def test_what_is_billed_is_exported_and_closed(program, alice, carol, task, acme):
    entry = factories.TimeEntryFactory(member=carol, project=task.project, task=task, status="BILLED")
    caller = program("kimai", alice)
    assert caller.get(f"{SHEETS}/{entry.pk}").json()["exported"] is True
    for path in ("", "/export", "/meta"):
        assert caller.patch(f"{SHEETS}/{entry.pk}{path}", {"name": "a", "tags": "b"}).status_code == 400


def test_one_s_own_edit_window(ada, carol, task, time_machine):
    row = log(ada, task)
    time_machine.move_to("2026-03-03T09:00:01Z", tick=False)
    refused = ada.patch(f"{SHEETS}/{row['id']}", {"description": "x"})
    assert (refused.status_code, refused.json()["code"]) == (400, 400)
    assert ada.patch(f"{SHEETS}/{row['id']}/export").status_code == 400


def test_a_bad_request_says_what_as_kimai_does(ada, task):
    answer = ada.post(SHEETS, {"project": 999_999_999, "activity": task.pk})
    assert (answer.status_code, answer.json()) == (400, {
        "code": 400,
        "message": "Validation Failed",
        "errors": {"children": {"project": {"errors": ["This value is not valid."]}}},
    })  # fmt: skip


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"project": None}, "project"), ({"activity": None}, "activity"), ({"activity": "x"}, "activity"),
        ({"activity": 10**30}, "activity"), ({"project": [1]}, "project"), ({"begin": 5}, "begin"),
        ({"begin": "tomorrow"}, "begin"), ({"end": "0001-01-01T00:00:00+14:00"}, "end"), ({"end": {}}, "end"),
        ({"end": "2026-03-02T07:00:00"}, "end"), ({"begin": "1999-01-01T00:00:00"}, "begin"), ({"user": True}, "user"),
        ({"begin": "9999-12-31T23:00:00", "end": "9999-12-31T23:30:00"}, "begin"), ({"user": 999_999_999}, "user"),
        ({"description": 5}, "description"), ({"description": "x" * 10_001}, "description"), ({"tags": 5}, "tags"),
        ({"tags": [5]}, "tags"), ({"tags": "x" * 101}, "tags"), ({"billable": "perhaps"}, "billable"),
        ({"exported": []}, "exported"), ({"break": -1}, "break"), ({"break": 10**30}, "break"),
        ({"metaFields": {"a": 1}}, "metaFields"), ({"metaFields": [{"name": "a", "value": {}}]}, "metaFields"),
        ({"metaFields": [{"name": ""}]}, "metaFields"), ({"break": 6000}, "break"),
    ],
)  # fmt: skip
def test_what_is_not_acceptable_names_its_field(ada, task, values, field):
    times = {"begin": "2026-03-02T08:00:00", "end": "2026-03-02T09:30:00"}
    answer = ada.post(SHEETS, {**on(task), **times, **values})
    assert answer.status_code == 400, answer.content
    assert next(iter(answer.json()["errors"]["children"])) == field, answer.content
    assert not TimeEntry.objects.exists()


@pytest.mark.parametrize("body", ["{", "[]", "5", '{"begin": NaN}', '{"description": "\\u0000"}'])
def test_what_can_t_be_read(ada, body):
    assert ada.post(SHEETS, body).status_code == 400


def test_foreign_records_are_as_unknown_ones(ada, task, mallory):
    with organisation_scope(mallory.organisation):
        foreign = factories.TaskFactory()
        entry = factories.TimeEntryFactory(
            member=mallory, date=dt.date(2026, 3, 2), project=foreign.project, task=foreign
        )
    unknown = ada.post(SHEETS, {"project": 999_999_999, "activity": 999_999_999}).json()
    assert ada.post(SHEETS, on(foreign)).json() == unknown
    for step in ("", "/stop", "/restart", "/duplicate", "/export", "/meta"):
        assert ada.patch(f"{SHEETS}/{entry.pk}{step}", {"name": "a"}).status_code == 404
