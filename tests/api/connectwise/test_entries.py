"""Time entries of the ConnectWise format: logged, changed in every way, decided on, deleted, and what is refused."""

from __future__ import annotations

import datetime as dt
import json
from decimal import Decimal
from pathlib import Path

import pytest
import time_machine

from accounts.models import AuditEvent
from tests import factories
from tests.timetracking.invoices.billing import billed_entry
from timetracking.models import ApprovalLine, TimeEntry
from timetracking.services import invoices

RECORDED = Path("tests/contracts/connectwise")
ENTRIES, VENDOR = "/time/entries", "/v4_6_release/apis/3.0/time/entries"
NOW = dt.datetime(2026, 3, 2, 10, 16, 2, tzinfo=dt.UTC)


@pytest.fixture(autouse=True)
def march():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def ticket(acme):
    client = factories.ClientFactory(identifier="OTHER", name="Other Ltd")
    return factories.TicketFactory(client=client, title="Office LAN")


@pytest.fixture
def admin(program, alice):
    return program("connectwise", alice)


def new(ticket, member, **fields):
    return {"chargeToId": ticket.pk, "member": {"id": member.pk}, "timeStart": "2026-03-02T09:00:00Z", **fields}


def logged(caller, body):
    answer = caller.post(ENTRIES, body)
    assert answer.status_code == 201, answer.content
    return answer.json()


def put_in(recorded, ids):
    text = (RECORDED / recorded).read_text()
    for name, number in ids.items():
        text = text.replace(f'"<{name}>"', str(number))
    return json.loads(text)


def words_of(answer):
    """The messages of an answer's errors."""
    assert answer.status_code == 400, answer.content
    assert (answer.json()["code"], answer.json()["message"]) == ("InvalidObject", "timeEntry object is invalid")
    return [each["message"] for each in answer.json()["errors"]]


# --- Logging ----------------------------------------------------------------------------------------------------------


def test_an_entry_is_logged_and_answered_as_recorded(admin, ticket, carol):
    role = factories.WorkRoleFactory(name="Level 2 Tech")
    factories.WorkRoleRateFactory(work_role=role, hourly_rate=Decimal(110))
    regular = factories.WorkTypeFactory(name="Regular")
    ids = {"ticket": ticket.pk, "member": carol.pk, "client": ticket.client_id, "type": regular.pk, "role": role.pk}
    told = logged(admin, put_in("log_entry.json", ids)["request"])
    ids |= {"entry": told["id"], "sheet": told["timeSheet"]["id"]}
    answer = put_in("log_entry.json", ids)["answer"]
    assert told == answer
    assert list(told) == list(answer)
    assert admin.get(f"{ENTRIES}/{told['id']}/").json() == answer
    entry = TimeEntry.objects.get(pk=told["id"])
    assert (entry.subject, entry.description, entry.date) == ("Replaced switch", "Replaced switch", NOW.date())
    assert AuditEvent.objects.get(object_type="timeentry").channel == "connectwise"


@pytest.mark.parametrize(
    ("times", "expected"),
    [
        ({"timeEnd": "2026-03-02T10:30:00Z"}, ("2026-03-02T10:30:00Z", 1.5, 0)),
        ({"timeEnd": "2026-03-02T10:30:00+00:00", "hoursDeduct": 0.25}, ("2026-03-02T10:30:00Z", 1.25, 0.25)),
        ({"actualHours": 1.5, "hoursDeduct": 0.5}, ("2026-03-02T11:00:00Z", 1.5, 0.5)),
        ({"actualHours": 9, "timeEnd": "2026-03-02T09:20:00.123Z"}, ("2026-03-02T09:20:00Z", 0.33, 0)),
        ({"actualHours": "0.33", "timeEnd": None}, ("2026-03-02T09:20:00Z", 0.33, 0)),
    ],
)
def test_by_end_or_by_hours(admin, ticket, carol, times, expected):
    told = logged(admin, new(ticket, carol, **times))
    assert (told["timeEnd"], told["actualHours"], told["hoursDeduct"]) == expected


def test_the_day_is_the_members_own(admin, ticket, carol):
    carol.user.time_zone = "America/New_York"
    carol.user.save()
    told = logged(admin, new(ticket, carol, timeStart="2026-03-02T03:00:00Z", actualHours=1))
    assert TimeEntry.objects.get(pk=told["id"]).date == dt.date(2026, 3, 1)


def test_charge_codes_tasks_activities_and_references_by_name(admin, acme, ticket, carol):
    code = factories.ChargeCodeFactory(code="MTNG", name="Meetings")
    bound = factories.ChargeCodeFactory(code="PROJ", project=factories.ProjectFactory(name="Beacon"))
    task, activity = factories.TaskFactory(name="Cabling"), factories.ActivityFactory(name="Call")
    remote = factories.WorkTypeFactory(name="Remote")
    body = {
        "member": {"identifier": "CAROL"},
        "timeStart": "2026-03-02",
        "actualHours": 0.5,
        "workType": {"name": "remote"},
    }
    company = {"company": {"identifier": "other"}}
    general = logged(admin, {**body, **company, "chargeToType": "ChargeCode", "chargeToId": code.pk,
                             "billableOption": "Billable"})  # fmt: skip
    assert general["company"]["name"] == "Other Ltd"
    assert (general["billableOption"], general["_info"]["askedBillableOption"]) == ("DoNotBill", "Billable")
    assert (general["timeStart"], general["workType"]) == ("2026-03-02T00:00:00Z", {"id": remote.pk, "name": "Remote"})
    project = logged(admin, {**body, **company, "chargeToType": "chargecode", "chargeToId": bound.pk})
    assert (project["chargeToType"], project["project"]["name"]) == ("ChargeCode", "Beacon")
    assert (project["billableOption"], project["_info"]["askedBillableOption"]) == ("Billable", "NoDefault")
    on_task = logged(admin, {**body, "chargeToType": "ProjectTicket", "chargeToId": task.pk})
    assert (on_task["chargeToId"], on_task["project"]["id"], on_task["ticket"]) == (task.pk, task.project_id, None)
    assert TimeEntry.objects.get(pk=on_task["id"]).subject == "Cabling"
    call = logged(admin, {**body, "chargeToType": "Activity", "chargeToId": activity.pk, "notes": "\n Called \nback"})
    assert (call["chargeToId"], call["notes"]) == (activity.pk, "\n Called \nback")
    assert TimeEntry.objects.get(pk=call["id"]).subject == "Called"


def test_what_means_nothing_here_is_kept(admin, ticket, carol):
    kept = {"addToDetailDescriptionFlag": True, "emailResourceFlag": True, "emailCc": "a@example.test", "locationId": 2,
            "businessUnitId": 10, "mobileGuid": "0f8fad5b-d9cb-469f-a165-70867728950e",
            "customFields": [{"id": 1, "caption": "Van", "type": "Text", "value": "7"}]}  # fmt: skip
    told = logged(admin, new(ticket, carol, actualHours=1, **kept, unheardOf=5, hourlyRate=1))
    assert {name: told[name] for name in kept} == kept
    told = admin.patch(f"{ENTRIES}/{told['id']}", {"emailCc": None, "locationId": 3}).json()
    assert (told["emailCc"], told["locationId"], told["mobileGuid"]) == (None, 3, kept["mobileGuid"])


def test_all_that_lacks_is_said_at_once(admin, acme, carol):
    assert words_of(admin.post(ENTRIES, {})) == [
        "chargeToId required", "member required", "timeStart required", "timeEnd required"]  # fmt: skip
    first = admin.post(ENTRIES, {}).json()["errors"][0]
    assert first == {"code": "MissingRequiredField", "message": "chargeToId required", "resource": "timeEntry",
                     "field": "chargeToId"}  # fmt: skip
    body = {"chargeToId": 5, "chargeToType": "ChargeCode", "member": {"id": carol.pk}, "timeStart": "2026-03-02"}
    assert words_of(admin.post(ENTRIES, {**body, "actualHours": 1})) == ["company required"]


REFUSED = [
    ({"workType": {"id": 999}}, "Invalid work type"),
    ({"workType": {"name": "Lost"}}, "Invalid work type"),
    ({"workRole": {"id": "x"}}, "workRole/id has to be"),
    ({"workRole": 5}, "workRole has to be an object"),
    ({"workRole": {}}, "has to name its id"),
    ({"status": "Billed"}, "Invalid status"),
    ({"status": "Submitted"}, "Invalid status"),
    ({"status": 5}, "Invalid status"),
    ({"billableOption": "Perhaps"}, "billableOption has to be one of"),
    ({"chargeToType": ["x"]}, "chargeToType has to be one of"),
    ({"chargeToId": 1.5}, "chargeToId has to be a whole number"),
    ({"timeStart": "soon"}, "timeStart has to be"),
    ({"timeStart": 5}, "timeStart has to be"),
    ({"timeStart": "9999-12-31T23:59:00Z"}, "timeStart has to be"),
    ({"timeEnd": "2026-03-02T08:00:00Z"}, "The end comes before the start"),
    ({"actualHours": True}, "actualHours has to be"),
    ({"actualHours": "NaN"}, "actualHours has to be"),
    ({"actualHours": -1}, "actualHours has to be"),
    ({"actualHours": 1e300}, "actualHours has to be"),
    ({"actualHours": 30}, "A day has 24 hours"),
    ({"actualHours": 0}, "The end comes before the start"),
    ({"hoursDeduct": []}, "hoursDeduct has to be"),
    ({"notes": {"a": 1}}, "notes has to be a text"),
    ({"notes": "x" * 10_001}, "Use at most 10,000 characters"),
    ({"emailResourceFlag": "yes"}, "emailResourceFlag has to be"),
    ({"mobileGuid": "x"}, "mobileGuid has to be"),
    ({"locationId": 10**30}, "locationId has to be"),
    ({"customFields": [{"id": 1, "value": {}}]}, "customFields has to be"),
    ({"customFields": {}}, "customFields has to be"),
    ({"timeStart": "2026-03-05T09:00:00Z"}, "You can log time up to today"),
]


def test_what_can_not_be_is_refused_in_words(admin, ticket, carol):
    for fields, words in REFUSED:
        answer = admin.post(ENTRIES, {**new(ticket, carol, actualHours=1), **fields})
        assert words in words_of(answer)[0], fields
    for fields in ({"chargeToId": 10**30}, {"chargeToId": 999}, {"member": {"id": 999}}, {"company": {"id": 10**30}}):
        answer = admin.post(ENTRIES, {**new(ticket, carol, actualHours=1), **fields})
        assert (answer.status_code, answer.json()["code"]) == (404, "NotFound"), fields
    for body in ([], "x", 5, "{", '{"a": NaN}', None):
        answer = admin.post(ENTRIES, body)
        assert (answer.status_code, answer.json()["code"]) == (400, "InvalidArgument"), body
    assert not TimeEntry.objects.exists()


def test_records_and_members_of_others_are_unknown(program, admin, ticket, carol, bob, mallory):
    told = logged(admin, new(ticket, carol, actualHours=1))
    outsider, agent = program("connectwise", mallory), program("connectwise", bob)
    for method in ("get", "patch", "put", "delete"):
        assert getattr(outsider, method)(f"{ENTRIES}/{told['id']}").status_code == 404
    assert outsider.post(ENTRIES, new(ticket, mallory, actualHours=1)).status_code == 404
    assert agent.get(f"{ENTRIES}/x").status_code == 404
    carols = program("connectwise", carol)
    assert carols.post(ENTRIES, new(ticket, bob, actualHours=1)).status_code == 404
    bobs = logged(admin, new(ticket, bob, actualHours=1))
    assert carols.get(f"{ENTRIES}/{bobs['id']}").status_code == 404
    assert carols.get(f"{ENTRIES}/{bobs['id']}/audits").status_code == 404


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
    for wrong in ([5], [{"op": "move", "path": "notes"}], [{"path": "notes"}], "x", 5):
        assert admin.patch(path, wrong).status_code == 400
    assert "member can't be changed" in words_of(admin.patch(path, {"member": {"identifier": "alice"}}))[0]
    assert "agreement follows" in words_of(admin.patch(path, {"agreement": {"id": factories.AgreementFactory().pk}}))[0]


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
    factories.TimeEntryFactory(member=carol)  # general, on nothing
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
            assert admin.put(f"{mount}/{entry['id']}", entry).status_code == 200
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


# --- Billing and deleting ---------------------------------------------------------------------------------------------


def test_billed_entries_name_their_invoice_and_stay(admin, ticket, alice, carol, acme):
    entry = billed_entry(carol, ticket=ticket, date=dt.date(2026, 2, 2), minutes=30)
    draft = invoices.draft(alice, client=ticket.client, first_on=entry.date, last_on=entry.date)
    issued = invoices.issue(alice, draft.pk, version=draft.version)
    path = f"{ENTRIES}/{entry.pk}"
    told = admin.get(path).json()
    assert (told["status"], told["hoursBilled"], told["hourlyRate"]) == ("Billed", 0.5, 80.0)
    assert told["invoice"] == {
        "id": issued.pk, "identifier": issued.reference, "billingType": "Standard", "applyToType": "All"}  # fmt: skip
    assert admin.get(f"{ENTRIES}?conditions=invoice/identifier='{issued.reference}'").json() == [told]
    refused = admin.delete(path)
    assert (refused.status_code, refused.json()["code"]) == (409, "ConflictingOperation")
    assert refused.json()["message"].startswith("Cannot delete")
    for change in ({"notes": "x"}, {"status": "Approved"}, {"status": "Open"}, {"emailCc": "x"}):
        assert admin.patch(path, change).status_code == 409, change


def test_included_hours_of_an_agreement(admin, program, ticket, carol, bob):
    ticket.agreement = factories.AgreementFactory(client=ticket.client, name="Care", included_minutes_a_month=60)
    ticket.save()
    role = factories.WorkRoleFactory()
    factories.WorkRoleRateFactory(work_role=role, hourly_rate=Decimal(100))
    told = logged(admin, new(ticket, carol, actualHours=1.5, workRole={"id": role.pk}, agreement={"name": "care"}))
    assert told["agreement"] == {"id": ticket.agreement_id, "name": "Care", "type": None}
    names = ("hoursBilled", "agreementHours", "invoiceHours", "agreementAmount", "overageRate", "hourlyRate")
    assert [told[name] for name in names] == [1.5, 1.0, 0.5, 100.0, 100.0, 100.0]
    hidden = program("connectwise", bob).get(f"{ENTRIES}/{told['id']}").json()
    assert [hidden[name] for name in names] == [1.5, 1.0, 0.5, None, None, None]
    found = admin.get(f"{ENTRIES}?conditions=agreementAmount=100 and overageRate>99 and invoiceHours=0.5").json()
    assert found == [told]


def test_deleting_twice_does_no_harm(admin, ticket, carol):
    path = f"{ENTRIES}/{logged(admin, new(ticket, carol, actualHours=1))['id']}"
    answers = [admin.delete(path), admin.delete(f"{path}/")]
    assert [(answer.status_code, answer.content) for answer in answers] == [(204, b""), (204, b"")]
    assert admin.get(path).status_code == 404
    assert admin.put(path, {}).status_code == 404


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


# --- Defaults and history ---------------------------------------------------------------------------------------------


def test_defaults_are_decided_and_nothing_is_stored(admin, ticket, alice, carol):
    regular = factories.WorkTypeFactory(name="Regular", is_default=True)
    told = admin.post(f"{ENTRIES}/defaults").json()
    assert (told["id"], told["member"]["id"], told["timeStart"]) == (None, alice.pk, "2026-03-02T10:16:00Z")
    assert (told["chargeToType"], told["billableOption"], told["notes"]) == ("ChargeCode", "DoNotBill", None)
    told = admin.post(f"{ENTRIES}/defaults", new(ticket, carol, actualHours=1.5, notes="x")).json()
    assert (told["workType"]["id"], told["billableOption"], told["hoursBilled"]) == (regular.pk, "Billable", 1.5)
    assert (told["timeEnd"], told["notes"], told["timeSheet"]) == ("2026-03-02T10:30:00Z", "x", None)
    assert not TimeEntry.objects.exists()


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
