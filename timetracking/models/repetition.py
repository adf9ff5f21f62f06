"""What a member does again and again: rows of their weekly grid, favourites, templates; and changes made together."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Membership
from accounts.tenancy import OrganisationOwned
from timetracking.models.billing import BillableOption
from timetracking.models.catalogue import WorkType
from timetracking.models.record_links import NAMES, RecordLink


class GridRow(RecordLink):
    """A row that a member put into the grid of a week; rows with entries need none."""

    member = models.ForeignKey(Membership, on_delete=models.PROTECT, related_name="+", db_index=False)
    week_start = models.DateField(_("week"))

    class Meta(RecordLink.Meta):
        verbose_name = _("grid row")
        verbose_name_plural = _("grid rows")
        ordering = ["pk"]
        indexes = [models.Index(fields=["organisation", "member", "week_start"], name="grid_row_by_week")]

    def __str__(self) -> str:
        return f"{self.member_id} {self.week_start} {self.token}"


class Favourite(RecordLink):
    """A record that a member wants at the top of the picker."""

    member = models.ForeignKey(Membership, on_delete=models.PROTECT, related_name="+", db_index=False)

    class Meta(RecordLink.Meta):
        verbose_name = _("favourite")
        verbose_name_plural = _("favourites")
        ordering = ["pk"]
        constraints = [
            *RecordLink.Meta.constraints,
            *(
                models.UniqueConstraint(
                    fields=["member", name], condition=Q(**{f"{name}__isnull": False}), name=f"favourite_{name}_once"
                )
                for name in NAMES
            ),
        ]
        indexes = [models.Index(fields=["organisation", "member"], name="favourite_by_member")]

    def __str__(self) -> str:
        return f"{self.member_id} {self.token}"


class WeekTemplate(OrganisationOwned):
    """A member's usual week under a name."""

    member = models.ForeignKey(Membership, on_delete=models.PROTECT, related_name="+", db_index=False)
    name = models.CharField(_("name"), max_length=80)
    version = models.PositiveIntegerField(default=1)
    updated_at = models.DateTimeField()

    class Meta:
        verbose_name = _("template of a week")
        verbose_name_plural = _("templates of a week")
        ordering = ["name", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["organisation", "member", "name"], name="week_template_name_once")
        ]

    def __str__(self) -> str:
        return self.name


def validate_week(minutes: Any) -> None:
    """Seven whole numbers of minutes, Monday first."""
    if not (
        isinstance(minutes, list) and len(minutes) == 7 and all(type(m) is int and 0 <= m <= 1440 for m in minutes)
    ):
        raise ValidationError(_("Seven numbers of minutes, Monday first."))


class WeekTemplateLine(RecordLink):
    """One row of a template: a record and the minutes of each weekday."""

    template = models.ForeignKey(WeekTemplate, on_delete=models.CASCADE, related_name="lines")
    subject = models.CharField(_("subject"), max_length=200, blank=True)
    billable_option = models.CharField(
        _("billing"), max_length=10, choices=BillableOption.choices, default=BillableOption.NO_DEFAULT
    )
    work_type = models.ForeignKey(
        WorkType, null=True, blank=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    minutes = models.JSONField(_("minutes"), validators=[validate_week])
    """Of Monday to Sunday; 0 for a day without."""

    class Meta(RecordLink.Meta):
        verbose_name = _("line of a template")
        verbose_name_plural = _("lines of a template")
        ordering = ["pk"]

    def __str__(self) -> str:
        return self.subject or self.token


class EntryBatch(OrganisationOwned):
    """Entries that one action wrote together, so that one Undo takes all of it back."""

    class Action(models.TextChoices):
        LOGGED = "logged", _("Logged")
        EDITED = "edited", _("Changed")
        DELETED = "deleted", _("Deleted")
        MOVED = "moved", _("Moved")
        DUPLICATED = "duplicated", _("Duplicated")
        COPIED = "copied", _("Copied")
        PASTED = "pasted", _("Pasted")
        SPLIT = "split", _("Split")
        TIMER = "timer", _("Stopped a timer")

    member = models.ForeignKey(Membership, on_delete=models.PROTECT, related_name="+", db_index=False)
    """Who did it; nobody else undoes it."""
    action = models.CharField(max_length=10, choices=Action.choices)
    items = models.JSONField()
    """`[entry id, version that it left behind, "logged" | "edited" | "deleted"]` each, in the order of writing."""
    created_at = models.DateTimeField()
    undone_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("batch of entries")
        verbose_name_plural = _("batches of entries")
        ordering = ["-pk"]
        indexes = [models.Index(fields=["organisation", "created_at"], name="entry_batch_by_age")]

    def __str__(self) -> str:
        return f"{self.action} {len(self.items)}"
