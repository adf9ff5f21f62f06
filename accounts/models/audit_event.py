"""The audit trail: rows that are only ever added."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.tenancy import OrganisationOwned


class AuditEvent(OrganisationOwned):
    """One thing that was done: by whom, to what, with the values before and after. Names people by id.

    Database triggers refuse UPDATE and DELETE, so neither the product nor plain SQL rewrites history.
    """

    actor = models.ForeignKey(
        "accounts.Membership", null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    user = models.ForeignKey("accounts.User", null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    on_behalf_of = models.ForeignKey(
        "accounts.Membership", null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    action = models.CharField(_("what"), max_length=60)
    object_type = models.CharField(max_length=60)
    object_id = models.BigIntegerField()
    changes = models.JSONField(default=dict)
    at = models.DateTimeField(_("when"))
    address = models.GenericIPAddressField(null=True)
    request_id = models.CharField(max_length=36, blank=True)
    channel = models.CharField(max_length=20, default="page")
    token_id = models.BigIntegerField(null=True)

    class Meta:
        verbose_name = _("audit event")
        verbose_name_plural = _("audit events")
        ordering = ["-pk"]
        indexes = [
            models.Index(fields=["organisation", "object_type", "object_id", "id"], name="audit_by_object"),
            models.Index(fields=["organisation", "at"], name="audit_by_time"),
        ]

    def __str__(self) -> str:
        return f"{self.action} {self.object_type} {self.object_id}"


class AuditSeal(OrganisationOwned):
    """One link of an organisation's hash chain over its audit events, added by a command apart from the writes."""

    event = models.OneToOneField(AuditEvent, on_delete=models.PROTECT, related_name="seal")
    position = models.BigIntegerField()
    digest = models.CharField(max_length=64)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["organisation", "position"], name="seal_position_once")]

    def __str__(self) -> str:
        return f"{self.position}: {self.digest[:12]}"
