"""The queue of mails, as the worker empties it."""

from __future__ import annotations

import re

from django.core import mail
from django.core.mail import EmailMultiAlternatives

from accounts.services import outbox

SITE = "https://time.example.com"


def deliver() -> list[EmailMultiAlternatives]:
    """Send what waits; everything that was sent in this test so far."""
    outbox.send_waiting(SITE)
    return mail.outbox


def link_in(message: EmailMultiAlternatives) -> str:
    """The path of the first link in a mail."""
    found = re.search(r"https?://[^/\s]+(/\S+)", message.body)
    assert found, message.body
    return found[1]


def html_of(message: EmailMultiAlternatives) -> str:
    (alternative,) = message.alternatives
    assert alternative.mimetype == "text/html"
    return str(alternative.content)
