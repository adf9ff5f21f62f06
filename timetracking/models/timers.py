"""Clocks that run for a member, and the pieces of stopped ones that could not be filed."""

from __future__ import annotations

import datetime as dt
from typing import Any, ClassVar, Self

from django.core.validators import MaxLengthValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Membership
from accounts.permissions import Permission, within_reach
from accounts.tenancy import OrganisationOwned, ScopedManager, ScopedQuerySet
from timetracking.models.billing import BillableOption
from timetracking.models.record_links import RecordLink


class TimerQuerySet(ScopedQuerySet):
    def visible_to(self, actor: Membership) -> Self:
        """What this member may see: an agent their own, managers and admins everybody's."""
        return self.filter(within_reach(actor, Permission.VIEW_TIME, field="member"))

    def running(self) -> Self:
        return self.filter(state=Timer.State.RUNNING)


class TimerManager(ScopedManager.from_queryset(TimerQuerySet)):  # type: ignore[misc]  # from_queryset is dynamic
    pass


class Timer(RecordLink):
    """A clock of one member. At most one runs per member; what it became are the entries that name it."""

    class State(models.TextChoices):
        RUNNING = "RUNNING", _("Running")
        STOPPED = "STOPPED", _("Stopped")
        DISCARDED = "DISCARDED", _("Discarded")

    member = models.ForeignKey(Membership, on_delete=models.PROTECT, related_name="+", db_index=False)
    started_by = models.ForeignKey(Membership, on_delete=models.PROTECT, related_name="+", db_index=False)
    stopped_by = models.ForeignKey(
        Membership, null=True, blank=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    state = models.CharField(_("state"), max_length=9, choices=State.choices, default=State.RUNNING)

    subject = models.CharField(_("subject"), max_length=200, blank=True)
    description = models.TextField(_("description"), blank=True, validators=[MaxLengthValidator(10_000)])
    billable_option = models.CharField(
        _("billing"), max_length=10, choices=BillableOption.choices, default=BillableOption.NO_DEFAULT
    )

    zone = models.CharField(_("time zone"), max_length=64)
    """The member's, when it was started: where its days begin and end."""
    started_at = models.DateTimeField(_("started"))
    counts_from = models.DateTimeField()
    """The whole minute from which it counts; never before what the member's last timer counted."""
    stopped_at = models.DateTimeField(_("stopped"), null=True, blank=True)
    counted_until = models.DateTimeField(null=True, blank=True)

    first_entry_number = models.PositiveBigIntegerField(unique=True)
    """The id that its first entry will have, reserved at the start: partner formats address both by one number."""
    unplaced = models.PositiveSmallIntegerField(default=0)
    """How many of its pieces wait for their owner to place them."""
    flagged_at = models.DateTimeField(null=True, blank=True)
    """When its member was told that it has been running for too long."""
    version = models.PositiveIntegerField(default=1)

    objects: ClassVar[Any] = TimerManager()
    unscoped: ClassVar[Any] = models.Manager()

    class Meta(RecordLink.Meta):
        verbose_name = _("timer")
        verbose_name_plural = _("timers")
        ordering = ["-started_at", "-pk"]
        constraints = [
            *RecordLink.Meta.constraints,
            models.UniqueConstraint(fields=["member"], condition=Q(state="RUNNING"), name="timer_one_runs"),
            models.CheckConstraint(
                condition=Q(state="RUNNING", stopped_at__isnull=True)
                | (~Q(state="RUNNING") & Q(stopped_at__isnull=False)),
                name="timer_stopped_has_end",
            ),
        ]
        indexes = [
            models.Index(
                fields=["member"], condition=Q(state="RUNNING") | Q(unplaced__gt=0), name="timer_needs_its_member"
            ),
            models.Index(fields=["organisation", "member", "-started_at"], name="timer_by_member"),
            models.Index(fields=["organisation"], condition=Q(state="RUNNING"), name="timer_running"),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def title(self) -> str:
        """What it is for: its subject, else "No subject yet"."""
        return self.subject or str(_("No subject yet"))

    @property
    def is_running(self) -> bool:
        return self.state == self.State.RUNNING

    def is_forgotten(self, now: dt.datetime, limit_minutes: int) -> bool:
        """Has it been running for longer than its organisation thinks anybody works?"""
        return self.is_running and now - self.started_at > dt.timedelta(minutes=limit_minutes)


class UnplacedPiece(OrganisationOwned):
    """Time of a stopped timer, on one local day, that could not be filed; kept until its member places or drops it."""

    timer = models.ForeignKey(Timer, on_delete=models.PROTECT, related_name="pieces")
    member = models.ForeignKey(Membership, on_delete=models.PROTECT, related_name="+", db_index=False)
    date = models.DateField(_("date"))
    started_at = models.DateTimeField(_("started"))
    ended_at = models.DateTimeField(_("ended"))
    minutes = models.PositiveSmallIntegerField(_("minutes"))
    is_first = models.BooleanField(default=False)
    """It gets the timer's reserved number."""
    code = models.CharField(max_length=40)
    reason = models.TextField()
    """Why it could not be filed, in words."""
    settled_at = models.DateTimeField(null=True, blank=True)
    """When it was placed or dropped; a dropped one can come back as long as its timer is."""
    entry = models.ForeignKey(
        "timetracking.TimeEntry", null=True, blank=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    """What it was placed as."""

    class Meta:
        verbose_name = _("unplaced time")
        verbose_name_plural = _("unplaced time")
        ordering = ["started_at", "pk"]
        indexes = [
            models.Index(
                fields=["organisation", "member"], condition=Q(settled_at__isnull=True), name="unplaced_by_member"
            )
        ]

    def __str__(self) -> str:
        return f"{self.timer_id} {self.date}"
