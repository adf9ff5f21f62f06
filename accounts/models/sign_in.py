"""Where a person is signed in, and which browsers they signed in from before."""

from django.conf import settings
from django.db import models


class UserSession(models.Model):
    """A live session of a user, so that they can see and end it. The session's key is the only link."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="live_sessions")
    session_key = models.CharField(max_length=40, unique=True)
    user_agent = models.CharField(max_length=200, blank=True)
    address = models.GenericIPAddressField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)
    last_seen_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.user_id} {self.user_agent[:40]}"


class TrustedBrowser(models.Model):
    """A browser that has completed a sign-in of this user before: a lock-out by strangers does not shut it out.

    The browser holds a secret in a signed cookie; here is the hash of that secret and the user's id.
    """

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="trusted_browsers")
    token_hash = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField(auto_now_add=True)
    last_used_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.user_id}"
