"""Make, change, switch, sign anew and delete webhooks; send one message again. Deleting keeps nothing to send."""

from __future__ import annotations

import datetime as dt
import json
import secrets
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import audit
from accounts.models import AuditEvent, Membership
from accounts.permissions import Permission, require
from timesheets_site.lib import outgoing, texts
from timesheets_site.lib.errors import OutOfReach, RuleViolation
from timetracking.models import Webhook, WebhookMessage
from timetracking.rules import webhooks as rules
from timetracking.services import webhook_queue

MOST = 20
"""Webhooks of an organisation."""
OVERLAP = dt.timedelta(hours=24)
"""For how long the earlier secret still signs beside a new one."""
AUDITED = ("url", "events", "is_active")


@dataclass(frozen=True)
class Secret:
    """Shown once."""

    webhook: Webhook
    text: str


@transaction.atomic
def create(actor: Membership, *, url: str, events: Collection[str]) -> Secret:
    """Tell an address of events from now on. By admins.

    Raises NotAllowed, or RuleViolation with the field at fault: url_unreadable, url_private, events_required,
    events_unknown, too_many.
    """
    _permit_telling(actor)
    if Webhook.objects.kept().count() >= MOST:
        raise RuleViolation("too_many", _("At most %(count)s webhooks. Delete one first.") % {"count": MOST}, "url")
    newest = AuditEvent.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    hook = Webhook(salt=_new_salt(), created_by=actor, created_at=timezone.now(), told_up_to=newest)
    _fill(hook, url, events)
    hook.save()
    audit.record(actor, "webhook.created", hook, changes={name: (None, getattr(hook, name)) for name in AUDITED})
    return Secret(hook, rules.secret_of(hook.salt, settings.SECRET_KEY))


@transaction.atomic
def change(actor: Membership, hook_id: int, *, version: int | None, url: str, events: Collection[str]) -> Webhook:
    """Another address, or other events. Raises as `create` does, OutOfReach, Conflict."""
    _permit_telling(actor)
    hook = _locked(actor, hook_id, version)
    before = audit.snapshot(hook, AUDITED)
    _fill(hook, url, events)
    _store(actor, hook, before)
    return hook


@transaction.atomic
def switch(actor: Membership, hook_id: int, *, on: bool) -> Webhook:
    """On: it is told of what happens from now on. Off: what waits for it waits. Done twice it is done once."""
    hook = _locked(actor, hook_id, None)
    before = audit.snapshot(hook, AUDITED)
    if hook.is_active != on:
        hook.is_active, hook.failing_since = on, None
        hook.switched_off_because = "" if on else "by_hand"
        if on:
            hook.told_up_to = max(hook.told_up_to, AuditEvent.objects.order_by("-pk").values_list("pk", flat=True)[0])
    _store(actor, hook, before)
    return hook


@transaction.atomic
def renew_secret(actor: Membership, hook_id: int) -> Secret:
    """A new secret; the earlier one signs beside it for a day, so that the receiver can change over."""
    hook = _locked(actor, hook_id, None)
    hook.earlier_salt, hook.earlier_until = hook.salt, timezone.now() + OVERLAP
    hook.salt = _new_salt()
    hook.save()
    audit.record(actor, "webhook.secret_renewed", hook)
    return Secret(hook, rules.secret_of(hook.salt, settings.SECRET_KEY))


@transaction.atomic
def delete(actor: Membership, hook_id: int, *, version: int | None = None) -> None:
    """Stop for good; messages that wait are never sent. Raises OutOfReach, also where it was deleted, and Conflict."""
    hook = _locked(actor, hook_id, version)
    hook.is_active, hook.deleted_at = False, timezone.now()
    hook.save()
    WebhookMessage.objects.filter(webhook=hook, state=WebhookMessage.State.WAITING).delete()
    audit.record(actor, "webhook.deleted", hook)


@transaction.atomic
def send_test(actor: Membership, hook_id: int) -> WebhookMessage:
    """A message that tells of nothing, sent with the next round."""
    hook = _locked(actor, hook_id, None)
    body = {"type": "webhook.test", "timestamp": webhook_queue.stamp(timezone.now()), "data": {"webhook_id": hook.pk}}
    audit.record(actor, "webhook.tested", hook)
    return webhook_queue.put(hook, "webhook.test", json.dumps(body), number=f"msg_test_{secrets.token_hex(8)}")


@transaction.atomic
def replay(actor: Membership, hook_id: int, message_id: int) -> WebhookMessage:
    """Send a message again, with the same number and body, whatever became of it. Raises OutOfReach."""
    hook = _locked(actor, hook_id, None)
    message: WebhookMessage | None = WebhookMessage.objects.filter(pk=message_id, webhook=hook).first()
    if message is None:
        raise OutOfReach
    if message.state != WebhookMessage.State.WAITING:
        now = timezone.now()
        message.state, message.attempts, message.settled_at = WebhookMessage.State.WAITING, 0, None
        message.queued_at = message.next_try_at = now
        message.save(update_fields=["state", "attempts", "settled_at", "queued_at", "next_try_at"])
        audit.record(actor, "webhook.replayed", hook, changes={"message": (None, message.number)})
    return message


def _permit_telling(actor: Membership) -> None:
    """A webhook is told entries as an admin sees them: a key that may not see them can't have itself told."""
    for permission in (Permission.MANAGE_WEBHOOKS, Permission.VIEW_TIME, Permission.SEE_RATES):
        require(actor, permission)


def _new_salt() -> str:
    return secrets.token_hex(16)


def _locked(actor: Membership, hook_id: int, version: int | None) -> Webhook:
    require(actor, Permission.MANAGE_WEBHOOKS)
    if not Webhook.objects.kept().filter(pk=hook_id).exists():
        raise OutOfReach
    return Webhook.objects.locked(hook_id, version)


def _store(actor: Membership, hook: Webhook, before: dict[str, Any]) -> None:
    if changes := audit.difference(before, hook):
        hook.save()
        audit.record(actor, "webhook.changed", hook, changes=changes)


def _fill(hook: Webhook, url: str, events: Collection[str]) -> None:
    url = texts.at_most(url, 500, "url")
    try:
        parts, _port = outgoing.parts_of(url, ports=settings.WEBHOOK_PORTS)
    except outgoing.Refused as refusal:
        words = _("Enter a web address like https://example.com/hook")
        if refusal.code == "bad_port":
            ports = ", ".join(str(port) for port in settings.WEBHOOK_PORTS)
            words = _("Only these ports are allowed: %(ports)s") % {"ports": ports}
        raise RuleViolation("url_unreadable", words, "url") from refusal
    if not settings.WEBHOOK_PRIVATE and outgoing.is_private(str(parts.hostname)):
        raise RuleViolation("url_private", _("This address is private. Only public ones are told anything."), "url")
    chosen = [pattern for pattern in rules.PATTERNS if pattern in set(events)]
    if strange := rules.unknown(list(events)):
        words = _("These events do not exist: %(names)s") % {"names": ", ".join(strange[:5])}
        raise RuleViolation("events_unknown", words, "events")
    if not chosen:
        raise RuleViolation("events_required", _("Choose at least one event"), "events")
    hook.url, hook.events = url, chosen
