"""Settings that mails hang on, looked at by `manage.py check --deploy`."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core import checks


def site_url(app_configs: Any, **options: Any) -> list[checks.CheckMessage]:
    """Links in mails lead there; without it `manage.py work` does not start."""
    parts = urlsplit(settings.SITE_URL)
    if parts.scheme in ("http", "https") and parts.hostname and not (parts.query or parts.fragment):
        return []
    hint = "Set SITE_URL to the address at which people open this site, like https://time.example.com."
    return [
        checks.Error("SITE_URL is not an address: links in mails would lead nowhere.", hint=hint, id="accounts.E001")
    ]


def mail_server(app_configs: Any, **options: Any) -> list[checks.CheckMessage]:
    """Mails hold secret links; printed, these end in a log."""
    if "console" not in settings.EMAIL_BACKEND:
        return []
    hint = "Set EMAIL_HOST to your mail server (and EMAIL_PORT, EMAIL_HOST_USER, … as it needs)."
    return [checks.Warning("Mails are printed instead of sent.", hint=hint, id="accounts.W001")]
