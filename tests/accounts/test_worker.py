"""The worker: its rounds, its end, and what it does when something fails. And the settings that it needs."""

import datetime as dt
import io
import logging
import os
import signal
import subprocess
import sys
import time

import pytest
from django.core import checks
from django.core.management import CommandError, call_command
from django.utils import timezone

from accounts import jobs
from accounts.checks import mail_server, site_url
from accounts.management import worker
from accounts.management.worker import Worker
from accounts.models import Notification, OutgoingMail
from accounts.services import outbox
from tests.architecture.source import ROOT
from tests.mails import SITE
from tests.marks import on_sqlite_alone


@pytest.fixture(autouse=True)
def closed(monkeypatch):
    """The test's connection is in a transaction and stays; how often the worker looked whether it is still good."""
    looked = []
    monkeypatch.setattr(worker, "close_old_connections", lambda: looked.append(1))
    return looked


@pytest.fixture
def no_jobs(monkeypatch):
    """Only the jobs that the test adds."""
    listed = []
    monkeypatch.setattr(jobs, "JOBS", listed)
    return listed


def queue(address="new@example.test"):
    outbox.put(address, "account.password_changed", {})


def every_hour(run, name="tea"):
    return jobs.Job(name, dt.timedelta(hours=1), run)


def test_the_product_has_its_reminders():
    assert "reminders of missing weeks" in {job.name for job in jobs.JOBS}


def test_a_round_sends_mails_and_runs_what_is_due(db, no_jobs, mailoutbox, monkeypatch, closed):
    ran = []
    clock = [1000.0]
    monkeypatch.setattr(worker.time, "monotonic", lambda: clock[0])
    no_jobs.append(every_hour(lambda: ran.append(clock[0])))
    one = Worker(SITE)
    for passed in (0, 5, 3594, 1):
        clock[0] += passed
        queue()
        assert one.round()
    assert ran == [1000.0, 4600.0]
    assert len(mailoutbox) == 4
    assert len(closed) == 8  # before and after each: a database that was away is asked again


def test_what_takes_long_is_told_when_the_worker_shall_end(db, no_jobs):
    one, asked = Worker(SITE), []

    def work(stop):
        asked.append(stop())
        one.stop()
        asked.append(stop())

    no_jobs += [jobs.Job("long", dt.timedelta(), work, takes_long=True), every_hour(lambda: asked.append("after"))]
    assert one.round()
    assert asked == [False, True]


def test_what_fails_keeps_nothing_else_from_being_done(db, no_jobs, mailoutbox, caplog):
    def fail():
        raise ValueError("the kettle is empty")

    ran = []
    no_jobs += [every_hour(fail, "kettle"), every_hour(lambda: ran.append(1))]
    queue()
    one = Worker(SITE)
    assert not one.round()
    assert (ran, len(mailoutbox)) == ([1], 1)
    assert "kettle failed in this round" in caplog.text
    assert one.round()  # it waits for its next turn
    with pytest.raises(CommandError, match="the log says what"):
        call_command("work", "--once")


def test_once_is_for_cron(db, no_jobs, mailoutbox):
    queue()
    call_command("work", "--once")
    assert len(mailoutbox) == 1


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_and_nothing_new_is_begun(db, no_jobs, mailoutbox, number):
    ran = []
    no_jobs += [every_hour(lambda: signal.raise_signal(number), "signal"), every_hour(lambda: ran.append(1))]
    queue()
    before = signal.getsignal(number)
    started = time.monotonic()
    call_command("work")
    assert time.monotonic() - started < worker.PAUSE_SECONDS
    assert (ran, len(mailoutbox)) == ([], 0)
    assert signal.getsignal(number) == before
    no_jobs.clear()
    call_command("work", "--once")
    assert len(mailoutbox) == 1


def test_in_the_background_it_ends_with_its_block(monkeypatch):
    rounds = []
    monkeypatch.setattr(Worker, "round", lambda self: rounds.append(self.site))
    with worker.in_background(SITE) as one:
        while not rounds:
            time.sleep(0.01)
    assert one.stopping.is_set()
    assert rounds == [SITE]


def test_it_does_not_start_without_knowing_where_links_lead(settings):
    settings.SITE_URL = ""
    with pytest.raises(CommandError, match="SITE_URL"):
        call_command("work")


@on_sqlite_alone
@pytest.mark.thorough
def test_as_a_process_it_sends_and_ends_at_sigterm(var_folder):
    keep = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    environment = {**keep, "VAR_DIR": str(var_folder), "PYTHONUNBUFFERED": "1", "PYTHONWARNINGS": "ignore"}
    manage = [sys.executable, str(ROOT / "manage.py")]
    put = "from accounts.services import outbox; outbox.put('a@example.test', 'account.password_changed', {})"
    subprocess.run([*manage, "shell", "-v0", "-c", put], env=environment, check=True, timeout=60)
    process = subprocess.Popen([*manage, "work"], env=environment, stdout=subprocess.PIPE, text=True)
    try:
        printed = ""
        while "Your password was changed</h1>" not in printed:
            line = process.stdout.readline()
            assert line, "it ended without sending"
            printed += line
        process.send_signal(signal.SIGTERM)
        started = time.monotonic()
        assert process.wait(20) == 0
        assert time.monotonic() - started < 5
    finally:
        process.kill()
        process.stdout.close()
        process.wait()


# --- Settings ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("good", ["https://time.example.com", "http://127.0.0.1:8000", "https://example.com/time"])
def test_an_address_that_links_can_begin_with(settings, good):
    settings.SITE_URL = good
    assert site_url(None) == []


@pytest.mark.parametrize("bad", ["", "time.example.com", "//time.example.com", "ftp://x", "https://x?a=1", "https://"])
def test_one_that_they_cannot(settings, bad):
    settings.SITE_URL = bad
    (found,) = site_url(None)
    assert found.level == checks.ERROR
    assert "SITE_URL" in found.hint


def test_printing_mails_is_not_sending_them(settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.console.EmailBackend"
    assert [found.id for found in mail_server(None)] == ["accounts.W001"]
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    assert mail_server(None) == []


def test_both_are_asked_before_a_deployment():
    registered = checks.registry.registry.get_checks(include_deployment_checks=True)
    assert {site_url, mail_server} <= set(registered)
    assert not {site_url, mail_server} & set(checks.registry.registry.get_checks())


@pytest.mark.parametrize(
    ("environment", "backend"),
    [({}, "console"), ({"EMAIL_HOST": "mail.example.com"}, "smtp"), ({"EMAIL_BACKEND": "x.Y"}, "x.Y")],
)
def test_naming_a_mail_server_is_enough(tmp_path, environment, backend):
    keep = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    code = "from timesheets_site import settings; print(settings.EMAIL_BACKEND, settings.SITE_URL)"
    answer = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", code],
        env={**keep, "VAR_DIR": str(tmp_path), "SITE_URL": "https://time.example.com/", **environment},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    found, site = answer.stdout.split()
    assert backend in found
    assert site == SITE


# --- Retention --------------------------------------------------------------------------------------------------------


def test_tidy_keeps_what_is_unread_unsent_or_young(acme, carol, caplog):
    caplog.set_level(logging.ERROR)
    now, day = timezone.now(), dt.timedelta(days=1)
    for kind, age, read in (("old", 91, True), ("unread", 91, False), ("young", 89, True)):
        at = now - age * day
        Notification.objects.create(member=carol, kind=kind, created_at=at, read_at=now if read else None)
    for kind, column, age in (("old", "sent_at", 31), ("lost", "failed_at", 31), ("young", "sent_at", 29)):
        at = now - age * day
        OutgoingMail.objects.create(to="a@b.test", kind=kind, created_at=at, next_try_at=at, **{column: at})
    OutgoingMail.objects.create(to="a@b.test", kind="waiting", created_at=now - 31 * day, next_try_at=now)
    call_command("tidy", stdout=(said := io.StringIO()))
    assert "1 read notifications and 2 mails" in said.getvalue()
    assert {row.kind for row in Notification.objects.all()} == {"unread", "young"}
    assert {row.kind for row in OutgoingMail.objects.all()} == {"young", "waiting"}
