"""Which overdue weeks their members have been reminded of."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import Membership
from accounts.tenancy import OrganisationOwned


class WeekReminder(OrganisationOwned):
    """One member was told that one week is missing. One row per member and week, whoever told them and how often."""

    member = models.ForeignKey(Membership, on_delete=models.PROTECT, related_name="+", db_index=False)
    week_start = models.DateField(_("week"))
    at = models.DateTimeField()
    """When they were told last."""

    class Meta:
        verbose_name = _("reminder")
        verbose_name_plural = _("reminders")
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(fields=["organisation", "week_start", "member"], name="week_reminder_once")
        ]

    def __str__(self) -> str:
        return f"{self.member_id} {self.week_start}"
