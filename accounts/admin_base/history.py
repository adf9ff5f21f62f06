"""A record's events from the audit trail, as lines for the admin."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import FieldDoesNotExist
from django.db import models
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from accounts.audit_words import word_for
from accounts.models import AuditEvent
from timesheets_site.lib import dates

LIMIT = 200
NOTHING = "\u2013"


@dataclass(frozen=True)
class Change:
    label: str
    before: str
    after: str


@dataclass(frozen=True)
class Line:
    when: str
    who: str
    what: str
    on_behalf_of: str
    changes: list[Change]


def lines_of(row: models.Model, zone: dt.tzinfo) -> list[Line]:
    """The latest LIMIT events of a record, newest first, moments in `zone`; one query."""
    events = AuditEvent.objects.filter(object_type=row._meta.model_name, object_id=row.pk)
    return [line_of(event, row, zone) for event in events.select_related("actor", "on_behalf_of")[:LIMIT]]


def line_of(event: AuditEvent, row: models.Model, zone: dt.tzinfo) -> Line:
    return Line(
        when=dates.moment(event.at, zone),
        who=str(event.actor) if event.actor else _("The product"),
        what=word_for(event.action),
        on_behalf_of=str(event.on_behalf_of) if event.on_behalf_of else "",
        changes=[
            Change(_label(row, name), _shown(before), _shown(after)) for name, (before, after) in event.changes.items()
        ],
    )


def _label(row: models.Model, name: str) -> str:
    try:
        field: Any = row._meta.get_field(name.removesuffix("_id"))
        return str(capfirst(field.verbose_name))
    except (FieldDoesNotExist, AttributeError):
        return name


def _shown(value: Any) -> str:
    if value is None or value == "":
        return NOTHING
    if isinstance(value, bool):
        return _("Yes") if value else _("No")
    return str(value)
