"""What does an organisation need on an entry, beyond what every entry has? Asked when one is saved and when a week is
submitted; the log-time form marks the same fields beforehand."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext as _

from accounts.models import Organisation
from timesheets_site.lib.errors import RuleViolation
from timetracking.models.time_entries import TimeEntry

Kind, Required = TimeEntry.Kind, Organisation.Required


@dataclass(frozen=True, slots=True)
class Missing:
    """One thing that is not there: the field of the log-time form, and what to do about it."""

    code: str
    field: str
    words: str

    def refusal(self) -> RuleViolation:
        return RuleViolation(self.code, self.words, self.field)


def missing(organisation: Organisation, entry: TimeEntry) -> list[Missing]:
    """What the entry lacks, in the order of the form; nothing if it is complete. Asks nothing of the database.

    >>> acme = Organisation(name="Acme", description_required="billable", task_required=True)
    >>> [lack.words for lack in missing(acme, TimeEntry(kind="PROJECT", billable=True))]
    ['Choose a task. Acme needs one on project time.', 'Add a description. Acme needs one on billable time.']
    >>> missing(acme, TimeEntry(kind="GENERAL", billable=False))
    []
    """
    name = {"name": organisation.name}
    found = []
    # A charge code that is bound to a project says what the time was for, as a task does.
    if organisation.task_required and entry.kind == Kind.PROJECT and not (entry.task_id or entry.charge_code_id):
        words = _("Choose a task. %(name)s needs one on project time.") % name
        found.append(Missing("task_required", "record", words))
    is_unnamed = entry.kind == Kind.GENERAL and not (entry.charge_code_id or entry.activity_id)
    if organisation.charge_code_required and is_unnamed:
        words = _("Choose a charge code or an activity. %(name)s needs one on general time.") % name
        found.append(Missing("charge_code_required", "record", words))
    if not entry.description.strip():
        if organisation.description_required == Required.ALWAYS:
            words = _("Add a description. %(name)s needs one on every entry.") % name
            found.append(Missing("description_required", "description", words))
        elif organisation.description_required == Required.BILLABLE and entry.billable:
            words = _("Add a description. %(name)s needs one on billable time.") % name
            found.append(Missing("description_required", "description", words))
    if organisation.clock_required and not (entry.started_at and entry.ended_at):
        words = _("Enter start and end. %(name)s needs them on every entry.") % name
        found.append(Missing("clock_required", "start", words))
    return found
