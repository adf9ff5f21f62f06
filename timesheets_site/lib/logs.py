"""Log lines: one line per event with the request id, control characters escaped, never a secret or an entry's text."""

import logging
from contextvars import ContextVar

REQUEST_ID: ContextVar[str] = ContextVar("request_id", default="-")
REMOTE_ADDRESS: ContextVar[str | None] = ContextVar("remote_address", default=None)


class RequestFilter(logging.Filter):
    def filter(self, record: logging.LogRecord) -> bool:
        record.request_id = REQUEST_ID.get()
        return True


class LineFormatter(logging.Formatter):
    """`2026-06-15 09:30:00 WARNING [request id] logger: message`, safe to read in a terminal."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s [%(request_id)s] %(name)s: %(message)s")

    def formatMessage(self, record: logging.LogRecord) -> str:
        record.message = escape_controls(record.message)
        return super().formatMessage(record)


def escape_controls(text: str) -> str:
    r"""A user agent or a path may carry line breaks and terminal codes: they are shown, not obeyed.

    >>> escape_controls("a\nb")
    'a\\nb'
    """
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in text)
