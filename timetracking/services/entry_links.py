"""What an entry hangs on: from the record that was named, everything that follows from it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from timesheets_site.lib.errors import RuleViolation
from timetracking.models import Activity, Agreement, ChargeCode, Client, Project, Task, Ticket, TimeEntry
from timetracking.rules import closed_records
from timetracking.rules.closed_records import Grace

Kind = TimeEntry.Kind


@dataclass(frozen=True)
class Link:
    """A kind and the records that belong to it; only combinations that the domain knows."""

    kind: str
    ticket: Ticket | None = None
    project: Project | None = None
    task: Task | None = None
    charge_code: ChargeCode | None = None
    activity: Activity | None = None
    client: Client | None = None
    agreement: Agreement | None = None

    NAMES = ("ticket", "project", "task", "charge_code", "activity", "client", "agreement")


def resolve(
    kind: str | None,
    *,
    ticket: Ticket | None = None,
    project: Project | None = None,
    task: Task | None = None,
    charge_code: ChargeCode | None = None,
    activity: Activity | None = None,
    client: Client | None = None,
) -> Link:
    """The whole link. A task gives its project, a record its client and agreement, a bound charge code its project.

    Raises RuleViolation `link_required`, `link_contradicts` (field `record`) or `kind_required`.
    """
    if task is not None:
        if project is not None and task.project_id != project.pk:
            raise _contradiction(_("The task belongs to another project."))
        project = task.project
    if charge_code is not None and charge_code.project is not None and ticket is None:
        if project is not None and charge_code.project_id != project.pk:
            raise _contradiction(_("The charge code belongs to another project."))
        kind, project = Kind.PROJECT, charge_code.project
    if kind == Kind.TICKET:
        if project or charge_code or activity:
            raise _contradiction(_("Ticket time has no project, charge code or activity."))
        if ticket is None:
            raise RuleViolation("link_required", _("Choose a ticket"), "record")
        return Link(kind, ticket=ticket, client=ticket.client, agreement=ticket.agreement)
    if kind == Kind.PROJECT:
        if ticket or activity:
            raise _contradiction(_("Project time has no ticket or activity."))
        if project is None:
            raise RuleViolation("link_required", _("Choose a project"), "record")
        return Link(
            kind,
            project=project,
            task=task,
            charge_code=charge_code,
            client=project.client,
            agreement=project.agreement,
        )
    if kind == Kind.GENERAL:
        if ticket or project:
            raise _contradiction(_("General time has no ticket or project."))
        of_client = client or (activity.client if activity else None)
        return Link(kind, charge_code=charge_code, activity=activity, client=of_client)
    raise RuleViolation("kind_required", _("Choose ticket, project or general"), "kind")


def agreement_of(
    *,
    ticket: Ticket | None = None,
    project: Project | None = None,
    task: Task | None = None,
    charge_code: ChargeCode | None = None,
    **_others: Any,
) -> Agreement | None:
    """The agreement that `resolve` would give for these, asked before it; None also for what it will refuse."""
    if ticket is not None:
        return ticket.agreement
    of_project = project_of(project=project, task=task, charge_code=charge_code)
    return of_project.agreement if of_project else None


def project_of(
    *,
    project: Project | None = None,
    task: Task | None = None,
    charge_code: ChargeCode | None = None,
    **_others: Any,
) -> Project | None:
    """The project that `resolve` would give for these, asked before it."""
    return (task.project if task else None) or project or (charge_code.project if charge_code else None)


def check_takes_time(link: Link, grace: Grace) -> None:
    """Nothing new on closed or archived records, but for the days of grace of the policy.

    Raises RuleViolation `record_closed` (field `record`).
    """
    for record, name in (
        (link.ticket, link.ticket and link.ticket.reference),
        (link.project, link.project and link.project.code),
        (link.task, link.task and link.task.name),
        (link.charge_code, link.charge_code and link.charge_code.code),
        (link.activity, link.activity and link.activity.name),
    ):
        if record is None:
            continue
        standing = closed_records.standing_of(record, grace)
        if not standing.takes_time:
            raise RuleViolation("record_closed", closed_records.refusal_words(standing, name or ""), "record")


def check_still(entry: TimeEntry) -> None:
    """The record that a stored entry is newly on still has the client and agreement that were taken from it.

    Ask it after storing. The record is held from here on: who moves it waits for us, and finds the entry to take along.
    (The foreign key alone would hold it too late: PostgreSQL looks at those of Django when the transaction ends.)
    Raises RuleViolation `record_moved` (field `record`).
    """
    record = entry.ticket or entry.project
    if record is None:
        return
    rows = type(record).objects.select_for_update(no_key=True).filter(pk=record.pk)
    if rows.values_list("client", "agreement").get() != (entry.client_id, entry.agreement_id):
        words = _("%(name)s was given another client or agreement just now. Look at it, then save again.")
        raise RuleViolation("record_moved", words % {"name": record.reference}, "record")


def _contradiction(words: str) -> RuleViolation:
    return RuleViolation("link_contradicts", words, "record")
