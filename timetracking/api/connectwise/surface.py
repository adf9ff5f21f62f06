"""The key pair and the shape of refusals of the ConnectWise format."""

from __future__ import annotations

import functools
import logging
from collections.abc import Iterable
from typing import NamedTuple

from django.http import HttpRequest, HttpResponse, JsonResponse

from accounts.api_shapes import Refusal
from accounts.services import api_keys
from timetracking.api.callers import Caller, Kind, Unauthorised, basic, of_key
from timetracking.api.refusals import BadRequest
from timetracking.api.surface import Surface

logger = logging.getLogger(__name__)
LONGEST_CLIENT_ID = 64
CODES = {400: "InvalidArgument", 401: "Unauthorized", 403: "Forbidden", 404: "NotFound", 405: "MethodNotAllowed",
         409: "ConflictingOperation", 413: "InvalidArgument", 429: "TooManyRequests", 500: "Unhandled",
         503: "ServiceUnavailable"}  # fmt: skip


RESOURCES = {"entries": "timeEntry", "sheets": "timeSheet", "worktypes": "workType", "workroles": "workRole",
             "chargecodes": "chargeCode"}  # fmt: skip
OURS = frozenset({"InvalidArgument", "InvalidObject"})
"""Codes that operations of this surface name themselves."""
FIELDS = {
    "member": "member", "date": "timeStart", "start": "timeStart", "end": "timeEnd", "duration": "actualHours",
    "break_minutes": "hoursDeduct", "record": "chargeToId", "kind": "chargeToType", "subject": "notes",
    "description": "notes", "internal_notes": "internalNotes", "billable_option": "billableOption",
    "work_type": "workType", "work_role": "workRole", "client": "company", "values": "customFields",
}  # fmt: skip
"""Our names of fields in theirs."""


class Problem(NamedTuple):
    """What is wrong with one field of an object that was sent."""

    message: str
    field: str
    code: str = "InvalidField"


class InvalidObject(BadRequest):
    """An object that was sent lacks something, or has what can't be: all of it at once."""

    def __init__(self, *problems: Problem) -> None:
        super().__init__(problems[0].message, "InvalidObject", problems[0].field)
        self.problems = problems


def required(field: str) -> Problem:
    """
    >>> required("chargeToId").message
    'chargeToId required'
    """
    return Problem(f"{field} required", field, "MissingRequiredField")


def resource_of(request: HttpRequest) -> str:
    """What the address is about, as errors name it: "timeEntry"."""
    part = request.path_info.lower().partition("/time/")[2].partition("/")[0]
    return RESOURCES.get(part, "timeEntry")


def shape(request: HttpRequest, refusal: Refusal) -> HttpResponse:
    """Their clients know 400, 401, 403, 404, 405, 409 and 500: what is not acceptable (422) is a 400 here."""
    status = 400 if refusal.status in (412, 422) else refusal.status
    problems = [
        Problem(text, FIELDS.get(name, name), pascal(refusal.code))
        for name, texts in refusal.errors.items()
        for text in texts
    ]
    if refusal.status == 422:
        return object_refused(request, *(problems or [Problem(refusal.message, "", pascal(refusal.code))]))
    code = refusal.code if refusal.code in OURS else CODES.get(status, "InvalidArgument")
    return _body(request, status, code, refusal.message, problems)


def object_refused(request: HttpRequest, *problems: Problem) -> HttpResponse:
    """400 with everything that is wrong with the object."""
    return _body(request, 400, "InvalidObject", f"{resource_of(request)} object is invalid", problems)


def pascal(code: str) -> str:
    """Our codes in their spelling.

    >>> pascal("day_too_long"), pascal("InvalidArgument")
    ('DayTooLong', 'InvalidArgument')
    """
    return "".join(part[:1].upper() + part[1:] for part in code.split("_"))


def _body(request: HttpRequest, status: int, code: str, message: str, problems: Iterable[Problem]) -> HttpResponse:
    resource = resource_of(request)
    errors = [
        {"code": each.code, "message": each.message, "resource": resource, "field": each.field} for each in problems
    ]
    return JsonResponse({"code": code, "message": message, "errors": errors or None}, status=status)


def authenticate(request: HttpRequest) -> Caller:
    """`company+publicKey` and the private key; the company is the organisation's short name."""
    name, private = basic(request)
    company, _plus, public = name.partition("+")
    key = api_keys.find(Kind.CONNECTWISE, public, private)
    if key is not None and key.organisation.slug != company.lower():
        raise Unauthorised
    caller = of_key(key)
    if key is not None and (client := request.headers.get("clientId", "").strip()):
        note_client(key.pk, client[:LONGEST_CLIENT_ID])
    return caller


@functools.lru_cache(maxsize=1_000)
def note_client(key: int, client: str) -> None:
    """Which program a key is used by, said in the log when this process sees it first."""
    logger.info("Key %d is used by the client %s", key, client)


SURFACE = Surface(
    "connectwise",
    ("/time/", "/system/", "/v4_6_release/", "/login/companyinfo/"),
    shape,
    authenticate,
    challenge='Basic realm="API"',
    reading_posts=frozenset({"/time/entries/defaults"}),
)
