"""A mail server for tests: takes every mail, or answers as it is told."""

from __future__ import annotations

import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any


class _Session(socketserver.StreamRequestHandler):
    server: Any

    def handle(self) -> None:
        self.say("220 test")
        data: list[bytes] | None = None
        recipients: list[str] = []
        for line in self.rfile:
            if data is not None:
                if line.rstrip(b"\r\n") == b".":
                    mail = message_from_bytes(b"".join(data), policy=policy.default)
                    self.server.received.append((recipients, mail))
                    data, recipients = None, []
                    self.say("250 taken")
                else:
                    data.append(line[1:] if line.startswith(b"..") else line)
                continue
            command = line[:4].upper()
            if command == b"RCPT":
                address = line.decode().partition("<")[2].partition(">")[0]
                refusal = self.server.refuse(address)
                if not refusal:
                    recipients.append(address)
                self.say(refusal or "250 ok")
            elif command == b"DATA":
                data = []
                self.say("354 go on")
            elif command == b"QUIT":
                self.say("221 bye")
                return
            else:
                self.say("250 ok")

    def say(self, text: str) -> None:
        self.wfile.write(text.encode() + b"\r\n")


class Server(socketserver.ThreadingTCPServer):
    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Session)
        self.received: list[tuple[list[str], EmailMessage]] = []
        self.refused: dict[str, str] = {}
        """What is answered to a recipient, by address; others are accepted."""

    def refuse(self, address: str) -> str:
        return self.refused.get(address, "")


@contextmanager
def serving() -> Iterator[Server]:
    server = Server()
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
