"""Values made for templates: a quick answer to the way a template asks."""

from __future__ import annotations

from typing import Any


class Printable:
    """A template tries `row["subject"]` before `row.subject`; without an answer each variable costs an exception.

    >>> class Row(Printable):
    ...     subject = "VPN drops"
    >>> Row()["subject"]
    'VPN drops'
    >>> Row()["minutes"]
    Traceback (most recent call last):
    KeyError: 'minutes'
    """

    __slots__ = ()

    def __getitem__(self, name: str) -> Any:
        try:
            return getattr(self, name)
        except (AttributeError, TypeError):
            raise KeyError(name) from None
