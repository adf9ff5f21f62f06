"""What a body asks of a time entry, as plain values: the shapes that are accepted, and the checks of what is only kept.

Names count without regard to case; what is no field, and what is read-only, says nothing.
"""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

from timetracking.api import values as wire
from timetracking.api.connectwise.entry_rows import KEPT, KEPT_FLAGS
from timetracking.api.connectwise.entry_times import FIRST_YEAR, LAST_YEAR, Sent, midnight
from timetracking.api.connectwise.references import whole_number
from timetracking.api.connectwise.surface import InvalidObject, Problem, required
from timetracking.api.connectwise.vocabulary import meaning_of
from timetracking.api.refusals import BadRequest
from timetracking.models.billing import BillableOption

TIMES = ("timeStart", "timeEnd", "actualHours", "hoursDeduct")
WRITABLE = (
    "member", "chargeToId", "chargeToType", "company", *TIMES, "billableOption", "workType", "workRole", "agreement",
    "notes", "internalNotes", "status", *KEPT,
)  # fmt: skip
READ_ONLY = (
    "id", "hourlyRate", "hoursBilled", "invoiceHours", "agreementHours", "agreementAmount", "overageRate", "enteredBy",
    "dateEntered", "invoice", "timeSheet", "ticket", "project", "phase", "_info", "invoiceFlag", "invoiceReady",
)  # fmt: skip
NAMES = {name.lower(): name for name in (*WRITABLE, *READ_ONLY, "reason")}
CHARGE_TYPES = ("ServiceTicket", "ProjectTicket", "ChargeCode", "Activity")
OPTIONS = {option.lower(): option for option in BillableOption.values}
SETTABLE = ("Open", "Approved", "Rejected")
LONGEST = 20_000
"""Characters of any text; what is stored is limited by the services."""
LONGEST_CC = 1_000
MOST_CUSTOM_FIELDS = 50
CUSTOM_FIELD = ("id", "caption", "type", "entryMethod", "numberOfDecimals", "value")
Body = dict[str, Any]


def fields_of(sent: object) -> Body:
    """The fields of an object by their own spelling. Raises BadRequest for what is no object."""
    if not isinstance(sent, dict):
        raise BadRequest("The body has to be a time entry as a JSON object.", "InvalidArgument")
    return {NAMES[name.lower()]: value for name, value in sent.items() if name.lower() in NAMES}


def patched_fields(sent: object) -> Body:
    """The fields that a PATCH names: an object of them, or an array of operations. Raises BadRequest, InvalidObject.

    >>> patched_fields([{"op": "replace", "path": "/Notes", "value": "x"}, {"op": "remove", "path": "workType/id"}])
    {'notes': 'x', 'workType': None}
    >>> patched_fields([{"op": "add", "path": "workRole/id", "value": 5}])
    {'workRole': {'id': 5}}
    """
    if not isinstance(sent, list):
        return fields_of(sent)
    body: Body = {}
    for operation in sent:
        if not isinstance(operation, dict) or not isinstance(operation.get("path"), str):
            raise BadRequest("Each operation has to be an object with op, path and value.", "InvalidArgument")
        verb = operation.get("op")
        if not isinstance(verb, str) or verb.lower() not in ("add", "replace", "remove"):
            raise BadRequest("Operations are add, replace and remove.", "InvalidArgument")
        name, _slash, part = operation["path"].strip("/").partition("/")
        known = NAMES.get(name.lower())
        if known is None or (part and part.lower() not in ("id", "identifier", "name")):
            raise InvalidObject(Problem(f"{operation['path'][:60]} is no field", operation["path"][:60]))
        value = None if verb.lower() == "remove" else operation.get("value")
        body[known] = {part.lower(): value} if part and value is not None else value
    return body


# --- Single values ----------------------------------------------------------------------------------------------------


def text(body: Body, name: str) -> str | None:
    """A text; None for null and for what is not there."""
    value = body.get(name)
    if value is None:
        return None
    if not isinstance(value, str) or len(value) > LONGEST:
        raise InvalidObject(Problem(f"{name} has to be a text of at most {LONGEST:,} characters", name))
    return value


def sent_times(body: Body) -> tuple[Sent, bool]:
    """The times of a body, and whether its start is a day alone."""
    start, only_day = _moment(body, "timeStart")
    end, _only_day = _moment(body, "timeEnd")
    return Sent(start, end, _hours(body, "actualHours"), _hours(body, "hoursDeduct")), only_day


def _moment(body: Body, name: str) -> tuple[dt.datetime | None, bool]:
    value = body.get(name)
    if value in (None, ""):
        return None, False
    day = wire.day(value) if isinstance(value, str) and len(value) <= 60 else None
    at = midnight(day) if day else wire.instant(value) if isinstance(value, str) and len(value) <= 60 else None
    if at is None or not FIRST_YEAR <= at.year <= LAST_YEAR:
        raise InvalidObject(Problem(f"{name} has to be a date and time like 2026-03-02T09:00:00Z", name))
    return at, day is not None


def _hours(body: Body, name: str) -> int | None:
    value = body.get(name)
    if value in (None, ""):
        return None
    minutes = wire.minutes_of_hours(value)
    if minutes is None or minutes < 0:
        raise InvalidObject(Problem(f"{name} has to be a number of hours", name))
    return minutes


def charge_type(body: Body, default: str = "ServiceTicket") -> str:
    value = body.get("chargeToType")
    if value in (None, ""):
        return default
    known = {each.lower(): each for each in CHARGE_TYPES}
    if not isinstance(value, str) or value.lower() not in known:
        raise InvalidObject(Problem(f"chargeToType has to be one of {', '.join(CHARGE_TYPES)}", "chargeToType"))
    return known[value.lower()]


def charge_id(body: Body) -> int:
    found = whole_number(body.get("chargeToId"))
    if found is None:
        raise InvalidObject(Problem("chargeToId has to be a whole number", "chargeToId"))
    return found


def option(body: Body) -> str:
    """The billing option; null decides by default."""
    value = body.get("billableOption")
    if value in (None, ""):
        return str(BillableOption.NO_DEFAULT.value)
    if not isinstance(value, str) or value.lower() not in OPTIONS:
        raise InvalidObject(Problem(f"billableOption has to be one of {', '.join(OPTIONS.values())}", "billableOption"))
    return str(OPTIONS[value.lower()])


def status(body: Body) -> str | None:
    """The short word of a status that may be set; None where none is named. Raises InvalidObject."""
    value = body.get("status")
    if value is None:
        return None
    meant = meaning_of(value)
    if meant not in SETTABLE:
        raise InvalidObject(Problem("Invalid status: use Open, Approved or Rejected", "status"))
    return meant


def missing(body: Body, *, now: Body | None = None) -> list[Problem]:
    """What a whole object lacks. `now` is the entry as it was read: what is null there may be null again."""
    names = ["chargeToId", "member", "timeStart"]
    if charge_type(body) == "ChargeCode":
        names.append("company")
    lacking = [name for name in names if body.get(name) in (None, "") and (now is None or now.get(name) is not None)]
    if now is None and all(body.get(name) in (None, "") for name in ("timeEnd", "actualHours")):
        lacking.append("timeEnd")
    return [required(name) for name in lacking]


# --- What is only kept ------------------------------------------------------------------------------------------------


def kept(body: Body) -> dict[str, Any]:
    """The values of `KEPT` that a body names; None takes one away. Raises InvalidObject."""
    found: dict[str, Any] = {}
    for name in KEPT:
        if name in body:
            found[name] = None if body[name] is None else _kept(name, body[name])
    return found


def _kept(name: str, value: Any) -> Any:
    if name in KEPT_FLAGS:
        if isinstance(value, bool):
            return value or None
        raise InvalidObject(Problem(f"{name} has to be true or false", name))
    if name in ("locationId", "businessUnitId"):
        number = whole_number(value)
        if number is not None and abs(number) < 2**31:
            return number
        raise InvalidObject(Problem(f"{name} has to be a whole number", name))
    if name == "emailCc":
        if isinstance(value, str) and len(value) <= LONGEST_CC:
            return value or None
        raise InvalidObject(Problem(f"emailCc has to be a text of at most {LONGEST_CC:,} characters", name))
    if name == "mobileGuid":
        try:
            return str(uuid.UUID(value)) if isinstance(value, str) else str(uuid.UUID(""))
        except ValueError:
            raise InvalidObject(Problem("mobileGuid has to be a UUID", name)) from None
    return _custom_fields(value)


def _custom_fields(value: Any) -> list[dict[str, Any]] | None:
    good = isinstance(value, list) and len(value) <= MOST_CUSTOM_FIELDS
    if not good or not all(isinstance(each, dict) and _plain(each) for each in value):
        words = f"customFields has to be an array of at most {MOST_CUSTOM_FIELDS} objects with id and value"
        raise InvalidObject(Problem(words, "customFields"))
    return [{name: each[name] for name in CUSTOM_FIELD if name in each} for each in value] or None


def _plain(custom: dict[str, Any]) -> bool:
    values = [custom[name] for name in CUSTOM_FIELD if name in custom]
    return whole_number(custom.get("id")) is not None and not any(isinstance(each, list | dict) for each in values)
