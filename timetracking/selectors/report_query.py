"""Which entries a report is about, how they are grouped and sorted: plain values, read from an address elsewhere."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from django.db.models import Q

from accounts.models import Membership
from accounts.permissions import Permission, Reach, reach, within_reach
from timetracking.models import TimeEntry
from timetracking.models.time_entries import TimeEntryQuerySet
from timetracking.rules import report_ranges
from timetracking.rules.report_ranges import Days

NONE = "none"
"""As the value of a record's filter: entries without one."""
YES, FREE, NO = BILLABLES = ("yes", "free", "no")
Status = TimeEntry.Status
SENT, DONE, PENDING = "sent", "done", "pending"
STATUSES: dict[str, tuple[str, ...]] = {
    SENT: (Status.SUBMITTED, Status.APPROVED, Status.BILLED),
    DONE: (Status.APPROVED, Status.BILLED),
    PENDING: (Status.OPEN, Status.SUBMITTED, Status.REJECTED),
    **{status: (status,) for status in Status.values},
}
"""What may be asked for as a status, and which it stands for."""
RECORDS: dict[str, str] = {
    "client": "client_id", "project": "project_id", "task": "task_id", "ticket": "ticket_id",
    "work_type": "work_type_id", "work_role": "work_role_id", "charge_code": "charge_code_id",
}  # fmt: skip
"""Filters that name a record, and the column of each."""
SAVED = "saved"
"""The id of the saved report that the address began with."""
NAMES = ("range", "from", "to", *RECORDS, "agent", "kind", "billable", "status", "by", "then", "sort", SAVED)
"""All that an address may say, in the order in which ours do; `page` comes on top."""
IN_ORDER = (*NAMES, "page")
FILTERS = (*RECORDS, "agent", "kind", "billable", "status")
USUAL_GROUPS = ("client", "project")
SORTS = ("name", "minutes", "billable", "share", "billed", "amount", "utilisation")
LAST_PAGE = 10_000


@dataclass(frozen=True)
class ReportQuery:
    """`params` are the address's words, checked; `chosen` the records that they name, for their names.

    `by` and `then` are keys of `report_dimensions.DIMENSIONS`; `then` may be empty. `sort` is one of SORTS, a minus
    before it turns it round; empty for what is usual.
    """

    actor: Membership
    days: Days
    today: dt.date
    params: Mapping[str, str] = field(default_factory=dict)
    chosen: Mapping[str, Any] = field(default_factory=dict)
    member: Membership | None = None
    by: str = USUAL_GROUPS[0]
    then: str = USUAL_GROUPS[1]
    sort: str = ""
    page: int = 1

    @property
    def sees_all(self) -> bool:
        """Everybody's time, not only the actor's own."""
        return reach(self.actor, Permission.VIEW_REPORTS) is Reach.ALL

    @property
    def shows_money(self) -> bool:
        """Amounts are shown only to who sees those of every entry that the report could hold."""
        held = reach(self.actor, Permission.SEE_RATES)
        own = self.member is not None and self.member.pk == self.actor.pk
        return held is Reach.ALL or (held is Reach.OWN and own)

    @property
    def levels(self) -> tuple[str, ...]:
        return (self.by, self.then) if self.then else (self.by,)

    @property
    def has_filters(self) -> bool:
        return any(name in self.params for name in FILTERS)

    @property
    def is_of_people(self) -> bool:
        """No filter but who: what people did then stands beside what they had room for."""
        return not any(name in self.params for name in FILTERS if name != "agent")

    def reachable(self, days: Days) -> TimeEntryQuerySet:
        """What the actor may see of these days, of the person who is chosen; no other filter."""
        found = TimeEntry.objects.filter(
            within_reach(self.actor, Permission.VIEW_REPORTS, field="member"),
            date__gte=days.first,
            date__lt=days.last + report_ranges.DAY,
        )
        return found.filter(member=self.member.pk) if self.member is not None else found

    def entries(self, days: Days | None = None) -> TimeEntryQuerySet:
        """The entries of the report, or of other `days` by the same filters."""
        return self.reachable(days or self.days).filter(self._condition())

    def _condition(self) -> Q:
        found = Q()
        for name, column in RECORDS.items():
            if value := self.params.get(name):
                found &= Q(**{f"{column}__isnull": True}) if value == NONE else Q(**{column: int(value)})
        if kind := self.params.get("kind"):
            found &= Q(kind=kind)
        if billable := self.params.get("billable"):
            found &= Q(billable=billable == YES)
            if billable != YES:
                found &= Q(no_charge=billable == FREE)
        if status := self.params.get("status"):
            statuses = STATUSES[status]
            found &= Q(status__in=statuses) if len(statuses) > 1 else Q(status=statuses[0])
        return found

    def address(self, **changes: Any) -> str:
        """The query string with some words changed (None takes one out), with its question mark.

        Nothing is quoted: all that passed `report_address.read` are words of ours, days and numbers. A page has
        hundreds of these.
        """
        words = {**self.params, **changes}
        text = "&".join([f"{name}={words[name]}" for name in IN_ORDER if words.get(name)])
        return f"?{text}" if text else ""

    @property
    def canonical(self) -> str:
        """What a saved report keeps: relative dates stay relative, pages are left out."""
        return self.address(**{SAVED: None})[1:]

    def narrowed(self, **changes: str) -> str:
        """The address of the entries behind a figure: the filters and the days, without groups and order."""
        return self.address(**{"by": None, "then": None, "sort": None, SAVED: None, **changes})

    def within(self, days: Days) -> dict[str, Any]:
        """Changes to the address that show only some days of it."""
        first, last = max(days.first, self.days.first), min(days.last, self.days.last)
        return {"range": None, "from": first.isoformat(), "to": last.isoformat()}

    def of(self, days: Days) -> ReportQuery:
        return replace(self, days=days)
