"""Texts that people type, before they are stored."""

from __future__ import annotations

from django.utils.translation import gettext as _

from timesheets_site.lib.errors import RuleViolation


def readable(text: str, field: str) -> str:
    """Text that a database can store. Raises RuleViolation `text_unreadable` for null bytes and halves of surrogates.

    >>> readable("Café", "note")
    'Café'
    """
    if "\x00" in text or any("\ud800" <= c <= "\udfff" for c in text):
        raise RuleViolation("text_unreadable", _("Remove the characters that can't be read"), field)
    return text


def at_most(text: str, length: int, field: str) -> str:
    """A readable text, trimmed, of at most `length` characters. Raises RuleViolation `text_too_long` as well.

    >>> at_most("  fine ", 10, "note")
    'fine'
    """
    text = readable(text, field).strip()
    if len(text) > length:
        raise RuleViolation("text_too_long", _("Use at most %(count)s characters") % {"count": f"{length:,}"}, field)
    return text
