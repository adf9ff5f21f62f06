"""A small TLS proxy before the live server, as an installation has one: three of the clients speak https alone."""

from __future__ import annotations

import http.client
import ssl
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import ClassVar
from urllib.parse import urlsplit

HOP_BY_HOP = frozenset({"connection", "keep-alive", "transfer-encoding", "content-length", "server", "date"})
WAIT = 20
"""Seconds."""


class Front(BaseHTTPRequestHandler):
    """Passes each request on to `upstream` ("127.0.0.1:port") and says that it came by https."""

    protocol_version = "HTTP/1.1"
    timeout = WAIT
    upstream: ClassVar[str]
    seen: ClassVar[list[str]]

    def forward(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        headers = {name: value for name, value in self.headers.items() if name.lower() not in HOP_BY_HOP}
        headers["X-Forwarded-Proto"] = "https"
        onward = http.client.HTTPConnection(self.upstream, timeout=WAIT)
        try:
            onward.request(self.command, self.path, body or None, headers)
            answer = onward.getresponse()
            content = answer.read()
        finally:
            onward.close()
        self.seen.append(f"{self.command} {self.path} {answer.status}")
        self.send_response(answer.status, answer.reason)
        for name, value in answer.getheaders():
            if name.lower() not in HOP_BY_HOP:
                self.send_header(name, value)
        if answer.status != http.HTTPStatus.NO_CONTENT:
            self.send_header("Content-Length", str(len(content)))
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(content)

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = forward

    def log_message(self, *_args: object) -> None:
        """Quiet."""


def make_certificate(folder: Path) -> tuple[Path, Path]:
    """A certificate of its own for localhost, good for a day, and its key."""
    certificate, key = folder / "front.pem", folder / "front.key"
    subprocess.run(
        [
            "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
            "-days", "1", "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1",
            "-keyout", str(key), "-out", str(certificate),
        ],
        check=True,
        capture_output=True,
    )  # fmt: skip
    return certificate, key


@contextmanager
def tls_front(upstream_url: str, certificate: Path, key: Path) -> Iterator[tuple[str, list[str]]]:
    """The front's "localhost:port", and the requests that it passed on, as "GET /path 200"."""
    seen: list[str] = []
    handler = type("FrontOfThisTest", (Front,), {"upstream": urlsplit(upstream_url).netloc, "seen": seen})
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield f"localhost:{server.server_address[1]}", seen
    finally:
        server.shutdown()
        server.server_close()
        thread.join(WAIT)
