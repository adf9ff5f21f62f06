"""What would be stored for values that somebody is still typing: decided as a write decides, nothing is written."""

from __future__ import annotations

import copy
from typing import Unpack

from accounts.models import Membership
from timetracking.models import TimeEntry
from timetracking.rules.coverage import Share
from timetracking.services import coverage, entry_checks, entry_decisions, entry_links, time_entries
from timetracking.services.rate_book import RateBook
from timetracking.services.time_entries import LINK_FIELDS, TimeEntryFields


def preview(
    member: Membership, entry: TimeEntry | None = None, **fields: Unpack[TimeEntryFields]
) -> tuple[TimeEntry, Share | None]:
    """The entry that `log` (or `edit` of `entry`) would store of these fields, and its share of included hours.

    Names the kind and link, the date, and whatever else is known; without minutes what follows from them is not to be
    shown. Raises RuleViolation for a link or times that no entry could have.
    """
    book = RateBook(member.organisation)
    planned = copy.copy(entry) if entry else TimeEntry(member=member)
    link = entry_links.resolve(**{name: fields[name] for name in LINK_FIELDS if name in fields})  # type: ignore[literal-required]
    planned.kind = link.kind
    for name in link.NAMES:
        setattr(planned, name, getattr(link, name))
    for name in ("date", "billable_option", "started_at", "ended_at", "break_minutes", "work_type", "work_role"):
        if name in fields:
            setattr(planned, name, fields[name])  # type: ignore[literal-required]
    if entry is None:
        time_entries.take_defaults(planned, link, fields, book)
    if fields.get("minutes") or (fields.get("started_at") and fields.get("ended_at")):
        planned.minutes = entry_checks.minutes(planned, fields.get("minutes"))
    else:
        planned.minutes = 0
    return planned, _decide(planned, book, was=entry)


def as_of_today(entry: TimeEntry) -> TimeEntry:
    """A stored entry as today's catalogue would decide it, with the share of included hours that it has."""
    planned = copy.copy(entry)
    entry_decisions.decide(planned, RateBook(entry.member.organisation))
    return planned


def _decide(planned: TimeEntry, book: RateBook, *, was: TimeEntry | None) -> Share | None:
    entry_decisions.decide(planned, book)
    share = coverage.planned_share(planned, book.organisation, was=was)
    if share is not None:
        planned.covered_minutes = share.covered
        entry_decisions.set_amount(planned, book.organisation.currency)
    return share
