"""The tenant, with its calendar, money and policies."""

from __future__ import annotations

import datetime as dt
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

    class Effect(models.TextChoices):
        """What a policy does about something that may be a mistake."""

        ALLOW = "allow", _("Allow")
        WARN = "warn", _("Warn")
        REFUSE = "refuse", _("Refuse")

    class Approver(models.TextChoices):
        """Who decides on submitted time."""

        ANY = "any", _("Any manager")
        LINE = "line", _("The line manager")
        PROJECT = "project", _("The project's manager, for that project's lines")

    class Required(models.TextChoices):
        NEVER = "never", _("Never")
        BILLABLE = "billable", _("On billable time")
        ALWAYS = "always", _("Always")

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
    description_required = models.CharField(
        _("description required"), max_length=8, choices=Required.choices, default=Required.NEVER
    )
    task_required = models.BooleanField(_("project time names a task"), default=False)
    charge_code_required = models.BooleanField(_("general time names a charge code or an activity"), default=False)
    clock_required = models.BooleanField(_("start and end required"), default=False)
    overlap = models.CharField(_("overlapping times"), max_length=6, choices=Effect.choices, default=Effect.WARN)
    largest_day = models.CharField(_("long days"), max_length=6, choices=Effect.choices, default=Effect.WARN)
    largest_day_minutes = models.PositiveSmallIntegerField(
        _("largest day in minutes"), default=12 * 60, validators=[MinValueValidator(1), MaxValueValidator(1500)]
    )
    closed_ticket_grace_days = models.PositiveSmallIntegerField(
        _("days of grace on closed tickets"), default=0, validators=[MaxValueValidator(366)]
    )
    closed_project_grace_days = models.PositiveSmallIntegerField(
        _("days of grace on closed or archived projects"), default=0, validators=[MaxValueValidator(366)]
    )

    # Working time
    holiday_calendar = models.CharField(_("public holidays"), max_length=30, blank=True)
    """Of a country or a part of it, like GB or GB-ENG; empty for none."""
    timer_limit_minutes = models.PositiveSmallIntegerField(
        _("longest timer in minutes"), default=10 * 60, validators=[MinValueValidator(1), MaxValueValidator(1440)]
    )
    """A timer that runs longer is taken for forgotten."""

    # Weeks: when they are due, and who decides on them
    empty_weeks_allowed = models.BooleanField(_("empty weeks may be submitted"), default=False)
    deadline_days = models.PositiveSmallIntegerField(
        _("days until a week is due"), null=True, blank=True, default=1, validators=[MaxValueValidator(28)]
    )
    deadline_time = models.TimeField(_("time of day at which a week is due"), default=dt.time(10))
    remind_missing_weeks = models.BooleanField(_("remind of weeks that are overdue"), default=True)
    approval_first = models.CharField(_("who approves"), max_length=7, choices=Approver.choices, default=Approver.ANY)
    approval_second = models.CharField(
        _("who approves as well"), max_length=7, choices=Approver.choices, default="", blank=True
    )

    # Billing
    billing_rounding = models.CharField(
        _("rounding"), max_length=7, choices=[("up", _("Up")), ("nearest", _("To the nearest"))], default="up"
    )
    billing_minimum_minutes = models.PositiveSmallIntegerField(
        _("minimum in minutes"), default=0, validators=[MaxValueValidator(480)]
    )
    unapproved_invoiced = models.BooleanField(_("time may be invoiced without approval"), default=False)
    over_budget = models.CharField(_("over budget"), max_length=6, choices=Effect.choices, default=Effect.WARN)
    billable_goal_percent = models.PositiveSmallIntegerField(
        _("billable goal in percent"), default=80, validators=[MaxValueValidator(100)]
    )
    utilisation_goal_percent = models.PositiveSmallIntegerField(
        _("utilisation goal in percent"), default=75, validators=[MaxValueValidator(100)]
    )

    # What stands on an invoice
    legal_name = models.CharField(_("legal name"), max_length=150, blank=True)
    address = models.TextField(_("address"), blank=True, max_length=1_000)
    tax_number = models.CharField(_("tax number"), max_length=40, blank=True)
    tax_name = models.CharField(_("name of the tax"), max_length=20, blank=True)
    tax_percent = models.DecimalField(
        _("tax in percent"),
        max_digits=5,
        decimal_places=2,
        default=0,
        validators=[MinValueValidator(0), MaxValueValidator(100)],
    )
    payment_days = models.PositiveSmallIntegerField(_("days to pay"), default=30, validators=[MaxValueValidator(366)])
    invoice_terms = models.TextField(_("terms"), blank=True, max_length=2_000)
    invoice_prefix = models.CharField(
        _("prefix of invoice numbers"),
        max_length=10,
        default="INV-",
        blank=True,
        validators=[RegexValidator(r"\A[A-Za-z0-9/_-]*\Z", _("Use letters, digits, - _ and /."))],
    )
    first_invoice_number = models.PositiveIntegerField(
        _("number of the first invoice"), default=1, validators=[MinValueValidator(1), MaxValueValidator(999_999_999)]
    )

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
