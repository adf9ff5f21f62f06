"""All entries of a period as a file, for whoever may see them: registered for the queue of exports."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from accounts.models import Membership
from accounts.permissions import Permission
from timesheets_site.lib import dates
from timesheets_site.lib.errors import RuleViolation
from timetracking.exports import time_entries as columns
from timetracking.services.export_jobs import Export, ExportKind, Parameters
from timetracking.views import week_address

CODE = "time_entries"


def opened(actor: Membership, parameters: Parameters) -> Export:
    """The parameters are those of a week page's address, `from` and `to` of any range among them.

    Raises OutOfReach for an agent or project that the actor cannot see, RuleViolation: `days_required`, or what the
    address refuses.
    """
    for name in ("from", "to"):
        if not parameters.get(name):
            raise RuleViolation("days_required", _("Choose the first and the last day."), name)
    query = week_address.read(actor, None, dict(parameters), longest=None)
    entries: Any = query.entries()
    summed = columns.Summed(entries)
    return Export(
        title=_("Time entries %(days)s") % {"days": dates.day_range(query.first, query.last)},
        name=f"timesheet_{actor.organisation.slug}_{query.first}_{query.last}",
        columns=columns.COLUMNS,
        rows=summed.rows,
        count=entries.count,
        lines=columns.writer(),
        totals=lambda: [summed.total()],
    )


KIND = ExportKind(CODE, Permission.EXPORT_TIME, opened)
