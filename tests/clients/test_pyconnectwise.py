"""pyconnectwise, for Python: its models refuse every field, status and type that the vendor's description lacks."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.clients.conftest import CLIENT_ID, Office

pytestmark = [pytest.mark.clients, pytest.mark.filterwarnings("ignore::DeprecationWarning")]


@pytest.fixture
def exceptions() -> Any:
    """Its exceptions. The package is read here, and not with this module: its 2,000 models take their time."""
    from pyconnectwise import exceptions

    return exceptions


@pytest.fixture
def connected(office: Office) -> Callable[..., Any]:
    """``connected(office.agent)``: a client that uses this key pair."""
    from pyconnectwise import ConnectWiseManageAPIClient

    def connect(keys: tuple[str, str], company: str = "acme") -> Any:
        return ConnectWiseManageAPIClient(company, office.host, CLIENT_ID, *keys)

    return connect


def new_entry(office: Office, **more: object) -> dict[str, object]:
    return {
        "chargeToId": office.ticket.pk,
        "chargeToType": "ServiceTicket",
        "member": {"id": office.carol.pk},
        "timeStart": "2026-03-02T09:00:00Z",
        "actualHours": 1.25,
        "workType": {"id": office.work_type.pk},
        "workRole": {"id": office.work_role.pk},
        "billableOption": "Billable",
        "notes": "Replaced switch",
        **more,
    }


def test_it_finds_the_codebase_and_reads_lookups(office, connected):
    client = connected(office.manager)
    assert client.codebase == "v4_6_release/"
    assert client.system.info.get().version == "v2026.1.0"
    [work_type] = client.time.work_types.get()
    assert (work_type.name, work_type.bill_time, work_type.rate_type, work_type.rate) == (
        "Regular",
        "Billable",
        "Multiplier",
        1.0,
    )
    assert client.time.work_types.id(work_type.id).get() == work_type
    assert [role.name for role in client.time.work_roles.get()] == ["Level 2 Tech"]
    [code] = client.time.charge_codes.get(params={"conditions": 'name="MTNG"'})
    assert (code.name, code.bill_time, client.time.charge_codes.count.get().count) == ("MTNG", "DoNotBill", 1)


def test_it_pages_to_the_end_and_stops_there(office, connected):
    client = connected(office.agent)
    conditions = f'chargeToId={office.ticket.pk} and chargeToType="ServiceTicket" and notes like "Visit%"'
    office.seen.clear()
    pages = client.time.entries.paginated(1, 2, {"conditions": conditions, "orderBy": "timeStart desc"})
    assert pages.response.headers["Link"].startswith(f"<https://{office.host}/v4_6_release/apis/3.0/time/entries?")
    assert [entry.id for entry in pages.all()] == office.entries
    assert (pages.last_page, len(office.seen)) == (3, 3)
    assert client.time.entries.count.get(params={"conditions": conditions}).count == 5
    only_page = client.time.entries.paginated(1, 25)
    assert (len(list(only_page.all())), len(office.seen)) == (5, 5)


def test_an_entry_from_first_to_last(office, connected, exceptions):
    client = connected(office.agent)
    entries = client.time.entries
    entry = entries.post(new_entry(office))
    assert (entry.actual_hours, entry.status, entry.billable_option) == (1.25, "Open", "Billable")
    assert (entry.member.name, entry.company.identifier, entry.work_type.name) == ("Carol Clark", "OTHER", "Regular")
    assert entry.time_end.isoformat() == "2026-03-02T10:15:00+00:00"
    patched = entries.id(entry.id).patch([{"op": "replace", "path": "/notes", "value": "Replaced two switches"}])
    assert (patched.notes, patched.actual_hours) == ("Replaced two switches", 1.25)
    whole = patched.model_dump(mode="json", by_alias=True, exclude_none=True)
    whole["actualHours"], whole["timeEnd"] = 2.0, "2026-03-02T11:00:00Z"
    put = entries.id(entry.id).put(whole)
    assert (put.actual_hours, put.notes) == (2.0, "Replaced two switches")
    assert {audit.source for audit in entries.id(entry.id).audits.get()} == {"API"}
    entries.id(entry.id).delete()
    with pytest.raises(exceptions.NotFoundException):
        entries.id(entry.id).get()


def test_a_sheet_is_submitted_approved_and_reversed(office, connected, exceptions):
    agent, manager = connected(office.agent), connected(office.manager)
    entry = agent.time.entries.post(new_entry(office))
    [sheet] = agent.time.sheets.get(params={"conditions": f"member/id={office.carol.pk} and year=2026 and period=10"})
    assert (sheet.id, sheet.status, sheet.hours) == (entry.time_sheet.id, "Open", 1.25)
    assert sheet.date_start.date().isoformat() == "2026-03-02"
    assert agent.time.sheets.id(sheet.id).submit.post().success
    assert agent.time.entries.id(entry.id).get().status == "PendingApproval"
    with pytest.raises(exceptions.PermissionsFailedException):
        agent.time.sheets.id(sheet.id).approve.post()
    assert manager.time.sheets.id(sheet.id).approve.post({"id": sheet.id, "approvalType": "Tier1Update"}).success
    assert manager.time.sheets.id(sheet.id).get().status == "ApprovedByTierOne"
    assert agent.time.entries.id(entry.id).get().status == "ApprovedByTierOne"
    with pytest.raises(exceptions.ConflictException):
        agent.time.sheets.id(sheet.id).submit.post()
    assert manager.time.sheets.id(sheet.id).reverse.post().success
    assert [audit.new_value for audit in manager.time.sheets.id(sheet.id).audits.get()] == [
        "PendingApproval",
        "ApprovedByTierOne",
        "Open",
    ]


def test_refusals_are_its_own_exceptions(office, connected, exceptions):
    client = connected(office.agent)
    with pytest.raises(exceptions.AuthenticationFailedException):
        connected((office.agent[0], "wrong")).time.entries.get()
    with pytest.raises(exceptions.MalformedRequestException):
        client.time.entries.get(params={"conditions": "nonsense ="})
    with pytest.raises(exceptions.MalformedRequestException) as refused:
        client.time.entries.post({"chargeToId": office.ticket.pk, "member": {"id": office.carol.pk}, "actualHours": 1})
    assert "timeStart required" in refused.value.details()
    with pytest.raises(exceptions.NotFoundException):
        connected(office.agent, "nowhere")
