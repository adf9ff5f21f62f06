"""What time is logged against: clients, projects, tasks, tickets, charge codes, activities, work types and roles."""

from __future__ import annotations

import datetime as dt
from typing import Any, ClassVar, Self

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Membership
from accounts.tenancy import OrganisationOwned, ScopedManager, ScopedQuerySet
from timetracking.models.billing import BillableOption, Flag, Rounding, flag_value


def _not_ended(moment: str, in_use: Q, ended_since: dt.datetime | None) -> Q:
    return in_use if ended_since is None else in_use | Q(**{f"{moment}__gte": ended_since})


class CatalogueQuerySet(ScopedQuerySet):
    def active(self) -> Self:
        """Not archived."""
        return self.filter(archived_at__isnull=True)

    def archived(self) -> Self:
        return self.filter(archived_at__isnull=False)


class CatalogueManager(ScopedManager.from_queryset(CatalogueQuerySet)):  # type: ignore[misc]  # from_queryset is dynamic
    pass


class CatalogueRecord(OrganisationOwned):
    """A reference record: archived rather than deleted, since entries point to it for ever."""

    CLOSED: ClassVar[str] = ""
    """The status in which the work is over; empty for what is only ever archived."""

    archived_at = models.DateTimeField(_("archived"), null=True, blank=True, editable=False)
    version = models.PositiveIntegerField(default=1, editable=False)
    created_at = models.DateTimeField(auto_now_add=True, editable=False)
    updated_at = models.DateTimeField(auto_now=True, editable=False)

    objects: ClassVar[Any] = CatalogueManager()
    unscoped: ClassVar[Any] = models.Manager()

    class Meta:
        abstract = True

    @property
    def is_archived(self) -> bool:
        return self.archived_at is not None

    @property
    def is_closed(self) -> bool:
        return bool(self.CLOSED) and self.status == self.CLOSED  # type: ignore[attr-defined]  # who is closed has one

    @property
    def takes_time(self) -> bool:
        """May something new be logged on it? (The days of grace that a policy gives come on top.)"""
        return not self.is_archived and not self.is_closed

    @classmethod
    def open_to_time(cls, ended_since: dt.datetime | None, at: str = "") -> Q:
        """Condition for the records that take time: in use, or closed or archived at that instant or later.

        `at` is where the record is found from the rows that are filtered: `project__` from tasks.
        """
        condition = _not_ended(f"{at}archived_at", Q(**{f"{at}archived_at": None}), ended_since)
        if cls.CLOSED:
            condition &= _not_ended(f"{at}closed_at", ~Q(**{f"{at}status": cls.CLOSED}), ended_since)
        return condition


class Client(CatalogueRecord):
    """The customer who is billed."""

    name = models.CharField(_("name"), max_length=150)
    identifier = models.CharField(_("short name"), max_length=40, blank=True)
    billing_increment_minutes = models.PositiveSmallIntegerField(
        _("billing increment in minutes"), null=True, blank=True, validators=[MinValueValidator(1)]
    )
    billing_rounding = models.CharField(_("rounding"), max_length=7, choices=Rounding.choices, default=Rounding.UP)
    billing_minimum_minutes = models.PositiveSmallIntegerField(
        _("minimum in minutes"), default=0, validators=[MaxValueValidator(480)]
    )
    billing_address = models.TextField(_("billing address"), blank=True, max_length=1_000)
    billing_email = models.EmailField(_("e-mail for invoices"), blank=True)
    tax_number = models.CharField(_("tax number"), max_length=40, blank=True)
    notes = models.TextField(_("notes"), blank=True, max_length=10_000)

    class Meta:
        verbose_name = _("client")
        verbose_name_plural = _("clients")
        ordering = ["name", "pk"]
        constraints = [models.UniqueConstraint(fields=["organisation", "name"], name="client_name_once")]

    def __str__(self) -> str:
        return self.name


class Project(CatalogueRecord):
    """Work for a client, with a budget in minutes and in money."""

    class Status(models.TextChoices):
        PLANNED = "planned", _("Planned")
        ACTIVE = "active", _("Active")
        ON_HOLD = "on_hold", _("On hold")
        CLOSED = "closed", _("Closed")

    CLOSED = Status.CLOSED
    code = models.CharField(_("code"), max_length=30)
    name = models.CharField(_("name"), max_length=200)
    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="projects", verbose_name=_("client"))
    agreement = models.ForeignKey(
        "timetracking.Agreement",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("agreement"),
    )
    status = models.CharField(_("status"), max_length=10, choices=Status.choices, default=Status.ACTIVE)
    billable = models.CharField(_("billable"), max_length=3, choices=Flag.choices, default=Flag.YES, blank=True)
    manager = models.ForeignKey(
        Membership, null=True, blank=True, on_delete=models.PROTECT, related_name="+", verbose_name=_("project manager")
    )
    budget_minutes = models.PositiveIntegerField(_("budget in minutes"), null=True, blank=True)
    budget_amount = models.DecimalField(_("budget in money"), max_digits=14, decimal_places=2, null=True, blank=True)
    hourly_rate = models.DecimalField(_("hourly rate"), max_digits=12, decimal_places=4, null=True, blank=True)
    starts_on = models.DateField(_("starts"), null=True, blank=True)
    ends_on = models.DateField(_("ends"), null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True, editable=False)
    description = models.TextField(_("description"), blank=True, max_length=10_000)

    class Meta:
        verbose_name = _("project")
        verbose_name_plural = _("projects")
        ordering = ["code"]
        constraints = [models.UniqueConstraint(fields=["organisation", "code"], name="project_code_once")]

    def __str__(self) -> str:
        return f"{self.code} {self.name}"

    @property
    def reference(self) -> str:
        return self.code

    @property
    def billable_flag(self) -> bool | None:
        return flag_value(self.billable)


class Task(CatalogueRecord):
    """A piece of a project, with assignees."""

    class Status(models.TextChoices):
        OPEN = "open", _("Open")
        DONE = "done", _("Done")

    CLOSED = Status.DONE
    project = models.ForeignKey(Project, on_delete=models.PROTECT, related_name="tasks", verbose_name=_("project"))
    name = models.CharField(_("name"), max_length=200)
    status = models.CharField(_("status"), max_length=10, choices=Status.choices, default=Status.OPEN)
    assignees = models.ManyToManyField(Membership, blank=True, related_name="+", verbose_name=_("assignees"))
    budget_minutes = models.PositiveIntegerField(_("budget in minutes"), null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True, editable=False)
    description = models.TextField(_("description"), blank=True, max_length=10_000)

    class Meta:
        verbose_name = _("task")
        verbose_name_plural = _("tasks")
        ordering = ["project", "name", "pk"]
        constraints = [models.UniqueConstraint(fields=["project", "name"], name="task_name_once")]

    def __str__(self) -> str:
        return self.name


class Ticket(CatalogueRecord):
    """A support request of a client."""

    class Status(models.TextChoices):
        NEW = "new", _("New")
        OPEN = "open", _("Open")
        WAITING = "waiting", _("Waiting")
        RESOLVED = "resolved", _("Resolved")
        CLOSED = "closed", _("Closed")

    CLOSED = Status.CLOSED
    number = models.PositiveIntegerField(_("number"))
    title = models.CharField(_("title"), max_length=200)
    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="tickets", verbose_name=_("client"))
    agreement = models.ForeignKey(
        "timetracking.Agreement",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("agreement"),
    )
    status = models.CharField(_("status"), max_length=10, choices=Status.choices, default=Status.NEW)
    billable = models.CharField(_("billable"), max_length=3, choices=Flag.choices, default=Flag.UNSET, blank=True)
    assignee = models.ForeignKey(
        Membership, null=True, blank=True, on_delete=models.PROTECT, related_name="+", verbose_name=_("assigned to")
    )
    estimate_minutes = models.PositiveIntegerField(_("estimate in minutes"), null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True, editable=False)
    description = models.TextField(_("description"), blank=True, max_length=10_000)

    class Meta:
        verbose_name = _("ticket")
        verbose_name_plural = _("tickets")
        ordering = ["-number"]
        constraints = [models.UniqueConstraint(fields=["organisation", "number"], name="ticket_number_once")]
        indexes = [models.Index(fields=["organisation", "status", "number"], name="ticket_by_status")]

    def __str__(self) -> str:
        return f"{self.reference} {self.title}"

    @property
    def reference(self) -> str:
        return f"TKT-{self.number}"

    @property
    def billable_flag(self) -> bool | None:
        return flag_value(self.billable)


class ChargeCode(CatalogueRecord):
    """A label for time that is for no client; bound to a project, time on it is that project's."""

    code = models.CharField(_("code"), max_length=20)
    name = models.CharField(_("name"), max_length=150)
    project = models.ForeignKey(
        Project,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("project it is bound to"),
    )
    is_time_off = models.BooleanField(_("time off"), default=False)
    """Time on it is leave: it lowers what its member was expected to work, and is no work for anybody."""

    class Meta:
        verbose_name = _("charge code")
        verbose_name_plural = _("charge codes")
        ordering = ["code"]
        constraints = [
            models.UniqueConstraint(fields=["organisation", "code"], name="charge_code_once"),
            models.CheckConstraint(
                condition=models.Q(is_time_off=False) | models.Q(project__isnull=True),
                name="charge_code_time_off_for_no_project",
                violation_error_message=_("Time off is for no project."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.name}"


class Activity(CatalogueRecord):
    """A sales or account activity of a client that general time can be noted against."""

    name = models.CharField(_("name"), max_length=200)
    client = models.ForeignKey(
        Client, null=True, blank=True, on_delete=models.PROTECT, related_name="activities", verbose_name=_("client")
    )
    starts_on = models.DateField(_("date"), null=True, blank=True)

    class Meta:
        verbose_name = _("activity")
        verbose_name_plural = _("activities")
        ordering = ["name", "pk"]

    def __str__(self) -> str:
        return self.name


class WorkType(CatalogueRecord):
    """The nature of work: its rate multiplier and billing default."""

    name = models.CharField(_("name"), max_length=80)
    multiplier = models.DecimalField(_("rate multiplier"), max_digits=6, decimal_places=3, default=1)
    billable_option = models.CharField(
        _("billing"), max_length=10, choices=BillableOption.choices, default=BillableOption.NO_DEFAULT
    )
    is_default = models.BooleanField(_("taken where none is named"), default=False)

    class Meta:
        verbose_name = _("work type")
        verbose_name_plural = _("work types")
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(fields=["organisation", "name"], name="work_type_once"),
            models.UniqueConstraint(
                fields=["organisation"], condition=Q(is_default=True), name="work_type_default_once"
            ),
            models.CheckConstraint(condition=Q(multiplier__gte=0), name="work_type_multiplier_not_negative"),
        ]

    def __str__(self) -> str:
        return self.name


class WorkRole(CatalogueRecord):
    """A skill level; its hourly rates have dates of their own."""

    name = models.CharField(_("name"), max_length=80)

    class Meta:
        verbose_name = _("work role")
        verbose_name_plural = _("work roles")
        ordering = ["name"]
        constraints = [models.UniqueConstraint(fields=["organisation", "name"], name="work_role_once")]

    def __str__(self) -> str:
        return self.name
