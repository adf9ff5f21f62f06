"""When members are expected to work: dated changes of their weekly capacity, and days off."""

from __future__ import annotations

from django.core.validators import MaxValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models.membership import Membership
from accounts.tenancy import OrganisationOwned

MONDAY_TO_FRIDAY = 0b0011111


class CapacityChange(OrganisationOwned):
    """From a day on a member works other hours, or on other weekdays; before the first, the membership's own count."""

    member = models.ForeignKey(Membership, on_delete=models.PROTECT, related_name="+", db_index=False)
    starts_on = models.DateField(_("from"))
    weekly_capacity_minutes = models.PositiveIntegerField(
        _("weekly capacity in minutes"), validators=[MaxValueValidator(7 * 1440)]
    )
    working_weekdays = models.PositiveSmallIntegerField(
        _("working days"), default=MONDAY_TO_FRIDAY, validators=[MaxValueValidator(127)]
    )
    """One bit for each weekday, the lowest is Monday."""

    class Meta:
        verbose_name = _("change of working time")
        verbose_name_plural = _("changes of working time")
        ordering = ["-starts_on", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["organisation", "member", "starts_on"], name="capacity_change_once")
        ]

    def __str__(self) -> str:
        return f"{self.member_id} {self.starts_on}"


class DayOff(OrganisationOwned):
    """Days on which a member, or everybody, is off, works half, or works although the calendar has a holiday."""

    class Part(models.TextChoices):
        WHOLE = "whole", _("Whole days off")
        HALF = "half", _("Half days off")
        WORKED = "worked", _("Worked, though a public holiday")

    member = models.ForeignKey(
        Membership, null=True, blank=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    """Nobody in particular: everybody's."""
    first_on = models.DateField(_("first day"))
    last_on = models.DateField(_("last day"))
    part = models.CharField(_("how much"), max_length=6, choices=Part.choices, default=Part.WHOLE)
    name = models.CharField(_("name"), max_length=80)

    class Meta:
        verbose_name = _("day off")
        verbose_name_plural = _("days off")
        ordering = ["first_on", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(last_on__gte=models.F("first_on")), name="day_off_ends_after_start"
            )
        ]
        indexes = [models.Index(fields=["organisation", "last_on"], name="day_off_by_day")]

    def __str__(self) -> str:
        return self.name
