"""What a partner's format says of a record and we have no use for: kept as sent, and given back."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.tenancy import OrganisationOwned


class PartnerValues(OrganisationOwned):
    """The values of one format beside one entry or one timesheet. No rule reads them."""

    surface = models.CharField(max_length=12)
    """The name of the surface: "connectwise", "intacct", "kimai"."""
    entry = models.ForeignKey(
        "timetracking.TimeEntry", null=True, on_delete=models.CASCADE, related_name="+", db_index=False
    )
    timesheet = models.ForeignKey(
        "timetracking.Timesheet", null=True, on_delete=models.CASCADE, related_name="+", db_index=False
    )
    values = models.JSONField(default=dict)

    class Meta:
        verbose_name = _("values of a partner")
        verbose_name_plural = _("values of partners")
        constraints = [
            models.UniqueConstraint(
                fields=["entry", "surface"], condition=models.Q(entry__isnull=False), name="partner_values_of_entry"
            ),
            models.UniqueConstraint(
                fields=["timesheet", "surface"],
                condition=models.Q(timesheet__isnull=False),
                name="partner_values_of_timesheet",
            ),
            models.CheckConstraint(
                condition=models.Q(entry__isnull=False, timesheet__isnull=True)
                | models.Q(entry__isnull=True, timesheet__isnull=False),
                name="partner_values_of_one_record",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.surface} {self.entry_id or self.timesheet_id}"
