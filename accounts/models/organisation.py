"""The tenant, with its calendar, money and policies."""

from __future__ import annotations

import zoneinfo

from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.zones import validate_zone


def default_features() -> list[str]:
    return [Organisation.Feature.TIMESHEETS]


class Organisation(models.Model):
    """A firm that uses the product. Every other row belongs to exactly one."""

    class Feature(models.TextChoices):
        TIMESHEETS = "timesheets", _("Timesheets")

    class Weekday(models.IntegerChoices):
        MONDAY = 0, _("Monday")
        TUESDAY = 1, _("Tuesday")
        WEDNESDAY = 2, _("Wednesday")
        THURSDAY = 3, _("Thursday")
        FRIDAY = 4, _("Friday")
        SATURDAY = 5, _("Saturday")
        SUNDAY = 6, _("Sunday")

    name = models.CharField(_("name"), max_length=120)
    slug = models.SlugField(_("address"), max_length=50, unique=True)
    is_active = models.BooleanField(default=True)
    time_zone = models.CharField(_("time zone"), max_length=64, default="UTC", validators=[validate_zone])
    first_weekday = models.PositiveSmallIntegerField(
        _("first day of the week"), choices=Weekday.choices, default=Weekday.MONDAY
    )
    currency = models.CharField(
        _("currency"),
        max_length=3,
        default="EUR",
        validators=[RegexValidator(r"\A[A-Z]{3}\Z", _("Three letters, like EUR."))],
    )
    default_hourly_rate = models.DecimalField(
        _("default hourly rate"), max_digits=12, decimal_places=4, null=True, blank=True
    )
    billable_by_default = models.BooleanField(_("billable by default"), default=True)
    features = models.JSONField(_("features"), default=default_features)

    # Policies
    edit_window_hours = models.PositiveSmallIntegerField(
        _("edit window in hours"), default=24, validators=[MaxValueValidator(24 * 90)]
    )
    future_dates_allowed = models.BooleanField(_("time may be logged ahead"), default=False)
    lock_date = models.DateField(_("lock date"), null=True, blank=True)
    require_second_factor = models.BooleanField(_("everyone needs two-step sign-in"), default=False)
    billing_increment_minutes = models.PositiveSmallIntegerField(
        _("billing increment in minutes"), default=1, validators=[MinValueValidator(1), MaxValueValidator(480)]
    )

    version = models.PositiveIntegerField(default=1, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("organisation")
        verbose_name_plural = _("organisations")
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name

    @property
    def zone(self) -> zoneinfo.ZoneInfo:
        return zoneinfo.ZoneInfo(self.time_zone)

    def has_feature(self, feature: str) -> bool:
        return feature in self.features
