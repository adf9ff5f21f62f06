"""What a new time entry would have: the same decisions as on a write, nothing stored."""

from __future__ import annotations

from typing import Any

from django.utils import timezone

from accounts.models import Membership
from accounts.permissions import Permission, require
from timetracking.api.connectwise import entry_bodies, entry_changes
from timetracking.api.connectwise.entry_rows import planned
from timetracking.api.connectwise.vocabulary import Words
from timetracking.models import TimeEntry
from timetracking.services import entry_preview
from timetracking.services.rate_book import RateBook


def defaults(actor: Membership, words: Words, sent: object) -> dict[str, Any]:
    """The entry that a body, which need not be whole, would make; without a start it starts now.

    Raises OutOfReach, InvalidObject, and RuleViolation for links and times that no entry could have.
    """
    body = entry_bodies.fields_of({} if sent is None else sent)
    body = {name: value for name, value in body.items() if value not in (None, "")}
    body.setdefault("timeStart", timezone.now().replace(second=0, microsecond=0).isoformat())
    entry_bodies.kept(body)
    member, fields = entry_changes.new_fields(actor, body)
    require(actor, Permission.LOG_TIME, owner=member)
    kind = entry_bodies.charge_type(body)
    open_kind = "chargeToId" not in body and kind in ("ServiceTicket", "ProjectTicket")
    if open_kind:
        fields.setdefault("work_type", RateBook(actor.organisation).default_type())
    if fields.get("started_at") == fields.get("ended_at"):
        fields |= {"ended_at": None}
    entry, _share = entry_preview.preview(member, **fields)
    now = timezone.now()
    entry.recorded_by, entry.created_at, entry.updated_at, entry.status = actor, now, now, TimeEntry.Status.OPEN
    entry.subject, entry.description = fields["subject"], fields["description"]
    entry.internal_notes = fields["internal_notes"]
    shown = {**planned(actor, words, entry), "notes": entry.description or None}
    if open_kind:  # sent back with an id, it has to be that kind's, and its record decides on billing
        shown |= {"chargeToType": kind, "billableOption": entry_bodies.option(body)}
        shown["_info"].pop("askedBillableOption", None)
    return shown
