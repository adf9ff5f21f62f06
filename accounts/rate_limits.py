"""How many requests a key and an organisation may make in a minute, counted in the database for all processes.

A process takes a small block of requests out of the minute's number with one statement and hands them out from memory.
So nobody ever gets more than the limit, it holds over restarts, and most requests write nothing. What is left of a
block when its process ends is lost: the limit is then a little lower for the rest of that minute.
"""

from __future__ import annotations

import math
import threading
import time
from dataclasses import dataclass

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import F

from accounts.models import RequestCount

BLOCKS = 50
"""A block is the fiftieth part of a limit."""
KEPT_MINUTES = 10


@dataclass
class _Block:
    minute: int
    left: int


_blocks: dict[str, _Block] = {}
_lock = threading.Lock()


def seconds_until_next(now: float | None = None) -> int:
    """Whole seconds until new requests are allowed, for `Retry-After`.

    >>> seconds_until_next(59.5), seconds_until_next(60)
    (1, 60)
    """
    return math.ceil(60 - (time.time() if now is None else now) % 60)


def take(name: str, limit: int) -> bool:
    """One request of `name` ("key:12", "organisation:3"); False if this minute's `limit` is used up."""
    minute = int(time.time() // 60)
    with _lock:
        block = _blocks.get(name)
        if block is not None and block.minute == minute and block.left > 0:
            block.left -= 1
            return True
    size = _take_block(name, minute, limit)
    if size == 0:
        return False
    with _lock:
        if len(_blocks) > 10_000:
            _blocks.clear()
        block = _blocks.setdefault(name, _Block(minute, 0))
        if block.minute != minute:
            block.minute, block.left = minute, 0
        block.left += size - 1
    return True


def forget_blocks() -> None:
    """Drop what this process holds, as its end would."""
    with _lock:
        _blocks.clear()


def forget_old() -> int:
    """Throw away the counts of minutes that are over. How many there were."""
    gone, _each = RequestCount.objects.filter(minute__lt=int(time.time() // 60) - KEPT_MINUTES).delete()
    return gone


def limit_of_organisation() -> int:
    """Requests a minute of all its keys together."""
    return settings.API_REQUESTS_PER_ORGANISATION


def _take_block(name: str, minute: int, limit: int) -> int:
    """How many requests were taken out of the minute's number: a block, or what is left of it."""
    size = max(1, limit // BLOCKS)
    row = RequestCount.objects.filter(name=name, minute=minute)
    for wanted in (size, 1):
        if row.filter(given__lte=limit - wanted).update(given=F("given") + wanted):
            return wanted
        if wanted == size and not row.exists():
            RequestCount.objects.filter(minute__lt=minute - KEPT_MINUTES).delete()
            try:
                with transaction.atomic():
                    RequestCount.objects.create(name=name, minute=minute, given=size)
            except IntegrityError:  # another process was first
                return _take_block(name, minute, limit)
            return size
    return 0
