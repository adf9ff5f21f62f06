"""One POST to an address that somebody else chose: resolved, checked and connected in one step, never redirected.

The name is resolved here and the connection goes to the very address that was checked, so that a name can't point
somewhere else the next moment. Private, loopback and other special addresses are refused.
"""

from __future__ import annotations

import http.client
import ipaddress
import socket
import ssl
import time
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from urllib.parse import SplitResult, urlsplit

LARGEST_ANSWER = 64 * 1024
"""Bytes that are read of an answer; the rest is nobody's concern."""


class Refused(Exception):
    """Not sent: `code` is stable (`bad_url`, `bad_port`, `private_address`, `unknown_host`, `no_answer`, `timeout`)."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True)
class Answer:
    """`milliseconds` from the look-up of the name to the end of the answer."""

    status: int
    milliseconds: int


def parts_of(url: str, *, ports: Collection[int]) -> tuple[SplitResult, int]:
    """The parts of a web address and its port. Raises Refused `bad_url` or `bad_port`.

    >>> parts_of("https://example.com/hook", ports=(80, 443))[1]
    443
    >>> parts_of("ftp://example.com/", ports=(80, 443))
    Traceback (most recent call last):
    timesheets_site.lib.outgoing.Refused: bad_url
    """
    try:
        parts = urlsplit(url)
        port = parts.port or (443 if parts.scheme == "https" else 80)
    except ValueError as error:
        raise Refused("bad_url") from error
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.username or parts.password:
        raise Refused("bad_url")
    if not url.isascii() or not url.isprintable() or " " in url:
        raise Refused("bad_url")
    if port not in ports:
        raise Refused("bad_port")
    return parts, port


def is_public(address: str) -> bool:
    """Is this an address that anybody on the internet can reach?

    >>> [is_public(a) for a in ("8.8.8.8", "127.0.0.1", "10.1.2.3", "169.254.169.254", "::1", "::ffff:10.0.0.1")]
    [True, False, False, False, False, False]
    >>> [is_public(a) for a in ("64:ff9b::a00:1", "2002:a00:1::", "224.0.0.1", "0.0.0.0", "100.64.0.1", "fe80::1%eth0")]
    [False, False, False, False, False, False]
    """
    try:
        ip = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    if isinstance(ip, ipaddress.IPv6Address):
        inner = ip.ipv4_mapped or ip.sixtofour or (ip.teredo[1] if ip.teredo else None)
        if inner is None and ip in ipaddress.ip_network("64:ff9b::/96"):
            inner = ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
        if inner is not None:
            return is_public(str(inner))
    return ip.is_global and not (ip.is_multicast or ip.is_reserved or ip.is_unspecified or ip.is_loopback)


def post(
    url: str,
    body: bytes,
    headers: Mapping[str, str],
    *,
    ports: Collection[int],
    allow_private: bool = False,
    seconds: float = 10,
) -> Answer:
    """Send the body and read the answer's status. `seconds` is for all of it. Raises Refused."""
    began = time.monotonic()
    parts, port = parts_of(url, ports=ports)
    address = _address_of(str(parts.hostname), port, allow_private)
    connection = _connection(parts, address, port, seconds)
    try:
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        connection.request("POST", target, body, {**headers, "Connection": "close"})
        response = connection.getresponse()
        _read(response, connection, began + seconds)
    except TimeoutError as error:
        raise Refused("timeout") from error
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise Refused("no_answer") from error
    finally:
        connection.close()
    return Answer(response.status, int((time.monotonic() - began) * 1000))


def _address_of(host: str, port: int, allow_private: bool) -> str:
    """One address of the host. All of its addresses have to be public, not only the one that is taken."""
    try:
        found = [str(info[4][0]) for info in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]
    except (OSError, UnicodeError) as error:
        raise Refused("unknown_host") from error
    if not found:
        raise Refused("unknown_host")
    if not allow_private and not all(is_public(address) for address in found):
        raise Refused("private_address")
    return found[0]


class _Pinned(http.client.HTTPConnection):
    """Connects to the address that was checked, and speaks TLS for the name that was asked for."""

    def __init__(self, host: str, port: int, address: str, seconds: float, tls: ssl.SSLContext | None) -> None:
        super().__init__(host, port, timeout=seconds)
        self.address = address
        self.tls = tls
        self.default_port = 443 if tls else 80

    def connect(self) -> None:
        self.sock = socket.create_connection((self.address, self.port), self.timeout)
        if self.tls is not None:
            self.sock = self.tls.wrap_socket(self.sock, server_hostname=self.host)


def _connection(parts: SplitResult, address: str, port: int, seconds: float) -> _Pinned:
    tls = ssl.create_default_context() if parts.scheme == "https" else None
    return _Pinned(str(parts.hostname), port, address, seconds, tls)


def _read(response: http.client.HTTPResponse, connection: _Pinned, until: float) -> None:
    """Up to 64 KiB, and no longer than the time that is left: an answer that drips is given up."""
    left = LARGEST_ANSWER
    while left > 0:
        rest = until - time.monotonic()
        if rest <= 0:
            raise TimeoutError
        if connection.sock is not None:
            connection.sock.settimeout(rest)
        piece = response.read1(min(left, 8192))
        if not piece:
            return
        left -= len(piece)
