"""One record that time can be logged on, for rows that remember it: timers, grid rows, favourites, templates."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import Q

from accounts.tenancy import OrganisationOwned
from timetracking.models.catalogue import Activity, ChargeCode, Project, Task, Ticket

NAMES = ("ticket", "project", "task", "charge_code", "activity")
_KINDS = {"ticket": "TICKET", "project": "PROJECT", "task": "PROJECT", "charge_code": "GENERAL", "activity": "GENERAL"}


def name_of(record: Any) -> str:
    """The field that names a record.

    >>> name_of(Ticket(pk=12))
    'ticket'
    """
    models_by_name = {"ticket": Ticket, "project": Project, "task": Task, "charge_code": ChargeCode}
    return next((name for name, model in models_by_name.items() if isinstance(record, model)), "activity")


def kind_of(record: Any) -> str:
    """The kind of time on a record; general where there is none. A charge code bound to a project is project time.

    >>> kind_of(Task(pk=1)), kind_of(ChargeCode(code="MTNG")), kind_of(ChargeCode(project_id=4)), kind_of(None)
    ('PROJECT', 'GENERAL', 'PROJECT', 'GENERAL')
    """
    if record is None:
        return "GENERAL"
    if isinstance(record, ChargeCode) and record.project_id:
        return "PROJECT"
    return _KINDS[name_of(record)]


def title_of(record: Any) -> str:
    """What time on a record is called, unless somebody says otherwise.

    >>> title_of(Ticket(number=4851, title="Slow CRM over VPN")), title_of(Task(name="Wiring"))
    ('Slow CRM over VPN', 'Wiring')
    """
    return str(record.title if isinstance(record, Ticket) else record.name)


def link_fields(record: Any) -> dict[str, Any]:
    """What a record (or None) means for an entry, as `services.time_entries.log` takes it: its kind and its field.

    >>> ticket = Ticket(pk=12)
    >>> link_fields(ticket) == {"kind": "TICKET", "ticket": ticket}, link_fields(None)
    (True, {'kind': 'GENERAL'})
    """
    return {"kind": kind_of(record), **({name_of(record): record} if record is not None else {})}


class RecordLink(OrganisationOwned):
    """At most one record; none means general time without a charge code."""

    ticket = models.ForeignKey(
        Ticket, null=True, blank=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    project = models.ForeignKey(
        Project, null=True, blank=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    task = models.ForeignKey(Task, null=True, blank=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    charge_code = models.ForeignKey(
        ChargeCode, null=True, blank=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    activity = models.ForeignKey(
        Activity, null=True, blank=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )

    RELATED = (
        "ticket__client",
        "ticket__agreement",
        "project__client",
        "project__agreement",
        "task__project__client",
        "task__project__agreement",
        "charge_code__project__client",
        "charge_code__project__agreement",
        "activity__client",
    )
    """For `select_related`: what follows from the record."""

    class Meta:
        abstract = True
        constraints = [
            models.CheckConstraint(
                name="%(class)s_names_one_record",
                condition=Q(
                    *(
                        Q(**{f"{other}__isnull": True}) | Q(**{f"{name}__isnull": True})
                        for place, name in enumerate(NAMES)
                        for other in NAMES[:place]
                    )
                ),
            )
        ]

    @property
    def record(self) -> Any | None:
        """The ticket, project, task, charge code or activity, if any."""
        return next((row for name in NAMES if (row := getattr(self, name)) is not None), None)

    @record.setter
    def record(self, record: Any | None) -> None:
        for name in NAMES:
            setattr(self, name, record if record is not None and name == name_of(record) else None)

    @property
    def token(self) -> str:
        """The record as the picker's options name it, `ticket:12`; empty for none."""
        return next((f"{name}:{pk}" for name in NAMES if (pk := getattr(self, f"{name}_id")) is not None), "")

    @property
    def link_fields(self) -> dict[str, Any]:
        """Kind and link, as `services.time_entries.log` takes them."""
        return link_fields(self.record)
