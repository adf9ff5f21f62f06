"""Passwords: changed by their owner, or set anew by a link in a mail."""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.contrib.auth.tokens import default_token_generator
from django.db import transaction
from django.urls import reverse
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode
from django.utils.translation import gettext as _

from accounts import audit, mail, sessions, throttle
from accounts.models import User

RESET_MAILS = 5  # to one address in 15 minutes


@transaction.atomic
def change(user: User, password: str, *, keep_session: str | None = None) -> None:
    """Set a new password (already validated); every other session of the user ends."""
    user = User.objects.select_for_update().get(pk=user.pk)
    user.set_password(password)
    user.save(update_fields=["password"])
    sessions.end(user.live_sessions.exclude(session_key=keep_session or ""))
    user.trusted_browsers.all().delete()
    audit.record_account(user, "user.password_changed")
    mail.send(user.email, _("Your password was changed"), "password_changed", {"user": user})


def set_anew(user: User, password: str) -> None:
    """Set the password that its owner forgot. Ends all sessions and a lock-out; the second factor stays owed."""
    change(user, password)
    throttle.forget(throttle.password_counter(user.email))


def send_reset_link(email: str, address: Callable[[str], str]) -> None:
    """Mail a link that works once, for an hour, if an active user has this e-mail address; else do nothing.

    `address` makes a full address of a path.
    """
    if not throttle.take(throttle.key("reset", email.strip().lower()), RESET_MAILS):
        return
    user = User.objects.filter(email=email.strip().lower(), is_active=True).first()
    if user is None:
        return
    path = reverse("password-reset-confirm", args=[uid(user), default_token_generator.make_token(user)])
    mail.send(
        user.email,
        _("Set a new password"),
        "password_reset",
        {"user": user, "link": address(path), "minutes": settings.PASSWORD_RESET_TIMEOUT // 60},
    )


def uid(user: User) -> str:
    """The user's id as it stands in a reset link."""
    return urlsafe_base64_encode(force_bytes(user.pk))
