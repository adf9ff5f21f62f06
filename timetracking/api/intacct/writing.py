"""Timesheets and lines as they are sent, written by the services: a sheet with its lines is written whole, or not."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import Membership
from timesheets_site.lib import numbers
from timesheets_site.lib.errors import DomainError, NotAllowed, OutOfReach, RuleViolation
from timetracking.api.intacct import line_bodies
from timetracking.api.intacct.bodies import Sent
from timetracking.api.intacct.finding import Finder, number, unknown
from timetracking.api.intacct.line_bodies import PLACES, Line
from timetracking.api.intacct.mapping import LINES, TIMESHEETS, read
from timetracking.api.intacct.mapping.fields import KEPT_AS
from timetracking.api.intacct.mapping.timesheets import DELETED
from timetracking.models import TimeEntry, Timesheet
from timetracking.services import approvals, many_entries, partner_values, timesheets, whole_weeks
from timetracking.services.many_entries import Step

READ_ONLY = frozenset({
    "key", "id", "href", "endDate", "employeeContact", "unitOfMeasure", "hoursInDay", "calculationMethod",
    "postActualLaborCost", "employeeClassId", "employeeDepartmentId", "employeePositionId", "employeeLocation", "audit",
    "entity", "hours", "billableQuantity", "nonBillableQuantity",
})  # fmt: skip
"""Known, and never changed by what is sent: an object that was read may be sent back whole."""
KNOWN = READ_ONLY | {"beginDate", "postingDate", "state", "description", "employee", "attachment", "lines"}
State = Timesheet.State
NEW_STATES = (State.DRAFT.value, State.SAVED.value, State.SUBMITTED.value)
LONGEST_DESCRIPTION = 400
LINKED = ("timesheet", "member", "project", "task", "client", "charge_code", "activity", "work_type")


# --- Timesheets -------------------------------------------------------------------------------------------------------


def create(asker: Membership, value: Any, at: str = "") -> dict[str, Any]:
    """A new sheet with its lines; its reference. `at` is the body's place in an array.

    Raises BadRequest, or what the services refuse, with the place in the body.
    """
    sent = Sent(value, at, KNOWN)
    sent.needed("beginDate")
    begin, state = sent.day("beginDate"), _state(sent) or State.DRAFT.value
    if state not in NEW_STATES:
        words = _("A new timesheet is a draft, saved or submitted.")
        raise RuleViolation("state_not_new", words, sent.place("state"))
    lines = _lines(sent)
    for line in lines:
        line_bodies.check_new(line)
    header = _header(asker, sent)
    employee = sent.ref("employee")
    if employee is None or not employee.is_named or begin is None:
        raise RuleViolation("employee_required", _("Name the employee."), sent.place("employee"))
    finder = Finder(asker)
    member = finder.member(employee)
    with transaction.atomic(), _Placed(at):
        whole_weeks.check(asker, member, begin)
        steps = [_new_step(member, begin, line, finder) for line in lines]
        whole_weeks.hold(asker, member, begin, steps)
        sheet = whole_weeks.take(member, begin)
        old = partner_values.of_timesheets(KEPT_AS, [sheet.pk]).get(sheet.pk, {})
        partner_values.keep(KEPT_AS, sheet, {**dict.fromkeys(old), **header})
        _write(asker, sheet, steps)
        sheet = whole_weeks.again(asker, sheet.pk)
        if state != State.DRAFT or sheet.state not in Timesheet.RETURNED:  # a week that was declined stays so till sent
            _to_state(asker, sheet, state, sent.text("description") or "")
    return TIMESHEETS.reference(sheet.pk)


def change(asker: Membership, key: str, value: Any) -> dict[str, Any]:
    """Header fields, lines and the state that are named; the sheet's reference. Raises as `create` does."""
    sheet, sent = sheet_of(asker, key), Sent(value, "", KNOWN)
    state, lines, header, finder = _state(sent), _lines(sent), _header(asker, sent), Finder(asker)
    _check_same(sent, sheet, finder)
    entries = {entry.pk: entry for entry in _entries().filter(timesheet=sheet)} if lines else {}
    steps = [_step(sheet, line, entries, finder) for line in lines]
    with transaction.atomic(), _Placed(""):
        whole_weeks.hold(asker, sheet.member, sheet.week_start, steps)
        sheet = whole_weeks.again(asker, sheet.pk)
        if state == State.DRAFT and sheet.state in Timesheet.WAITING:
            timesheets.recall(asker, sheet.pk)
            sheet = whole_weeks.again(asker, sheet.pk)
        if header := _other_header(asker, sheet, header):
            whole_weeks.check_header(asker, sheet)
            partner_values.keep(KEPT_AS, sheet, header)
        _write(asker, sheet, steps)
        if state is not None:
            kept = partner_values.of_timesheets(KEPT_AS, [sheet.pk]).get(sheet.pk, {})
            _to_state(asker, whole_weeks.again(asker, sheet.pk), state, kept.get("description", ""))
    return TIMESHEETS.reference(sheet.pk)


@transaction.atomic
def delete(asker: Membership, key: str) -> None:
    """Delete what is in a sheet; unknown from now on, until something is logged in its week."""
    sheet = sheet_of(asker, key)
    steps = [many_entries.Delete(pk) for pk in whole_weeks.entries_of(sheet)]
    whole_weeks.hold(asker, sheet.member, sheet.week_start, steps)
    sheet = whole_weeks.again(asker, sheet.pk)
    whole_weeks.clear(asker, sheet)
    partner_values.keep(KEPT_AS, sheet, {DELETED: True})


def sheet_of(asker: Membership, key: str, place: str = "") -> Timesheet:
    """The sheet that a path, or a body at `place`, names. Raises OutOfReach."""
    pk = number(key)
    rows = TIMESHEETS.rows(asker).select_related("member__user")
    sheet: Timesheet | None = rows.filter(pk=pk).first() if pk is not None else None
    if sheet is None:
        raise unknown(place) if place else OutOfReach()
    sheet.member.organisation = asker.organisation
    return sheet


def _lines(sent: Sent) -> list[Line]:
    found = sent.objects("lines", many_entries.MOST)
    return [line_bodies.read(value, f"{sent.place('lines')}.{place}") for place, value in enumerate(found)]


def _header(asker: Membership, sent: Sent) -> dict[str, Any]:
    """What is kept of the header, by name: None takes it away. A date in a closed period is the first day after it."""
    header = sent.customs()
    if "description" in sent:
        header["description"] = sent.text("description", LONGEST_DESCRIPTION)
    if "attachment" in sent:
        header["attachment"] = line_bodies.kept_reference(sent, "attachment", has_address=False)
    if "postingDate" in sent:
        day, lock_date = sent.day("postingDate"), asker.organisation.lock_date
        if day is not None and lock_date is not None and day <= lock_date:
            day = lock_date + dt.timedelta(days=1)
        header["postingDate"] = day.isoformat() if day is not None else None
    return header


def _other_header(asker: Membership, sheet: Timesheet, header: dict[str, Any]) -> dict[str, Any]:
    """What of it is not as it is shown: a sheet that was read may be sent back whole, whatever its state."""
    if not header:
        return {}
    kept = partner_values.of_timesheets(KEPT_AS, [sheet.pk]).get(sheet.pk, {})
    [shown] = read(TIMESHEETS, asker, TIMESHEETS.rows(asker).filter(pk=sheet.pk), ("description", "postingDate"))
    now = {**kept, **shown}
    return {name: value for name, value in header.items() if (value or None) != (now.get(name) or None)}


def _check_same(sent: Sent, sheet: Timesheet, finder: Finder) -> None:
    """A sheet keeps its week and its employee."""
    begin, employee = sent.day("beginDate"), sent.ref("employee")
    if begin is not None and begin != sheet.week_start:
        raise RuleViolation("week_fixed", _("A timesheet keeps its week."), sent.place("beginDate"))
    if employee is not None and employee.is_named and finder.member(employee).pk != sheet.member_id:
        raise RuleViolation("employee_fixed", _("A timesheet keeps its employee."), sent.place("employee"))


def _state(sent: Sent) -> str | None:
    state = sent.text("state")
    if state is not None and state not in State.values:
        raise sent.wrong("state", f"state is one of {', '.join(State.values)}.")
    return state


def _to_state(asker: Membership, sheet: Timesheet, wanted: str, note: str) -> None:
    """Take the step that leads there; what holds already is a harmless success."""
    if wanted == sheet.state:
        return
    member, day = sheet.member, sheet.week_start
    match wanted:
        case State.DRAFT if sheet.state == State.SAVED:
            timesheets.back_to_draft(asker, member, day)
        case State.DRAFT:
            timesheets.recall(asker, sheet.pk)
        case State.SAVED:
            timesheets.mark_ready(asker, member, day)
        case State.SUBMITTED:
            timesheets.submit(asker, member, day, note=note)
        case State.APPROVED:
            approvals.approve(asker, sheet.pk, version=None)
        case State.DECLINED:
            approvals.reject(asker, sheet.pk, version=None, reason=_("no reason given"))
        case _:
            raise RuleViolation("state_follows", _("This state follows from the lines."), "state")


# --- Lines ------------------------------------------------------------------------------------------------------------


def create_line(asker: Membership, value: Any, at: str = "") -> dict[str, Any]:
    """A new line of the sheet that it names; its reference. Raises as `create` does."""
    line = line_bodies.read(value, at)
    line_bodies.check_new(line)
    owner = line.sent.ref("timesheet")
    if owner is None or not owner.is_named:
        raise line.sent.wrong("timesheet", "Name the timesheet by its key.", "required")
    sheet = sheet_of(asker, owner.key or owner.id, f"{owner.at}.key")
    step = _new_step(sheet.member, sheet.week_start, line, Finder(asker))
    [entry] = _write_alone(asker, sheet, step, at)
    return LINES.reference(entry.pk)


def change_line(asker: Membership, key: str, value: Any) -> dict[str, Any]:
    """Change the fields of a line that are named; its reference. Raises as `create` does."""
    entry, line = line_of(asker, key), line_bodies.read(value, "")
    sheet = sheet_of(asker, str(entry.timesheet_id))
    owner = line.sent.ref("timesheet")
    if owner is not None and owner.is_named and (owner.key or owner.id) != str(sheet.pk):
        raise RuleViolation("timesheet_fixed", _("A line keeps its timesheet."), f"{owner.at}.key")
    _write_alone(asker, sheet, _changed_step(sheet, entry, line, Finder(asker)), "")
    return LINES.reference(entry.pk)


def delete_line(asker: Membership, key: str) -> None:
    entry = line_of(asker, key)
    _write_alone(asker, sheet_of(asker, str(entry.timesheet_id)), many_entries.Delete(entry.pk), "")


def line_of(asker: Membership, key: str) -> TimeEntry:
    """The line that a path names. Raises OutOfReach."""
    pk = number(key)
    entry: TimeEntry | None = _entries().visible_to(asker).filter(pk=pk).first() if pk is not None else None
    if entry is None:
        raise OutOfReach
    return entry


def _entries() -> Any:
    return TimeEntry.objects.select_related(*LINKED)


def _new_step(member: Membership, week_start: dt.date, line: Line, finder: Finder) -> Step:
    fields = line_bodies.fields_of(line, finder, member.pk)
    return many_entries.Log(member, fields, key=line, week=week_start)


def _changed_step(sheet: Timesheet, entry: TimeEntry, line: Line, finder: Finder) -> Step:
    fields = line_bodies.fields_of(line, finder, sheet.member_id, entry)
    return many_entries.Edit(entry.pk, fields, key=line, week=sheet.week_start)


def _step(sheet: Timesheet, line: Line, entries: dict[int, TimeEntry], finder: Finder) -> Step:
    """Without a key a new line; with one the line is changed, or deleted."""
    if not line.key:
        line_bodies.check_new(line)
        return _new_step(sheet.member, sheet.week_start, line, finder)
    pk = number(line.key)
    entry = entries.get(pk) if pk is not None else None
    if entry is None:
        raise unknown(line.sent.place("key"))
    if line.is_deletion:
        return many_entries.Delete(entry.pk, key=line)
    return _changed_step(sheet, entry, line, finder)


def _write_alone(asker: Membership, sheet: Timesheet, step: Step, at: str) -> list[TimeEntry]:
    with transaction.atomic(), _Placed(at):
        whole_weeks.hold(asker, sheet.member, sheet.week_start, [step])
        return _write(asker, whole_weeks.again(asker, sheet.pk), [step])


def _write(asker: Membership, sheet: Timesheet, steps: list[Step]) -> list[TimeEntry]:
    """All steps; the refusal of the first one that is refused is raised. What is deleted makes room for what is new."""
    if not steps:
        return []
    whole_weeks.check_lines(asker, sheet)
    steps = _numbered(sorted(steps, key=lambda step: not isinstance(step, many_entries.Delete)))
    result = many_entries.carry_out(asker, many_entries.Action.EDITED, steps)
    if result.refused:
        first = result.refused[0]
        line = first.step.key
        raise placed(first.refusal, line.sent.at if line is not None else "")
    written = [outcome.entry for outcome in result.outcomes if outcome.entry is not None]
    _keep(sheet, [(step.key, entry) for step, entry in zip(steps, written, strict=True)])
    return written


def _numbered(steps: list[Step]) -> list[Step]:
    """New lines are written by their days; numbers of their own keep them in the order in which they were sent."""
    days = [step.fields["date"] for step in steps if isinstance(step, many_entries.Log)]
    if days == sorted(days):
        return steps
    return [
        replace(step, number=numbers.reserve(TimeEntry)) if isinstance(step, many_entries.Log) else step
        for step in steps
    ]


def _keep(sheet: Timesheet, written: Iterable[tuple[Line | None, TimeEntry]]) -> None:
    """What was sent for lines and has no place in an entry; and that a line is filed under another week's sheet."""
    live = [(line, entry) for line, entry in written if line is not None and entry.deleted_at is None]
    old = partner_values.of_entries(KEPT_AS, [entry.pk for _line, entry in live])
    for line, entry in live:
        before = old.get(entry.pk, {})
        values = line_bodies.merged(before, line.kept)
        if line_bodies.is_outside(entry.date, sheet):
            values["filed"] = True
        if any(before.get(name) != value for name, value in values.items()):
            partner_values.keep(KEPT_AS, entry, values)
            old[entry.pk] = {**before, **values}


# --- Refusals ---------------------------------------------------------------------------------------------------------


def placed(error: DomainError | None, at: str) -> DomainError:
    """A refusal of a service with its place in the body, in the words of the format."""
    if error is None or isinstance(error, OutOfReach | NotAllowed):
        return error or OutOfReach()
    named = PLACES.get(error.field or "", "")
    place = ".".join(part for part in (at, named) if part)
    return InPlace(error.code, error.message, place or None)


class InPlace(RuleViolation):
    """A refusal whose field is a place in the body."""


class _Placed:
    """Within it, what services refuse by our names of fields is told by the format's."""

    def __init__(self, at: str) -> None:
        self.at = at

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: Any, error: BaseException | None, trace: Any) -> None:
        if isinstance(error, DomainError) and not isinstance(error, InPlace) and (error.field or "") in PLACES:
            raise placed(error, self.at) from error
