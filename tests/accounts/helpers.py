"""What the tests of signing in share: authenticators, and people who act at the same moment."""

from __future__ import annotations

import threading
import time
from binascii import unhexlify
from collections.abc import Callable
from typing import Any

from django.db import connection
from django.test import Client
from django_otp.oath import TOTP
from django_otp.plugins.otp_totp.models import TOTPDevice

from accounts.models import User
from tests.factories import PASSWORD


def authenticator(user: User, name: str = "Phone") -> TOTPDevice:
    return TOTPDevice.objects.create(user=user, name=name, confirmed=True)


def code_of(key: str, step: int = 0) -> str:
    """The code that an authenticator with this key shows now, or some steps of 30 seconds from now."""
    totp = TOTP(unhexlify(key))
    totp.time = time.time() + 30 * step
    return f"{totp.token():06d}"


def wait_for_time_to_type() -> None:
    """Until the code that is shown now holds for some seconds more.

    One that is typed as it changes is taken as a clock that runs late; the next code is then too far ahead.
    """
    left = 30 - time.time() % 30
    if left < 8:
        time.sleep(left)


def wrong_code(key: str) -> str:
    shown = {code_of(key, step) for step in (-1, 0, 1, 2)}
    return next(code for code in ("000000", "111111", "222222", "333333", "444444") if code not in shown)


def sign_in(client: Client, email: str, password: str = PASSWORD, **extra: Any) -> Any:
    return client.post("/login/", {"email": email, "password": password}, **extra)


def at_once(*acts: Callable[[], Any]) -> list[Any]:
    """Run these in threads that start together; what each returned or raised, in their order."""
    barrier = threading.Barrier(len(acts))
    results: list[Any] = [None] * len(acts)

    def run(place: int, act: Callable[[], Any]) -> None:
        try:
            barrier.wait(10)
            results[place] = act()
        except Exception as error:
            results[place] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    return results
