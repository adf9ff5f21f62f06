"""A line of a body as what a time entry gets: fields of the service, and what is only kept."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from timesheets_site.lib.errors import RuleViolation
from timetracking.api.intacct.bodies import Ref, Sent
from timetracking.api.intacct.finding import Finder
from timetracking.api.intacct.mapping.lines import OTHER_DIMENSIONS, OTHER_REFERENCES, PAYROLL
from timetracking.models import TimeEntry, Timesheet
from timetracking.models.billing import BillableOption
from timetracking.services.entry_checks import SUBJECT_LENGTH

LONGEST_ADDRESS = 500
OPERATION = "ia::operation"
DELETE = "delete"
READ_ONLY = frozenset({
    "key", "id", "href", "lineNumber", "state", "isBilled", "hours", "audit", "entity", "statisticalJournal",
    "billableUtilizedGLAccount", "nonBillableUtilizedGLAccount", "billableNonUtilizedGLAccount",
    "nonBillableNonUtilizedGLAccount", "billableUtilizedAccount", "nonBbillableUtilizedAccount",
    "nonBillableUtilizedAccount", "billableNonUtilizedAccount", "nonBillableNonUtilizedAccount",
})  # fmt: skip
"""Known, and never changed by what is sent: an object that was read may be sent back whole."""
WRITTEN = frozenset({
    "entryDate", "quantity", "description", "notes", "timeType", "isBillable", "dimensions", "externalPayroll",
    "timesheet", *OTHER_REFERENCES,
})  # fmt: skip
KNOWN = READ_ONLY | WRITTEN | {OPERATION}
OWN_DIMENSIONS = ("project", "task", "customer", "employee")
DIMENSIONS = frozenset({*OWN_DIMENSIONS, *OTHER_DIMENSIONS})
PLACES = {
    "date": "entryDate", "duration": "quantity", "subject": "description", "description": "notes",
    "record": "dimensions", "work_type": "timeType", "member": "employee", "billable_option": "isBillable",
    "week_start": "beginDate",
}  # fmt: skip
"""Our names of fields that are refused, in the words of the format."""


@dataclass
class Line:
    """What was sent for one line. `key` names an existing one."""

    sent: Sent
    key: str = ""
    is_deletion: bool = False
    dimensions: Sent | None = None
    kept: dict[str, Any] = field(default_factory=dict)
    """What nothing here stands behind, by name; None takes it away."""


def read(value: Any, at: str) -> Line:
    """A line, its types checked. Raises BadRequest."""
    sent = Sent(value, at, KNOWN)
    operation = sent.text(OPERATION)
    if operation not in (None, DELETE):
        raise sent.wrong(OPERATION, f"{OPERATION} can be {DELETE}.")
    line = Line(sent, sent.key("key"), operation == DELETE)
    if sent.value.get("dimensions") is not None:
        line.dimensions = Sent(sent.value["dimensions"], sent.place("dimensions"), DIMENSIONS)
        line.kept |= {"dimensions": _kept_dimensions(line.dimensions)}
    for name in OTHER_REFERENCES:
        if name in sent:
            line.kept[name] = kept_reference(sent, name)
    if "externalPayroll" in sent:
        line.kept["externalPayroll"] = _payroll(sent)
    line.kept |= sent.customs()
    return line


def check_new(line: Line) -> None:
    """Raises BadRequest for a new line without its date or its hours, and for one that is to be deleted."""
    if line.is_deletion:
        raise line.sent.wrong("key", "Name the line that is deleted by its key.", "required")
    line.sent.needed("entryDate")
    line.sent.needed("quantity")


def fields_of(line: Line, finder: Finder, sheet_member: int, entry: TimeEntry | None = None) -> dict[str, Any]:
    """What `time_entries.log` gets; `edit`, where `entry` is the stored one. Raises BadRequest or OutOfReach."""
    sent = line.sent
    fields: dict[str, Any] = {}
    if (day := sent.day("entryDate")) is not None:
        fields["date"] = day
    if (minutes := sent.minutes("quantity")) is not None:
        fields["minutes"] = minutes
    if "notes" in sent:
        fields["description"] = sent.text("notes") or ""
    fields |= _links(line, finder, sheet_member, entry)
    if "timeType" in sent:
        fields |= _time_type(sent.ref("timeType"), finder)
    fields |= _billing(line, entry, relinked="kind" in fields)
    if "description" in sent or entry is None:
        fields["subject"] = sent.text("description") or _subject(fields, entry)
    return fields


def _time_type(ref: Ref | None, finder: Finder) -> dict[str, Any]:
    if ref is None:
        return {"work_type": None}
    return {"work_type": finder.work_type(ref)} if ref.is_named else {}


def _billing(line: Line, entry: TimeEntry | None, *, relinked: bool) -> dict[str, Any]:
    """Not billable unless it says so; an entry that is asked for what it is keeps what was asked of it."""
    billable = line.sent.flag("isBillable")
    if billable is None and entry is not None:
        return {}
    if entry is not None and not relinked and billable == entry.billable:
        return {}
    return {"billable_option": BillableOption.BILLABLE.value if billable else BillableOption.DO_NOT_BILL.value}


def _links(line: Line, finder: Finder, sheet_member: int, entry: TimeEntry | None) -> dict[str, Any]:
    """Kind and records, where the dimensions say anything new of them; the project's own client counts."""
    dimensions = line.dimensions
    old: dict[str, Any] = {"project": None, "task": None, "customer": None}
    if entry is not None:
        old = {"project": entry.project, "task": entry.task, "customer": entry.client}
    new = dict(old)
    if dimensions is not None:
        _check_employee(dimensions, finder, sheet_member)
        if (project := _named(dimensions, "project")) is not None:
            new["project"] = finder.project(project) if project.is_named else None
            new["task"] = old["task"] if new["project"] == old["project"] else None
        if (task := _named(dimensions, "task")) is not None:
            new["task"] = finder.task(task, new["project"]) if task.is_named else None
            if new["task"] is not None and project is None:
                new["project"] = new["task"].project
        if (customer := _named(dimensions, "customer")) is not None:
            new["customer"] = finder.client(customer) if customer.is_named else None
    if entry is not None and (new == old or _follows(entry, old, new)):
        return {}
    if new["project"] is not None:
        code = entry.charge_code if entry is not None and entry.project == new["project"] else None
        return {"kind": "PROJECT", "project": new["project"], "task": new["task"], "charge_code": code}
    if new["task"] is not None:
        return {"kind": "PROJECT", "task": new["task"]}
    kept = {"charge_code": entry.charge_code, "activity": entry.activity} if _is_general(entry) and entry else {}
    return {"kind": "GENERAL", "client": new["customer"], **kept}


def _is_general(entry: TimeEntry | None) -> bool:
    return entry is not None and entry.kind == TimeEntry.Kind.GENERAL


def _follows(entry: TimeEntry, old: dict[str, Any], new: dict[str, Any]) -> bool:
    """Only the customer is other, of time whose client follows from its ticket or project."""
    same = new["project"] == old["project"] and new["task"] == old["task"]
    return same and entry.kind != TimeEntry.Kind.GENERAL


def _named(dimensions: Sent, name: str) -> Ref | None:
    """What a dimension is to be; None where it stays: not sent, or `{}`. A null is a Ref that names nothing."""
    if name not in dimensions:
        return None
    ref = dimensions.ref(name)
    if ref is None:
        return Ref(at=dimensions.place(name))
    return ref if ref.is_named else None


def _check_employee(dimensions: Sent, finder: Finder, sheet_member: int) -> None:
    ref = _named(dimensions, "employee")
    if ref is not None and ref.is_named and finder.member(ref).pk != sheet_member:
        words = _("The line is on the timesheet of somebody else.")
        raise RuleViolation("other_employee", words, ref.at)


def _subject(fields: dict[str, Any], entry: TimeEntry | None) -> str:
    """The first line of the notes, else what the record is called."""
    notes = fields.get("description", entry.description if entry else "")
    first = next((each.strip() for each in notes.splitlines() if each.strip()), "")
    record = fields.get("task") or fields.get("project") or fields.get("work_type")
    if record is None and entry is not None:
        record = entry.task or entry.project
        if first == "" and record is None:
            return entry.subject
    return first[:SUBJECT_LENGTH] or (record.name if record is not None else _("General time"))


# --- What is only kept ------------------------------------------------------------------------------------------------


def _kept_dimensions(dimensions: Sent) -> dict[str, Any]:
    names = [name for name in dimensions.value if name not in OWN_DIMENSIONS]
    return {name: kept_reference(dimensions, name) for name in names}


def kept_reference(sent: Sent, name: str, *, has_address: bool = True) -> dict[str, Any] | None:
    """`has_address` says that its href is kept too, not made from its key."""
    value = sent.value.get(name)
    if value is None:
        return None
    inner = Sent(value, sent.place(name), ("key", "id", "name", "href"))
    kept = {part: inner.key(part) for part in ("key", "id", "name") if inner.value.get(part) is not None}
    if has_address and (address := inner.text("href", LONGEST_ADDRESS)):
        kept["href"] = address
    return kept or None


def _payroll(sent: Sent) -> dict[str, Any] | None:
    if sent.value.get("externalPayroll") is None:
        return None
    inner = Sent(sent.value["externalPayroll"], sent.place("externalPayroll"), PAYROLL)
    for name, value in inner.value.items():
        if isinstance(value, bool) or not isinstance(value, int | float | str | None):
            raise inner.wrong(name, f"{name} is a number.")
        if isinstance(value, str) and len(value) > 40:
            raise inner.wrong(name, f"{name} is a number.")
    return dict(inner.value)


def merged(old: dict[str, Any], new: dict[str, Any]) -> dict[str, Any]:
    """What is kept from now on, for `partner_values.keep`: parts within dimensions and payroll stay that were not sent.

    >>> merged({"dimensions": {"item": {"key": "1"}}}, {"dimensions": {"item": None, "class": {"key": "2"}}})
    {'dimensions': {'class': {'key': '2'}}}
    """
    result = dict(new)
    for name in ("dimensions", "externalPayroll"):
        if isinstance(new.get(name), dict):
            parts = {**(old.get(name) or {}), **new[name]}
            result[name] = {part: value for part, value in parts.items() if value is not None} or None
    return result


def is_outside(day: dt.date, sheet: Timesheet) -> bool:
    """Is it filed under the sheet of another week than that of its date?"""
    return not sheet.week_start <= day <= sheet.week_end
