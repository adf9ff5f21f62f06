"""One-time keys: a double click, the back button or a retry makes one effect."""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Callable, Mapping
from typing import Any

from django.db import IntegrityError, models, transaction
from django.utils.translation import gettext as _

from accounts.models import Membership, OneTimeKey
from timesheets_site.lib.errors import RuleViolation


def new_key() -> str:
    """A fresh key for a form's hidden field: 128 random bits."""
    return secrets.token_urlsafe(16)


def fingerprint(values: Mapping[str, Any]) -> str:
    """What was sent, as a hash: the same key with other values is another request and is refused."""
    text = json.dumps({name: str(value) for name, value in values.items()}, sort_keys=True)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def once(
    actor: Membership, key: str, purpose: str, act: Callable[[], models.Model], *, fingerprint: str = ""
) -> tuple[int, bool]:
    """Run `act` unless this key has done it before: (id of the result, whether it is an earlier one's).

    The key is stored in the transaction of its effect, so a failed attempt leaves the key unused. A key that was
    used for something else raises RuleViolation `key_used`.
    """
    if not key:
        with transaction.atomic():
            return act().pk, False
    try:
        with transaction.atomic():
            claim = OneTimeKey.objects.create(member=actor, key=key[:64], purpose=purpose, fingerprint=fingerprint)
            result = act()
            OneTimeKey.objects.filter(pk=claim.pk).update(result_id=result.pk)
            return result.pk, False
    except IntegrityError:
        earlier = OneTimeKey.objects.filter(member=actor, key=key[:64]).first()
        if earlier is None:
            raise  # the effect itself broke a constraint
    if earlier.purpose != purpose or earlier.fingerprint != fingerprint or earlier.result_id is None:
        raise RuleViolation(
            "key_used", _("This form was sent before with other values. Check what was stored, then open it again.")
        )
    return earlier.result_id, True
