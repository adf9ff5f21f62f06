"""All entries of a period as a file, for whoever may see them: registered for the queue of exports."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from accounts.models import Membership
from accounts.permissions import Permission
from timesheets_site.lib import dates
from timesheets_site.lib.errors import RuleViolation
from timetracking.exports import time_entries as columns
from timetracking.filters import BILLABLE
from timetracking.models import TimeEntry
from timetracking.selectors.week_query import WeekQuery
from timetracking.services.export_jobs import Export, ExportKind, Parameters
from timetracking.views import week_address

CODE = "time_entries"


def opened(actor: Membership, parameters: Parameters) -> Export:
    """The parameters are those of a week page's address, `from` and `to` of any range among them; `entry_kind` is its
    `kind`, a word that the export itself needs.

    Raises OutOfReach for an agent or project that the actor cannot see, RuleViolation: `days_required`, or what the
    address refuses.
    """
    for name in ("from", "to"):
        if not parameters.get(name):
            raise RuleViolation("days_required", _("Choose the first and the last day."), name)
    asked = {**parameters, "kind": parameters.get("entry_kind", "")}
    query = week_address.read(actor, None, asked, longest=None)
    entries: Any = query.entries()
    summed = columns.Summed(entries)
    return Export(
        title=_title(query),
        name=f"timesheet_{actor.organisation.slug}_{query.first}_{query.last}",
        columns=columns.COLUMNS,
        rows=summed.rows,
        count=entries.count,
        lines=columns.writer(),
        totals=lambda: [summed.total()],
    )


def _title(query: WeekQuery) -> str:
    """Whose time, which days, and the filters in their own words."""
    days = {"days": dates.day_range(query.first, query.last)}
    title = _("Everybody's time entries, %(days)s") % days
    if query.member is not None:
        title = _("Time entries of %(name)s, %(days)s") % {**days, "name": query.member.display_name}
    labels = {
        "kind": dict(TimeEntry.Kind.choices),
        "billable": dict(BILLABLE),
        "status": dict(TimeEntry.Status.choices),
    }
    filters = [str(words[query.params[name]]) for name, words in labels.items() if name in query.params]
    return " · ".join([title, *([query.project.code] if query.project else []), *filters])


KIND = ExportKind(CODE, Permission.EXPORT_TIME, opened)
