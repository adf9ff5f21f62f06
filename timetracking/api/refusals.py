"""From what a service refuses to a status and a code; each surface then writes it in its own shape."""

from __future__ import annotations

from django.core.exceptions import ObjectDoesNotExist, RequestDataTooBig, ValidationError
from django.db import OperationalError
from django.http import Http404

from accounts.api_shapes import Refusal
from timesheets_site.lib.errors import Conflict, DomainError, Locked, NotAllowed, OutOfReach, RuleViolation
from timetracking.api.callers import Unauthorised

RETRY_SECONDS = "5"
STATE_CODES = frozenset({
    "timesheet_not_open", "timesheet_not_submitted", "timesheet_not_approved", "timesheet_decided", "timesheet_empty",
    "decided_already", "entry_not_waiting", "entries_incomplete", "second_approval_needed", "timer_not_running",
    "timer_stopped", "timer_discarded", "timer_runs_already", "no_timer", "nothing_to_undo", "idempotency_running",
})  # fmt: skip
"""Refusals of a state: the same call may be right another time (409)."""
PERSON_CODES = frozenset({"own_week", "not_your_line"})
"""Refusals of this person (403)."""
LARGEST_BODY = 2_500_000


class BadRequest(Exception):
    """What was sent can't be read at all (400)."""

    def __init__(self, message: str, code: str = "unreadable", field: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.code = code
        self.field = field


def refusal_of(error: BaseException) -> Refusal | None:
    """How an exception is answered; None for one that is a fault of ours."""
    match error:
        case Unauthorised():
            return Refusal(401, error.code, error.message)
        case BadRequest():
            return Refusal(400, error.code, error.message, {error.field: [error.message]} if error.field else {})
        case OutOfReach():
            return Refusal(404, "not_found", "Not found.", _named(error))
        case Http404() | ObjectDoesNotExist():  # the latter: somebody deleted it a moment ago
            return Refusal(404, "not_found", "Not found.")
        case NotAllowed():
            return Refusal(403, error.code, str(error))
        case Conflict() | Locked():
            return Refusal(409, error.code, str(error))
        case RuleViolation():
            return Refusal(_status_of(error), error.code, str(error), _named(error))
        case DomainError():
            return Refusal(422, error.code, str(error), _named(error))
        case ValidationError():
            return Refusal(422, "invalid", "Some values can't be accepted.", _fields(error))
        case RequestDataTooBig():
            return Refusal(413, "too_large", f"A request has at most {LARGEST_BODY:,} bytes.")
        case OperationalError():
            words = "Not saved. Nothing was changed. Try again in a moment."
            return Refusal(503, "unavailable", words, headers={"Retry-After": RETRY_SECONDS})
    return None


def _status_of(error: RuleViolation) -> int:
    if error.code in PERSON_CODES:
        return 403
    return 409 if error.code in STATE_CODES else 422


def _named(error: DomainError) -> dict[str, list[str]]:
    return {error.field: [str(error)]} if error.field else {}


def _fields(error: ValidationError) -> dict[str, list[str]]:
    if hasattr(error, "error_dict"):
        return {name: [str(text) for text in texts] for name, texts in error.message_dict.items()}
    return {"": [str(text) for text in error.messages]}
