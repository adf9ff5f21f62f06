"""Where a person is signed in, and which browsers they signed in from before."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext

# The order decides: each browser also names those that it pretends to be.
BROWSERS = {"Edg": "Edge", "OPR/": "Opera", "Firefox/": "Firefox", "Chrome/": "Chrome", "Safari/": "Safari"}
SYSTEMS = {
    "Android": "Android",
    "iPhone": "iPhone",
    "iPad": "iPad",
    "Windows": "Windows",
    "Mac OS": "macOS",
    "Linux": "Linux",
}


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

    @property
    def browser(self) -> str:
        """What the browser says it is, in words that its owner knows: "Firefox, Windows"."""
        name = _first_of(BROWSERS, self.user_agent) or self.user_agent[:40] or gettext("Unknown browser")
        system = _first_of(SYSTEMS, self.user_agent)
        return f"{name}, {system}" if system else name


def _first_of(marks: dict[str, str], text: str) -> str | None:
    return next((name for mark, name in marks.items() if mark in text), None)


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
