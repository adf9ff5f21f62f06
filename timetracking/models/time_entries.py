"""Minutes that a member worked on a day."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any, ClassVar, Self

from django.core.validators import MaxLengthValidator
from django.db import models
from django.db.models import F, Q, Sum
from django.utils.translation import gettext_lazy as _

from accounts.models import Membership
from accounts.permissions import Permission, within_reach
from accounts.tenancy import OrganisationOwned, ScopedManager, ScopedQuerySet
from timetracking.models.agreements import Agreement
from timetracking.models.amounts import AmountField
from timetracking.models.billing import BillableOption
from timetracking.models.catalogue import Activity, ChargeCode, Client, Project, Task, Ticket, WorkRole, WorkType
from timetracking.models.timesheets import Timesheet

NEIGHBOURS = dt.timedelta(days=2)


class TimeEntryQuerySet(ScopedQuerySet):
    def visible_to(self, actor: Membership) -> Self:
        """What this member may see: an agent their own, managers and admins everybody's."""
        return self.filter(within_reach(actor, Permission.VIEW_TIME, field="member"))

    def deleted(self) -> Self:
        return self.filter(deleted_at__isnull=False)

    def beside(self, entry: TimeEntry) -> Self:
        """The member's other entries."""
        return self.filter(member=entry.member_id).exclude(pk=entry.pk)

    def minutes_on(self, date: dt.date) -> int:
        """Their sum on one day."""
        return int(self.filter(date=date).aggregate(sum=Sum("minutes"))["sum"] or 0)

    def spent(self) -> tuple[int, Decimal]:
        """Their minutes, and the sum of their stored amounts."""
        sums = self.order_by().aggregate(minutes=Sum("minutes", default=0), amount=Sum("amount"))
        return sums["minutes"], sums["amount"] or Decimal(0)

    def claiming_hours(self) -> Self:
        """The billable ones that draw on included hours: of days on which their agreement is in force."""
        not_over = Q(agreement__ends_on__isnull=True) | Q(date__lte=F("agreement__ends_on"))
        return self.filter(not_over, billable=True, date__gte=F("agreement__starts_on"))

    def overlapping(self, entry: TimeEntry) -> Self:
        """The member's other entries whose clock times meet those of `entry`; none where it has not both its times.

        Found by day, which has an index: work may cross midnight, and a day lies differently in another zone.
        """
        if entry.started_at is None or entry.ended_at is None:
            return self.none()
        days = Q(date__gte=entry.date - NEIGHBOURS, date__lte=entry.date + NEIGHBOURS)
        meeting = Q(started_at__lt=entry.ended_at, ended_at__gt=entry.started_at)
        return self.beside(entry).filter(days & meeting).select_related("ticket", "project")


class AllTimeEntries(ScopedManager.from_queryset(TimeEntryQuerySet)):  # type: ignore[misc]  # from_queryset is dynamic
    """Deleted entries too: for restoring them, and for telling API clients what went."""


class LiveTimeEntries(AllTimeEntries):
    """The default: a deleted entry counts nowhere."""

    def get_queryset(self) -> Any:
        return super().get_queryset().filter(deleted_at__isnull=True)


class TimeEntry(OrganisationOwned):
    """Whole minutes that one member worked on one local day, for one kind of thing."""

    class Kind(models.TextChoices):
        TICKET = "TICKET", _("Ticket")
        PROJECT = "PROJECT", _("Project")
        GENERAL = "GENERAL", _("General")

    class Status(models.TextChoices):
        OPEN = "OPEN", _("Open")
        SUBMITTED = "SUBMITTED", _("Submitted")
        APPROVED = "APPROVED", _("Approved")
        REJECTED = "REJECTED", _("Rejected")
        BILLED = "BILLED", _("Billed")

    class DecidedBy(models.TextChoices):
        """Which question decided whether the entry is billed."""

        GENERAL = "general", _("General time is never billable")
        ENTRY = "entry", _("Set on the entry")
        TICKET = "ticket", _("Set on the ticket")
        PROJECT = "project", _("Set on the project")
        AGREEMENT = "agreement", _("Set by the agreement")
        WORK_TYPE = "work_type", _("Set by the work type")
        ORGANISATION = "organisation", _("The organisation's default")

    class RateSource(models.TextChoices):
        """Where the rate before the multiplier came from."""

        AGREEMENT = "agreement", _("The agreement's rate")
        PROJECT = "project", _("The project's rate")
        WORK_ROLE = "work_role", _("The work role's rate")
        ORGANISATION = "organisation", _("The organisation's rate")
        NONE = "none", _("No rate is set")
        NOT_BILLED = "not_billed", _("On no invoice")

    # Who, when, how long
    member = models.ForeignKey(Membership, on_delete=models.PROTECT, related_name="time_entries", db_index=False)
    recorded_by = models.ForeignKey(Membership, on_delete=models.PROTECT, related_name="+", db_index=False)
    timesheet = models.ForeignKey(Timesheet, on_delete=models.PROTECT, related_name="entries")
    date = models.DateField(_("date"))
    zone = models.CharField(_("time zone"), max_length=64)
    minutes = models.PositiveSmallIntegerField(_("minutes"))
    started_at = models.DateTimeField(_("started"), null=True, blank=True)
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True)
    break_minutes = models.PositiveSmallIntegerField(_("break in minutes"), default=0)

    timer = models.ForeignKey(
        "timetracking.Timer", null=True, blank=True, on_delete=models.PROTECT, related_name="entries", db_index=False
    )
    """The timer that became this entry; the entries of one timer are one piece of work."""

    # For what
    kind = models.CharField(_("kind"), max_length=7, choices=Kind.choices)
    ticket = models.ForeignKey(
        Ticket, null=True, blank=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    project = models.ForeignKey(
        Project, null=True, blank=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    task = models.ForeignKey(Task, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    charge_code = models.ForeignKey(
        ChargeCode, null=True, blank=True, on_delete=models.PROTECT, related_name="+", verbose_name=_("charge code")
    )
    activity = models.ForeignKey(Activity, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    client = models.ForeignKey(Client, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    agreement = models.ForeignKey(Agreement, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    work_type = models.ForeignKey(WorkType, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    work_role = models.ForeignKey(WorkRole, null=True, blank=True, on_delete=models.PROTECT, related_name="+")

    # Words
    subject = models.CharField(_("subject"), max_length=200)
    description = models.TextField(_("description"), blank=True, validators=[MaxLengthValidator(10_000)])
    internal_notes = models.TextField(_("internal note"), blank=True, validators=[MaxLengthValidator(10_000)])

    # Billing: what was asked, what was decided and why
    billable_option = models.CharField(
        _("billing"), max_length=10, choices=BillableOption.choices, default=BillableOption.NO_DEFAULT
    )
    billable = models.BooleanField(_("billable"))
    no_charge = models.BooleanField(_("on the invoice at 0"), default=False)
    billable_decided_by = models.CharField(max_length=12, choices=DecidedBy.choices)
    billed_minutes = models.PositiveIntegerField(_("billed minutes"), default=0)
    """Minutes as rounded by the increment; 0 for what is on no invoice."""
    rounded_by = models.CharField(max_length=32, blank=True)
    """Which increment, as `rules.rounding` writes it: `client:15:up:0`."""
    covered_minutes = models.PositiveIntegerField(_("covered by included hours"), default=0)
    base_rate = models.DecimalField(_("rate before the multiplier"), max_digits=12, decimal_places=4, null=True)
    rate_multiplier = models.DecimalField(_("multiplier"), max_digits=6, decimal_places=3, default=1)
    hourly_rate = models.DecimalField(_("hourly rate"), max_digits=12, decimal_places=4, null=True, blank=True)
    rate_decided_by = models.CharField(max_length=12, blank=True, choices=RateSource.choices)
    """Empty only on entries from before rates were decided."""
    amount = AmountField(_("amount"), default=0)

    # State
    status = models.CharField(_("status"), max_length=9, choices=Status.choices, default=Status.OPEN)
    rejection_reason = models.TextField(_("why it was rejected"), blank=True)
    first_approved_by = models.ForeignKey(
        Membership, null=True, blank=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    first_approved_as = models.ForeignKey(
        Membership, null=True, blank=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    """In whose place the first of two approvals was given; the same as `first_approved_by` but for stand-ins."""
    version = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField(_("created"))
    updated_at = models.DateTimeField(_("changed"))
    deleted_at = models.DateTimeField(_("deleted"), null=True, blank=True)
    deleted_by = models.ForeignKey(
        Membership, null=True, blank=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )

    objects: ClassVar[Any] = LiveTimeEntries()
    with_deleted: ClassVar[Any] = AllTimeEntries()
    unscoped: ClassVar[Any] = models.Manager()

    class Meta:
        verbose_name = _("time entry")
        verbose_name_plural = _("time entries")
        ordering = ["date", "pk"]
        constraints = [
            models.CheckConstraint(condition=Q(minutes__gte=1, minutes__lte=1500), name="entry_minutes_in_a_day"),
            models.CheckConstraint(
                condition=(
                    Q(kind="TICKET", ticket__isnull=False, project__isnull=True, task__isnull=True)
                    | Q(kind="PROJECT", ticket__isnull=True, project__isnull=False, activity__isnull=True)
                    | Q(kind="GENERAL", ticket__isnull=True, project__isnull=True, task__isnull=True)
                ),
                name="entry_link_fits_kind",
            ),
            models.CheckConstraint(condition=~Q(kind="GENERAL", billable=True), name="entry_general_not_billed"),
            models.CheckConstraint(condition=~Q(billable=True, no_charge=True), name="entry_no_charge_not_billable"),
            models.CheckConstraint(
                condition=Q(started_at__isnull=True) | Q(ended_at__isnull=True) | Q(ended_at__gt=F("started_at")),
                name="entry_ends_after_start",
            ),
            models.CheckConstraint(condition=~Q(subject=""), name="entry_has_subject"),
            models.CheckConstraint(condition=Q(amount=0) | Q(billable=True), name="entry_amount_only_if_billable"),
            models.CheckConstraint(
                condition=Q(covered_minutes__lte=F("billed_minutes")), name="entry_covered_is_billed"
            ),
        ]
        indexes = [
            models.Index(
                fields=["organisation", "member", "date"], condition=Q(deleted_at__isnull=True), name="entry_by_member"
            ),
            models.Index(fields=["organisation", "date"], condition=Q(deleted_at__isnull=True), name="entry_by_date"),
            # The next two hold everything that sums over a ticket or project ask for, the scope and deletion included.
            models.Index(
                fields=["organisation", "ticket", "date", "member", "billable", "minutes", "deleted_at"],
                condition=Q(deleted_at__isnull=True, ticket__isnull=False),
                name="entry_by_ticket",
            ),
            models.Index(
                fields=["organisation", "project", "date", "member", "billable", "minutes", "deleted_at"],
                condition=Q(deleted_at__isnull=True, project__isnull=False),
                name="entry_by_project",
            ),
            models.Index(
                fields=["organisation", "deleted_at"], condition=Q(deleted_at__isnull=False), name="entry_by_deletion"
            ),
            models.Index(fields=["organisation", "updated_at"], name="entry_by_change"),
            models.Index(fields=["timer"], condition=Q(timer__isnull=False), name="entry_by_timer"),
        ]

    def __str__(self) -> str:
        return self.subject

    @property
    def link(self) -> Ticket | Project | ChargeCode | Activity | None:
        """The record that the entry is on, if any."""
        return self.ticket or self.project or self.charge_code or self.activity

    @property
    def link_reference(self) -> str:
        """`TKT-4846` or a project's code; empty for general time."""
        record = self.ticket or self.project
        return record.reference if record else ""
