"""Which events a webhook is told of, how its messages are signed, and when a message is tried again."""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import hmac
from collections.abc import Collection, Iterable

TYPES = (
    "time_entry.created", "time_entry.updated", "time_entry.deleted", "time_entry.approved", "time_entry.rejected",
    "timesheet.submitted", "timesheet.approved", "timesheet.rejected", "timer.started", "timer.stopped",
)  # fmt: skip
NOUNS = ("time_entry", "timesheet", "timer")
PATTERNS = (*TYPES, *(f"{noun}.*" for noun in NOUNS))
PREFIX = "whsec_"

GAPS = [dt.timedelta(seconds=seconds) for seconds in (2, 30, 120, 600, 1800, 3600, 7200, 14400, 21600, 28800)]
"""After each failed try but the last; together a little less than a day."""
LONGEST = dt.timedelta(hours=24)
"""After that a message is given up."""
FAILING = dt.timedelta(days=3)
"""A webhook that nothing reached for so long is switched off."""


def wants(patterns: Iterable[str], event_type: str) -> bool:
    """Is an event of this type among those that were asked for?

    >>> wants(["time_entry.*"], "time_entry.approved"), wants(["timesheet.approved"], "timesheet.rejected")
    (True, False)
    """
    noun = event_type.partition(".")[0]
    return any(pattern in (event_type, f"{noun}.*") for pattern in patterns)


def unknown(patterns: Collection[str]) -> list[str]:
    """Those that name nothing that is ever told.

    >>> unknown(["timer.*", "invoice.paid"])
    ['invoice.paid']
    """
    return [pattern for pattern in patterns if pattern not in PATTERNS]


def secret_of(salt: str, key: str) -> str:
    """The secret as its owner gets it: `whsec_` and base64 of 32 bytes, from the installation's key and a random salt.

    >>> secret_of("salt", "key") == secret_of("salt", "key") != secret_of("other", "key")
    True
    """
    digest = hmac.new(key.encode(), f"webhook:{salt}".encode(), hashlib.sha256).digest()
    return PREFIX + base64.b64encode(digest).decode()


def signature(secret: str, number: str, timestamp: int, body: str) -> str:
    """`v1,<base64>` of HMAC-SHA256 over `id.timestamp.body`, as the Standard Webhooks have it.

    >>> secret, body = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", '{"test": 2432232314}'
    >>> signature(secret, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, body)
    'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE='
    """
    key = base64.b64decode(secret.removeprefix(PREFIX))
    content = f"{number}.{timestamp}.{body}".encode()
    return "v1," + base64.b64encode(hmac.new(key, content, hashlib.sha256).digest()).decode()


def next_try(attempts: int, first_at: dt.datetime, now: dt.datetime) -> dt.datetime | None:
    """When a message that failed `attempts` times is tried again; None to give it up.

    >>> start = dt.datetime(2026, 6, 1, tzinfo=dt.UTC)
    >>> (next_try(1, start, start) - start).seconds, next_try(len(GAPS) + 1, start, start)
    (2, None)
    >>> next_try(3, start, start + LONGEST) is None
    True
    """
    if attempts > len(GAPS):
        return None
    at = now + GAPS[attempts - 1]
    return at if at - first_at <= LONGEST else None
