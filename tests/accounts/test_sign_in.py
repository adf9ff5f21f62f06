"""Signing in and out: the same answer to every failure, slowed guessing, sessions that end."""

import datetime as dt

import pytest
from django.conf import settings
from django.contrib.sessions.models import Session
from django.test import Client
from django.utils import timezone

from accounts import throttle
from accounts.models import GuessCount, TrustedBrowser, User, UserSession
from tests.accounts.helpers import at_once, sign_in
from tests.factories import PASSWORD

ME = "/me/"


@pytest.fixture
def carol_email(carol):
    return carol.user.email


def guess(client, email, times, **extra):
    return [sign_in(client, email, "not the password", **extra).status_code for _ in range(times)]


def test_the_right_password_signs_in_and_leads_where_the_person_was_going(client, carol_email):
    page = client.get(f"{ME}region/")
    assert page.status_code == 302
    assert page["Location"] == "/login/?next=%2Fme%2Fregion%2F"
    answer = client.post("/login/", {"email": carol_email.upper(), "password": PASSWORD, "next": "/me/region/"})
    assert answer.status_code == 302
    assert answer["Location"] == "/me/region/"
    assert client.get(ME).status_code == 200


@pytest.mark.parametrize(
    "elsewhere", ["https://evil.test/", "//evil.test", "/\\evil.test", "javascript:alert(1)", "http:///evil.test", "x"]
)
def test_next_leads_only_to_our_own_pages(client, carol_email, elsewhere):
    answer = client.post("/login/", {"email": carol_email, "password": PASSWORD, "next": elsewhere})
    assert answer["Location"] == "/"


def test_every_failure_gets_the_same_answer(client, carol):
    sleeping = User.objects.create_user("asleep@acme.test", PASSWORD, name="Asleep", is_active=False)
    User.objects.create_user("invited@acme.test", None, name="No password yet")
    bodies = set()
    for email, password in [
        (carol.user.email, "not the password"),
        ("nobody@acme.test", "not the password"),
        (sleeping.email, PASSWORD),
        ("invited@acme.test", PASSWORD),
    ]:
        answer = Client().post("/login/", {"email": email, "password": password})
        assert answer.status_code == 422
        body = answer.content.decode().replace(email, "<email>")
        token = answer.context["csrf_token"]
        bodies.add(body.replace(str(token), "<token>"))
    assert len(bodies) == 1
    assert "That e-mail address and password don’t match." in bodies.pop()


def test_every_failure_does_the_same_work(client, carol, count_queries):
    User.objects.create_user("asleep@acme.test", PASSWORD, name="Asleep", is_active=False)
    sign_in(Client(), "first@acme.test", "not the password")  # makes the counter of this address
    counts = {
        count_queries(lambda email=email: sign_in(Client(), email, "not the password"))
        for email in (carol.user.email, "nobody@acme.test", "asleep@acme.test")
    }
    assert len(counts) == 1


@pytest.mark.parametrize(
    "typed",
    [
        {"email": "", "password": ""},
        {"email": "not an address", "password": "x"},
        {"email": "a\x00b@acme.test", "password": "x"},
        {"email": "a@acme.test", "password": "x\x00"},
        {"email": "a" * 500 + "@acme.test", "password": "x" * 5000},
        {"email": ["a@acme.test", "b@acme.test"], "password": "\ud800"},
    ],
)
def test_bad_input_gets_the_form_again(client, db, typed):
    if "\ud800" in typed["password"]:
        typed = {**typed, "password": b"\xed\xa0\x80"}
    assert client.post("/login/", typed).status_code == 422


def test_ten_wrong_passwords_lock_the_account_whatever_the_address(client, carol_email):
    for n in range(10):
        assert guess(Client(), carol_email, 1, REMOTE_ADDR=f"192.0.2.{n}") == [422]
    answer = sign_in(Client(), carol_email, REMOTE_ADDR="192.0.2.99")
    assert answer.status_code == 429
    assert answer["Retry-After"] == "900"
    assert "Too many tries. Wait 15 minutes or reset your password." in answer.content.decode()


def test_unknown_accounts_lock_as_well(client, db):
    assert guess(client, "nobody@acme.test", 11) == [422] * 10 + [429]


def test_the_lock_out_ends_after_15_minutes(client, carol_email):
    guess(client, carol_email, 10)
    assert sign_in(client, carol_email).status_code == 429
    GuessCount.objects.update(last_at=timezone.now() - dt.timedelta(minutes=15))
    assert sign_in(client, carol_email).status_code == 302


def test_a_right_password_does_not_wash_the_failures_of_strangers_away(client, carol_email):
    guess(Client(), carol_email, 9)
    assert sign_in(client, carol_email).status_code == 302
    assert guess(Client(), carol_email, 2) == [422, 429]


def test_the_owner_gets_in_from_a_browser_that_signed_in_before(client, carol_email):
    sign_in(client, carol_email)
    client.post("/logout/")
    guess(Client(), carol_email, 11)
    assert sign_in(Client(), carol_email).status_code == 429
    assert sign_in(client, carol_email).status_code == 302
    assert client.get(ME).status_code == 200


def test_a_known_browser_has_a_limit_of_its_own(client, carol_email):
    sign_in(client, carol_email)
    client.post("/logout/")
    assert guess(client, carol_email, 11) == [422] * 10 + [429]
    assert sign_in(Client(), carol_email).status_code == 302


def test_a_browser_is_known_only_to_whom_signed_in_with_it(client, carol, bob):
    sign_in(client, carol.user.email)
    client.post("/logout/")
    guess(Client(), bob.user.email, 10)
    assert sign_in(client, bob.user.email).status_code == 429


def test_a_made_up_browser_is_a_stranger(client, carol_email):
    guess(Client(), carol_email, 10)
    client.cookies[settings.BROWSER_COOKIE_NAME] = "made-up:1abc:signature"
    assert sign_in(client, carol_email).status_code == 429


def test_one_address_cannot_try_many_accounts(client, db):
    answers = [guess(client, f"user{n}@acme.test", 1)[0] for n in range(101)]
    assert answers == [422] * 100 + [429]
    assert guess(client, "other@acme.test", 1, REMOTE_ADDR="192.0.2.1") == [422]


def test_addresses_of_one_ipv6_network_count_together():
    one, same, other = "2001:db8::1", "2001:db8::ffff", "2001:db8:0:1::1"
    assert throttle.address_key(one) == throttle.address_key(same) != throttle.address_key(other)
    assert throttle.address_key(None) == throttle.address_key("no address")


@pytest.mark.django_db(transaction=True)
def test_many_guesses_at_once_pass_no_more_than_the_limit():
    counter = throttle.key("test")
    results = at_once(*[lambda: sum(throttle.take(counter, 10) for _ in range(5)) for _ in range(6)])
    assert sum(results) == 10


def test_the_cookie_of_the_browser_is_kept_from_scripts(client, carol_email):
    cookie = sign_in(client, carol_email).cookies[settings.BROWSER_COOKIE_NAME]
    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"
    stored = TrustedBrowser.objects.get()
    assert stored.token_hash not in cookie.value


def test_the_session_key_is_new_and_dead_after_signing_out(client, carol_email):
    client.get("/login/")
    sign_in(client, carol_email)
    key = client.session.session_key
    assert UserSession.objects.get().session_key == key
    thief = Client()
    thief.cookies[settings.SESSION_COOKIE_NAME] = key
    assert thief.get(ME).status_code == 200
    sign_in(client, carol_email)
    assert client.session.session_key != key
    assert thief.get(ME).status_code == 302
    thief.cookies[settings.SESSION_COOKIE_NAME] = client.session.session_key
    client.post("/logout/")
    assert thief.get(ME).status_code == 302
    assert not UserSession.objects.exists()


def test_signing_out_needs_post(client, carol_email):
    sign_in(client, carol_email)
    assert client.get("/logout/").status_code == 405
    assert client.get(ME).status_code == 200


@pytest.mark.parametrize(("name", "seconds"), [("seen_at", 12 * 3600 + 1), ("signed_in_at", 7 * 24 * 3600 + 1)])
def test_a_session_ends_when_idle_or_old(client, carol_email, name, seconds):
    sign_in(client, carol_email)
    session = client.session
    session[name] = session[name] - seconds
    session.save()
    assert client.get(ME)["Location"].startswith("/login/")
    assert not Session.objects.filter(session_key=session.session_key).exists()


def test_a_deactivated_person_is_out_at_once(client, carol):
    sign_in(client, carol.user.email)
    User.objects.filter(pk=carol.user_id).update(is_active=False)
    assert client.get(ME)["Location"].startswith("/login/")


def test_a_person_sees_and_ends_their_sessions(client, carol_email, as_mallory):
    other = Client(headers={"user-agent": "Other Browser"})
    sign_in(client, carol_email)
    sign_in(other, carol_email)
    page = client.get("/me/security/").content.decode()
    assert "Other Browser" in page
    theirs = UserSession.objects.get(session_key=other.session.session_key)
    as_mallory.post(f"/me/security/sessions/{theirs.pk}/end/")
    assert other.get(ME).status_code == 200
    client.post(f"/me/security/sessions/{theirs.pk}/end/")
    assert other.get(ME).status_code == 302
    assert client.get(ME).status_code == 200


@pytest.mark.parametrize(
    ("user_agent", "words"),
    [
        ("Mozilla/5.0 (Windows NT 10.0; rv:140.0) Gecko/20100101 Firefox/140.0", "Firefox, Windows"),
        (
            "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/150 Safari/537.36",
            "Chrome, Linux",
        ),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) Version/19 Safari/604.1", "Safari, iPhone"),
        ("curl/8", "curl/8"),
        ("", "Unknown browser"),
    ],
)
def test_a_browser_is_named_in_words(user_agent, words):
    assert UserSession(user_agent=user_agent).browser == words


def test_a_person_ends_all_other_sessions(client, carol_email):
    others = [Client(), Client()]
    for browser in (client, *others):
        sign_in(browser, carol_email)
    client.post("/me/security/sessions/end-others/")
    assert [other.get(ME).status_code for other in others] == [302, 302]
    assert client.get(ME).status_code == 200


def test_sign_ins_and_failures_are_logged_without_secrets(client, carol, caplog):
    caplog.set_level("INFO", "accounts.sign_in")
    guess(client, carol.user.email, 11)
    guess(client, "nobody@acme.test", 1)
    sign_in(Client(), "nobody@acme.test", "hunter2 hunter2")
    GuessCount.objects.all().delete()
    sign_in(client, carol.user.email)
    lines = [record.getMessage() for record in caplog.records if record.name == "accounts.sign_in"]
    assert f"wrong password: user {carol.user_id}" in lines
    assert f"locked out: user {carol.user_id}" in lines
    assert "wrong password: unknown address" in lines
    assert f"signed in: user {carol.user_id}" in lines
    assert not any(secret in caplog.text for secret in ("hunter2", PASSWORD, "not the password"))


# --- The way in -------------------------------------------------------------------------------------------------------


def test_home_leads_to_the_organisation_last_used(as_carol, carol, globex):
    from accounts.tenancy import organisation_scope
    from tests import factories

    with organisation_scope(globex):
        factories.MembershipFactory(user=carol.user, display_name="Carol", organisation=globex)
    assert as_carol.get("/")["Location"] == "/o/acme/timesheets/"
    User.objects.filter(pk=carol.user_id).update(last_organisation=globex)
    for path in ("/", "/timesheets"):
        assert as_carol.get(path)["Location"] == "/o/globex/timesheets/"
    page = as_carol.get("/switch/").content.decode()
    assert "/o/acme/timesheets/" in page
    assert "/o/globex/timesheets/" in page


def test_who_belongs_to_nothing_reads_what_to_do(client, db):
    User.objects.create_user("lone@acme.test", PASSWORD, name="Lone")
    sign_in(client, "lone@acme.test")
    page = client.get("/", follow=True)
    assert page.status_code == 200
    assert "You are in no organisation" in page.content.decode()


def test_health_says_only_yes_or_no(client, db, monkeypatch):
    from accounts.views import home

    assert client.get("/livez").content == b"ok\n"
    assert client.get("/readyz").content == b"ok\n"
    monkeypatch.setattr(home, "FREE_BYTES", 10**18)
    answer = client.get("/readyz")
    assert (answer.status_code, answer.content) == (503, b"not ready\n")


def test_livez_needs_no_database(client):
    assert client.get("/livez").status_code == 200  # without the db fixture a query would fail the test
