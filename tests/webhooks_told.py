"""A webhook with messages of each kind in its log."""

from __future__ import annotations

import datetime as dt
import json

from django.utils import timezone

from accounts.models import Membership
from timetracking.models import WebhookMessage
from timetracking.services import webhooks

URL = "https://Quarry.Marble/hooks"


def make(admin: Membership) -> tuple[int, int]:
    """The webhook's id, and that of a message that arrived."""
    hook = webhooks.create(admin, url=URL, events=["timesheet.approved", "timer.*"]).webhook
    now = timezone.now()
    made = {}
    for state, status, error in (("delivered", 200, ""), ("given_up", 0, "timeout"), ("waiting", 503, "")):
        tried = {"at": now.strftime("%Y-%m-%dT%H:%M:%SZ"), "status": status, "error": error, "milliseconds": 41}
        made[state] = WebhookMessage.objects.create(
            webhook=hook,
            number=f"msg_{hook.pk}_{state}",
            type="timer.started",
            body=json.dumps({"type": "timer.started", "timestamp": "2026-03-02T10:16:02Z", "data": {"id": 7}}),
            state=state,
            attempts=1,
            tries=[tried],
            next_try_at=now + dt.timedelta(minutes=2),
            created_at=now,
            queued_at=now,
            settled_at=None if state == "waiting" else now,
        )
    return hook.pk, made["delivered"].pk
