"""Changing and resetting a password: other sessions end, links work once, the second factor stays."""

import re

import pytest
from django.core import mail
from django.test import Client

from accounts.models import AuditEvent, GuessCount, TrustedBrowser, UserSession
from accounts.tenancy import organisation_scope
from tests.accounts.helpers import authenticator, sign_in
from tests.factories import PASSWORD

NEW = "a much better battery"
CHANGE = "/me/security/password/"


@pytest.fixture
def commits(django_capture_on_commit_callbacks):
    return lambda: django_capture_on_commit_callbacks(execute=True)


def link_in_mail():
    return re.search(r"http://testserver(/\S+)", mail.outbox[-1].body).group(1)


def ask(commits, email):
    with commits():
        answer = Client().post("/password/reset/", {"email": email})
    assert answer["Location"] == "/password/reset/sent/"


def test_changing_ends_every_other_session(client, carol, commits):
    other = Client()
    for browser in (client, other):
        sign_in(browser, carol.user.email)
    with commits():
        assert client.post(CHANGE, {"password": NEW})["Location"] == "/me/security/"
    assert client.get("/me/").status_code == 200
    assert other.get("/me/").status_code == 302
    assert UserSession.objects.get().session_key == client.session.session_key
    assert sign_in(Client(), carol.user.email).status_code == 422
    assert sign_in(Client(), carol.user.email, NEW).status_code == 302
    assert mail.outbox[-1].subject == "Your password was changed"
    with organisation_scope(carol.organisation):
        assert AuditEvent.objects.filter(action="user.password_changed", user=carol.user).exists()


@pytest.mark.parametrize("poor", ["", "short", "password1234", "carol@acme.test", "x" * 1025, "twelve chars\x00"])
def test_poor_passwords_are_refused(as_carol, poor):
    assert as_carol.post(CHANGE, {"password": poor}).status_code == 422


@pytest.mark.parametrize("good", ["all lower case", "  blanks count  ", "ж" * 12, "x1 " * 50])
def test_long_passwords_of_any_kind_will_do(as_carol, carol, good):
    assert as_carol.post(CHANGE, {"password": good}).status_code == 302
    carol.user.refresh_from_db()
    assert carol.user.check_password(good)


def test_a_reset_link_works_once(carol, commits):
    signed_in = Client()
    sign_in(signed_in, carol.user.email)
    ask(commits, carol.user.email.upper())
    path = link_in_mail()
    browser = Client()
    form = browser.get(path, follow=True)
    address = form.redirect_chain[-1][0]
    assert path not in address  # the secret has left the address
    assert browser.post(address, {"password": "short"}).status_code == 422
    assert browser.post(address, {"password": NEW})["Location"] == "/login/"
    assert signed_in.get("/me/").status_code == 302
    assert not TrustedBrowser.objects.exists()
    assert sign_in(browser, carol.user.email, NEW).status_code == 302
    assert "no longer works" in Client().get(path, follow=True).content.decode()


def test_a_reset_lifts_the_lock_out_but_not_the_second_factor(carol, commits):
    authenticator(carol.user)
    for _ in range(10):
        sign_in(Client(), carol.user.email, "wrong")
    ask(commits, carol.user.email)
    browser = Client()
    address = browser.get(link_in_mail(), follow=True).redirect_chain[-1][0]
    browser.post(address, {"password": NEW})
    assert browser.get("/me/").status_code == 302
    assert sign_in(browser, carol.user.email, NEW)["Location"].startswith("/login/code/")
    assert browser.get("/me/")["Location"].startswith("/login/code/")


@pytest.mark.parametrize(
    "path", ["/password/reset/x/y/", "/password/reset/MQ/abc-def/", "/password/reset/OTk5OTk5OTk5OTk5OTk5OTk5OTk5/a-b/"]
)
def test_made_up_links_say_so(client, db, path):
    assert "no longer works" in client.get(path).content.decode()


def test_asking_tells_nothing_and_is_limited(carol, commits):
    ask(commits, "nobody@acme.test")
    assert mail.outbox == []
    for _ in range(8):
        ask(commits, carol.user.email)
    assert len(mail.outbox) == 5
    assert Client().post("/password/reset/", {"email": "no address"}).status_code == 422
    GuessCount.objects.update(tries=1000)
    assert Client().post("/password/reset/", {"email": carol.user.email}).status_code == 429


def test_a_mail_that_cannot_be_sent_breaks_nothing(carol, commits, settings, caplog):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_PORT = 1
    ask(commits, carol.user.email)
    assert "mail not sent" in caplog.text


def test_the_old_password_is_worth_nothing_to_who_knows_it(as_carol, carol):
    as_carol.post(CHANGE, {"password": NEW})
    carol.user.refresh_from_db()
    assert not carol.user.check_password(PASSWORD)
