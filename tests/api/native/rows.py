"""Who gets what from the own API."""

from __future__ import annotations

from typing import Any

from tests.api.native import record_rows, week_rows
from tests.api.table import Row

NEW_ENTRY = {"started_at": "2026-06-15T08:00:00Z", "minutes": 30, "subject": "Stand-up"}


def of_member(ids: dict[str, Any]) -> dict[str, Any]:
    """Time of the agent's, written down by whoever asks."""
    return {**NEW_ENTRY, "member_id": ids["member_id"]}


ROWS = [
    Row("GET", "api.who_am_i", "/api/v1/me", "401 200 200 200 200"),
    Row("GET", "api.openapi", "/api/openapi.json", "200 200 200 200 200"),
    Row("GET", "api.list_webhooks", "/api/v1/webhooks", "401 403 403 200 200"),
    Row("POST", "api.create_webhook", "/api/v1/webhooks", "401 422 422 422 422", {}),
    Row("GET", "api.get_webhook", "/api/v1/webhooks/{hook_id}", "401 403 403 200 404"),
    Row("DELETE", "api.delete_webhook", "/api/v1/webhooks/{hook_id}", "401 403 403 204 404"),
    # Time entries. The entry is the agent's own, of today; the outsider asks with Acme's ids.
    Row("GET", "api.list_entries", "/api/v1/entries", "401 200 200 200 200"),
    Row("GET", "api.list_entries", "/api/v1/entries?member_id={member_id}", "401 200 200 200 404"),
    Row("POST", "api.create_entry", "/api/v1/entries", "401 201 201 201 201", NEW_ENTRY),
    Row("POST", "api.create_entry", "/api/v1/entries", "401 201 201 201 404", of_member),
    Row("GET", "api.list_deleted_entries", "/api/v1/entries/deleted", "401 200 200 200 200"),
    Row("GET", "api.get_entry", "/api/v1/entries/{entry_id}", "401 200 200 200 404"),
    Row("GET", "api.get_entry", "/api/v1/entries/{deleted}", "401 404 404 404 404"),
    Row("PATCH", "api.change_entry", "/api/v1/entries/{entry_id}", "401 200 200 200 404", {"minutes": 50}),
    Row("PATCH", "api.change_entry", "/api/v1/entries/{locked}", "401 409 200 200 404", {"minutes": 50}),
    Row("DELETE", "api.delete_entry", "/api/v1/entries/{entry_id}", "401 204 204 204 404"),
    Row("POST", "api.restore_entry", "/api/v1/entries/{deleted}/restore", "401 200 200 200 404"),
    Row("POST", "api.change_many_entries", "/api/v1/entries/bulk", "401 200 200 200 200", {"items": [{}]}),
    Row("GET", "api.list_changes", "/api/v1/changes", "401 200 200 200 200"),
    Row("GET", "api.changes_now", "/api/v1/changes/now", "401 200 200 200 200"),
    *week_rows.ROWS,
    *record_rows.ROWS,
]
