"""Webhooks by API: by admins, with a key whose areas include webhooks. The secret is in the first answer alone."""

from __future__ import annotations

import json
from typing import Any

from django.http import HttpResponse, JsonResponse
from ninja import Router
from pydantic import ConfigDict, Field

from accounts.permissions import Permission, require
from accounts.requests import Request
from timesheets_site.lib.errors import OutOfReach
from timesheets_site.lib.numbers import fits
from timetracking.api.native import versions
from timetracking.api.native.schemas import Body
from timetracking.models import Webhook
from timetracking.rules.webhooks import PATTERNS
from timetracking.services import webhooks

router = Router(tags=["Webhooks"])
EXAMPLE: Any = {"url": "https://example.com/hooks/time", "events": ["time_entry.*", "timesheet.approved"]}


class WebhookIn(Body):
    url: str = Field(max_length=500, description="A public http(s) address.")
    events: list[str] = Field(max_length=50, description=f"Of these: {', '.join(PATTERNS)}.")

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [EXAMPLE]})


class WebhookOut(Body):
    id: int
    url: str
    events: list[str]
    active: bool
    version: int


class WebhookMade(WebhookOut):
    secret: str = Field(description="`whsec_…`, shown once: what messages are signed with.")


class WebhookList(Body):
    items: list[WebhookOut]


def _out(hook: Webhook) -> dict[str, Any]:
    return {
        "id": hook.pk,
        "url": hook.url,
        "events": hook.events,
        "active": hook.is_active,
        "version": hook.version,
    }


@router.get("/webhooks", response=WebhookList, summary="All webhooks, without secrets")
def list_webhooks(request: Request) -> HttpResponse:
    require(request.membership, Permission.MANAGE_WEBHOOKS)
    return JsonResponse({"items": [_out(hook) for hook in Webhook.objects.kept().order_by("pk")]})


@router.post("/webhooks", response={201: WebhookMade}, summary="Tell an address of events from now on")
def create_webhook(request: Request, body: WebhookIn) -> HttpResponse:
    made = webhooks.create(request.membership, url=body.url, events=body.events)
    told = _out(made.webhook)
    where = f"/api/v1/webhooks/{made.webhook.pk}"
    answer = versions.answer({**told, "secret": made.text}, status=201, location=where)
    answer.kept_body = json.dumps({**told, "secret": "shown once"})  # type: ignore[attr-defined]  # stored nowhere
    return answer


@router.get("/webhooks/{int:webhook_id}", response=WebhookOut, summary="One webhook")
def get_webhook(request: Request, webhook_id: int) -> HttpResponse:
    require(request.membership, Permission.MANAGE_WEBHOOKS)
    hook = Webhook.objects.kept().filter(pk=webhook_id).first() if fits(webhook_id) else None
    if hook is None:
        raise OutOfReach
    return versions.answer(_out(hook))


@router.delete(
    "/webhooks/{int:webhook_id}",
    response={204: None},
    summary="Stop telling it anything",
    openapi_extra=versions.IF_MATCH,
)
def delete_webhook(request: Request, webhook_id: int) -> HttpResponse:
    require(request.membership, Permission.MANAGE_WEBHOOKS)
    if not fits(webhook_id):
        raise OutOfReach
    webhooks.delete(request.membership, webhook_id, version=versions.expected(request))
    return HttpResponse(status=204)
