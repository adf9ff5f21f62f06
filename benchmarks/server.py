"""A production server of its own for a measurement, and what its processes cost. Loopback only; ended by its pid."""

from __future__ import annotations

import http.client
import os
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path
from types import TracebackType

from benchmarks import places

PROC = Path("/proc")
TICKS = os.sysconf("SC_CLK_TCK")
ENCODINGS = "gzip, deflate, br"


class Server:
    """granian with one worker on one database; `module` is the WSGI module."""

    def __init__(self, url: str, module: str = "timesheets_site.wsgi:application", database: str = "") -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.database = database
        command = ["-m", "granian", "--interface", "wsgi", "--workers", "1", "--blocking-threads", "1", "--no-ws"]
        self.process = subprocess.Popen(
            [sys.executable, *command, "--host", "127.0.0.1", "--port", str(self.port), "--log-level", "error", module],
            cwd=places.ROOT,
            env=places.environment(url),
        )
        self._wait()

    def __enter__(self) -> Server:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.process.terminate()
        self.process.wait(timeout=30)

    def _wait(self) -> None:
        until = time.monotonic() + 30
        while time.monotonic() < until:
            try:
                socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
                return
            except OSError:
                time.sleep(0.1)
        raise RuntimeError("The server did not start.")

    def pids(self) -> list[int]:
        """The server, its worker, and the PostgreSQL processes that work on its database."""
        parent = self.process.pid
        children = (PROC / str(parent) / "task" / str(parent) / "children").read_text().split()
        found = [parent, *map(int, children)]
        if self.database:
            for path in PROC.glob("[0-9]*/cmdline"):
                try:
                    title = path.read_bytes().decode(errors="replace")
                except OSError:  # ended meanwhile
                    continue
                if title.startswith("postgres:") and f" {self.database} " in title:
                    found.append(int(path.parent.name))
        return found

    def cpu_seconds(self) -> float:
        """User and system time of all of them, so far."""
        total = 0
        for pid in self.pids():
            values = (PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()
            total += int(values[11]) + int(values[12])
        return total / TICKS

    def private_memory(self) -> int:
        """Bytes of the worker's own memory; pages of the database file that it maps do not count."""
        worker = self.pids()[1]
        for line in (PROC / str(worker) / "status").read_text().splitlines():
            if line.startswith("RssAnon:"):
                return int(line.split()[1]) * 1024
        raise RuntimeError("No RssAnon here: this needs Linux.")


class Browser:
    """One keep-alive connection with a session, through a proxy that speaks https."""

    def __init__(self, server: Server, cookie: str = "") -> None:
        self.connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=120)
        self.headers = {"X-Forwarded-Proto": "https", "Accept-Encoding": ENCODINGS, "Host": "127.0.0.1"}
        if cookie:
            self.headers["Cookie"] = cookie

    def send(
        self, method: str, path: str, body: str | None = None, headers: dict[str, str] | None = None
    ) -> http.client.HTTPResponse:
        self.connection.request(method, path, body, self.headers | (headers or {}))
        return self.connection.getresponse()

    def get(self, path: str, expect: int = 200) -> tuple[http.client.HTTPResponse, bytes]:
        answer = self.send("GET", path)
        body = answer.read()
        if answer.status != expect:
            raise RuntimeError(f"{path}: {answer.status} {answer.getheader('Location')} {body[:300]!r}")
        return answer, body


class PeakMemory:
    """Watches a worker's own memory while the block runs."""

    def __init__(self, server: Server) -> None:
        self.server, self.before, self.peak = server, 0, 0
        self._done = threading.Event()

    def __enter__(self) -> PeakMemory:
        self.before = self.peak = self.server.private_memory()
        self._thread = threading.Thread(target=self._watch)
        self._thread.start()
        return self

    def _watch(self) -> None:
        while not self._done.wait(0.02):
            self.peak = max(self.peak, self.server.private_memory())

    def __exit__(self, *_: object) -> None:
        self._done.set()
        self._thread.join()
