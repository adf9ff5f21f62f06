"""How tickets and projects are named in addresses and in what people type."""

from __future__ import annotations

import re

HIGHEST_TICKET_NUMBER = 999_999_999
TICKET_PATTERN = "(?:[Tt][Kk][Tt]-)?[0-9]{1,9}"
PROJECT_PATTERN = "[A-Za-z0-9][A-Za-z0-9._-]{0,29}"
_TICKET = re.compile(TICKET_PATTERN)
_PROJECT = re.compile(PROJECT_PATTERN)
_RESERVED = frozenset({"new"})


def ticket_number(text: str) -> int | None:
    """
    >>> ticket_number("TKT-4846"), ticket_number(" 4846 "), ticket_number("tkt-7"), ticket_number("TKT")
    (4846, 4846, 7, None)
    """
    text = text.strip()
    return int(text.rpartition("-")[2]) if _TICKET.fullmatch(text) else None


def ticket_reference(number: int) -> str:
    """
    >>> ticket_reference(4846)
    'TKT-4846'
    """
    return f"TKT-{number}"


def is_project_code(text: str) -> bool:
    """May this stand in an address? `.` and `..` may not, nor what is a page of its own.

    >>> [is_project_code(code) for code in ("PRJ-112", "a.b_c", "..", "a/b", "New", "")]
    [True, True, False, False, False, False]
    """
    return bool(_PROJECT.fullmatch(text)) and text.lower() not in _RESERVED
