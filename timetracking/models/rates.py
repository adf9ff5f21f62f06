"""What an hour costs: rates of work roles with their dates, and those of an agreement."""

from __future__ import annotations

from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.tenancy import OrganisationOwned
from timesheets_site.lib import dates
from timetracking.models.agreements import Agreement
from timetracking.models.catalogue import CatalogueRecord, WorkRole, WorkType

NOT_NEGATIVE = MinValueValidator(0)


class WorkRoleRate(CatalogueRecord):
    """An hour of a work role from this day on, until the role's next rate begins."""

    work_role = models.ForeignKey(
        WorkRole, on_delete=models.PROTECT, related_name="rates", verbose_name=_("work role"), db_index=False
    )
    starts_on = models.DateField(_("in force from"))
    hourly_rate = models.DecimalField(_("hourly rate"), max_digits=12, decimal_places=4, validators=[NOT_NEGATIVE])

    class Meta:
        verbose_name = _("rate of a work role")
        verbose_name_plural = _("rates of work roles")
        ordering = ["work_role", "-starts_on"]
        constraints = [
            models.UniqueConstraint(
                fields=["work_role", "starts_on"], condition=Q(archived_at__isnull=True), name="role_rate_once_a_day"
            ),
            models.CheckConstraint(condition=Q(hourly_rate__gte=0), name="role_rate_not_negative"),
        ]

    def __str__(self) -> str:
        return f"{self.work_role}, {dates.full(self.starts_on)}"


class AgreementRate(CatalogueRecord):
    """An agreement's own hour for a work role, a work type, both, or (with neither) for everything."""

    agreement = models.ForeignKey(
        Agreement, on_delete=models.PROTECT, related_name="rates", verbose_name=_("agreement"), db_index=False
    )
    work_role = models.ForeignKey(
        WorkRole, null=True, blank=True, on_delete=models.PROTECT, related_name="+", verbose_name=_("work role")
    )
    work_type = models.ForeignKey(
        WorkType, null=True, blank=True, on_delete=models.PROTECT, related_name="+", verbose_name=_("work type")
    )
    hourly_rate = models.DecimalField(_("hourly rate"), max_digits=12, decimal_places=4, validators=[NOT_NEGATIVE])

    class Meta:
        verbose_name = _("rate of an agreement")
        verbose_name_plural = _("rates of agreements")
        ordering = ["agreement", "work_role__name", "work_type__name", "pk"]
        constraints = [
            # Two empty fields are never equal to a database: one constraint for each way of leaving them empty.
            models.UniqueConstraint(
                fields=["agreement", "work_role", "work_type"],
                condition=Q(archived_at__isnull=True, work_role__isnull=False, work_type__isnull=False),
                name="agreement_rate_once",
            ),
            models.UniqueConstraint(
                fields=["agreement", "work_role"],
                condition=Q(archived_at__isnull=True, work_role__isnull=False, work_type__isnull=True),
                name="agreement_role_rate_once",
            ),
            models.UniqueConstraint(
                fields=["agreement", "work_type"],
                condition=Q(archived_at__isnull=True, work_role__isnull=True, work_type__isnull=False),
                name="agreement_type_rate_once",
            ),
            models.UniqueConstraint(
                fields=["agreement"],
                condition=Q(archived_at__isnull=True, work_role__isnull=True, work_type__isnull=True),
                name="agreement_plain_rate_once",
            ),
            models.CheckConstraint(condition=Q(hourly_rate__gte=0), name="agreement_rate_not_negative"),
        ]

    def __str__(self) -> str:
        parts = [str(part) for part in (self.work_role, self.work_type) if part is not None]
        return ", ".join([str(self.agreement), *parts])


class BudgetWarning(OrganisationOwned):
    """That a budget has reached a mark, and that somebody was told: once for each mark of a project or a month."""

    project = models.ForeignKey(
        "timetracking.Project", null=True, blank=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    agreement = models.ForeignKey(
        Agreement, null=True, blank=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    month = models.DateField(null=True, blank=True)
    """First day of the month of an agreement's included hours."""
    budget = models.CharField(max_length=8, choices=[("minutes", _("Hours")), ("amount", _("Money"))])
    percent = models.PositiveSmallIntegerField()
    at = models.DateTimeField()

    class Meta:
        verbose_name = _("budget warning")
        verbose_name_plural = _("budget warnings")
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["project", "budget", "percent"],
                condition=Q(project__isnull=False),
                name="project_budget_warning_once",
            ),
            models.UniqueConstraint(
                fields=["agreement", "month", "budget", "percent"],
                condition=Q(agreement__isnull=False),
                name="agreement_budget_warning_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.project or self.agreement} {self.percent} %"
