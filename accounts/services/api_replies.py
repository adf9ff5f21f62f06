"""`Idempotency-Key`: a call that is sent again gets the answer of the first one, and has no second effect."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Callable

from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import ApiReply
from timesheets_site.lib.errors import RuleViolation

KEPT = dt.timedelta(hours=24)
LONGEST_KEY = 255
HEADERS = ("Content-Type", "Location", "ETag", "Link")
"""Of the first answer, sent again with it."""


def fingerprint_of(request: HttpRequest) -> str:
    """What was asked, as a hash: the same key with anything else is another request."""
    parts = (request.method or "", request.get_full_path())
    return hashlib.sha256("\n".join(parts).encode("utf-8", "surrogatepass") + b"\n" + request.body).hexdigest()


def once(credential: str, key: str, request: HttpRequest, act: Callable[[], HttpResponse]) -> HttpResponse:
    """The answer of `act`, or that of the first call under this key within 24 hours.

    The key is stored in the transaction of the effect; a call that was refused leaves it unused. Sent twice at the
    same time, the second waits for the first. An answer with a secret in it says what is kept of it (`kept_body`).
    Raises RuleViolation `idempotency_key_reused` (another request under the same key) or `idempotency_key_unreadable`.
    """
    if not key.isascii() or not key.isprintable() or not 1 <= len(key) <= LONGEST_KEY:
        words = _("An Idempotency-Key has 1 to 255 printable ASCII characters.")
        raise RuleViolation("idempotency_key_unreadable", words, "Idempotency-Key")
    fingerprint = fingerprint_of(request)
    ApiReply.objects.filter(credential=credential, key=key, created_at__lt=timezone.now() - KEPT).delete()
    try:
        with transaction.atomic():
            claim = ApiReply.objects.create(
                credential=credential, key=key, fingerprint=fingerprint, created_at=timezone.now()
            )
            response = act()
            if response.status_code >= 400:
                transaction.set_rollback(True)
                return response
            claim.status = response.status_code
            claim.headers = {name: response[name] for name in HEADERS if name in response}
            claim.body = getattr(response, "kept_body", None) or response.content.decode()
            claim.save(update_fields=["status", "headers", "body"])
            return response
    except IntegrityError:
        earlier = ApiReply.objects.filter(credential=credential, key=key).first()
        if earlier is None:
            raise  # the effect itself broke a constraint
    if earlier.fingerprint != fingerprint:
        words = _("This Idempotency-Key was used for another request.")
        raise RuleViolation("idempotency_key_reused", words, "Idempotency-Key")
    return HttpResponse(earlier.body, status=earlier.status, headers={**earlier.headers, "Idempotent-Replay": "true"})


def forget_old() -> int:
    """Throw away what is older than a day."""
    gone, _each = ApiReply.objects.filter(created_at__lt=timezone.now() - KEPT).delete()
    return gone
