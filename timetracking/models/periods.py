"""Closed periods, and the members for whom one is open again for a while."""

from __future__ import annotations

import datetime as dt
from typing import Any, ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Membership, Organisation
from accounts.tenancy import OrganisationOwned, ScopedManager, ScopedQuerySet


class PeriodReopeningQuerySet(ScopedQuerySet):
    def in_force(self, organisation: Organisation, now: dt.datetime) -> dict[int, dt.date]:
        """From which day on a member may write although the period is closed, by the member's id.

        Asks nothing of the database where no period is closed.
        """
        if organisation.lock_date is None:
            return {}
        found: dict[int, dt.date] = {}
        for member_id, first_on in self.filter(ended_at__isnull=True, until_at__gt=now).values_list(
            "member_id", "first_on"
        ):
            found[member_id] = min(first_on, found.get(member_id, first_on))
        return found


class PeriodReopeningManager(ScopedManager.from_queryset(PeriodReopeningQuerySet)):  # type: ignore[misc]  # dynamic
    pass


class PeriodReopening(OrganisationOwned):
    """For one member, days from `first_on` are open although the lock date has passed them; ends by itself."""

    member = models.ForeignKey(Membership, on_delete=models.PROTECT, related_name="+", db_index=False)
    first_on = models.DateField(_("open from"))
    until_at = models.DateTimeField(_("until"))
    reason = models.CharField(_("reason"), max_length=500, blank=True)
    opened_by = models.ForeignKey(Membership, on_delete=models.PROTECT, related_name="+", db_index=False)
    created_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    objects: ClassVar[Any] = PeriodReopeningManager()
    unscoped: ClassVar[Any] = models.Manager()

    class Meta:
        verbose_name = _("reopened period")
        verbose_name_plural = _("reopened periods")
        ordering = ["-pk"]
        indexes = [
            models.Index(fields=["organisation", "until_at"], condition=Q(ended_at__isnull=True), name="reopening_live")
        ]

    def __str__(self) -> str:
        return f"{self.member_id} {self.first_on}"
