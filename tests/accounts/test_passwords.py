"""Changing and resetting a password: other sessions end, links work once, the second factor stays."""

import pytest
from django.test import Client

from accounts.models import AuditEvent, GuessCount, OutgoingMail, TrustedBrowser, UserSession
from accounts.services import api_keys, calendar_feeds, passwords
from accounts.tenancy import organisation_scope
from tests.accounts.helpers import authenticator, sign_in
from tests.factories import PASSWORD
from tests.mails import deliver, link_in

NEW = "a much better battery"
CHANGE = "/me/security/password/"


def link_in_mail():
    return link_in(deliver()[-1])


def ask(email):
    answer = Client().post("/password/reset/", {"email": email})
    assert answer["Location"] == "/password/reset/sent/"


def test_changing_ends_every_other_session(client, carol):
    other = Client()
    for browser in (client, other):
        sign_in(browser, carol.user.email)
    assert client.post(CHANGE, {"password": NEW})["Location"] == "/me/security/"
    assert client.get("/me/").status_code == 200
    assert other.get("/me/").status_code == 302
    assert UserSession.objects.get().session_key == client.session.session_key
    assert sign_in(Client(), carol.user.email).status_code == 422
    assert sign_in(Client(), carol.user.email, NEW).status_code == 302
    assert deliver()[-1].subject == "Your password was changed"
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


def test_a_reset_link_works_once(carol):
    signed_in = Client()
    sign_in(signed_in, carol.user.email)
    ask(carol.user.email.upper())
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


def test_who_sets_a_new_password_is_told_what_is_still_open(client, carol):
    """Programs go on with their keys: whoever took one keeps it until it is revoked."""
    with organisation_scope(carol.organisation):
        key, _secret = api_keys.create(carol, member=carol, kind="api", name="Script", areas=["time"])
        ended, _secret = api_keys.create(carol, member=carol, kind="kimai", name="Old", areas=["time"])
        api_keys.revoke(carol, ended.pk)
    calendar_feeds.make(carol.user)
    sign_in(client, carol.user.email)
    page = client.post(CHANGE, {"password": NEW}, follow=True).content.decode()
    assert ">1 API key<" in page and ">A calendar address<" in page
    assert 'href="/me/tokens/"' in page and 'href="/me/calendar/"' in page
    sent = deliver()[-1]
    assert "1 API key, a calendar address" in sent.body and link_in(sent) == "/me/security/"
    ask(carol.user.email)
    browser = Client()
    address = browser.get(link_in_mail(), follow=True).redirect_chain[-1][0]
    answer = browser.post(address, {"password": NEW + "!"}, follow=True)
    assert answer.redirect_chain[-1][0] == "/login/?next=%2Fme%2Fsecurity%2F"
    assert "1 API key, a calendar address" in answer.content.decode()
    with organisation_scope(carol.organisation):
        api_keys.revoke(carol, key.pk)
    calendar_feeds.end(carol.user)
    passwords.change(carol.user, NEW)
    assert "API key" not in deliver()[-1].body


def test_a_reset_lifts_the_lock_out_but_not_the_second_factor(carol):
    authenticator(carol.user)
    for _ in range(10):
        sign_in(Client(), carol.user.email, "wrong")
    ask(carol.user.email)
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


def test_asking_tells_nothing_and_is_limited(carol):
    ask("nobody@acme.test")
    assert deliver() == []
    for _ in range(8):
        ask(carol.user.email)
    assert len(deliver()) == 5
    assert Client().post("/password/reset/", {"email": "no address"}).status_code == 422
    GuessCount.objects.update(tries=1000)
    assert Client().post("/password/reset/", {"email": carol.user.email}).status_code == 429


def test_the_link_is_made_when_it_is_sent_and_stored_nowhere(carol, count_queries):
    """So asking for it costs the same for every address, and nobody who reads the database can use it."""
    ask("first@acme.test")
    known = count_queries(lambda: ask(carol.user.email))
    assert count_queries(lambda: ask("nobody@acme.test")) == known
    stored = OutgoingMail.objects.get(to=carol.user.email)
    assert stored.values == {"site": "http://testserver"}
    assert link_in_mail().split("/")[4] not in str(OutgoingMail.objects.values())


def test_the_old_password_is_worth_nothing_to_who_knows_it(as_carol, carol):
    as_carol.post(CHANGE, {"password": NEW})
    carol.user.refresh_from_db()
    assert not carol.user.check_password(PASSWORD)
