"""Messages to webhooks: made from the trail, signed, sent to a receiver on this machine, tried again, given up."""

from __future__ import annotations

import contextlib
import datetime as dt
import http.server
import json
import socket
import threading
import time
from collections.abc import Iterator

import pytest
import time_machine
from django.db import OperationalError
from django.utils import timezone

from accounts import audit
from accounts.models import Organisation
from accounts.tenancy import active_organisation_id, organisation_scope
from timesheets_site.lib import outgoing
from timetracking import webhook_round
from timetracking.models import Webhook, WebhookMessage
from timetracking.rules import webhooks as rules
from timetracking.services import time_entries, timers, webhook_queue, webhooks

State = WebhookMessage.State


class Receiver:
    """A program that gets messages: what it got, and what it answers."""

    def __init__(self) -> None:
        self.got: list[tuple[dict[str, str], str]] = []
        self.status = 204
        receiver = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"])).decode()
                receiver.got.append((dict(self.headers), body))
                self.send_response(receiver.status)
                if receiver.status == 302:
                    self.send_header("Location", "/elsewhere")
                self.end_headers()

            def log_message(self, *args: object) -> None:
                """Says nothing."""

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/hook?of=acme"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()


@pytest.fixture
def receiver(settings) -> Iterator[Receiver]:
    receiver = Receiver()
    settings.WEBHOOK_PRIVATE = True
    settings.WEBHOOK_PORTS = [receiver.server.server_port]
    yield receiver
    receiver.server.shutdown()
    receiver.server.server_close()


@pytest.fixture
def hook(acme, alice, receiver) -> Webhook:
    return webhooks.create(alice, url=receiver.url, events=["timer.*"]).webhook


def later(**span: int) -> time_machine.travel:
    return time_machine.travel(timezone.now() + dt.timedelta(**span))


def test_what_happens_is_told_once_and_signed(hook, receiver, alice, carol, settings):
    timers.start(carol, subject="Phone call")
    assert webhook_round.run() == 1
    assert webhook_round.run() == 0
    [(headers, body)] = receiver.got
    assert json.loads(body)["type"] == "timer.started"
    assert json.loads(body)["data"]["by"] == {"id": carol.pk, "name": "Carol Clark"}
    secret = rules.secret_of(hook.salt, settings.SECRET_KEY)
    expected = rules.signature(secret, headers["webhook-id"], int(headers["webhook-timestamp"]), body)
    assert headers["webhook-signature"] == expected
    assert WebhookMessage.objects.get().state == State.DELIVERED


def test_an_entry_comes_with_its_record(acme, alice, carol, receiver):
    webhooks.create(alice, url=receiver.url, events=["time_entry.created"])
    entry = time_entries.log(carol, kind="GENERAL", date=carol.today(), minutes=30, subject="Phone call")
    webhook_round.run()
    data = json.loads(receiver.got[0][1])["data"]
    assert (data["id"], data["record"]["minutes"], data["record"]["subject"]) == (entry.pk, 30, "Phone call")


def test_what_was_not_asked_for_and_what_was_before_is_not_told(acme, alice, carol, receiver):
    timers.start(carol, subject="Before")
    webhooks.create(alice, url=receiver.url, events=["timesheet.approved"])
    timers.start(carol, subject="After")
    assert webhook_round.run() == 0
    assert receiver.got == []


def test_another_organisation_is_told_nothing(hook, receiver, mallory, globex):
    with organisation_scope(globex):
        mallory.organisation = globex
        timers.start(mallory, subject="Theirs")
    assert webhook_round.run() == 0


@pytest.mark.parametrize("status", [302, 404, 500])
def test_what_does_not_arrive_is_tried_again_with_the_same_number(hook, receiver, carol, status):
    timers.start(carol, subject="Phone call")
    receiver.status = status
    assert webhook_round.run() == 0
    first = WebhookMessage.objects.get()
    assert (first.state, first.tries[0]["status"]) == (State.WAITING, status)
    assert first.next_try_at - timezone.now() <= dt.timedelta(seconds=5)
    receiver.status = 200
    with later(seconds=6):
        assert webhook_round.run() == 1
    numbers = {headers["webhook-id"] for headers, _body in receiver.got}
    assert numbers == {first.number}
    assert len(receiver.got) == 2


def test_after_a_day_it_is_given_up_and_can_be_replayed(hook, receiver, carol, alice):
    timers.start(carol, subject="Phone call")
    receiver.status = 500
    webhook_round.run()
    with later(hours=25):
        webhook_round.run()
        message = WebhookMessage.objects.get()
        assert message.state == State.GIVEN_UP
        receiver.status = 200
        webhooks.replay(alice, hook.pk, message.pk)
        assert webhook_round.run() == 1
    assert WebhookMessage.objects.get().state == State.DELIVERED


def test_a_receiver_that_is_gone_is_told_nothing_more(hook, receiver, carol):
    receiver.status = 410
    timers.start(carol, subject="Phone call")
    webhook_round.run()
    hook.refresh_from_db()
    assert (hook.is_active, hook.switched_off_because) == (False, "gone")


def test_an_organisation_that_is_busy_keeps_no_other_waiting(hook, receiver, carol, mallory, globex, monkeypatch):
    """Acme comes first, and somebody writes there for long."""
    settled, busy = audit.last_settled, carol.organisation_id

    def last_settled() -> int:
        if active_organisation_id() == busy:
            raise OperationalError("busy")
        return settled()

    timers.start(carol, subject="Phone call")
    with organisation_scope(globex):
        mallory.organisation = globex
        webhooks.create(mallory, url=receiver.url, events=["timer.*"])
        timers.start(mallory, subject="Theirs")
    monkeypatch.setattr(audit, "last_settled", last_settled)
    with pytest.raises(OperationalError):
        webhook_round.run()
    assert [json.loads(body)["data"]["organisation"] for _headers, body in receiver.got] == [globex.slug]


def test_an_organisation_that_is_off_tells_nothing_more(hook, receiver, carol, acme):
    timers.start(carol, subject="Phone call")
    webhook_round.make(acme)
    Organisation.objects.filter(pk=acme.pk).update(is_active=False)
    assert (webhook_round.run(), receiver.got) == (0, [])
    Organisation.objects.filter(pk=acme.pk).update(is_active=True)
    assert webhook_round.run() == 1


def test_days_of_failures_switch_it_off(hook, receiver, carol):
    receiver.status = 500
    timers.start(carol, subject="Phone call")
    webhook_round.run()
    Webhook.objects.filter(pk=hook.pk).update(failing_since=timezone.now() - dt.timedelta(days=4))
    with later(seconds=6):
        webhook_round.run()
    hook.refresh_from_db()
    assert hook.switched_off_because == "failing"


def test_two_secrets_sign_while_both_are_valid(hook, receiver, alice, carol):
    webhooks.renew_secret(alice, hook.pk)
    timers.start(carol, subject="Phone call")
    webhook_round.run()
    assert len(receiver.got[0][0]["webhook-signature"].split(" ")) == 2


def test_a_slow_receiver_leaves_the_others_their_turn(acme, alice, carol, receiver):
    hooks = [webhooks.create(alice, url=receiver.url, events=["timer.*"]).webhook for _each in range(2)]
    for n in range(8):
        timers.start(carol, subject=f"Call {n}")
    webhook_round.make(acme)
    claimed = webhook_queue.claim()
    assert {message.webhook_id for message in claimed} == {hook.pk for hook in hooks}
    assert webhook_queue.claim()[0].pk not in {message.pk for message in claimed}


def test_a_worker_that_knows_more_leaves_what_another_has_queued(hook):
    """Both read the webhook at the same place, and the second saw one event more."""
    first, second = ("msg_a", "timer.started", "{}"), ("msg_b", "timer.stopped", "{}")
    webhook_queue.put_all(hook.pk, hook.told_up_to + 1, [first])
    webhook_queue.put_all(hook.pk, hook.told_up_to + 2, [first, second])
    assert sorted(WebhookMessage.objects.values_list("number", flat=True)) == ["msg_a", "msg_b"]


def test_a_private_address_is_refused_at_the_moment_of_connecting(hook, receiver, carol, settings):
    settings.WEBHOOK_PRIVATE = False
    timers.start(carol, subject="Phone call")
    assert webhook_round.run() == 0
    assert receiver.got == []
    assert WebhookMessage.objects.get().tries[0]["error"] == "private_address"


def test_a_name_that_changes_between_check_and_connection_gains_nothing(monkeypatch, receiver):
    """The connection goes to the address that was checked: the name is looked up once."""
    asked = []

    def look_up(host, port, **options):
        asked.append(host)
        address = "93.184.216.34" if len(asked) == 1 else "127.0.0.1"
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port))]

    connected = []

    def connect(address, timeout=None):
        connected.append(address[0])
        raise OSError

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    monkeypatch.setattr(socket, "create_connection", connect)
    with pytest.raises(outgoing.Refused, match="no_answer"):
        outgoing.post("http://rebinding.example/", b"{}", {}, ports=[80])
    assert (asked, connected) == (["rebinding.example"], ["93.184.216.34"])


def test_a_resolver_that_hangs_is_given_up_in_time(monkeypatch):
    """The system's look-up knows no deadline of ours: the worker goes on to others while it hangs."""
    over, asked = threading.Event(), []

    def hang(host, port, **options):
        asked.append(host)
        over.wait(5)
        raise OSError

    monkeypatch.setattr(socket, "getaddrinfo", hang)
    began = time.monotonic()
    try:
        with pytest.raises(outgoing.Refused, match="timeout"):
            outgoing.post("http://slow-name.example/", b"{}", {}, ports=[80], seconds=0.2)
        assert asked == ["slow-name.example"] and time.monotonic() - began < 3
    finally:
        over.set()


def test_a_name_that_nobody_knows_says_so(monkeypatch):
    def unknown(host, port, **options):
        raise socket.gaierror(socket.EAI_NONAME, "unknown")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    with pytest.raises(outgoing.Refused, match="unknown_host"):
        outgoing.post("http://nobody.example/", b"{}", {}, ports=[80])


@pytest.mark.parametrize(
    "begin", [b"", b"HTTP/1.1 200 OK\r\nX-A: ", b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"]
)
def test_an_answer_that_drips_is_given_up_in_time(begin):
    """Each piece comes soon, and the whole never: the worker has others to serve."""
    listener = socket.create_server(("127.0.0.1", 0))
    over = threading.Event()

    def drip() -> None:
        peer, _address = listener.accept()
        with peer, contextlib.suppress(OSError):
            peer.sendall(begin)
            while not over.wait(0.1):
                peer.sendall(b"1")

    thread = threading.Thread(target=drip, daemon=True)
    thread.start()
    port = listener.getsockname()[1]
    began = time.monotonic()
    try:
        with pytest.raises(outgoing.Refused, match="timeout"):
            outgoing.post(f"http://127.0.0.1:{port}/", b"{}", {}, ports=[port], allow_private=True, seconds=0.5)
        assert time.monotonic() - began < 3
    finally:
        over.set()
        listener.close()
        thread.join(2)
