"""The queue of mails: sent once where all goes well, tried again where it does not, and emptied at the end."""

import dataclasses
import datetime as dt
import logging
from email import message_from_string, policy

import pytest
import time_machine
from django.contrib import admin
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend
from django.db import connection
from django.utils import timezone

from accounts.models import Membership, Notification, Organisation, OutgoingMail, User
from accounts.notice_kinds import KINDS, Choice, Kind, Words
from accounts.permissions import Permission
from accounts.services import members, outbox, passwords
from accounts.services.notices import Notice, tell
from tests import factories
from tests.mails import SITE, deliver, html_of, link_in
from tests.smtp_server import serving

NOW = dt.datetime(2026, 6, 15, 8, 30, tzinfo=dt.UTC)
MINUTES = [1, 5, 30, 120, 480]
SECRET = "Do-Not-Log-This"


@pytest.fixture(autouse=True)
def tea():
    """A kind that says a moment and what somebody wrote."""
    choice = Choice("tea", "Tea", "Each pot.")

    def words(values, zone):
        at = dt.datetime.fromisoformat(values["at"]).astimezone(zone)
        return Words(f"Tea by {values['by']} at {at:%H:%M}", ("Come.",), quote=values.get("note", ""), action="Drink")

    KINDS["tea"] = Kind("tea", choice, words, lambda slug, values: f"/o/{slug}/timesheets/")
    yield
    del KINDS["tea"]


@pytest.fixture
def clock():
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


class Flaky(EmailBackend):
    """Takes mails like the test backend, but fails where it is told."""

    down = False
    poison = ""

    def open(self):
        if Flaky.down:
            raise ConnectionRefusedError(111, f"refused {SECRET}")

    def send_messages(self, messages):
        if Flaky.poison and any(Flaky.poison in message.subject for message in messages):
            raise ValueError(f"cannot send {SECRET}")
        return super().send_messages(messages)


@pytest.fixture
def server(settings, monkeypatch):
    settings.EMAIL_BACKEND = f"{__name__}.Flaky"
    monkeypatch.setattr(Flaky, "down", False)
    monkeypatch.setattr(Flaky, "poison", "")
    return Flaky


def pour(to, by="Bob", **values):
    tell([Notice(to, "tea", {"by": by, "at": NOW.isoformat(), **values})], actor=None)
    return OutgoingMail.objects.latest("pk")


def stored(row):
    row.refresh_from_db()
    return row


# --- What is sent -----------------------------------------------------------------------------------------------------


def test_text_and_html_for_the_readers_clock(acme, carol, clock):
    for zone, seen in (("", "09:30"), ("Asia/Tokyo", "17:30"), ("America/New_York", "04:30")):
        User.objects.filter(pk=carol.user_id).update(time_zone=zone)
        pour(carol, note="Two\nlines & <b>more</b>")
        sent = deliver()[-1]
        assert sent.to == ["carol@acme.test"]
        assert sent.subject == f"Tea by Bob at {seen}"
        text, html = sent.body, html_of(sent)
        assert text == (
            f"Tea by Bob at {seen}\n\nCome.\n\n> Two\n> lines & <b>more</b>\n\nDrink:\n{SITE}/o/acme/timesheets/\n\n"
            f"-- \nAcme\nChoose what you are told: {SITE}/me/notifications/\n"
        )
        for part in (f"<h1>{sent.subject}</h1>", "Two<br>lines &amp; &lt;b&gt;more&lt;/b&gt;", "<html lang="):
            assert part in html
        assert f'href="{SITE}/o/acme/timesheets/"' in html
    row = stored(OutgoingMail.objects.latest("pk"))
    assert (row.sent_at, row.values, row.attempts, row.last_error) == (NOW, {}, 1, "")
    assert len(deliver()) == 3  # nothing goes twice


def test_what_somebody_typed_stays_text(acme, carol):
    pour(carol, by="<script>alert(1)</script>\r\nBcc: everybody@example.com\x1b\u202e", note="</blockquote><img src=x>")
    sent = deliver()[-1]
    assert sent.subject == "Tea by <script>alert(1)</script> Bcc: everybody@example.com at 09:30"
    assert sent.recipients() == ["carol@acme.test"]
    raw = message_from_string(sent.message().as_string(), policy=policy.default)
    assert raw["Bcc"] is None
    html = html_of(sent)
    assert "<script" not in html and "<img" not in html
    assert "&lt;script&gt;" in html and "&lt;/blockquote&gt;" in html
    assert sent.body.startswith("Tea by <script>alert(1)</script> Bcc: ")


def test_mails_say_that_no_person_wrote_them_and_which_they_are(acme, carol):
    row = pour(carol)
    headers = deliver()[0].message()
    assert headers["Auto-Submitted"] == "auto-generated"
    assert headers["Message-ID"] == f"<{row.pk}.{row.created_at:%Y%m%d%H%M%S%f}@time.example.com>"


def test_they_really_go_by_smtp(acme, carol, alice, settings, clock):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST = "127.0.0.1"
    with serving() as smtp:
        settings.EMAIL_PORT = smtp.server_address[1]
        smtp.refused["alice@acme.test"] = "550 no such box"
        refused, taken = pour(alice), pour(carol, by="Bøb")
        assert outbox.send_waiting(SITE) == 1
    ((recipients, received),) = smtp.received
    assert recipients == ["carol@acme.test"]
    assert received["Subject"] == "Tea by Bøb at 09:30"
    assert [part.get_content_type() for part in received.iter_parts()] == ["text/plain", "text/html"]
    assert stored(taken).sent_at == NOW
    assert stored(refused).sent_at is None
    assert refused.last_error == "SMTPRecipientsRefused"
    assert refused.next_try_at == NOW + dt.timedelta(minutes=1)


# --- When it does not work --------------------------------------------------------------------------------------------


def test_a_failure_is_tried_again_with_growing_gaps_then_given_up(acme, carol, clock, server, caplog):
    caplog.set_level(logging.INFO)
    server.poison = "Tea"
    row = pour(carol, note=SECRET)
    for attempt, minutes in enumerate(MINUTES, 1):
        assert outbox.send_waiting(SITE) == 0
        assert (stored(row).attempts, row.failed_at) == (attempt, None)
        assert row.next_try_at == timezone.now() + dt.timedelta(minutes=minutes)
        assert row.last_error.startswith("ValueError in send_messages")
        clock.shift(dt.timedelta(minutes=minutes, seconds=-1))
        assert outbox.send_waiting(SITE) == 0
        assert stored(row).attempts == attempt  # not a second too soon
        clock.shift(1)
    outbox.send_waiting(SITE)
    assert (stored(row).attempts, row.failed_at, row.values) == (6, timezone.now(), {})
    clock.shift(dt.timedelta(days=30))
    server.poison = ""
    assert deliver() == []
    assert SECRET not in caplog.text + row.last_error
    assert caplog.text.count("not sent") == 5
    assert "given up" in caplog.text


def test_it_goes_as_soon_as_it_can(acme, carol, clock, server):
    server.poison = "Tea"
    row = pour(carol)
    outbox.send_waiting(SITE)
    server.poison = ""
    clock.shift(dt.timedelta(minutes=1))
    assert outbox.send_waiting(SITE) == 1
    assert (stored(row).sent_at, row.attempts, row.values, row.last_error) == (timezone.now(), 2, {}, "")


def test_one_that_cannot_be_sent_holds_up_no_other(acme, carol, clock, server):
    rows = [pour(carol, by=by) for by in ("Ann", "Poison", "Cid")]
    server.poison = "Poison"
    OutgoingMail.objects.filter(pk=rows[0].pk).update(kind="tea.unknown")
    assert outbox.send_waiting(SITE) == 1
    assert [stored(row).sent_at is not None for row in rows] == [False, False, True]
    assert rows[0].last_error.startswith("KeyError in ")


def test_without_a_server_the_round_ends_and_everything_waits(acme, carol, clock, server, monkeypatch, caplog):
    monkeypatch.setattr(outbox, "BATCH", 3)
    rows = [pour(carol) for _ in range(7)]
    server.down = True
    assert outbox.send_waiting(SITE) == 0
    assert sorted(stored(row).attempts for row in rows) == [0, 0, 0, 0, 1, 1, 1]  # one try was enough to see it
    assert caplog.text.count("no connection to the mail server") == 1
    assert SECRET not in caplog.text
    server.down = False
    assert outbox.send_waiting(SITE) == 4
    clock.shift(dt.timedelta(minutes=1))
    assert outbox.send_waiting(SITE) == 3


def test_a_claim_of_a_worker_that_died_runs_out(acme, carol, clock):
    row = pour(carol)
    assert outbox.claim() == [row]
    assert outbox.claim() == []
    clock.shift(outbox.CLAIM - dt.timedelta(seconds=1))
    assert deliver() == []
    clock.shift(1)
    assert len(deliver()) == 1


def test_one_on_which_every_worker_dies_is_given_up(acme, carol, clock):
    row = pour(carol)
    for _ in range(6):
        assert outbox.claim() == [row]
        clock.shift(outbox.CLAIM)
    assert deliver() == []
    assert (stored(row).failed_at, row.values) == (timezone.now(), {})
    assert "every worker" in row.last_error


def test_who_ends_gives_back_what_was_not_tried(acme, carol, clock):
    rows = [pour(carol) for _ in range(3)]
    asked = iter([False, False, True, True])
    assert outbox.send_waiting(SITE, stop=lambda: next(asked)) == 1
    assert [stored(row).attempts for row in rows] == [1, 0, 0]
    assert len(deliver()) == 3


def test_a_claim_that_ran_out_marks_nothing_of_who_has_it_now(acme, carol, clock):
    row = pour(carol)
    (slow,) = outbox.claim()
    clock.shift(outbox.CLAIM)
    (quick,) = outbox.claim()
    outbox._put_off(slow, OSError())
    assert (stored(row).next_try_at, row.last_error) == (timezone.now() + outbox.CLAIM, "")
    outbox._give_up(slow, "late")
    assert stored(row).failed_at is None
    outbox._put_off(quick, OSError())
    assert stored(row).last_error == "OSError"


# --- Who has left -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("who", ["member", "user", "organisation"])
def test_nothing_is_sent_to_who_has_left_meanwhile(acme, alice, carol, who):
    row = pour(carol)
    if who == "member":
        members.deactivate(alice, carol.pk)
    elif who == "user":
        User.objects.filter(pk=carol.user_id).update(is_active=False)
    else:
        Organisation.objects.filter(pk=acme.pk).update(is_active=False)
    assert deliver() == []
    assert (stored(row).sent_at, row.values, row.last_error) == (None, {}, outbox.NOBODY)
    assert row.failed_at is not None


def test_who_may_no_longer_know_is_not_told_by_a_mail_that_waited(acme, alice, bob):
    KINDS["tea"] = dataclasses.replace(
        KINDS["tea"], choice=Choice("tea", "Tea", "", permission=Permission.APPROVE_TIMESHEET, feature="timesheets")
    )
    pour(bob)
    assert len(deliver()) == 1
    row = pour(bob)
    members.edit(alice, bob.pk, version=1, role="AGENT")
    assert len(deliver()) == 1
    assert stored(row).last_error == outbox.NOBODY
    row = pour(alice)
    Organisation.objects.filter(pk=acme.pk).update(features=[])
    assert len(deliver()) == 1
    assert stored(row).last_error == outbox.NOBODY


def test_nor_about_their_account(carol):
    passwords.change(carol.user, "a much better battery")
    passwords.send_reset_link(carol.user.email, lambda path: SITE + path)
    passwords.send_reset_link("nobody@acme.test", lambda path: SITE + path)
    User.objects.filter(pk=carol.user_id).update(is_active=False)
    assert deliver() == []
    assert not OutgoingMail.objects.filter(failed_at__isnull=True).exists()


# --- Mails of the account ---------------------------------------------------------------------------------------------


def test_account_mails_belong_to_no_organisation_and_cannot_be_refused(carol):
    passwords.change(carol.user, "a much better battery")
    row = OutgoingMail.objects.get()
    assert (row.organisation_id, row.member_id, row.to, row.kind) == (
        None,
        None,
        carol.user.email,
        "account.password_changed",
    )
    (sent,) = deliver()
    assert "me/notifications" not in sent.body + html_of(sent)


def test_the_host_of_a_reset_link_is_the_one_that_was_asked(carol):
    passwords.send_reset_link(carol.user.email, lambda path: "https://other.example.com" + path)
    (sent,) = deliver()
    assert "https://other.example.com/password/reset/" in sent.body
    assert f'href="https://other.example.com{link_in(sent)}"' in html_of(sent)


def test_the_queue_is_in_no_admin():
    assert not {OutgoingMail, Notification} & set(admin.site._registry)


# --- Around it --------------------------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_no_transaction_is_open_while_a_mail_is_sent(transactional_db, settings, monkeypatch):
    factories.OrganisationFactory(slug="acme")
    seen = []
    monkeypatch.setattr(
        EmailBackend, "send_messages", lambda self, messages: seen.append(connection.in_atomic_block) or 1
    )
    outbox.put("new@example.test", "account.password_changed", {})
    assert outbox.send_waiting(SITE) == 1
    assert seen == [False]


def test_an_idle_queue_costs_one_read(db, count_queries):
    idle = count_queries(lambda: outbox.send_waiting(SITE))
    assert idle == 1
    assert idle.queries[0].startswith("SELECT")


def test_the_number_of_queries_follows_the_number_of_mails(acme, carol, count_queries):
    def cost(number):
        for _ in range(number):
            pour(carol)
        return count_queries(lambda: outbox.send_waiting(SITE))

    assert cost(10) - cost(5) == 5  # one mark each
    assert len(mail.outbox) == 15
    assert Membership.objects.filter(pk=carol.pk).exists()
