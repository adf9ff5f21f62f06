"""Mails of the platform: plain text, sent after the transaction that they tell of, without a page waiting for it."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import transaction
from django.template.loader import render_to_string

log = logging.getLogger("accounts.mail")
_sender = ThreadPoolExecutor(max_workers=1, thread_name_prefix="mail")


def send(to: str, subject: str, template: str, context: Mapping[str, Any]) -> None:
    """Send one mail once the present transaction has committed; a failure is logged, without the mail's text."""
    body = render_to_string(f"accounts/mail/{template}.txt", dict(context))
    message = EmailMessage(" ".join(subject.split()), body.strip() + "\n", to=[to])
    transaction.on_commit(lambda: _dispatch(message, template))


def _dispatch(message: EmailMessage, template: str) -> None:
    if settings.MAIL_IN_BACKGROUND:
        _sender.submit(_deliver, message, template)
    else:
        _deliver(message, template)


def _deliver(message: EmailMessage, template: str) -> None:
    try:
        message.send()
    except OSError:  # smtplib's errors are OSErrors: no server, refused, timed out
        log.exception("mail not sent: %s", template)
