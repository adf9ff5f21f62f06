"""Time sheets of the ConnectWise format: read, found, and led through their states at both mounts."""

from __future__ import annotations

import datetime as dt

import pytest

from tests import factories
from timetracking.models import ApprovalEvent, Timesheet
from timetracking.services import approvals

SHORT, VENDOR = "/time/sheets", "/v4_6_release/apis/3.0/time/sheets"
MONDAY = dt.date(2024, 2, 12)


@pytest.fixture
def sheet(acme, carol) -> Timesheet:
    """Carol's week of 12 February 2024: 90 minutes."""
    factories.TimeEntryFactory(member=carol, date=MONDAY, minutes=30)
    return factories.TimeEntryFactory(member=carol, date=MONDAY + dt.timedelta(days=1), minutes=60).timesheet


def found(caller, conditions: str, mount: str = SHORT, **more: str) -> list[int]:
    answer = caller.client.get(mount, {"conditions": conditions, **more}, headers=caller.headers)
    assert answer.status_code == 200, answer.content
    return [each["id"] for each in answer.json()]


def test_a_sheet_in_both_vocabularies(program, sheet, carol, bob):
    caller = program("connectwise", carol)
    answer = caller.get(f"{SHORT}/{sheet.pk}")
    assert (answer.status_code, answer.json()) == (
        200,
        {
            "id": sheet.pk,
            "member": {"id": carol.pk, "identifier": "carol", "name": "Carol Clark", "_info": {}},
            "year": 2024,
            "period": 7,
            "dateStart": "2024-02-12T00:00:00Z",
            "dateEnd": "2024-02-18T00:00:00Z",
            "deadline": "2024-02-19T10:00:00Z",
            "status": "Open",
            "hours": 1.5,
            "_info": {},
        },
    )
    assert caller.patch(f"{SHORT}/{sheet.pk}", {"status": "Submitted"}).json()["status"] == "Submitted"
    assert caller.get(f"{VENDOR}/{sheet.pk}").json()["status"] == "PendingApproval"
    assert caller.get(f"{VENDOR}").json()[0]["status"] == "PendingApproval"


def test_a_sheet_leads_through_all_its_states(program, sheet, carol, bob):
    agent, manager = program("connectwise", carol), program("connectwise", bob)
    done = agent.post(f"{VENDOR}/{sheet.pk}/submit", "")
    assert (done.status_code, done.json()) == (200, {"success": True, "message": "Time sheet submitted."})
    assert agent.post(f"{VENDOR}/{sheet.pk}/submit", {"id": sheet.pk}).status_code == 200  # it is so already
    assert manager.post(f"{VENDOR}/{sheet.pk}/reject", {"reason": "Too much"}).status_code == 200
    assert manager.post(f"{VENDOR}/{sheet.pk}/reject").status_code == 200  # it is so already
    assert agent.post(f"{VENDOR}/{sheet.pk}/submit").status_code == 200
    body = {"id": sheet.pk, "approvalType": "Tier1Update"}
    assert manager.post(f"{VENDOR}/{sheet.pk}/approve", body).status_code == 200
    assert manager.get(f"{VENDOR}/{sheet.pk}").json()["status"] == "ApprovedByTierOne"
    assert agent.post(f"{VENDOR}/{sheet.pk}/submit").status_code == 409
    assert manager.post(f"{VENDOR}/{sheet.pk}/reverse").status_code == 200
    assert manager.post(f"{VENDOR}/{sheet.pk}/reverse").status_code == 200  # it is so already
    assert manager.get(f"{VENDOR}/{sheet.pk}").json()["status"] == "Open"
    assert manager.post(f"{VENDOR}/{sheet.pk}/approve").status_code == 409
    assert agent.post(f"{VENDOR}/{sheet.pk}/submit").status_code == 200
    assert agent.post(f"{VENDOR}/{sheet.pk}/reverse").status_code == 200  # recalled
    reasons = ApprovalEvent.objects.filter(timesheet=sheet).order_by("pk").values_list("action", "reason")
    assert list(reasons)[1] == ("rejected", "Too much")
    assert ("reopened", "No reason was given (ConnectWise format).") in reasons


@pytest.mark.parametrize(
    ("word", "start", "status"),
    [
        ("Submitted", "draft", 200),
        ("PendingApproval", "draft", 200),
        ("Approved", "draft", 409),
        ("Rejected", "draft", 409),
        ("Open", "draft", 200),
        ("ApprovedByTierOne", "submitted", 200),
        ("Rejected", "submitted", 200),
        ("Open", "submitted", 200),
        ("Submitted", "approved", 409),
        ("Approved", "approved", 200),
        ("Rejected", "approved", 409),
        ("Open", "approved", 200),
        ("Billed", "approved", 400),
        ("Lost", "draft", 400),
        (None, "draft", 400),
        (["Open"], "draft", 400),
    ],
)
def test_each_status_from_each_state(program, sheet, carol, bob, word, start, status):
    manager = program("connectwise", bob)
    path = f"{SHORT}/{sheet.pk}"
    for step in {"draft": (), "submitted": ("submit",), "approved": ("submit", "approve")}[start]:
        assert manager.post(f"{path}/{step}").status_code == 200
    answer = manager.patch(path, [{"op": "replace", "path": "/status", "value": word}])
    assert answer.status_code == status, answer.content
    if status == 400:
        assert answer.json()["errors"][0]["message"] == "Invalid status"


def test_names_have_no_case_and_an_id_may_be_a_text(program, sheet, carol):
    caller, path = program("connectwise", carol), f"{SHORT}/{sheet.pk}"
    told = caller.patch(path, [{"op": "Replace", "path": "/Status", "value": "submitted"}])
    assert (told.status_code, told.json()["status"]) == (200, "Submitted")
    assert caller.patch(path, {"Status": "Open", "DateStart": "2024-02-12T00:00:00Z"}).json()["status"] == "Open"
    assert caller.post(f"{path}/submit", {"Id": str(sheet.pk)}).status_code == 200
    assert caller.post(f"{path}/reverse", {"id": str(sheet.pk + 1)}).status_code == 400


def test_what_holds_in_part(program, sheet, carol, bob, alice):
    manager = program("connectwise", bob)
    path = f"{SHORT}/{sheet.pk}"
    bob.organisation.approval_first = bob.organisation.approval_second = "any"
    bob.organisation.save()
    manager.post(f"{path}/submit")
    assert manager.post(f"{path}/approve").json()["message"].endswith("waits for somebody else.")
    assert manager.get(path).json()["status"] == "Submitted"
    assert program("connectwise", alice).post(f"{path}/approve").json()["message"] == "Time sheet approved."
    manager.post(f"{path}/reverse")
    manager.post(f"{path}/submit")
    one, other = sheet.entries.values_list("pk", flat=True)
    for actor in (bob, alice):
        approvals.decide(actor, sheet.pk, version=None, approve=[one])
    approvals.decide(bob, sheet.pk, version=None, reject={other: "Too much"})
    assert manager.get(path).json()["status"] == "Rejected"
    assert manager.post(f"{path}/reject").status_code == 200
    assert program("connectwise", carol).post(f"{path}/reject").status_code == 403


def test_who_may_decide(program, sheet, carol, bob, mallory):
    agent = program("connectwise", carol)
    agent.post(f"{SHORT}/{sheet.pk}/submit")
    assert agent.patch(f"{SHORT}/{sheet.pk}", {"status": "Approved"}).status_code == 403
    assert agent.post(f"{SHORT}/{sheet.pk}/reject").status_code == 403
    outsider = program("connectwise", mallory)
    unknown = outsider.get(f"{SHORT}/999999").json()
    assert outsider.get(f"{SHORT}/{sheet.pk}").json() == unknown
    assert outsider.get(SHORT).json() == []
    assert program("connectwise", bob, areas=["time"]).post(f"{SHORT}/{sheet.pk}/approve").status_code == 403


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("PATCH", "", None),
        ("PATCH", "", 5),
        ("PATCH", "", [5]),
        ("PATCH", "", {"status": {"id": 1}}),
        ("PATCH", "", {"colour": "red"}),
        ("PATCH", "", {"status": "Open", "reason": 5}),
        ("PATCH", "", [{"op": "remove", "path": "status"}]),
        ("PATCH", "", [{"op": "replace", "path": 5, "value": "Open"}]),
        ("POST", "/submit", [1]),
        ("POST", "/submit", {"id": 999_999}),
        ("POST", "/reject", {"notes": ["x"]}),
        ("POST", "/reject", "{"),
    ],
)
def test_bad_bodies(program, sheet, bob, method, path, body):
    answer = program("connectwise", bob).ask(method, f"{SHORT}/{sheet.pk}{path}", body)
    assert (answer.status_code, sorted(answer.json())) == (400, ["code", "errors", "message"])


@pytest.mark.parametrize("wrong", ["x", "0", "-1", "1.5", "9" * 19, "9" * 400, "\u0665"])
def test_ids_that_are_none(program, sheet, bob, wrong):
    assert program("connectwise", bob).get(f"{SHORT}/{wrong}").status_code == 404


def test_conditions_of_every_field(program, sheet, carol, bob):
    other = factories.TimeEntryFactory(member=bob, date=dt.date(2023, 12, 27), minutes=45).timesheet
    caller, pk = program("connectwise", bob), sheet.pk
    assert found(caller, f"member/id={carol.pk} and year=2024 and period=7") == [pk]
    assert found(caller, "year<2024") == found(caller, "period>=50 and not (year in (2024, 2025))") == [other.pk]
    assert found(caller, "year != null") == found(caller, "period>0", orderBy="id") == [pk, other.pk]
    assert found(caller, "year=99999999999999999999 or period=0 or year=null") == []
    assert found(caller, "dateStart=[2024-02-12] and dateEnd='2024-02-18'") == [pk]
    assert found(caller, "dateStart<[2024-02-12T00:00:00Z]") == found(caller, "dateEnd<=[2024-01-01]") == [other.pk]
    assert found(caller, "deadline>=[2024-02-19T10:00:00Z]") == found(caller, "deadline=[2024-02-19T10:00:00Z]") == [pk]
    assert found(caller, "deadline<[0001-01-01] or dateEnd<[0001-01-01]") == []
    assert found(caller, 'status="Open" and hours=1.5') == found(caller, "member/identifier='carol'") == [pk]
    assert found(caller, "status='ApprovedByTierTwo'") == []
    assert found(caller, "", orderBy="period desc, year") == found(caller, "", orderBy="hours") == [other.pk, pk]
    assert found(caller, "", orderBy="dateStart") == found(caller, "", orderBy="deadline") == [other.pk, pk]
    answer = caller.client.get(f"{SHORT}/count", {"conditions": "year=2024"}, headers=caller.headers)
    assert answer.json() == {"count": 1}
    carol.organisation.deadline_days = None
    carol.organisation.save()
    assert found(caller, "deadline=null", orderBy="id") == [pk, other.pk]
    assert found(caller, "deadline!=null") == found(caller, "not (deadline=null or year=2023)") == []
    assert caller.get(f"{SHORT}/{pk}").json()["deadline"] is None


@pytest.mark.parametrize("wrong", ["year='x'", "status='Lost'", "dateStart=5", "period like '7'", "minutes=5", "year="])
def test_wrong_conditions(program, carol, wrong):
    caller = program("connectwise", carol)
    answer = caller.client.get(SHORT, {"conditions": wrong}, headers=caller.headers)
    assert (answer.status_code, answer.json()["code"]) == (400, "InvalidArgument")


def test_many_terms_about_numbers_stay_a_query(program, sheet, bob):
    caller = program("connectwise", bob)
    assert found(caller, " or ".join(["period!=3"] * 20)) == [sheet.pk]
    many = f"({','.join(['7'] * 200)})"
    assert found(caller, " or ".join([f"period in {many}"] * 4)) == [sheet.pk]


def test_the_steps_as_audits(program, sheet, carol, bob):
    agent, manager = program("connectwise", carol), program("connectwise", bob)
    agent.post(f"{SHORT}/{sheet.pk}/submit")
    manager.post(f"{SHORT}/{sheet.pk}/reject", {"internalNotes": "Too much"})
    audits = agent.get(f"{VENDOR}/{sheet.pk}/audits").json()
    assert [
        (each["member"]["identifier"], each["source"], each["type"], each["oldValue"], each["newValue"])
        for each in audits
    ] == [
        ("carol", "API", "TimeEntry", "Open", "PendingApproval"),
        ("bob", "API", "TimeEntry", "PendingApproval", "Rejected"),
    ]
    assert audits[1]["message"] == "Rejected: Too much"
    assert agent.get(f"{SHORT}/{sheet.pk}/audits/count").json() == {"count": 2}


def test_a_list_costs_the_same_quiet_and_busy(program, sheet, carol, bob, count_queries):
    caller = program("connectwise", bob)
    conditions = "?conditions=year%3D2024%20and%20deadline%3E%5B2000-01-01%5D"
    caller.get(SHORT)
    quiet = count_queries(lambda: caller.get(f"{SHORT}{conditions}"))
    for number in range(1, 4):
        factories.TimeEntryFactory(member=carol, date=MONDAY + dt.timedelta(days=7 * number))
        factories.TimeEntryFactory(member=bob, date=MONDAY + dt.timedelta(days=7 * number))
    assert len(caller.get(SHORT).json()) == 7
    assert count_queries(lambda: caller.get(f"{SHORT}{conditions}")) == quiet
