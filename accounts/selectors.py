"""Reads of the platform's pages: the member list, the audit log, what a member was told."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.core.paginator import Page, Paginator
from django.db import models
from django.db.models import Case, Exists, F, OuterRef, Q, QuerySet, Subquery, When
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django_otp.plugins.otp_totp.models import TOTPDevice

from accounts.audit_words import LABELS, SHOWN, STATES, word_for
from accounts.models import ApiKey, AuditEvent, CapacityChange, Membership, Notification, Organisation
from accounts.notice_kinds import words_of

PAGE_SIZE = 50
UNREAD_SHOWN = 99
SHOWN_CHARACTERS = 80


def members(query: str = "") -> QuerySet[Membership]:
    """The active organisation's members, active ones first, each with `has_second_factor` and `weekly_minutes_now`."""
    begun = CapacityChange.objects.filter(member=OuterRef("pk"), starts_on__lte=timezone.now().date())
    latest = Subquery(begun.order_by("-starts_on").values("weekly_capacity_minutes")[:1])
    device = TOTPDevice.objects.filter(user=OuterRef("user_id"), confirmed=True)
    found = Membership.objects.select_related("user", "line_manager").annotate(
        has_second_factor=Exists(device), weekly_minutes_now=Coalesce(latest, F("weekly_capacity_minutes"))
    )
    if query:
        found = found.filter(display_name__icontains=query) | found.filter(user__email__icontains=query)
    return found.order_by("-is_active", "display_name", "pk")


def api_keys(viewer: Membership) -> QuerySet[ApiKey]:
    """The keys that a member may see, those that are neither revoked nor expired first, then the latest."""
    live = Q(revoked_at__isnull=True) & (Q(expires_at__isnull=True) | Q(expires_at__gt=timezone.now()))
    keys = ApiKey.objects.visible_to(viewer).select_related("organisation", "member__user")
    found: QuerySet[ApiKey] = keys.alias(over=Case(When(live, then=0), default=1)).order_by("over", "-pk")
    return found


@dataclass(frozen=True)
class Change:
    field: str
    before: str
    after: str


@dataclass(frozen=True)
class AuditRow:
    at: dt.datetime
    who: str
    what: str
    subject: str
    changes: list[Change]
    address: str
    key: str = ""
    """The name of the API key by which it was done."""


def audit_page(
    viewer: Membership,
    number: Any,
    *,
    member: Membership | None,
    action: str,
    first: dt.date | None,
    last: dt.date | None,
) -> tuple[Page, list[AuditRow]]:
    """One page of the active organisation's history, latest first. Days are the viewer's, both included."""
    events = AuditEvent.objects.select_related("actor").order_by("-pk")
    if member:
        events = events.filter(actor=member)
    if action:
        events = events.filter(action=action)
    if first:
        events = events.filter(at__gte=_start_of(first, viewer))
    if last:
        events = events.filter(at__lt=_start_of(last + dt.timedelta(days=1), viewer))
    page = Paginator(events, PAGE_SIZE).get_page(number)
    shown = list(page.object_list)
    ids = {event.object_id for event in shown if event.object_type == "membership"}
    names = {pk: member.display_name for pk, member in Membership.objects.in_bulk(ids).items()}
    keys = _key_names(shown)
    return page, [_row(event, names, keys) for event in shown]


def _key_names(events: Iterable[AuditEvent]) -> dict[int, str]:
    """What the keys are called by which something was done, or to which it was; one query where there are any."""
    by = {event.token_id for event in events if event.token_id}
    ids = by | {event.object_id for event in events if event.object_type == "apikey"}
    return dict(ApiKey.objects.filter(pk__in=ids).values_list("pk", "name")) if ids else {}


@dataclass(frozen=True)
class NotificationRow:
    pk: int
    line: str
    quote: str
    at: dt.datetime
    unread: bool


def notifications_page(viewer: Membership, number: Any) -> tuple[Page, list[NotificationRow]]:
    """One page of what a member was told in the product, latest first, in words for their clock."""
    page = Paginator(Notification.objects.filter(member=viewer), PAGE_SIZE).get_page(number)
    rows = []
    for told in page.object_list:
        words = words_of(told.kind, told.values, viewer.zone)
        rows.append(NotificationRow(told.pk, words.line, words.quote, told.created_at, told.read_at is None))
    return page, rows


def unread_count(member: Membership) -> int:
    """How many notifications a member has not read, counted up to UNREAD_SHOWN + 1."""
    unread = Notification.objects.filter(member=member, read_at__isnull=True).order_by()
    return int(unread[: UNREAD_SHOWN + 1].count())


def last_settings_change(organisation: Organisation) -> AuditEvent | None:
    """The latest change of the organisation's settings, with who made it."""
    events = AuditEvent.objects.filter(
        object_type="organisation", object_id=organisation.pk, action="organisation.settings_changed"
    )
    return events.select_related("actor").order_by("-pk").first()


def _start_of(day: dt.date, viewer: Membership) -> dt.datetime:
    return dt.datetime.combine(day, dt.time(), viewer.zone)


def _row(event: AuditEvent, names: dict[int, str], keys: dict[int, str]) -> AuditRow:
    model = _model(event.object_type)
    named = {"membership": names, "apikey": keys}.get(event.object_type, {})
    subject = named.get(event.object_id)
    if subject is None:
        subject = f"{model._meta.verbose_name if model else event.object_type} {event.object_id}"
    changes = [_change(model, name, old, new) for name, (old, new) in event.changes.items()]
    who = event.actor.display_name if event.actor else _("The product")
    key = keys.get(event.token_id or 0, "")
    return AuditRow(event.at, who, word_for(event.action), subject, changes, event.address or "", key)


def _model(name: str) -> Any:
    return next((model for model in apps.get_models() if model._meta.model_name == name), None)


def _change(model: Any, name: str, old: Any, new: Any) -> Change:
    known = model._meta.concrete_fields if model else ()
    field = next((field for field in known if name in (field.name, field.attname)), None)
    say = SHOWN.get(name)
    before, after = (say(value) if say and value not in (None, "") else _words(field, value) for value in (old, new))
    return Change(_label(field, name), before, after)


def _label(field: Any, name: str) -> str:
    """The name that the field was given; else the name of what it points to."""
    if name in LABELS:
        return str(LABELS[name])
    if field is None:
        return name
    if field._verbose_name is None and field.is_relation:
        return str(field.related_model._meta.verbose_name)
    return str(field.verbose_name)


def _words(field: Any, value: Any) -> str:
    if value is None or value == "":
        return "\N{EN DASH}"
    if isinstance(value, bool):
        return _("on") if value else _("off")
    if isinstance(field, models.DateTimeField):
        return date_format(timezone.localtime(dt.datetime.fromisoformat(value)), "j M Y, H:i")
    if isinstance(value, dict):  # which records stood where: how many
        return ", ".join(f"{STATES.get(place, place) or '–'}: {len(ids)}" for place, ids in value.items())
    choices = dict(getattr(field, "flatchoices", []))
    text = ", ".join(map(str, value)) if isinstance(value, list) else str(choices.get(value, value))
    return text if len(text) <= SHOWN_CHARACTERS else text[: SHOWN_CHARACTERS - 1] + "…"
