"""One POST to an address that somebody else chose: resolved, checked and connected in one step, never redirected.

The name is resolved here and the connection goes to the very address that was checked, so that a name can't point
somewhere else the next moment. Private, loopback and other special addresses are refused.
"""

from __future__ import annotations

import functools
import http.client
import io
import ipaddress
import queue
import socket
import ssl
import threading
import time
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import SplitResult, urlsplit

LARGEST_ANSWER = 64 * 1024
"""Bytes that are read of an answer; the rest is nobody's concern."""
NOBODY = tuple(
    ipaddress.ip_network(each) for each in ("fec0::/10", "192.0.0.0/24", "192.88.99.0/24", "168.63.129.16/32")
)
"""Private networks as they once were, special ones, and where clouds tell their machines secrets: not all of these are
"private" to Python."""
LOOK_UPS = threading.BoundedSemaphore(16)
"""Look-ups under way in this process: those of a resolver that hangs go on behind the back of who gave them up."""


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
        port = parts.port if parts.port is not None else 443 if parts.scheme == "https" else 80
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
    >>> [is_public(a) for a in ("fec0::1", "192.0.0.192", "168.63.129.16", "::ffff:168.63.129.16")]
    [False, False, False, False]
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
    special = ip.is_multicast or ip.is_reserved or ip.is_unspecified or ip.is_loopback
    return ip.is_global and not special and not any(ip in network for network in NOBODY)


def is_private(host: str) -> bool:
    """Is this an address, or a name, that never leads to the public? Other names are known once they are looked up.

    >>> [is_private(host) for host in ("10.0.0.1", "::1", "localhost", "a.localhost.", "8.8.8.8", "example.com")]
    [True, True, True, True, False, False]
    """
    name = host.lower().rstrip(".")
    if name == "localhost" or name.endswith(".localhost"):
        return True
    try:
        ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return False
    return not is_public(host)


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
    address = _address_of(str(parts.hostname), port, allow_private, began + seconds)
    connection = _connection(parts, address, port, began + seconds)
    try:
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        connection.request("POST", target, body, {**headers, "Connection": "close"})
        response = connection.getresponse()
        _read(response)
    except TimeoutError as error:
        raise Refused("timeout") from error
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise Refused("no_answer") from error
    finally:
        connection.close()
    return Answer(response.status, int((time.monotonic() - began) * 1000))


def _address_of(host: str, port: int, allow_private: bool, until: float) -> str:
    """One address of the host. All of its addresses have to be public, not only the one that is taken."""
    found = _look_up(host, port, until)
    if not found:
        raise Refused("unknown_host")
    if not allow_private and not all(is_public(address) for address in found):
        raise Refused("private_address")
    return found[0]


def _look_up(host: str, port: int, until: float) -> list[str]:
    """All addresses of the host. The system's resolver knows no deadline of ours, so it is asked beside this thread."""
    answers: queue.SimpleQueue[list[str] | Exception] = queue.SimpleQueue()

    def ask() -> None:
        try:
            answers.put([str(info[4][0]) for info in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)])
        except Exception as error:
            answers.put(error)
        finally:
            LOOK_UPS.release()

    try:
        if not LOOK_UPS.acquire(timeout=_left(until)):
            raise Refused("timeout")
        # Of no pool: those are waited for when the process ends, however long the resolver takes.
        threading.Thread(target=ask, name="look-up", daemon=True).start()
        answer = answers.get(timeout=_left(until))
    except (TimeoutError, queue.Empty) as error:
        raise Refused("timeout") from error
    if isinstance(answer, OSError | UnicodeError):
        raise Refused("unknown_host") from answer
    if isinstance(answer, Exception):
        raise answer
    return answer


class _Pinned(http.client.HTTPConnection):
    """Connects to the address that was checked, and speaks TLS for the name that was asked for.

    Everything is over at `until`, by the monotonic clock: each step gets the time that is left, not its own.
    """

    def __init__(self, host: str, port: int, address: str, until: float, tls: ssl.SSLContext | None) -> None:
        super().__init__(host, port)
        self.address = address
        self.until = until
        self.tls = tls
        self.default_port = 443 if tls else 80
        self.response_class = functools.partial(_Response, until)  # type: ignore[assignment]  # called as the class is

    def connect(self) -> None:
        self.sock = socket.create_connection((self.address, self.port), _left(self.until))
        if self.tls is not None:
            self.sock.settimeout(_left(self.until))
            self.sock = self.tls.wrap_socket(self.sock, server_hostname=self.host)
        self.sock.settimeout(_left(self.until))


class _Response(http.client.HTTPResponse):
    """An answer that is read until a moment: status, headers, sizes of chunks and body, however slowly they drip."""

    def __init__(self, until: float, sock: socket.socket, *args: Any, **options: Any) -> None:
        super().__init__(sock, *args, **options)
        self.fp.close()
        self.fp = io.BufferedReader(_Hurried(sock, until))


class _Hurried(io.RawIOBase):
    """What a socket receives; each piece has to come in the time that is left."""

    def __init__(self, sock: socket.socket, until: float) -> None:
        super().__init__()
        self.sock = sock
        self.raw: Any = sock.makefile("rb", buffering=0)  # keeps the socket open till it is closed
        self.until = until

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        self.sock.settimeout(_left(self.until))
        return int(self.raw.readinto(buffer))

    def close(self) -> None:
        self.raw.close()
        super().close()


def _left(until: float) -> float:
    """The seconds that are left. Raises TimeoutError."""
    if (rest := until - time.monotonic()) <= 0:
        raise TimeoutError
    return rest


def _connection(parts: SplitResult, address: str, port: int, until: float) -> _Pinned:
    tls = ssl.create_default_context() if parts.scheme == "https" else None
    return _Pinned(str(parts.hostname), port, address, until, tls)


def _read(response: http.client.HTTPResponse) -> None:
    """Up to 64 KiB."""
    left = LARGEST_ANSWER
    while left > 0 and (piece := response.read1(min(left, 8192))):
        left -= len(piece)
