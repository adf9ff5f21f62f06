"""What programs show instead of signing in: keys of members, tokens issued for them, and what they used up."""

from __future__ import annotations

import datetime as dt
from typing import Any, ClassVar, Self

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.permissions import Permission, within_reach
from accounts.tenancy import OrganisationOwned, ScopedManager, ScopedQuerySet


class ApiKeyQuerySet(ScopedQuerySet):
    def visible_to(self, actor: Any) -> Self:
        """One's own keys; an admin sees everybody's."""
        return self.filter(within_reach(actor, Permission.MANAGE_API_KEYS, field="member"))

    def live(self, now: dt.datetime) -> Self:
        """Neither revoked nor expired."""
        return self.filter(Q(expires_at__isnull=True) | Q(expires_at__gt=now), revoked_at__isnull=True)


class ApiKeyManager(ScopedManager.from_queryset(ApiKeyQuerySet)):  # type: ignore[misc]  # from_queryset is dynamic
    pass


class ApiKey(OrganisationOwned):
    """A key that opens one API as one member of one organisation. Its secret is stored as a hash and shown once."""

    class Kind(models.TextChoices):
        API = "api", _("Own API (/api/v1)")
        GROW = "grow", _("Grow CRM format")
        CONNECTWISE = "connectwise", _("ConnectWise PSA format (key pair)")
        INTACCT = "intacct", _("Sage Intacct format (client id and secret)")
        KIMAI = "kimai", _("Kimai format")

    PAIRS = frozenset({Kind.CONNECTWISE, Kind.INTACCT})
    """Kinds whose public part is sent beside the secret; of the others one text holds both."""

    member = models.ForeignKey("accounts.Membership", on_delete=models.PROTECT, related_name="api_keys")
    kind = models.CharField(_("opens"), max_length=12, choices=Kind.choices)
    name = models.CharField(_("name"), max_length=80)
    public_id = models.CharField(max_length=24, unique=True)
    """The recognisable part: shown in lists, sent with every request, worthless alone."""
    digest = models.CharField(max_length=64)
    """SHA-256 of the secret, which has 256 random bits, so that no slower hash is needed."""
    areas = models.JSONField(_("may touch"), default=list)
    """Codes of `accounts.key_areas.AREAS`; what its member may do is the limit in any case."""
    read_only = models.BooleanField(_("reads only"), default=False)
    requests_per_minute = models.PositiveIntegerField(
        _("requests a minute"), null=True, blank=True, validators=[MinValueValidator(1), MaxValueValidator(100_000)]
    )
    """None for the installation's setting."""
    expires_at = models.DateTimeField(_("expires"), null=True, blank=True)
    created_by = models.ForeignKey("accounts.Membership", on_delete=models.PROTECT, related_name="+", db_index=False)
    created_at = models.DateTimeField(_("made"))
    last_used_at = models.DateTimeField(_("last used"), null=True, editable=False)
    last_used_from = models.GenericIPAddressField(null=True, editable=False)
    revoked_at = models.DateTimeField(_("revoked"), null=True, editable=False)
    revoked_by = models.ForeignKey(
        "accounts.Membership", null=True, on_delete=models.PROTECT, related_name="+", db_index=False, editable=False
    )
    version = models.PositiveIntegerField(default=1, editable=False)

    objects: ClassVar[Any] = ApiKeyManager()
    unscoped: ClassVar[Any] = models.Manager()

    class Meta:
        verbose_name = _("API key")
        verbose_name_plural = _("API keys")
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"{self.name} ({self.public_id})"

    @property
    def expires_on(self) -> dt.date | None:
        """The last day on which it works, on the clock of who looks; None if it never expires."""
        if self.expires_at is None:
            return None
        return (timezone.localtime(self.expires_at) - dt.timedelta(microseconds=1)).date()

    def is_live(self, now: dt.datetime | None = None) -> bool:
        """Neither revoked nor expired."""
        return self.revoked_at is None and (self.expires_at is None or self.expires_at > (now or timezone.now()))


class AccessToken(models.Model):
    """A token that was issued at a sign-in: to a person (portal) or, for a key, to a program (OAuth 2)."""

    class Use(models.TextChoices):
        PORTAL = "portal", _("Portal")
        OAUTH_ACCESS = "oauth_access", _("Access token")
        OAUTH_REFRESH = "oauth_refresh", _("Refresh token")

    use = models.CharField(max_length=13, choices=Use.choices)
    user = models.ForeignKey("accounts.User", null=True, on_delete=models.CASCADE, related_name="+")
    key = models.ForeignKey(ApiKey, null=True, on_delete=models.CASCADE, related_name="+")
    digest = models.CharField(max_length=64, unique=True)
    verified = models.BooleanField(default=False)
    """A second factor was given for it."""
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    last_used_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)
    created_from = models.GenericIPAddressField(null=True)

    class Meta:
        verbose_name = _("access token")
        verbose_name_plural = _("access tokens")
        constraints = [
            models.CheckConstraint(
                condition=Q(user__isnull=False, key__isnull=True) | Q(user__isnull=True, key__isnull=False),
                name="access_token_of_one",
            )
        ]

    def __str__(self) -> str:
        return f"{self.use} {self.pk}"


class RequestCount(models.Model):
    """How many requests of one minute were given out to somebody, in blocks (`accounts.rate_limits`)."""

    name = models.CharField(max_length=40)
    minute = models.BigIntegerField()
    """Minutes since 1970."""
    given = models.PositiveIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["name", "minute"], name="request_count_once")]

    def __str__(self) -> str:
        return f"{self.name} {self.minute}"


class ApiReply(models.Model):
    """The first answer under an Idempotency-Key, written in the transaction of its effect and kept for a day."""

    credential = models.CharField(max_length=40)
    key = models.CharField(max_length=255)
    fingerprint = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField(default=0)
    headers = models.JSONField(default=dict)
    body = models.TextField(blank=True)
    created_at = models.DateTimeField(db_index=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["credential", "key"], name="api_reply_once")]

    def __str__(self) -> str:
        return f"{self.credential} {self.key}"


class CalendarFeed(models.Model):
    """The secret address at which a person's calendar program reads their time. One per person."""

    user = models.OneToOneField("accounts.User", on_delete=models.CASCADE, related_name="calendar_feed")
    digest = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField()
    last_used_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("calendar feed")
        verbose_name_plural = _("calendar feeds")

    def __str__(self) -> str:
        return f"calendar of {self.user_id}"
