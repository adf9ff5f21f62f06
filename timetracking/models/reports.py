"""Reports that somebody kept, and files that are made in the background."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Membership
from accounts.tenancy import OrganisationOwned


class SavedReport(OrganisationOwned):
    """A report's choices under a name: its owner's, or for everybody of some roles."""

    class Shared(models.TextChoices):
        NOBODY = "", _("Only me")
        MANAGERS = "managers", _("Managers and admins")
        EVERYBODY = "everybody", _("Everybody; agents see their own time in it")

    owner = models.ForeignKey(Membership, on_delete=models.PROTECT, related_name="+")
    name = models.CharField(_("name"), max_length=80)
    query = models.CharField(max_length=2_000)
    """The address's choices, in their canonical form; relative dates stay relative."""
    shared = models.CharField(_("shared with"), max_length=9, choices=Shared.choices, default="", blank=True)
    version = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        verbose_name = _("saved report")
        verbose_name_plural = _("saved reports")
        ordering = ["name", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["organisation", "owner", "name"], name="saved_report_once"),
        ]

    def __str__(self) -> str:
        return self.name


class ExportJob(OrganisationOwned):
    """A file that is made in the background for the member who asked, kept for them only and for some days."""

    class State(models.TextChoices):
        WAITING = "waiting", _("Waiting")
        RUNNING = "running", _("Running")
        DONE = "done", _("Ready")
        FAILED = "failed", _("Failed")
        CANCELLED = "cancelled", _("Cancelled")
        EXPIRED = "expired", _("Deleted")

    asker = models.ForeignKey(Membership, on_delete=models.PROTECT, related_name="+", db_index=False)
    kind = models.CharField(max_length=30)
    """What is exported: a key of the register in `services.export_jobs`."""
    parameters = models.JSONField(default=dict)
    title = models.CharField(max_length=200)
    file_name = models.CharField(max_length=120)
    """What the download is called."""
    state = models.CharField(max_length=9, choices=State.choices, default=State.WAITING)
    rows_done = models.PositiveBigIntegerField(default=0)
    rows_total = models.PositiveBigIntegerField(null=True, blank=True)
    storage_key = models.UUIDField(default=uuid.uuid4, editable=False)
    size_bytes = models.PositiveBigIntegerField(null=True, blank=True)
    problem = models.CharField(max_length=300, blank=True)
    tries = models.PositiveSmallIntegerField(default=0)
    created_at = models.DateTimeField()
    heartbeat_at = models.DateTimeField(null=True, blank=True)
    """When the worker that has it last said so; long ago means that the worker died."""
    finished_at = models.DateTimeField(null=True, blank=True)
    expires_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("export")
        verbose_name_plural = _("exports")
        ordering = ["-pk"]
        indexes = [
            models.Index(fields=["organisation", "asker", "created_at"], name="export_by_asker"),
            models.Index(
                fields=["state", "created_at"], condition=Q(state__in=["waiting", "running"]), name="export_waiting"
            ),
        ]

    def __str__(self) -> str:
        return self.title
