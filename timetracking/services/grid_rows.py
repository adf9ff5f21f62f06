"""Rows that a member puts into the grid of a week before there is time on them: add one, take an empty one out."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import audit
from accounts.models import Membership
from accounts.permissions import Permission, require
from timesheets_site.lib.errors import OutOfReach, RuleViolation
from timetracking.models import GridRow
from timetracking.models.record_links import link_fields, name_of
from timetracking.rules import closed_records, weeks
from timetracking.services import entry_links

MOST = 300
"""Rows that one week keeps; a page of more would be slow for its own member."""


@transaction.atomic
def add(actor: Membership, member: Membership, day: dt.date, record: Any) -> GridRow:
    """Put a ticket, project, task, charge code or activity into the member's week holding `day`.

    Twice is harmless: the row that is there already comes back. (Two at one moment may leave two, which show as one
    and are taken out together.) Raises NotAllowed, OutOfReach, or RuleViolation `link_required`, `record_closed`,
    `link_contradicts`, `too_many_rows` (field `record`).
    """
    require(actor, Permission.LOG_TIME, owner=member)
    if record is None:
        raise RuleViolation("link_required", _("Choose a ticket or project"), "record")
    week_start = weeks.week_containing(day, first_weekday=actor.organisation.first_weekday)
    rows = GridRow.objects.filter(member=member, week_start=week_start)
    present = rows.filter(**{name_of(record): record.pk}).first()
    if present is not None:
        return present
    fields = link_fields(record)
    link = entry_links.resolve(fields.pop("kind"), **fields)
    entry_links.check_takes_time(link, closed_records.grace_of(member, timezone.now()))
    if rows.count() >= MOST:
        words = _("A week keeps at most %(count)s rows. Remove those without time first.") % {"count": MOST}
        raise RuleViolation("too_many_rows", words, "record")
    row = GridRow(member=member, week_start=week_start)
    row.record = record
    row.save(force_insert=True)
    changes = {"week_start": (None, week_start), f"{name_of(record)}_id": (None, record.pk)}
    audit.record(actor, "grid_row.added", row, changes=changes, on_behalf_of=_other(actor, member))
    return row


@transaction.atomic
def remove(actor: Membership, row_id: int) -> GridRow:
    """Take a row out of its week; entries stay, and keep the row in sight.

    Raises NotAllowed, or OutOfReach for a row that is not there, or of somebody whose time the actor can't log.
    """
    require(actor, Permission.LOG_TIME)
    row = GridRow.objects.select_related("member").filter(pk=row_id).first()
    if row is None:
        raise OutOfReach
    require(actor, Permission.LOG_TIME, owner=row.member_id)
    name, _colon, pk = row.token.partition(":")
    changes = {"week_start": (row.week_start, None), f"{name}_id": (int(pk), None)}
    audit.record(actor, "grid_row.removed", row, changes=changes, on_behalf_of=_other(actor, row.member))
    same = {name: getattr(row, name) for name in ("member_id", "week_start", "ticket_id", "project_id", "task_id")}
    same |= {"charge_code_id": row.charge_code_id, "activity_id": row.activity_id}
    GridRow.objects.filter(**same).delete()
    return row


def _other(actor: Membership, owner: Membership) -> Membership | None:
    return owner if owner.pk != actor.pk else None
