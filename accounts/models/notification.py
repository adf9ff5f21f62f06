"""What members are told, in the product and by mail: rows written in the transaction of what they tell of."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.tenancy import OrganisationOwned


class Notification(OrganisationOwned):
    """One thing that one member is told in the product. Its words are made from `kind` and `values` when it is read."""

    member = models.ForeignKey("accounts.Membership", on_delete=models.CASCADE, related_name="+", db_index=False)
    actor = models.ForeignKey(
        "accounts.Membership", null=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )
    kind = models.CharField(max_length=60)
    values = models.JSONField(default=dict)
    created_at = models.DateTimeField()
    read_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("notification")
        verbose_name_plural = _("notifications")
        ordering = ["-pk"]
        indexes = [
            models.Index(fields=["organisation", "member", "id"], name="notification_by_member"),
            models.Index(
                fields=["organisation", "member"], condition=Q(read_at__isnull=True), name="notification_unread"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.member_id}"


class OutgoingMail(models.Model):
    """A mail that waits to be sent, or was. Its words are made when it is sent, in the receiver's zone and language.

    Mails to a person as such (password, invitation) belong to no organisation. `values` are emptied once it is sent,
    since they may hold a secret link.
    """

    organisation = models.ForeignKey(
        "accounts.Organisation", null=True, on_delete=models.CASCADE, related_name="+", db_index=False
    )
    member = models.ForeignKey(
        "accounts.Membership", null=True, on_delete=models.CASCADE, related_name="+", db_index=False
    )
    actor = models.ForeignKey(
        "accounts.Membership", null=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )
    to = models.EmailField(max_length=254)
    kind = models.CharField(max_length=60)
    values = models.JSONField(default=dict)
    created_at = models.DateTimeField()
    attempts = models.PositiveSmallIntegerField(default=0)
    next_try_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)
    failed_at = models.DateTimeField(null=True)
    last_error = models.CharField(max_length=200, blank=True)

    class Meta:
        verbose_name = _("outgoing mail")
        verbose_name_plural = _("outgoing mails")
        ordering = ["pk"]
        indexes = [
            models.Index(
                fields=["next_try_at"], condition=Q(sent_at__isnull=True, failed_at__isnull=True), name="mail_waiting"
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"
