"""One round of the webhooks: messages are made from the audit trail and sent. Run by the worker, again and again."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from accounts import audit
from accounts.models import AuditEvent, Membership, Organisation
from accounts.services import api_keys
from accounts.tenancy import organisation_scope
from timetracking.api.native import changes, entry_records
from timetracking.models import Webhook
from timetracking.rules import webhooks as rules
from timetracking.rules.public_events import ENTRY, SHEET
from timetracking.selectors.public_events import public_types
from timetracking.services import webhook_queue

EVENTS_AT_ONCE = 500


def run(stop: Callable[[], bool] = lambda: False) -> int:
    """Make what is to be told, then send what waits; how many messages arrived.

    An organisation whose messages can't be made now (its trail is being written for long) keeps no other from being
    told; what went wrong is raised in the end.
    """
    failed: Exception | None = None
    for organisation_id in webhook_queue.organisations_to_tell():
        if stop():
            return 0
        try:
            with organisation_scope(organisation_id):
                organisation = Organisation.objects.get(pk=organisation_id)
                if organisation.has_feature(Organisation.Feature.TIMESHEETS):
                    make(organisation)
        except Exception as error:
            failed = error
    arrived = webhook_queue.send_waiting(stop)
    if failed is not None:
        raise failed
    return arrived


def make(organisation: Organisation) -> int:
    """Queue the messages about all events that are complete, for every webhook that is on; how many.

    Runs in the organisation's scope. An event of the trail is the message's order: it was written in the transaction
    of the change, so nothing is told that did not happen, and nothing that happened is passed over.
    """
    hooks = list(Webhook.objects.kept().filter(is_active=True))
    newest = AuditEvent.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    if all(hook.told_up_to >= newest for hook in hooks):
        return 0
    settled, made = audit.last_settled(), 0
    for hook in hooks:
        while hook.told_up_to < settled:
            events = list(
                AuditEvent.objects.filter(pk__gt=hook.told_up_to, pk__lte=settled).order_by("pk")[:EVENTS_AT_ONCE]
            )
            up_to = events[-1].pk if len(events) == EVENTS_AT_ONCE else settled
            made += webhook_queue.put_all(hook.pk, up_to, _messages(organisation, hook, events))
            hook.told_up_to = up_to
    return made


def _messages(organisation: Organisation, hook: Webhook, events: list[AuditEvent]) -> list[tuple[str, str, str]]:
    """(number, type, body) of everything that these events say and the webhook wants to hear.

    The number follows from the event, so that the same message never gets two.
    """
    told = [
        (event, place, said)
        for event in events
        for place, said in enumerate(public_types(event))
        if rules.wants(hook.events, said.type)
    ]
    names = _names({event.actor_id for event, _place, _said in told})
    records = _records(organisation, {(said.object, said.object_id) for _event, _place, said in told})
    return [
        (
            f"msg_{event.pk}_{place}_{hook.pk}",
            said.type,
            json.dumps(
                {
                    "type": said.type,
                    "timestamp": webhook_queue.stamp(event.at),
                    "data": {
                        "id": said.object_id,
                        "object": said.object,
                        "organisation": organisation.slug,
                        "event_id": event.pk,
                        "by": names.get(event.actor_id),
                        "record": records.get((said.object, said.object_id)),
                    },
                }
            ),
        )
        for event, place, said in told
    ]


def _records(organisation: Organisation, told: set[tuple[str, int]]) -> dict[tuple[str, int], Any]:
    """Entries and weeks as they are now, as an admin may see them: webhooks are an admin's."""
    admin = api_keys.main_administrator(organisation)
    if admin is None:
        return {}
    ids = {noun: [pk for kind, pk in told if kind == noun] for noun in (ENTRY, SHEET)}
    entries = entry_records.by_id(admin, ids[ENTRY]) if ids[ENTRY] else {}
    sheets = changes.sheets_by_id(admin, ids[SHEET]) if ids[SHEET] else {}
    for record in entries.values():
        record.pop("may_change", None)  # says what a person may do, and nobody asks here
    return {(ENTRY, pk): each for pk, each in entries.items()} | {(SHEET, pk): each for pk, each in sheets.items()}


def _names(ids: set[int | None]) -> dict[int | None, dict[str, Any]]:
    members = Membership.objects.filter(pk__in=[each for each in ids if each is not None])
    return {pk: {"id": pk, "name": name} for pk, name in members.values_list("pk", "display_name")}
