"""Who gets what from the portal's format."""

from __future__ import annotations

from typing import Any

from tests.api.table import Row
from timetracking.models import Ticket, TimeEntry

RANGE = "from=2026-06-01&to=2026-06-08"
ENTRY = "/api/helpdesk/time/{entry_id}"


def ticket_time(ids: dict[str, Any]) -> dict[str, Any]:
    ticket = Ticket.objects.get(number=ids["ref"])
    today = TimeEntry.objects.get(pk=ids["entry_id"]).date
    return {"kind": "TICKET", "ticketId": str(ticket.pk), "date": str(today), "minutes": 1, "subject": "Call"}


ROWS = [
    Row("POST", "portal.login", "/api/auth/login", "400 400 400 400 400", {}),
    Row("GET", "portal.list_entries", f"/api/helpdesk/time?{RANGE}", "401 200 200 200 200"),
    Row("POST", "portal.create_entry", "/api/helpdesk/time", "401 201 201 201 404", ticket_time),
    Row("GET", "portal.read_entry", ENTRY, "401 200 200 200 404"),
    Row("PATCH", "portal.change_entry", ENTRY, "401 200 200 200 404", {"minutes": 20}),
    Row("PATCH", "portal.change_entry", "/api/helpdesk/time/{locked}", "401 409 200 200 404", {"minutes": 20}),
    Row("DELETE", "portal.delete_entry", ENTRY, "401 204 204 204 404"),
    Row("POST", "portal.logout", "/api/auth/logout", "401 204 204 204 204"),
]
