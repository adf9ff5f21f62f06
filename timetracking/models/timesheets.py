"""A member's week."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import Membership
from accounts.tenancy import OrganisationOwned


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

    member = models.ForeignKey(Membership, on_delete=models.PROTECT, related_name="timesheets", db_index=False)
    week_start = models.DateField(_("first day"))
    state = models.CharField(_("state"), max_length=20, choices=State.choices, default=State.DRAFT)
    reopened_at = models.DateTimeField(null=True, blank=True)
    version = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("timesheet")
        verbose_name_plural = _("timesheets")
        ordering = ["-week_start", "pk"]
        constraints = [models.UniqueConstraint(fields=["member", "week_start"], name="timesheet_once_a_week")]
        indexes = [models.Index(fields=["organisation", "state", "week_start"], name="timesheet_by_state")]

    def __str__(self) -> str:
        return f"{self.member_id} {self.week_start}"
