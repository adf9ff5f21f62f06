"""What must hold between rows and cannot be a constraint: each break of it, across all organisations, read only.

The number of queries follows the number of relations, not of rows; rows are fetched in batches.
"""

from __future__ import annotations

import datetime as dt
import zoneinfo
from collections.abc import Iterator
from typing import Any

from django.apps import apps
from django.db import IntegrityError, connection
from django.db.models import Count, Exists, F, Max, Min, OuterRef, Q, Sum, Window
from django.db.models.functions import Lag

from accounts.models import OutgoingMail
from accounts.tenancy import OrganisationOwned
from timetracking.models import ApprovalEvent, PartnerValues, TimeEntry, Timesheet
from timetracking.rules import approval, weeks
from timetracking.selectors import integrity_of_money, integrity_of_timers
from timetracking.selectors.integrity_reading import BATCH, Finding, batched, former_values, in_batches

SHORTEST_DAY = 1320  # minutes; only a zone that crossed the date line has had a shorter one


def findings() -> Iterator[Finding]:
    """Everything that is wrong; nothing where all is well."""
    yield from _dangling_keys()
    for model in apps.get_models():
        if issubclass(model, OrganisationOwned):
            yield from _foreign_references(model)
            yield from _foreign_members_of_lists(model)
    yield from _foreign_references(OutgoingMail)
    yield from _wrong_sheets()
    yield from _wrong_days()
    yield from _overlong_days()
    yield from _wrong_links()
    yield from _billed_general_time()
    yield from _wrong_states()
    yield from _wrong_statuses()
    yield from _broken_histories()
    yield from integrity_of_money.findings()
    yield from integrity_of_timers.findings()


# --- Between organisations --------------------------------------------------------------------------------------------


def _dangling_keys() -> Iterator[Finding]:
    """Keys that lead nowhere; SQLite can hold some where a file was edited by hand."""
    try:
        connection.check_constraints()
    except IntegrityError as error:
        yield Finding("database", 0, str(error))


def _foreign_references(model: Any) -> Iterator[Finding]:
    for field in model._meta.concrete_fields:
        if not (field.many_to_one or field.one_to_one) or not issubclass(field.related_model, OrganisationOwned):
            continue
        theirs = f"{field.name}__organisation_id"
        rows = _all_of(model).filter(**{f"{field.attname}__isnull": False}).exclude(**{theirs: F("organisation_id")})
        for pk, ours, other, target in batched(rows, "pk", "organisation_id", theirs, field.attname):
            what = f"of organisation {ours} points by {field.name} to {target} of organisation {other}"
            yield Finding(model._meta.label, pk, what)


def _foreign_members_of_lists(model: Any) -> Iterator[Finding]:
    for field in model._meta.local_many_to_many:
        if not issubclass(field.related_model, OrganisationOwned):
            continue
        source, target = field.m2m_field_name(), field.m2m_reverse_field_name()
        rows = field.remote_field.through._base_manager.exclude(
            **{f"{source}__organisation_id": F(f"{target}__organisation_id")}
        )
        for pk, other in batched(rows, f"{source}_id", f"{target}_id"):
            yield Finding(model._meta.label, pk, f"lists {other} of another organisation in {field.name}")


# --- Weeks and days ---------------------------------------------------------------------------------------------------


def _wrong_sheets() -> Iterator[Finding]:
    """Entries under a sheet that is not theirs; a partner's format may file a line under that of another week."""
    rows = TimeEntry.unscoped.exclude(timesheet__member_id=F("member_id"))
    for pk, sheet in batched(rows, "pk", "timesheet_id"):
        yield Finding("timetracking.TimeEntry", pk, f"is in sheet {sheet} of another member")
    pairs = TimeEntry.unscoped.order_by().values_list("timesheet__week_start", "date").distinct()
    wrong = [(start, day) for start, day in pairs.iterator(BATCH) if not start <= day < start + dt.timedelta(days=7)]
    for some in in_batches(wrong):
        of_these = Q()
        for start, day in some:
            of_these |= Q(timesheet__week_start=start, date=day)
        filed = PartnerValues.unscoped.filter(entry=OuterRef("pk"), values__filed=True)
        misplaced = TimeEntry.unscoped.filter(of_these).exclude(Exists(filed))
        for pk, start, day in batched(misplaced, "pk", "timesheet__week_start", "date"):
            yield Finding("timetracking.TimeEntry", pk, f"of {day} is in the week of {start}")


def _wrong_days() -> Iterator[Finding]:
    """Sheets that do not begin on the day on which the organisation's weeks begin."""
    starts = Timesheet.unscoped.order_by().values_list("organisation_id", "organisation__first_weekday", "week_start")
    wrong = [(org, day) for org, first, day in starts.distinct().iterator(BATCH) if day.weekday() != first]
    for some in in_batches(wrong):
        of_these = Q()
        for organisation, day in some:
            of_these |= Q(organisation_id=organisation, week_start=day)
        for pk, day in batched(Timesheet.unscoped.filter(of_these), "pk", "week_start"):
            yield Finding("timetracking.Timesheet", pk, f"begins on {day}, not on the first day of a week")


def _overlong_days() -> Iterator[Finding]:
    live = TimeEntry.unscoped.filter(deleted_at__isnull=True).order_by()
    days = live.values("member_id", "date").annotate(
        total=Sum("minutes"), one=Min("zone"), other=Max("zone"), first=Min("pk")
    )
    for day in days.filter(total__gt=SHORTEST_DAY).iterator(BATCH):
        zones = (zoneinfo.ZoneInfo(day["one"]), zoneinfo.ZoneInfo(day["other"]))
        length = max(weeks.minutes_in_day(day["date"], zone) for zone in zones)
        if day["total"] > length:
            what = f"begins a day of {day['total']} minutes of member {day['member_id']}: {day['date']} has {length}"
            yield Finding("timetracking.TimeEntry", day["first"], what)


# --- What follows from an entry's link --------------------------------------------------------------------------------


def _wrong_links() -> Iterator[Finding]:
    """Client and agreement follow from the record. A record that was changed later explains an older entry's value."""
    for record in ("ticket", "project"):
        for name in ("client", "agreement"):
            yield from _unexplained(record, name)
    live = TimeEntry.unscoped
    for rows, what in (
        (live.filter(task__isnull=False).exclude(task__project_id=F("project_id")), "names a task of another project"),
        (
            live.filter(agreement__isnull=False).exclude(agreement__client_id=F("client_id")),
            "names an agreement with another client",
        ),
    ):
        for (pk,) in batched(rows, "pk"):
            yield Finding("timetracking.TimeEntry", pk, what)


def _unexplained(record: str, name: str) -> Iterator[Finding]:
    mine, theirs = f"{name}_id", f"{record}__{name}_id"
    same = Q(**{mine: F(theirs)}) | Q(**{f"{mine}__isnull": True, f"{theirs}__isnull": True})
    rows = TimeEntry.unscoped.filter(**{f"{record}__isnull": False}).exclude(same)
    found = list(batched(rows, "pk", f"{record}_id", mine))
    former = former_values(record, {record_id for _pk, record_id, _value in found}, mine)
    for pk, record_id, value in found:
        if value not in former[record_id]:
            yield Finding("timetracking.TimeEntry", pk, f"has {name} {value}, which its {record} {record_id} never had")


def _billed_general_time() -> Iterator[Finding]:
    general = TimeEntry.unscoped.filter(kind=TimeEntry.Kind.GENERAL)
    rows = general.filter(Q(billable=True) | Q(no_charge=True) | ~Q(billable_decided_by=TimeEntry.DecidedBy.GENERAL))
    for (pk,) in batched(rows, "pk"):
        yield Finding("timetracking.TimeEntry", pk, "is general time, but its billing was decided otherwise")


# --- Approval ---------------------------------------------------------------------------------------------------------


def _wrong_states() -> Iterator[Finding]:
    """Weeks that were sent and whose state is not the one that follows from their entries.

    An unsent week keeps its own state, and so does one without entries.
    """
    status = TimeEntry.Status
    live = Q(entries__deleted_at__isnull=True)
    begun = Q(entries__status=status.SUBMITTED, entries__first_approved_by__isnull=False)
    sheets = (
        Timesheet.unscoped.exclude(state__in=Timesheet.UNSENT)
        .order_by()
        .annotate(
            firsts=Count("entries", filter=live & begun),
            **{f"n_{name}": Count("entries", filter=live & Q(entries__status=name)) for name in status.values},
        )
    )
    for pk, state, firsts, *numbers in batched(sheets, "pk", "state", "firsts", *(f"n_{n}" for n in status.values)):
        counts = {name: number for name, number in zip(status.values, numbers, strict=True) if number}
        derived = approval.state_of(state, counts, first_approvals=firsts)
        if derived != state:
            told = ", ".join(f"{number} {name}" for name, number in counts.items())
            yield Finding("timetracking.Timesheet", pk, f"is {state}, but its entries ({told}) make it {derived}")


def _wrong_statuses() -> Iterator[Finding]:
    """Entries that wait for a decision in a week that nobody sent, or that half name who approved them first.

    The status of a deleted entry is looked at when it is restored.
    """
    live = TimeEntry.unscoped.filter(deleted_at__isnull=True)
    waiting = live.filter(status=TimeEntry.Status.SUBMITTED, timesheet__state__in=Timesheet.UNSENT)
    for pk, state in batched(waiting, "pk", "timesheet__state"):
        yield Finding("timetracking.TimeEntry", pk, f"is SUBMITTED in a week that is {state}")
    by, as_whom = Q(first_approved_by__isnull=True), Q(first_approved_as__isnull=True)
    for (pk,) in batched(live.filter((by & ~as_whom) | (~by & as_whom)), "pk"):
        yield Finding("timetracking.TimeEntry", pk, "says by whom it was first approved, or in whose place, not both")


def _broken_histories() -> Iterator[Finding]:
    """Weeks whose state is not where their history ends, and steps that do not begin where the one before ended.

    A week without any step is not one of them, whatever its state: it was taken over from somewhere else as it was.
    From its first step on its history has to be whole.
    """
    last = ApprovalEvent.unscoped.order_by().values("timesheet").annotate(last=Max("pk")).values("last")
    ends = ApprovalEvent.unscoped.filter(pk__in=last).exclude(to_state=F("timesheet__state"))
    for pk, ended, state in batched(ends, "timesheet_id", "to_state", "timesheet__state"):
        yield Finding("timetracking.Timesheet", pk, f"is {state}, but its history ends with {ended}")
    before = Window(Lag("to_state"), partition_by="timesheet_id", order_by="pk")
    steps = ApprovalEvent.unscoped.annotate(before=before).filter(before__isnull=False).exclude(before=F("from_state"))
    for pk, began, ended in batched(steps, "pk", "from_state", "before"):
        yield Finding("timetracking.ApprovalEvent", pk, f"begins with {began}, but the step before ended with {ended}")


# --- Reading ----------------------------------------------------------------------------------------------------------


def _all_of(model: Any) -> Any:
    return model.unscoped if issubclass(model, OrganisationOwned) else model.objects
