"""Codes for the day when the authenticator is lost."""

from django.conf import settings
from django.db import models


class RecoveryCode(models.Model):
    """One code that stands in for the second factor once. Only its hash is stored; it was shown when it was made."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="recovery_codes")
    code_hash = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField(auto_now_add=True)
    used_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"{self.user_id} {self.code_hash[:8]}"
