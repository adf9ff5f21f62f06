"""The queue of messages to webhooks: made from the audit trail, claimed, sent outside of any transaction, settled.

A worker that dies leaves a claim that runs out, and the message is sent again with the same number: delivery is at
least once, in no promised order.
"""

from __future__ import annotations

import datetime as dt
import logging
import random
import time
from collections.abc import Callable, Iterable

from django.conf import settings
from django.db import transaction
from django.db.models import F, QuerySet
from django.utils import timezone

from accounts import audit
from accounts.tenancy import organisation_scope
from timesheets_site.lib import outgoing
from timetracking.models import Webhook, WebhookMessage
from timetracking.rules import webhooks as rules

log = logging.getLogger("timetracking.webhooks")
State = WebhookMessage.State
BATCH = 10
LOTS = random.SystemRandom()
CLAIM = dt.timedelta(minutes=5)  # longer than a batch of slow receivers takes
ROUND_SECONDS = 20
KEPT = dt.timedelta(days=30)
TRIES_KEPT = 12
AGENT = "Timesheets-Webhooks/1"


def stamp(moment: dt.datetime) -> str:
    """`2026-03-02T10:16:02Z`"""
    return moment.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def organisations_to_tell() -> list[int]:
    """The organisations that have a webhook which is on."""
    hooks = Webhook.unscoped.filter(is_active=True, deleted_at__isnull=True, organisation__is_active=True)
    return sorted(set(hooks.values_list("organisation", flat=True)))


def put(hook: Webhook, event_type: str, body: str, *, number: str) -> WebhookMessage:
    """Queue one message, in the transaction of what it tells of."""
    now = timezone.now()
    return WebhookMessage.objects.create(
        webhook=hook, number=number, type=event_type, body=body, created_at=now, queued_at=now, next_try_at=now
    )


@transaction.atomic
def put_all(hook_id: int, up_to: int, messages: Iterable[tuple[str, str, str]]) -> int:
    """Queue (number, type, body) of the events up to this id; how many at most.

    What another worker queued before is left: it may have read the webhook at the same place, and known fewer events.
    """
    hook = Webhook.objects.select_for_update(of=("self",)).get(pk=hook_id)
    if hook.told_up_to >= up_to:
        return 0
    now = timezone.now()
    rows = [
        WebhookMessage(
            webhook=hook, number=number, type=kind, body=body, created_at=now, queued_at=now, next_try_at=now
        )
        for number, kind, body in messages
    ]
    WebhookMessage.objects.bulk_create(rows, batch_size=500, ignore_conflicts=True)
    Webhook.objects.filter(pk=hook.pk).update(told_up_to=up_to)
    return len(rows)


# --- Sending ----------------------------------------------------------------------------------------------------------


def send_waiting(stop: Callable[[], bool] = lambda: False) -> int:
    """Send what is due; how many arrived. Ends early when `stop()` says so, and after some seconds."""
    until, arrived = time.monotonic() + ROUND_SECONDS, 0
    while not stop() and time.monotonic() < until and (messages := claim()):
        for place, message in enumerate(messages):
            if stop() or time.monotonic() > until:
                _give_back(messages[place:])
                break
            with organisation_scope(message.organisation_id):
                arrived += send(message)
    return arrived


def waiting(now: dt.datetime) -> QuerySet[WebhookMessage]:
    due = WebhookMessage.unscoped.filter(state=State.WAITING, next_try_at__lte=now, organisation__is_active=True)
    return due.filter(webhook__is_active=True, webhook__deleted_at__isnull=True).order_by("next_try_at", "pk")


def claim() -> list[WebhookMessage]:
    """Some messages that nobody else sends until the claim runs out: the oldest of webhooks drawn by lot.

    So neither a slow receiver nor an organisation with many messages keeps the others waiting.
    """
    now = timezone.now()
    hooks = list(waiting(now).order_by().values_list("webhook", flat=True).distinct())
    if not hooks:
        return []
    drawn = LOTS.sample(hooks, min(len(hooks), BATCH))
    with transaction.atomic():
        messages: list[WebhookMessage] = []
        for hook_id in drawn:
            due = waiting(now).filter(webhook=hook_id).select_for_update(of=("self",), skip_locked=True)
            messages += due.select_related("webhook")[: max(1, min(BATCH // 2, BATCH // len(drawn)))]
        WebhookMessage.unscoped.filter(pk__in=[message.pk for message in messages]).update(
            attempts=F("attempts") + 1, next_try_at=now + CLAIM
        )
    for message in messages:
        message.attempts += 1
    return messages


def _give_back(messages: list[WebhookMessage]) -> None:
    ids = [message.pk for message in messages]
    WebhookMessage.unscoped.filter(pk__in=ids).update(attempts=F("attempts") - 1, next_try_at=timezone.now())


def send(message: WebhookMessage) -> bool:
    """Send one claimed message and note what came of it: whether it arrived."""
    hook = message.webhook
    status, error, milliseconds = 0, "", 0
    try:
        answer = outgoing.post(
            hook.url,
            message.body.encode(),
            headers_of(hook, message, int(time.time())),
            ports=settings.WEBHOOK_PORTS,
            allow_private=settings.WEBHOOK_PRIVATE,
        )
        status, milliseconds = answer.status, answer.milliseconds
    except outgoing.Refused as refusal:
        error = refusal.code
    _settle(message, status, error, milliseconds)
    return 200 <= status < 300


def headers_of(hook: Webhook, message: WebhookMessage, timestamp: int) -> dict[str, str]:
    """What goes with the body: number, time and signature, with both secrets while two are valid."""
    salts = [hook.salt]
    if hook.earlier_salt and hook.earlier_until and hook.earlier_until > timezone.now():
        salts.append(hook.earlier_salt)
    secrets = [rules.secret_of(salt, settings.SECRET_KEY) for salt in salts]
    return {
        "Content-Type": "application/json",
        "User-Agent": AGENT,
        "webhook-id": message.number,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": " ".join(
            rules.signature(secret, message.number, timestamp, message.body) for secret in secrets
        ),
    }


@transaction.atomic
def _settle(message: WebhookMessage, status: int, error: str, milliseconds: int) -> None:
    now = timezone.now()
    arrived = 200 <= status < 300
    tries = [
        *message.tries[-(TRIES_KEPT - 1) :],
        {"at": stamp(now), "status": status, "error": error, "milliseconds": milliseconds},
    ]
    fields: dict[str, object] = {"tries": tries}
    again = None if arrived else rules.next_try(message.attempts, message.queued_at, now)
    if arrived or again is None or status == 410:
        fields |= {"state": State.DELIVERED if arrived else State.GIVEN_UP, "settled_at": now}
    else:
        fields |= {"next_try_at": again}
    # Unless the claim ran out meanwhile and somebody else has it.
    WebhookMessage.objects.filter(pk=message.pk, attempts=message.attempts, state=State.WAITING).update(**fields)
    hook = Webhook.objects.filter(pk=message.webhook_id)
    if arrived:
        hook.filter(failing_since__isnull=False).update(failing_since=None)
        return
    log.info("webhook %s: %s not delivered (%s)", message.webhook_id, message.number, status or error)
    hook.filter(failing_since__isnull=True).update(failing_since=now)
    if again is not None:  # what else waits for this receiver need not find out again
        WebhookMessage.objects.filter(webhook=message.webhook_id, state=State.WAITING, next_try_at__lt=again).update(
            next_try_at=again
        )
    if status == 410:
        _switch_off(hook, "gone")
    else:
        _switch_off(hook.filter(failing_since__lt=now - rules.FAILING), "failing")


def _switch_off(hooks: QuerySet[Webhook], why: str) -> None:
    """By the product itself: the receiver is gone, or nothing has reached it for days."""
    for hook in hooks.filter(is_active=True):
        if Webhook.objects.filter(pk=hook.pk, is_active=True).update(is_active=False, switched_off_because=why):
            audit.record(None, "webhook.switched_off", hook, changes={"is_active": (True, False), "reason": ("", why)})


def forget_old() -> int:
    """Throw away settled messages that are older than a month."""
    old = WebhookMessage.unscoped.filter(created_at__lt=timezone.now() - KEPT).exclude(state=State.WAITING)
    gone, _each = old.delete()
    return gone
