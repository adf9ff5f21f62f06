"""Passwords: changed by their owner, or set anew by a link in a mail."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db import transaction
from django.urls import reverse

from accounts import audit, sessions, throttle
from accounts.account_mails import PASSWORD_CHANGED, PASSWORD_RESET
from accounts.models import User
from accounts.services import access_tokens, api_keys, calendar_feeds, outbox

RESET_MAILS = 5  # to one address in 15 minutes


@transaction.atomic
def change(user: User, password: str, *, keep_session: str | None = None) -> None:
    """Set a new password (already validated); every other session of the user ends, and every portal token."""
    user = User.objects.select_for_update().get(pk=user.pk)
    user.set_password(password)
    user.save(update_fields=["password"])
    sessions.end(user.live_sessions.exclude(session_key=keep_session or ""))
    access_tokens.end_all_of(user)
    user.trusted_browsers.all().delete()
    audit.record_account(user, "user.password_changed")
    outbox.put(user.email, PASSWORD_CHANGED, left_open(user))


def left_open(user: User) -> dict[str, Any]:
    """What a new password leaves alive, since programs go on with it: how many `keys`, and is there a `calendar`?"""
    return {"keys": api_keys.live_of(user), "calendar": calendar_feeds.of_person(user) is not None}


def set_anew(user: User, password: str) -> None:
    """Set the password that its owner forgot. Ends all sessions and a lock-out; the second factor stays owed."""
    change(user, password)
    throttle.forget(throttle.password_counter(user.email))


def send_reset_link(email: str, address: Callable[[str], str]) -> None:
    """Mail a link that works once, for an hour, if an active user has this e-mail address.

    That is found out when the mail is sent: here the same is done for every address, in the same time. `address` makes
    a full address of a path.
    """
    email = email.strip().lower()
    if not throttle.take(throttle.key("reset", email), RESET_MAILS):
        return
    outbox.put(email, PASSWORD_RESET, {"site": address(reverse("home")).rstrip("/")})
