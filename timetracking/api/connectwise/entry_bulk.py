"""One change for many time entries, each by itself: one refusal does not stop the rest."""

from __future__ import annotations

import contextlib
from collections import defaultdict
from typing import Any

from accounts.models import Membership
from timesheets_site.lib.errors import DomainError
from timesheets_site.lib.numbers import fits
from timetracking.api.connectwise import entry_bodies, entry_changes
from timetracking.api.connectwise.references import whole_number
from timetracking.api.connectwise.surface import CODES, InvalidObject, Problem, required
from timetracking.api.connectwise.vocabulary import Words, meaning_of
from timetracking.api.refusals import BadRequest, refusal_of
from timetracking.models import TimeEntry
from timetracking.services import approvals

MOST = 200


def change(actor: Membership, words: Words, sent: object) -> dict[str, Any]:
    """Patch all entries of `ids` with `operation`; what became of each, in their order. Raises InvalidObject."""
    ids, operation = _read(sent)
    decided = _decided_together(actor, ids, operation)
    outcomes = {
        pk: {"success": True} if pk in decided else _one(actor, words, pk, operation) for pk in _in_order(actor, ids)
    }
    results = [{"id": pk, **outcomes[pk]} for pk in ids]
    success = sum(1 for each in results if each["success"])
    return {"total": len(ids), "success": success, "failed": len(ids) - success, "results": results}


def _read(sent: object) -> tuple[list[int], dict[str, Any]]:
    if not isinstance(sent, dict):
        raise BadRequest("The body has to be an object with ids and operation.", "InvalidArgument")
    given, operation = sent.get("ids"), sent.get("operation")
    if problems := [required(name) for name, value in (("ids", given), ("operation", operation)) if value is None]:
        raise InvalidObject(*problems)
    ids = [whole_number(each) for each in given] if isinstance(given, list) else []
    whole = [pk for pk in ids if pk is not None]
    if not whole or len(whole) != len(ids) or len(ids) > MOST:
        raise InvalidObject(Problem(f"ids has to be an array of 1 to {MOST} whole numbers", "ids"))
    if not isinstance(operation, dict) or not operation:
        raise InvalidObject(Problem('operation has to be an object like {"status": "Approved"}', "operation"))
    return list(dict.fromkeys(whole)), operation


def _in_order(actor: Membership, ids: list[int]) -> list[int]:
    """Week by week, as everybody locks them; unknown ones last."""
    fitting = [pk for pk in ids if fits(pk)]
    known = TimeEntry.objects.visible_to(actor).filter(pk__in=fitting).order_by("timesheet_id", "pk")
    found = list(known.values_list("pk", flat=True))
    return [*found, *(pk for pk in ids if pk not in set(found))]


def _decided_together(actor: Membership, ids: list[int], operation: dict[str, Any]) -> set[int]:
    """Entries of a week that are approved or rejected together: one step of its history, and its member is told once.

    What is refused so is left to be tried, and refused, by itself.
    """
    body = entry_bodies.fields_of(operation)
    status = meaning_of(body.get("status"))
    if not body.keys() <= {"status", "reason"} or status not in ("Approved", "Rejected"):
        return set()
    rows = TimeEntry.objects.visible_to(actor).filter(pk__in=[pk for pk in ids if fits(pk)])
    weeks: dict[int, list[int]] = defaultdict(list)
    for sheet, pk in rows.exclude(status=TimeEntry.Status.BILLED).order_by("pk").values_list("timesheet_id", "pk"):
        weeks[sheet].append(pk)
    decided: set[int] = set()
    for sheet, group in sorted(weeks.items()):
        reasons = dict.fromkeys(group, entry_changes.reason_of(body)) if status == "Rejected" else None
        with contextlib.suppress(DomainError):
            approvals.decide(actor, sheet, version=None, approve=[] if reasons else group, reject=reasons)
            decided.update(group)
    return decided


def _one(actor: Membership, words: Words, pk: int, operation: dict[str, Any]) -> dict[str, Any]:
    try:
        entry_changes.patch(actor, words, pk, operation)
    except (DomainError, BadRequest) as error:
        refusal = refusal_of(error)
        if refusal is None:
            raise
        status = 400 if refusal.status == 422 else refusal.status
        code = "InvalidObject" if refusal.status in (400, 422) else CODES.get(status, "InvalidArgument")
        return {"success": False, "error": {"code": code, "message": refusal.message}}
    return {"success": True}
