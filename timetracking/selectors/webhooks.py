"""Webhooks with how they fare, and the log of messages to one of them."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import Count, Max, Q
from django.utils.translation import gettext as _

from accounts.models import Membership
from timesheets_site.lib import dates
from timesheets_site.lib.errors import OutOfReach
from timesheets_site.lib.printable import Printable
from timetracking.models import Webhook, WebhookMessage

State = WebhookMessage.State
TONES = {State.WAITING: "warn", State.DELIVERED: "ok", State.GIVEN_UP: "danger"}
PER_PAGE = 25


def error_words(code: str) -> str:
    """What kept a message from arriving, for an admin."""
    return {
        "bad_url": _("The address can’t be read"),
        "bad_port": _("The port is not allowed"),
        "private_address": _("The name leads to a private address, which is not allowed"),
        "unknown_host": _("The name of the host is unknown"),
        "no_answer": _("No answer"),
        "timeout": _("No answer within 10 seconds"),
    }.get(code, code)


def off_words(why: str) -> str:
    return {
        "gone": _("The receiver said that it is gone (410)."),
        "failing": _("Nothing reached it for three days."),
        "by_hand": _("Switched off by hand."),
    }.get(why, "")


@dataclass(frozen=True)
class HookRow(Printable):
    """`state` in words with its `tone`; `last` is when something was tried last, in words."""

    pk: int
    url: str
    events: tuple[str, ...]
    state: str
    tone: str
    why: str
    waiting: int
    last: str


def hooks_of(actor: Membership) -> list[HookRow]:
    """All webhooks of the organisation, newest first."""
    hooks = Webhook.objects.kept().annotate(
        waiting=Count("messages", filter=Q(messages__state=State.WAITING)), last_at=Max("messages__settled_at")
    )
    return [_row(hook, actor.zone) for hook in hooks]


def _row(hook: Any, zone: dt.tzinfo) -> HookRow:
    if not hook.is_active:
        state, tone = _("Off"), "danger" if hook.switched_off_because != "by_hand" else ""
    elif hook.failing_since is not None:
        state, tone = _("Failing"), "warn"
    else:
        state, tone = _("On"), "ok"
    last_at = getattr(hook, "last_at", None)
    return HookRow(
        pk=hook.pk,
        url=hook.url,
        events=tuple(hook.events),
        state=state,
        tone=tone,
        why=off_words(hook.switched_off_because) if not hook.is_active else "",
        waiting=getattr(hook, "waiting", 0),
        last=dates.moment(last_at, zone) if last_at else "",
    )


@dataclass(frozen=True)
class Try(Printable):
    at: str
    result: str


@dataclass(frozen=True)
class MessageRow(Printable):
    pk: int
    number: str
    type: str
    made: str
    state: str
    tone: str
    next_try: str
    tries: tuple[Try, ...]
    body: str
    can_replay: bool


@dataclass(frozen=True)
class HookPage:
    """One webhook with its log."""

    hook: Webhook
    row: HookRow
    made_by: str
    made: str
    earlier_until: str
    messages: Page


def hook_page(actor: Membership, hook_id: int, number: str, now: dt.datetime) -> HookPage:
    """Raises OutOfReach."""
    hook = Webhook.objects.kept().select_related("created_by").filter(pk=hook_id).first()
    if hook is None:
        raise OutOfReach
    zone = actor.zone
    page = Paginator(WebhookMessage.objects.filter(webhook=hook), PER_PAGE).get_page(number)
    page.object_list = [_message(message, zone) for message in page.object_list]
    earlier = hook.earlier_until if hook.earlier_until and hook.earlier_until > now else None
    return HookPage(
        hook=hook,
        row=_row(hook, zone),
        made_by=hook.created_by.display_name,
        made=dates.moment(hook.created_at, zone),
        earlier_until=dates.moment(earlier, zone) if earlier else "",
        messages=page,
    )


def _message(message: WebhookMessage, zone: dt.tzinfo) -> MessageRow:
    waits = message.state == State.WAITING
    return MessageRow(
        pk=message.pk,
        number=message.number,
        type=message.type,
        made=dates.moment(message.created_at, zone),
        state=message.get_state_display(),
        tone=TONES[State(message.state)],
        next_try=dates.moment(message.next_try_at, zone) if waits and message.tries else "",
        tries=tuple(_try(each, zone) for each in reversed(message.tries)),
        body=message.body,
        can_replay=not waits,
    )


def _try(each: dict[str, Any], zone: dt.tzinfo) -> Try:
    at = dt.datetime.strptime(each["at"], "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=dt.UTC)
    if each["error"]:
        return Try(dates.moment(at, zone), error_words(each["error"]))
    words = _("Answer %(status)s after %(milliseconds)s ms")
    return Try(dates.moment(at, zone), words % {"status": each["status"], "milliseconds": each["milliseconds"]})
