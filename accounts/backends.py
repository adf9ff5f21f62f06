"""The one check of e-mail address and password, for every door that asks for them."""

from __future__ import annotations

import logging
from typing import Any

from django.contrib.auth.backends import ModelBackend
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest

from accounts import browsers, throttle
from accounts.models import User
from timesheets_site.lib.logs import REMOTE_ADDRESS

log = logging.getLogger("accounts.sign_in")


class SlowGuessingBackend(ModelBackend):
    """Django's own check, behind the counters.

    Unknown address, wrong password and inactive account give the same answer after the same work: one look at the
    user, the same counters, one run of the password hasher. Once a counter is full no password is looked at and
    `request.locked_out` is set.
    """

    def authenticate(
        self, request: HttpRequest | None, username: str | None = None, password: str | None = None, **kwargs: Any
    ) -> User | None:
        email = (username or kwargs.get(User.USERNAME_FIELD) or "").strip().lower()
        if not email or password is None:
            return None
        user_id = User.objects.filter(email=email).values_list("pk", flat=True).first()
        browser_id = browsers.recognise(request, user_id)
        counters = throttle.password_counters(email, browser_id, REMOTE_ADDRESS.get())
        if not throttle.take_all(counters):
            log.warning("locked out: %s", f"user {user_id}" if user_id else "unknown address")
            if request is not None:
                request.locked_out = True  # type: ignore[attr-defined]  # read by whoever asked
            raise PermissionDenied
        user = super().authenticate(request, username=email, password=password)
        if user is None:
            log.warning("wrong password: %s", f"user {user_id}" if user_id else "unknown address")
            return None
        throttle.give_back([counter for counter, _ in counters])
        return user

    def user_can_authenticate(self, user: Any) -> bool:
        """Nobody signs in, or stays signed in, as a program, whatever its password is."""
        return not user.is_program and super().user_can_authenticate(user)
