"""ConnectPyse, for Python: asks with slashes at the end, and takes 201 alone for a POST."""

from __future__ import annotations

import base64
import sys

import pytest

from tests.clients.conftest import CLIENT_ID, Office
from timetracking.models import Timesheet

pytestmark = pytest.mark.clients


@pytest.fixture
def connectpyse(monkeypatch):
    """The package; on import it puts its own folder first among those that Python looks for modules in."""
    monkeypatch.setattr(sys, "path", list(sys.path))
    from connectpyse.restapi import ApiError
    from connectpyse.time import time_entries_api, time_entry, time_sheets_api

    class Package:
        Refused = ApiError
        TimeEntry = time_entry.TimeEntry
        TimeEntriesAPI = time_entries_api.TimeEntriesAPI
        TimeSheetsAPI = time_sheets_api.TimeSheetsAPI

    return Package


def access(office: Office, keys: tuple[str, str]) -> dict[str, object]:
    pair = base64.b64encode(f"acme+{keys[0]}:{keys[1]}".encode()).decode()
    return {
        "url": f"https://{office.host}/v4_6_release/apis/3.0",
        "auth": {"Authorization": f"Basic {pair}", "clientId": CLIENT_ID},
    }


def test_it_lists_with_conditions_and_pages(office, connectpyse):
    entries = connectpyse.TimeEntriesAPI(**access(office, office.agent))
    entries.conditions = f"chargeToId={office.ticket.pk} and timeStart>=[2026-01-01]"
    entries.childconditions = "id=1"  # sent in lower case
    entries.orderBy = "timeStart desc"
    found: list[int] = []
    entries.pageSize, entries.page = 2, 1
    while page := [entry.id for entry in entries.get_time_entries()]:
        found += page
        entries.page += 1
    assert found == office.entries
    entries.page = entries.pageSize = ""
    assert entries.get_time_entries_count() == 5
    entries.fields = "id,member/name"
    assert next(entries.get_time_entries()).member == {"name": "Carol Clark"}


def test_an_entry_from_first_to_last(office, connectpyse):
    entries = connectpyse.TimeEntriesAPI(**access(office, office.agent))
    new = connectpyse.TimeEntry(
        {
            "chargeToId": office.ticket.pk,
            "chargeToType": "ServiceTicket",
            "member": {"identifier": "carol"},
            "timeStart": "2026-03-02T09:00:00Z",
            "timeEnd": "2026-03-02T10:15:00Z",
            "workType": {"name": "Regular"},
            "notes": "Replaced switch – für morgen",
        }
    )
    entry = entries.create_time_entry(new)
    assert (entry.actualHours, entry.status, entry.notes) == (1.25, "Open", "Replaced switch – für morgen")
    assert set(vars(new)) <= set(vars(entries.get_time_entry_by_id(entry.id)))
    assert entries.update_time_entry(entry.id, "notes", "Replaced two").notes == "Replaced two"
    changed = entries.update_time_entry_multiple_keys(entry.id, {"actualHours": 2, "billableOption": "NoCharge"})
    assert (changed.actualHours, changed.timeEnd, changed.billableOption) == (2, "2026-03-02T11:00:00Z", "NoCharge")
    entries.delete_time_entry_by_id(entry.id)
    with pytest.raises(connectpyse.Refused, match="404"):
        entries.get_time_entry_by_id(entry.id)


def test_sheets_move_although_it_takes_the_answer_for_a_failure(office, connectpyse):
    agent = connectpyse.TimeSheetsAPI(**access(office, office.agent))
    manager = connectpyse.TimeSheetsAPI(**access(office, office.manager))
    agent.conditions = f"member/id={office.carol.pk}"
    agent.orderBy = "dateStart"
    sheets = list(agent.get_time_sheets())
    assert [sheet.status for sheet in sheets] == ["Open"] * 5
    pk = sheets[0].id
    with pytest.raises(connectpyse.Refused, match="Return code: 200"):  # the published answer, which it does not expect
        agent.submit_time_sheet_by_id(pk)
    assert agent.get_time_sheet_by_id(pk).status == "PendingApproval"
    with pytest.raises(connectpyse.Refused, match="Return code: 200"):
        manager.approve_time_sheet_by_id(pk)
    assert manager.get_time_sheet_by_id(pk).status == "ApprovedByTierOne"
    with pytest.raises(TypeError):  # it forgets an argument of its own
        manager.reverse_time_sheet_by_id(pk)
    assert Timesheet.objects.get(pk=pk).state == "approved"
