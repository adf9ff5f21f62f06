"""Who gets what from /time/entries."""

from __future__ import annotations

from typing import Any

from tests.api.table import Row

VENDOR = "/v4_6_release/apis/3.0"
EVERYBODY = "401 200 200 200 200"
OWN = "401 200 200 200 404"
DECIDING = {"status": "Approved"}


def _new(ids: dict[str, Any]) -> dict[str, Any]:
    """Half an hour of Carol's on a charge code, on the first day of the week."""
    return {
        "chargeToId": ids["charge-code"],
        "chargeToType": "ChargeCode",
        "company": {"id": ids["client"]},
        "member": {"id": ids["member_id"]},
        "timeStart": ids["day"].isoformat(),
        "actualHours": 0.02,
    }


def _bulk(ids: dict[str, Any]) -> dict[str, Any]:
    return {"ids": [ids["entry_id"]], "operation": DECIDING}


ENTRIES = [
    Row("GET", "connectwise.list_entries", "/time/entries", EVERYBODY),
    Row("GET", "connectwise.list_entries", f"{VENDOR}/time/entries", EVERYBODY),
    Row("GET", "connectwise.count_entries", "/time/entries/count", EVERYBODY),
    Row("POST", "connectwise.create_entry", "/time/entries", "401 201 201 201 404", _new),
    Row("POST", "connectwise.change_entries", "/time/entries/bulk", EVERYBODY, _bulk),
    Row("POST", "connectwise.default_entry", "/time/entries/defaults", EVERYBODY),
    Row("POST", "connectwise.default_entry", "/time/entries/defaults", OWN, _new),
    Row("GET", "connectwise.get_entry", "/time/entries/{entry_id}", OWN),
    Row("GET", "connectwise.get_entry", f"{VENDOR}/time/entries/{{entry_id}}", OWN),
    Row("PATCH", "connectwise.change_entry", "/time/entries/{entry_id}", OWN, {"notes": "Gizmo"}),
    Row("PATCH", "connectwise.change_entry", "/time/entries/{entry_id}", "401 403 200 200 404", DECIDING),
    Row("PUT", "connectwise.replace_entry", "/time/entries/{entry_id}", "401 400 400 400 404", {}),
    Row("PUT", "connectwise.replace_entry", "/time/entries/{entry_id}", OWN, _new),
    Row("DELETE", "connectwise.delete_entry", "/time/entries/{entry_id}", "401 204 204 204 404"),
    Row("GET", "connectwise.list_entry_audits", "/time/entries/{entry_id}/audits", OWN),
    Row("GET", "connectwise.count_entry_audits", "/time/entries/{entry_id}/audits/count", OWN),
]
