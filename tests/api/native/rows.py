"""Who gets what from the own API."""

from __future__ import annotations

from tests.api.table import Row

ROWS = [
    Row("GET", "api.who_am_i", "/api/v1/me", "401 200 200 200 200"),
    Row("GET", "api.openapi", "/api/openapi.json", "200 200 200 200 200"),
    Row("GET", "api.list_webhooks", "/api/v1/webhooks", "401 403 403 200 200"),
    Row("POST", "api.create_webhook", "/api/v1/webhooks", "401 422 422 422 422", {}),
    Row("GET", "api.get_webhook", "/api/v1/webhooks/{hook_id}", "401 403 403 200 404"),
    Row("DELETE", "api.delete_webhook", "/api/v1/webhooks/{hook_id}", "401 403 403 204 404"),
]
