"""A user in an organisation."""

from __future__ import annotations

import datetime as dt
import zoneinfo
from typing import Any, ClassVar, Self

from django.core.validators import MaxValueValidator
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.tenancy import OrganisationOwned, ScopedManager, ScopedQuerySet
from timesheets_site.lib.names import initials


class MembershipQuerySet(ScopedQuerySet):
    def people(self) -> Self:
        """Those who work here now: active, their accounts too, and no programs."""
        return self.filter(is_active=True, user__is_active=True, is_integration=False)


class MembershipManager(ScopedManager.from_queryset(MembershipQuerySet)):  # type: ignore[misc]  # it is dynamic
    pass


class Membership(OrganisationOwned):
    """A user in an organisation: also called member, agent or employee. All work points here, never at a user."""

    class Role(models.TextChoices):
        AGENT = "AGENT", _("Agent")
        MANAGER = "MANAGER", _("Manager")
        ADMIN = "ADMIN", _("Admin")

    user = models.ForeignKey("accounts.User", on_delete=models.PROTECT, related_name="memberships")
    role = models.CharField(_("role"), max_length=7, choices=Role.choices, default=Role.AGENT)
    display_name = models.CharField(_("name"), max_length=150)
    employee_number = models.CharField(_("employee number"), max_length=40, blank=True)
    weekly_capacity_minutes = models.PositiveIntegerField(
        _("weekly capacity in minutes"), default=2250, validators=[MaxValueValidator(7 * 1440)]
    )
    """Until the first `CapacityChange`; what counts on a day is worked out by `timetracking.rules.targets`."""
    working_weekdays = models.PositiveSmallIntegerField(
        _("working days"), default=0b0011111, validators=[MaxValueValidator(127)]
    )
    """One bit for each weekday, the lowest is Monday."""
    holiday_calendar = models.CharField(_("public holidays"), max_length=30, blank=True)
    """Of a country or a part of it, like GB-ENG; empty for the organisation's, "-" for none."""
    line_manager = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.SET_NULL, related_name="+", verbose_name=_("line manager")
    )
    default_work_role = models.ForeignKey(
        "timetracking.WorkRole",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("work role"),
        db_index=False,
    )
    sees_rates = models.BooleanField(_("sees rates and amounts"), default=False)
    """Granted by an admin; admins see them anyway. For an agent: those of their own time."""
    issues_invoices = models.BooleanField(_("issues and voids invoices"), default=False)
    """Granted to managers by an admin; admins do it anyway."""
    is_active = models.BooleanField(_("active"), default=True)
    is_integration = models.BooleanField(_("a program, not a person"), default=False, editable=False)
    """Nobody signs in as it, nobody expects its weeks, and it is no second person who could approve."""
    version = models.PositiveIntegerField(default=1, editable=False)
    joined_at = models.DateTimeField(auto_now_add=True)

    key_permissions: frozenset[str] | None = None
    """What the API key leaves that this request came with; None for a person in a browser. Stored nowhere."""

    objects: ClassVar[Any] = MembershipManager()
    unscoped: ClassVar[Any] = models.Manager()

    class Meta:
        verbose_name = _("member")
        verbose_name_plural = _("members")
        ordering = ["display_name", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["organisation", "user"], name="member_once"),
            models.UniqueConstraint(
                fields=["organisation", "employee_number"],
                condition=~models.Q(employee_number=""),
                name="employee_number_once",
            ),
        ]

    def __str__(self) -> str:
        return self.display_name

    @property
    def zone(self) -> zoneinfo.ZoneInfo:
        """The zone in which this member's "today" is decided: their own, else the organisation's."""
        return zoneinfo.ZoneInfo(self.user.time_zone or self.organisation.time_zone)

    def today(self, now: dt.datetime | None = None) -> dt.date:
        """The member's local calendar day at `now` (an aware instant; the current one by default)."""
        return (now or timezone.now()).astimezone(self.zone).date()

    @property
    def weekly_capacity_hours(self) -> str:
        """The weekly capacity as people write it: `37.5`."""
        return f"{self.weekly_capacity_minutes / 60:.2f}".rstrip("0").rstrip(".")

    @property
    def hours_now(self) -> str:
        """The same of today, where `selectors.members` found it."""
        minutes = getattr(self, "weekly_minutes_now", self.weekly_capacity_minutes)
        return f"{minutes / 60:.2f}".rstrip("0").rstrip(".")

    @property
    def avatar(self) -> int:
        """One of the six avatar colours, always the same for a member."""
        return self.pk % 6 + 1

    @property
    def initials(self) -> str:
        return initials(self.display_name)
