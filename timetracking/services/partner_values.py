"""Keep what a partner's format says of an entry or a timesheet and give it back; in the transaction of the record."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from django.utils.translation import gettext as _

from timesheets_site.lib.errors import RuleViolation
from timetracking.models import PartnerValues, TimeEntry, Timesheet

LARGEST = 20_000
"""Characters of JSON."""


def keep(surface: str, record: TimeEntry | Timesheet, values: dict[str, Any]) -> None:
    """Add these values to what is kept; None takes one away. Raises RuleViolation `values_too_long`.

    Call it in the transaction of the service that wrote the record, which permitted and locked it.
    """
    where = {"entry": record} if isinstance(record, TimeEntry) else {"timesheet": record}
    row = PartnerValues.objects.filter(surface=surface, **where).first()
    if row is None:
        if all(value is None for value in values.values()):
            return
        row = PartnerValues(surface=surface, **where)
    kept = {name: value for name, value in {**row.values, **values}.items() if value is not None}
    if len(json.dumps(kept)) > LARGEST:
        raise RuleViolation("values_too_long", _("Send less in the fields that are only kept for you"))
    row.values = kept
    row.save()


def of_entries(surface: str, ids: Iterable[int]) -> dict[int, dict[str, Any]]:
    """{entry id: what is kept of it}, for those of which there is something."""
    rows = PartnerValues.objects.filter(surface=surface, entry__in=list(ids))
    return dict(rows.values_list("entry_id", "values"))


def of_timesheets(surface: str, ids: Iterable[int]) -> dict[int, dict[str, Any]]:
    """The same of timesheets."""
    rows = PartnerValues.objects.filter(surface=surface, timesheet__in=list(ids))
    return dict(rows.values_list("timesheet_id", "values"))
