"""Time entries of the ConnectWise format: logged in every way, refused, billed and deleted."""

from __future__ import annotations

import datetime as dt
import json
from decimal import Decimal
from pathlib import Path

import pytest

from accounts.models import AuditEvent
from tests import factories
from tests.api.connectwise.calls import ENTRIES, NOW, logged, new, words_of
from tests.timetracking.invoices.billing import billed_entry
from timetracking.models import TimeEntry
from timetracking.services import invoices

pytestmark = pytest.mark.usefixtures("march")
RECORDED = Path("tests/contracts/connectwise")


def put_in(recorded, ids):
    text = (RECORDED / recorded).read_text()
    for name, number in ids.items():
        text = text.replace(f'"<{name}>"', str(number))
    return json.loads(text)


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
