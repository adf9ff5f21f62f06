"""What a service may answer instead of doing what was asked; every front door turns these into its own words."""

from __future__ import annotations

import datetime as dt
from typing import Any


class DomainError(Exception):
    """A refusal that a person can act on. `code` is stable and for programs, `message` is translated and for people."""

    def __init__(self, code: str, message: Any, field: str | None = None) -> None:
        super().__init__(code)
        self.code = code
        self.message = message
        self.field = field

    def __str__(self) -> str:
        return str(self.message)


class NotAllowed(DomainError):
    """This person may not do this, whatever the data says (403)."""


class OutOfReach(DomainError):
    """The record exists, but not for this person: answered like what never existed (404)."""

    def __init__(self) -> None:
        super().__init__("not_found", "Not found")


class RuleViolation(DomainError):
    """The data or the state does not let it be done (422 on a form; 409 where a state refuses it)."""


class Locked(RuleViolation):
    """A record is closed to this change: `until` is when it ceased to be allowed, `who_helps` who can do something."""

    def __init__(self, code: str, message: Any, until: dt.datetime | None = None, who_helps: str = "") -> None:
        super().__init__(code, message)
        self.until = until
        self.who_helps = who_helps


class Conflict(DomainError):
    """Someone else changed it first (409): `current` is the record as it is now."""

    def __init__(self, current: Any = None, message: Any = "") -> None:
        from django.utils.translation import gettext as _

        super().__init__("stale_version", message or _("Someone changed this first. Look at both versions."))
        self.current = current
