"""Addresses of others that are told what happened, and every message to them."""

from __future__ import annotations

from typing import Any, ClassVar, Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Membership
from accounts.tenancy import OrganisationOwned, ScopedManager, ScopedQuerySet


class WebhookQuerySet(ScopedQuerySet):
    def kept(self) -> Self:
        """Not deleted."""
        return self.filter(deleted_at__isnull=True)


class WebhookManager(ScopedManager.from_queryset(WebhookQuerySet)):  # type: ignore[misc]  # from_queryset is dynamic
    pass


class Webhook(OrganisationOwned):
    """One address with the events that it is told of. Its secret is worked out from `salt` and stored nowhere."""

    url = models.CharField(_("address"), max_length=500)
    events = models.JSONField(_("events"), default=list)
    """Types like `timesheet.approved`, or all of a noun: `time_entry.*`."""
    salt = models.CharField(max_length=64)
    earlier_salt = models.CharField(max_length=64, blank=True)
    earlier_until = models.DateTimeField(null=True)
    """Until then messages are signed with the earlier secret as well."""
    is_active = models.BooleanField(_("on"), default=True)
    switched_off_because = models.CharField(max_length=20, blank=True)
    """`gone`, `failing` or `by_hand`; empty while it is on."""
    told_up_to = models.BigIntegerField(default=0)
    """The id of the last event of the audit trail that messages were made of."""
    failing_since = models.DateTimeField(null=True)
    created_by = models.ForeignKey(Membership, on_delete=models.PROTECT, related_name="+", db_index=False)
    created_at = models.DateTimeField()
    deleted_at = models.DateTimeField(null=True)
    version = models.PositiveIntegerField(default=1, editable=False)

    objects: ClassVar[Any] = WebhookManager()
    unscoped: ClassVar[Any] = models.Manager()

    class Meta:
        verbose_name = _("webhook")
        verbose_name_plural = _("webhooks")
        ordering = ["-pk"]

    def __str__(self) -> str:
        return self.url


class WebhookMessage(OrganisationOwned):
    """One message to one address: sent until it arrives or is given up, kept for a while to be replayed."""

    class State(models.TextChoices):
        WAITING = "waiting", _("Waiting")
        DELIVERED = "delivered", _("Delivered")
        GIVEN_UP = "given_up", _("Given up")

    webhook = models.ForeignKey(Webhook, on_delete=models.CASCADE, related_name="messages", db_index=False)
    number = models.CharField(max_length=40, unique=True)
    """What the receiver knows it by (`webhook-id`): the same for every try."""
    type = models.CharField(max_length=60)
    body = models.TextField()
    state = models.CharField(max_length=9, choices=State.choices, default=State.WAITING)
    attempts = models.PositiveSmallIntegerField(default=0)
    """Since it was made or replayed."""
    tries = models.JSONField(default=list)
    """The last ones: [{"at", "status", "error", "milliseconds"}]."""
    next_try_at = models.DateTimeField()
    created_at = models.DateTimeField()
    queued_at = models.DateTimeField()
    """When it was made, or replayed: its retries are counted from then."""
    settled_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("message of a webhook")
        verbose_name_plural = _("messages of webhooks")
        ordering = ["-pk"]
        indexes = [
            models.Index(fields=["next_try_at"], condition=Q(state="waiting"), name="webhook_message_due"),
            models.Index(fields=["webhook", "-id"], name="webhook_message_by_hook"),
            models.Index(fields=["created_at"], name="webhook_message_by_age"),
        ]

    def __str__(self) -> str:
        return f"{self.type} {self.number}"
