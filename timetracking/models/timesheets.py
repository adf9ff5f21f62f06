"""A member's week, and how it came to be approved."""

from __future__ import annotations

import datetime as dt
from typing import Any, ClassVar, Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Membership
from accounts.permissions import Permission, within_reach
from accounts.tenancy import OrganisationOwned, ScopedManager, ScopedQuerySet


class TimesheetQuerySet(ScopedQuerySet):
    def visible_to(self, actor: Membership) -> Self:
        """What this member may see: an agent their own weeks, managers and admins everybody's."""
        return self.filter(within_reach(actor, Permission.VIEW_TIME, field="member"))

    def waiting(self) -> Self:
        """Sent, and not decided in full."""
        return self.filter(state__in=Timesheet.WAITING)


class TimesheetManager(ScopedManager.from_queryset(TimesheetQuerySet)):  # type: ignore[misc]  # from_queryset is dynamic
    pass


class Timesheet(OrganisationOwned):
    """One member's week. Exists from the first entry of the week; its version grows with every change in it."""

    class State(models.TextChoices):
        DRAFT = "draft", _("Draft")
        SAVED = "saved", _("Ready")
        SUBMITTED = "submitted", _("Submitted")
        PARTIALLY_APPROVED = "partiallyApproved", _("Partly approved")
        APPROVED = "approved", _("Approved")
        PARTIALLY_DECLINED = "partiallyDeclined", _("Partly rejected")
        DECLINED = "declined", _("Rejected")

    UNSENT = frozenset({State.DRAFT, State.SAVED})
    WAITING = frozenset({State.SUBMITTED, State.PARTIALLY_APPROVED})
    RETURNED = frozenset({State.DECLINED, State.PARTIALLY_DECLINED})

    member = models.ForeignKey(Membership, on_delete=models.PROTECT, related_name="timesheets", db_index=False)
    week_start = models.DateField(_("first day"))
    state = models.CharField(_("state"), max_length=20, choices=State.choices, default=State.DRAFT)
    reopened_at = models.DateTimeField(null=True, blank=True)
    version = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField(auto_now_add=True)

    # The last submission
    submitted_at = models.DateTimeField(_("submitted"), null=True, blank=True)
    submitted_by = models.ForeignKey(
        Membership, null=True, blank=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    submissions = models.PositiveSmallIntegerField(default=0)
    note = models.TextField(_("note"), blank=True)
    checks = models.JSONField(default=list, blank=True)
    """What the product found odd when it was submitted or last changed since: codes of rules.week_checks."""
    changed_since_at = models.DateTimeField(null=True, blank=True)
    """When an entry of the submitted week was changed last; empty if none was since the submission."""

    # The last decision
    decided_at = models.DateTimeField(_("decided"), null=True, blank=True)
    decided_by = models.ForeignKey(
        Membership, null=True, blank=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    posting_date = models.DateField(_("posting date"), null=True, blank=True)
    reopening_asked_at = models.DateTimeField(null=True, blank=True)

    objects: ClassVar[Any] = TimesheetManager()
    unscoped: ClassVar[Any] = models.Manager()

    class Meta:
        verbose_name = _("timesheet")
        verbose_name_plural = _("timesheets")
        ordering = ["-week_start", "pk"]
        constraints = [models.UniqueConstraint(fields=["member", "week_start"], name="timesheet_once_a_week")]
        indexes = [models.Index(fields=["organisation", "state", "week_start"], name="timesheet_by_state")]

    def __str__(self) -> str:
        return f"{self.member_id} {self.week_start}"

    @property
    def week_end(self) -> dt.date:
        """The week's last day."""
        return self.week_start + dt.timedelta(days=6)


class ApprovalEvent(OrganisationOwned):
    """One step of a week's approval: who, when, from, to, and why. Triggers refuse to change or delete it."""

    class Action(models.TextChoices):
        MARKED_READY = "marked_ready", _("Marked as ready")
        BACK_TO_DRAFT = "back_to_draft", _("Back to draft")
        SUBMITTED = "submitted", _("Submitted")
        RECALLED = "recalled", _("Recalled")
        FIRST_APPROVAL = "first_approval", _("First approval")
        APPROVED = "approved", _("Approved")
        REJECTED = "rejected", _("Rejected")
        DECIDED = "decided", _("Approved in part, rejected in part")
        UNDONE = "undone", _("Decision taken back")
        REOPENED = "reopened", _("Reopened")
        CHANGED = "changed", _("Changed after submission")

    DECISIONS = frozenset({Action.FIRST_APPROVAL, Action.APPROVED, Action.REJECTED, Action.DECIDED})

    timesheet = models.ForeignKey(Timesheet, on_delete=models.PROTECT, related_name="events")
    action = models.CharField(_("what"), max_length=20, choices=Action.choices)
    actor = models.ForeignKey(Membership, null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    stood_in_for = models.ForeignKey(Membership, null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    at = models.DateTimeField(_("when"))
    from_state = models.CharField(max_length=20, choices=Timesheet.State.choices)
    to_state = models.CharField(max_length=20, choices=Timesheet.State.choices)
    reason = models.TextField(_("reason"), blank=True)
    version = models.PositiveIntegerField()
    """The version of the timesheet that this step left behind."""

    class Meta:
        verbose_name = _("approval event")
        verbose_name_plural = _("approval history")
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"{self.action} {self.timesheet_id}"


class ApprovalLine(OrganisationOwned):
    """What a step did to one entry. Triggers refuse to change or delete it."""

    event = models.ForeignKey(ApprovalEvent, on_delete=models.PROTECT, related_name="lines")
    entry = models.ForeignKey("timetracking.TimeEntry", on_delete=models.PROTECT, related_name="approval_lines")
    from_status = models.CharField(max_length=9)
    to_status = models.CharField(max_length=9)
    reason = models.TextField(blank=True)

    class Meta:
        verbose_name = _("approval line")
        verbose_name_plural = _("approval lines")
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"{self.entry_id}: {self.from_status} → {self.to_status}"


class ApprovalHandoverQuerySet(ScopedQuerySet):
    def in_force(self, day: dt.date) -> Self:
        """Those that hold on this day."""
        return self.filter(ended_at__isnull=True, first_on__lte=day, last_on__gte=day)


class ApprovalHandoverManager(ScopedManager.from_queryset(ApprovalHandoverQuerySet)):  # type: ignore[misc]  # dynamic
    pass


class ApprovalHandover(OrganisationOwned):
    """An approver lets a colleague decide in their place, from one day to another (both included)."""

    approver = models.ForeignKey(Membership, on_delete=models.PROTECT, related_name="+", db_index=False)
    stand_in = models.ForeignKey(
        Membership, on_delete=models.PROTECT, related_name="+", db_index=False, verbose_name=_("stand-in")
    )
    first_on = models.DateField(_("first day"))
    last_on = models.DateField(_("last day"))
    created_by = models.ForeignKey(Membership, on_delete=models.PROTECT, related_name="+", db_index=False)
    created_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    objects: ClassVar[Any] = ApprovalHandoverManager()
    unscoped: ClassVar[Any] = models.Manager()

    class Meta:
        verbose_name = _("handover")
        verbose_name_plural = _("handovers")
        ordering = ["-first_on", "-pk"]
        constraints = [
            models.CheckConstraint(condition=Q(last_on__gte=models.F("first_on")), name="handover_ends_after_start"),
            models.CheckConstraint(condition=~Q(approver=models.F("stand_in")), name="handover_to_a_colleague"),
        ]
        indexes = [
            models.Index(fields=["organisation", "last_on"], condition=Q(ended_at__isnull=True), name="handover_live")
        ]

    def __str__(self) -> str:
        return f"{self.approver_id} → {self.stand_in_id}"
