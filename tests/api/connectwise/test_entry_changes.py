"""Time entries of the ConnectWise format: changed in every way, decided on, one by one or many; and their history."""

from __future__ import annotations

import datetime as dt

import pytest
import time_machine

from tests import factories
from tests.api.connectwise.calls import ENTRIES, NOW, VENDOR, logged, new, words_of
from tests.timetracking.invoices.billing import billed_entry
from timetracking.models import ApprovalEvent, ApprovalLine, TimeEntry

pytestmark = pytest.mark.usefixtures("march")


# --- Changing ---------------------------------------------------------------------------------------------------------


def test_a_patch_is_an_object_or_an_array_of_operations(admin, ticket, carol):
    role = factories.WorkRoleFactory(name="Engineer")
    path = f"{ENTRIES}/{logged(admin, new(ticket, carol, actualHours=1, hoursDeduct=0.5))['id']}"
    told = admin.patch(path, {"notes": "Longer\nthan thought", "actualHours": 2.0, "id": 5, "_info": {}}).json()
    assert (told["notes"], told["actualHours"], told["timeEnd"]) == ("Longer\nthan thought", 2, "2026-03-02T11:30:00Z")
    operations = [
        {"op": "replace", "path": "/workRole", "value": {"name": "engineer"}},
        {"op": "add", "path": "internalNotes", "value": "Key is under the mat"},
        {"op": "remove", "path": "notes"},
        {"op": "replace", "path": "enteredBy", "value": "nobody"},
        {"op": "replace", "path": "billableOption", "value": "NoCharge"},
    ]
    told = admin.patch(path, operations).json()
    assert (told["workRole"]["id"], told["internalNotes"], told["notes"]) == (role.pk, "Key is under the mat", None)
    assert (told["enteredBy"], told["billableOption"]) == ("alice", "NoCharge")
    told = admin.patch(path, {"timeEnd": "2026-03-02T09:45:00Z", "hoursDeduct": 0}).json()
    assert (told["actualHours"], told["hoursDeduct"]) == (0.75, 0)
    told = admin.patch(path, {"timeStart": "2026-03-01T23:30:00+01:00", "actualHours": 1}).json()
    assert (told["timeStart"], told["timeEnd"]) == ("2026-03-01T22:30:00Z", "2026-03-01T23:30:00Z")
    assert admin.patch(path, {}).status_code == 200
    for wrong in ([{"op": "replace", "path": "colour", "value": 1}], [{"op": "add", "path": "member/organisation"}]):
        assert "is no field" in words_of(admin.patch(path, wrong))[0]
    for name in ("status", "workType", "notes", "timeStart", "chargeToType", "emailCc", "customFields", "member"):
        for value in ([], {"id": []}, {"a": {}}, 10**30, 0.5, True):
            assert admin.patch(path, {name: value}).status_code in (200, 400, 404), (name, value)
    for wrong in ([5], [{"op": "move", "path": "notes"}], [{"path": "notes"}], "x", 5):
        assert admin.patch(path, wrong).status_code == 400
    assert "member can't be changed" in words_of(admin.patch(path, {"member": {"identifier": "alice"}}))[0]
    assert "agreement follows" in words_of(admin.patch(path, {"agreement": {"id": factories.AgreementFactory().pk}}))[0]


def test_the_member_may_be_named_again_in_any_way(admin, ticket, carol):
    path = f"{ENTRIES}/{logged(admin, new(ticket, carol, actualHours=1))['id']}"
    for named in ({"identifier": "Carol"}, {"name": "carol clark"}, {"id": str(carol.pk)}):
        assert admin.patch(path, {"member": named, "notes": "Cabling"}).status_code == 200
        assert admin.put(path, {**new(ticket, carol, actualHours=1), "member": named}).status_code == 200
    assert "member can't be changed" in words_of(admin.patch(path, {"member": None}))[0]
    assert admin.patch(path, {"member": {"identifier": "nobody"}}).status_code == 404


def test_what_an_entry_is_on_can_be_changed(admin, ticket, carol):
    path = f"{ENTRIES}/{logged(admin, new(ticket, carol, actualHours=1))['id']}"
    task, code = factories.TaskFactory(name="Cabling"), factories.ChargeCodeFactory()
    told = admin.patch(path, {"chargeToType": "ProjectTicket", "chargeToId": task.pk}).json()
    assert (told["ticket"], told["project"]["id"], told["company"]["id"]) == (
        None, task.project_id, task.project.client_id)  # fmt: skip
    told = admin.patch(path, {"chargeToType": "ChargeCode", "chargeToId": code.pk, "company": {"name": "other ltd"}})
    assert (told.json()["project"], told.json()["company"]["id"]) == (None, ticket.client_id)
    told = admin.patch(path, {"company": {"id": task.project.client_id}}).json()
    assert (told["chargeToId"], told["company"]["id"]) == (code.pk, task.project.client_id)
    assert admin.patch(path, {"chargeToId": 999}).status_code == 404
    again = new(ticket, carol, actualHours=1)  # without a type it is a ticket
    assert admin.put(path, again).json()["chargeToType"] == "ServiceTicket"


def test_a_put_of_what_was_read_changes_nothing(admin, ticket, alice, carol, acme):
    project = factories.ProjectFactory()
    start = dt.datetime(2026, 3, 2, 9, 0, 10, 500, tzinfo=dt.UTC)
    factories.TimeEntryFactory(member=carol, ticket=ticket, minutes=20)
    factories.TimeEntryFactory(member=carol, project=project, minutes=61, break_minutes=7)
    factories.TimeEntryFactory(member=carol, status="SUBMITTED")  # general, on nothing
    factories.TimeEntryFactory(member=alice, ticket=ticket, status="APPROVED", description="x", billable=False)
    factories.TimeEntryFactory(
        member=carol, ticket=ticket, date=start.date(), minutes=63, started_at=start,
        ended_at=start + dt.timedelta(minutes=63, seconds=7),
    )  # fmt: skip
    billed_entry(carol, ticket=ticket, status="BILLED", date=dt.date(2026, 2, 2))
    before = list(TimeEntry.objects.order_by("pk").values())
    for mount in (ENTRIES, VENDOR):
        for entry in admin.get(mount).json():
            answer = admin.put(f"{mount}/{entry['id']}", entry)
            assert (answer.status_code, answer.json()) == (200, entry)
            assert admin.put(f"{ENTRIES}/{entry['id']}", entry).status_code == 200  # in the other's words
    assert list(TimeEntry.objects.order_by("pk").values()) == before


def test_a_put_leaves_nothing_of_what_was_not_sent(admin, ticket, carol):
    role, default = factories.WorkRoleFactory(), factories.WorkTypeFactory(is_default=True)
    other = factories.WorkTypeFactory()
    told = logged(
        admin,
        new(ticket, carol, actualHours=1, hoursDeduct=0.5, notes="Old", internalNotes="Old", emailCc="a@b.test",
            workType={"id": other.pk}, workRole={"id": role.pk}, billableOption="DoNotBill", emailCcFlag=True),
    )  # fmt: skip
    answer = admin.put(f"{ENTRIES}/{told['id']}", new(ticket, carol, timeEnd="2026-03-02T10:00:00Z")).json()
    gone = ("notes", "internalNotes", "emailCc", "emailCcFlag", "hoursDeduct", "workRole")
    assert [answer[name] for name in gone] == [None, None, None, False, 0, None]
    assert (answer["workType"]["id"], answer["actualHours"]) == (default.pk, 1)
    assert (answer["billableOption"], answer["_info"]["askedBillableOption"]) == ("Billable", "NoDefault")
    assert admin.put(f"{ENTRIES}/{told['id']}?page=x&fields=id", answer).json() == {"id": told["id"]}
    lacking = words_of(admin.put(f"{ENTRIES}/{told['id']}", {"notes": "New"}))
    assert lacking == ["chargeToId required", "member required", "timeStart required"]


def test_an_entry_without_clock_times_stays_so(admin, ticket, carol):
    entry = factories.TimeEntryFactory(member=carol, ticket=ticket, minutes=60, date=dt.date(2026, 2, 2))
    path = f"{ENTRIES}/{entry.pk}"
    told = admin.patch(path, {"timeStart": "2026-02-02T00:00:00Z", "actualHours": 1.5}).json()
    assert (told["timeStart"], told["timeEnd"]) == ("2026-02-02T00:00:00Z", "2026-02-02T01:30:00Z")
    admin.patch(path, {"timeStart": "2026-02-03T00:00:00Z"})
    entry.refresh_from_db()
    assert (entry.date, entry.minutes, entry.started_at) == (dt.date(2026, 2, 3), 90, None)
    admin.patch(path, {"timeStart": "2026-02-03T08:00:00Z"})
    entry.refresh_from_db()
    assert (entry.minutes, entry.started_at.hour, entry.ended_at.minute) == (90, 8, 30)


def test_who_may_not_change_it_may_not_change_what_is_kept(program, admin, ticket, carol):
    path = f"{ENTRIES}/{logged(admin, new(ticket, carol, actualHours=1))['id']}"
    with time_machine.travel(NOW + dt.timedelta(hours=25), tick=False):
        answer = program("connectwise", carol).patch(path, {"emailCc": "a@b.test"})
    assert (answer.status_code, answer.json()["code"]) == (409, "ConflictingOperation")


# --- Deciding ---------------------------------------------------------------------------------------------------------


def test_a_status_is_set_in_either_vocabulary(admin, ticket, carol):
    path = f"{ENTRIES}/{logged(admin, new(ticket, carol, actualHours=1))['id']}"
    assert admin.patch(path, {"status": "Approved"}).json()["status"] == "Approved"
    assert admin.get(path.replace(ENTRIES, VENDOR)).json()["status"] == "ApprovedByTierOne"
    assert admin.patch(path, {"status": "ApprovedByTierTwo"}).json()["status"] == "Approved"
    assert admin.patch(path, {"status": "Open"}).json()["status"] == "Open"
    assert admin.patch(path, {"status": "Open"}).status_code == 200
    rejected = admin.patch(path, {"status": "Rejected", "internalNotes": "Please add more detail"}).json()
    assert (rejected["status"], rejected["internalNotes"]) == ("Rejected", "Please add more detail")
    assert TimeEntry.objects.get().rejection_reason == "Please add more detail"
    assert admin.patch(path, [{"op": "replace", "path": "status", "value": "readyToBill"}]).status_code == 200
    assert admin.patch(path, {"status": "Rejected"}).status_code == 409  # decided already
    assert admin.patch(path, {"status": "Billed"}).status_code == 400
    assert list(ApprovalLine.objects.order_by("pk").values_list("to_status", flat=True)) == [
        "APPROVED", "OPEN", "REJECTED", "APPROVED"]  # fmt: skip


def test_a_rejection_without_a_reason_says_so(admin, ticket, carol):
    path = f"{ENTRIES}/{logged(admin, new(ticket, carol, actualHours=1))['id']}"
    assert admin.patch(path, {"status": "Rejected"}).status_code == 200
    assert TimeEntry.objects.get().rejection_reason == "No reason was given through the API."


def test_agents_decide_nothing_and_nobody_on_their_own(program, admin, ticket, carol, alice, bob):
    carols = logged(admin, new(ticket, carol, actualHours=1))
    alices = logged(admin, new(ticket, alice, actualHours=1, status="Open"))
    assert program("connectwise", carol).patch(f"{ENTRIES}/{carols['id']}", {"status": "Approved"}).status_code == 403
    assert admin.patch(f"{ENTRIES}/{alices['id']}", {"status": "Approved"}).status_code == 403
    assert program("connectwise", bob).patch(f"{ENTRIES}/{alices['id']}", {"status": "Approved"}).status_code == 200
    assert admin.patch(f"{ENTRIES}/{alices['id']}", {"status": "Open"}).status_code == 403
    assert (
        admin.post(ENTRIES, new(ticket, alice, timeStart="2026-03-01", actualHours=1, status="Approved")).status_code
        == 403
    )
    assert TimeEntry.objects.count() == 2  # what could not be approved was not logged


def test_in_bulk_each_is_decided_by_itself(admin, ticket, carol, bob):
    one, two = (factories.TimeEntryFactory(member=member, ticket=ticket) for member in (bob, carol))
    answer = admin.post(f"{ENTRIES}/bulk", {"ids": [two.pk, 999_999, one.pk], "operation": {"status": "Approved"}})
    assert (answer.status_code, answer.json()) == (
        200,
        {
            "total": 3,
            "success": 2,
            "failed": 1,
            "results": [
                {"id": two.pk, "success": True},
                {"id": 999_999, "success": False, "error": {"code": "NotFound", "message": "Not found."}},
                {"id": one.pk, "success": True},
            ],
        },
    )
    assert set(TimeEntry.objects.values_list("status", flat=True)) == {"APPROVED"}
    wrong = admin.post(f"{VENDOR}/bulk", {"ids": [one.pk], "operation": {"status": "Billed"}}).json()["results"][0]
    assert wrong["error"]["code"] == "InvalidObject"
    assert words_of(admin.post(f"{ENTRIES}/bulk", {})) == ["ids required", "operation required"]
    operation = {"operation": {"status": "Approved"}}
    for ids in (["x"], [one.pk] * 201, [], 1, [1.5]):
        assert admin.post(f"{ENTRIES}/bulk", {"ids": ids, **operation}).status_code == 400, ids
    for body in ({"ids": [1], "operation": []}, []):
        assert admin.post(f"{ENTRIES}/bulk", body).status_code == 400, body
    huge = admin.post(f"{ENTRIES}/bulk", {"ids": [10**18 * 20], "operation": {"status": "Approved"}})
    assert huge.json()["failed"] == 1


def test_in_bulk_a_week_is_decided_in_one_step(admin, ticket, carol, count_queries):
    entries = [factories.TimeEntryFactory(member=carol, ticket=ticket) for _each in range(8)]
    ids = [entry.pk for entry in entries]
    calls = []
    for some in (ids[:2], ids[2:]):
        operation = {"ids": some, "operation": {"status": "Rejected", "reason": "Wrong ticket"}}
        calls.append(count_queries(lambda body=operation: admin.post(f"{ENTRIES}/bulk", body)))
    assert calls[0] >= calls[1]
    assert ApprovalEvent.objects.count() == 2
    assert set(TimeEntry.objects.values_list("rejection_reason", flat=True)) == {"Wrong ticket"}


# --- Defaults and history ---------------------------------------------------------------------------------------------


def test_defaults_are_decided_and_nothing_is_stored(admin, ticket, alice, carol):
    regular = factories.WorkTypeFactory(name="Regular", is_default=True)
    told = admin.post(f"{ENTRIES}/defaults").json()
    assert (told["id"], told["member"]["id"], told["timeStart"]) == (None, alice.pk, "2026-03-02T10:16:00Z")
    assert (told["chargeToType"], told["billableOption"], told["notes"]) == ("ServiceTicket", "NoDefault", None)
    assert (told["workType"]["id"], "askedBillableOption" in told["_info"]) == (regular.pk, False)
    told = admin.post(f"{ENTRIES}/defaults", {"chargeToType": "ChargeCode"}).json()
    assert (told["chargeToType"], told["billableOption"], told["workType"]) == ("ChargeCode", "DoNotBill", None)
    told = admin.post(f"{ENTRIES}/defaults", new(ticket, carol, actualHours=1.5, notes="x")).json()
    assert (told["workType"]["id"], told["billableOption"], told["hoursBilled"]) == (regular.pk, "Billable", 1.5)
    assert (told["timeEnd"], told["notes"], told["timeSheet"]) == ("2026-03-02T10:30:00Z", "x", None)
    assert not TimeEntry.objects.exists()


def test_defaults_completed_are_an_entry_as_its_record_decides(admin, ticket):
    template = admin.post(f"{ENTRIES}/defaults").json()
    told = logged(admin, {**template, "chargeToId": ticket.pk, "timeEnd": "2026-03-02T11:16:00Z"})
    assert (told["ticket"]["id"], told["billableOption"], told["actualHours"]) == (ticket.pk, "Billable", 1)


def test_audits_tell_what_was_changed_and_decided(admin, program, ticket, carol, bob):
    path = f"{ENTRIES}/{logged(admin, new(ticket, carol, actualHours=1))['id']}"
    admin.patch(path, {"actualHours": 1.5})
    admin.patch(path, {"status": "Rejected", "reason": "Twice"})
    audits = program("connectwise", bob).get(f"{path}/audits")
    assert [(each["id"], each["message"]) for each in audits.json()] == [
        (1, "Time entry logged"),
        (2, "Time entry updated: actualHours, timeEnd, hoursBilled"),
        (3, "Time entry rejected: Twice"),
    ]
    assert {**audits.json()[1], "_info": {}} == {
        "id": 2,
        "member": {"id": audits.json()[1]["member"]["id"], "identifier": "alice", "name": "Alice Adams", "_info": {}},
        "source": "API",
        "type": "TimeEntry",
        "message": "Time entry updated: actualHours, timeEnd, hoursBilled",
        "oldValue": "actualHours: 1; timeEnd: 2026-03-02T10:00:00Z; hoursBilled: 1",
        "newValue": "actualHours: 1.5; timeEnd: 2026-03-02T10:30:00Z; hoursBilled: 1.5",
        "_info": {},
    }
    assert audits["X-Total-Count"] == "3"
    assert program("connectwise", bob).get(f"{path}/audits/count").json() == {"count": 3}
    assert [each["id"] for each in program("connectwise", bob).get(f"{path}/audits?pageSize=2&page=2").json()] == [3]
