"""The second factor: asked everywhere, each code once, recovery codes, and nobody locked out for good."""

import re

import pytest
from django.core import signing
from django.test import Client
from django_otp.plugins.otp_totp.models import TOTPDevice

from accounts.models import AuditEvent, Organisation, RecoveryCode
from accounts.services import second_factor
from accounts.tenancy import organisation_scope
from accounts.views import two_step
from tests.accounts.helpers import at_once, authenticator, code_of, sign_in, wrong_code
from timesheets_site.lib.errors import RuleViolation

ME = "/me/"


@pytest.fixture
def device(carol):
    return authenticator(carol.user)


@pytest.fixture
def half(client, carol, device):
    """Carol after the password, before the code."""
    sign_in(client, carol.user.email)
    return client


def send(client, code, path="/login/code/"):
    return client.post(path, {"code": code, "next": ME})


def events(organisation):
    with organisation_scope(organisation):
        return list(AuditEvent.objects.order_by("pk").values_list("action", flat=True))


def test_the_password_alone_opens_nothing(half, carol):
    for path in (ME, "/", "/switch/", "/o/acme/timesheets/", "/me/security/", "/mfa/recovery-codes/", "/admin/"):
        answer = half.get(path)
        assert answer.status_code == 302
        assert answer["Location"].startswith(("/login/code/", "/admin/login/"))
    assert half.post("/me/region/", {"time_zone": ""})["Location"].startswith("/login/code/")
    for path in ("/mfa/setup/", "/confirm/"):
        assert half.get(path)["Location"] == "/login/code/"  # no way to add a device and give its code
        assert half.post(path, {"code": "123456"})["Location"] == "/login/code/"


def test_the_code_signs_in_with_a_new_session_key(half, device):
    key = half.session.session_key
    code = code_of(device.key)
    answer = send(half, f" {code[:3]} {code[3:]} ")
    assert answer["Location"] == ME
    assert half.session.session_key != key
    assert half.get(ME).status_code == 200


@pytest.mark.parametrize(
    "typed", ["", "12345", "1234567", "abcdef", "١٢٣٤٥٦", "+12345", "1_2345", "9" * 5000, "12345\x00"]
)
def test_what_is_no_code_is_refused(half, typed):
    assert send(half, typed).status_code == 422


def test_a_code_works_once(half, device, carol):
    code = code_of(device.key)
    assert send(half, code).status_code == 302
    other = Client()
    sign_in(other, carol.user.email)
    assert send(other, code).status_code == 422
    assert other.get(ME).status_code == 302


@pytest.mark.django_db(transaction=True)
def test_a_code_sent_several_times_at_once_works_once(carol):
    code = code_of(authenticator(carol.user).key)
    check = lambda: second_factor.check_code(carol.user, code, browser_id=None)  # noqa: E731
    results = at_once(check, check, check, check)
    assert [type(result) for result in results].count(TOTPDevice) == 1
    assert results.count(None) == 3


@pytest.mark.django_db(transaction=True)
def test_a_recovery_code_sent_several_times_at_once_works_once(carol):
    authenticator(carol.user)
    code = second_factor.make_recovery_codes(carol.user)[0]
    use = lambda: second_factor.use_recovery_code(carol.user, code, browser_id=None)  # noqa: E731
    results = at_once(use, use, use, use)
    assert [type(result) for result in results].count(TOTPDevice) == 1
    assert results.count(None) == 3


def test_ten_wrong_codes_are_enough_even_with_the_right_password_again(half, device, carol):
    wrong = wrong_code(device.key)
    assert [send(half, wrong).status_code for _ in range(11)] == [422] * 10 + [429]
    again = Client()
    sign_in(again, carol.user.email)
    assert send(again, code_of(device.key)).status_code == 429
    assert send(again, "0000-0000-0000-0000", "/login/recovery/").status_code == 429


def test_the_owner_gets_in_with_the_code_from_a_known_browser(client, carol, device):
    sign_in(client, carol.user.email)
    send(client, code_of(device.key, -1))
    client.post("/logout/")
    stranger = Client()
    sign_in(stranger, carol.user.email)
    for _ in range(11):
        send(stranger, wrong_code(device.key))
    sign_in(client, carol.user.email)
    assert send(client, code_of(device.key)).status_code == 302
    assert client.get(ME).status_code == 200


def test_an_unconfirmed_device_does_not_count(client, carol):
    pending = TOTPDevice.objects.create(user=carol.user, name="Pending", confirmed=False)
    sign_in(client, carol.user.email)
    assert client.get(ME).status_code == 200
    assert second_factor.check_code(carol.user, code_of(pending.key), browser_id=None) is None


# --- Recovery codes ---------------------------------------------------------------------------------------------------


def test_recovery_codes_work_once_each_and_are_stored_hashed(half, carol, acme_organisation):
    codes = second_factor.make_recovery_codes(carol.user)
    assert len(codes) == 10
    stored = set(RecoveryCode.objects.values_list("code_hash", flat=True))
    assert not any(code in stored or code.replace("-", "") in stored for code in codes)
    typed = codes[0].upper().replace("-", " ").replace("1", "L").replace("0", "o")
    assert send(half, typed, "/login/recovery/").status_code == 302
    assert half.get(ME).status_code == 200
    other = Client()
    sign_in(other, carol.user.email)
    assert send(other, codes[0], "/login/recovery/").status_code == 422
    assert second_factor.codes_left(carol.user) == 9
    assert "user.recovery_code_used" in events(acme_organisation)


def test_a_recovery_code_belongs_to_one_person(half, carol, bob):
    authenticator(bob.user)
    code = second_factor.make_recovery_codes(bob.user)[0]
    assert send(half, code, "/login/recovery/").status_code == 422


def test_new_recovery_codes_void_the_old_ones(as_carol, carol):
    authenticator(carol.user)
    old = second_factor.make_recovery_codes(carol.user)
    second_factor.make_recovery_codes(carol.user)
    assert second_factor.use_recovery_code(carol.user, old[0], browser_id=None) is None


# --- Setting up -------------------------------------------------------------------------------------------------------


def set_up(client, user, key=None, **typed):
    key = key or second_factor.new_key()
    signed = signing.dumps([user.pk, key], salt=two_step.SALT)
    return client.post("/mfa/setup/", {"key": signed, "name": "Phone", "code": code_of(key), **typed})


def test_setting_up_shows_qr_code_and_key_and_stores_nothing(as_carol, carol):
    page = as_carol.get("/mfa/setup/").content.decode()
    assert 'src="data:image/svg+xml' in page
    assert re.search(r"(?:[A-Z2-7]{4} ){7}[A-Z2-7]{4}", page)
    assert 'autocomplete="one-time-code"' in page
    assert 'inputmode="numeric"' in page
    assert not TOTPDevice.objects.exists()


def test_setting_up_needs_the_code_and_shows_recovery_codes_once(as_carol, carol, acme_organisation):
    key = second_factor.new_key()
    refused = set_up(as_carol, carol.user, key, code=wrong_code(key))
    assert refused.status_code == 422
    assert signing.loads(refused.context["signed_key"], salt=two_step.SALT) == [carol.user_id, key]  # the same QR code
    page = set_up(as_carol, carol.user, key).content.decode()
    codes = re.findall(r"<li>((?:[0-9a-z]{4}-){3}[0-9a-z]{4})</li>", page)
    assert len(codes) == 10
    assert second_factor.are_codes_of(carol.user, codes)
    assert as_carol.get(ME).status_code == 200  # this session has given its code
    assert {"user.device_added", "user.recovery_codes_made"} <= set(events(acme_organisation))

    unticked = as_carol.post("/mfa/recovery-codes/", {"codes": " ".join(codes)})
    assert unticked.status_code == 422
    assert codes[0] in unticked.content.decode()
    ticked = as_carol.post("/mfa/recovery-codes/", {"codes": " ".join(codes), "saved": "on", "next": ME})
    assert ticked["Location"] == ME


def test_the_code_of_the_set_up_cannot_be_used_again(as_carol, carol):
    key = second_factor.new_key()
    set_up(as_carol, carol.user, key)
    assert second_factor.check_code(carol.user, code_of(key), browser_id=None) is None


def test_the_same_set_up_sent_twice_adds_one_device(as_carol, carol):
    key = second_factor.new_key()
    set_up(as_carol, carol.user, key)
    assert set_up(as_carol, carol.user, key, code=code_of(key, 1)).status_code == 422
    assert TOTPDevice.objects.count() == 1


def test_a_key_of_somebody_else_is_not_taken(as_carol, carol, bob):
    key = second_factor.new_key()
    forged = signing.dumps([bob.user_id, key], salt=two_step.SALT)
    assert set_up(as_carol, carol.user, key, key_override=1) is not None
    TOTPDevice.objects.all().delete()
    assert as_carol.post("/mfa/setup/", {"key": forged, "code": code_of(key)}).status_code == 422
    assert as_carol.post("/mfa/setup/", {"key": "rubbish", "code": code_of(key)}).status_code == 422
    assert not TOTPDevice.objects.exists()


def test_foreign_codes_are_not_shown_back(as_carol, carol):
    authenticator(carol.user)
    RecoveryCode.objects.all().delete()
    client = Client()
    sign_in(client, carol.user.email)
    send(client, code_of(TOTPDevice.objects.get().key))
    answer = client.post("/mfa/recovery-codes/", {"codes": "aaaa-bbbb-cccc-dddd"})
    assert answer["Location"] == "/me/security/"


# --- Demanded by the organisation -------------------------------------------------------------------------------------


def test_a_policy_leads_everybody_to_the_set_up(as_carol, carol, acme_organisation):
    Organisation.objects.filter(pk=acme_organisation.pk).update(require_second_factor=True)
    for path in ("/", ME, "/switch/", "/o/acme/timesheets/", "/me/security/"):
        assert as_carol.get(path)["Location"].startswith("/mfa/setup/?next=")
    page = as_carol.get("/mfa/setup/").content.decode()
    assert "Acme requires it" in page
    set_up(as_carol, carol.user)
    assert as_carol.get(ME).status_code == 200


def test_a_policy_with_a_stale_sign_in_leads_through_the_password(as_carol, acme_organisation):
    Organisation.objects.filter(pk=acme_organisation.pk).update(require_second_factor=True)
    as_carol.get("/mfa/setup/")
    session = as_carol.session
    session["signed_in_at"] -= 3600
    session.save()
    assert as_carol.get("/mfa/setup/", follow=True).templates[0].name == "accounts/sign_in/confirm.html"


def test_the_last_device_stays_where_a_policy_demands_it(as_carol, carol, acme_organisation):
    one, two = authenticator(carol.user), authenticator(carol.user, "Tablet")
    Organisation.objects.filter(pk=acme_organisation.pk).update(require_second_factor=True)
    second_factor.remove_device(carol.user, one.pk)
    with pytest.raises(RuleViolation) as refusal:
        second_factor.remove_device(carol.user, two.pk)
    assert refusal.value.code == "device_demanded"
    with pytest.raises(RuleViolation) as refusal:
        second_factor.remove_device(carol.user, one.pk)
    assert refusal.value.code == "device_unknown"


# --- Removing, and confirming that it is you --------------------------------------------------------------------------


@pytest.fixture
def as_carol_with_code(client, carol, device):
    sign_in(client, carol.user.email)
    send(client, code_of(device.key, -1))
    return client


def make_stale(client):
    session = client.session
    session["proved_at"] = session["signed_in_at"] = session["signed_in_at"] - 16 * 60
    session.save()


def test_removing_the_last_device_takes_the_recovery_codes_along(as_carol_with_code, carol, device, acme_organisation):
    second_factor.make_recovery_codes(carol.user)
    path = f"/mfa/{device.pk}/remove/"
    assert "your password alone" in as_carol_with_code.get(path).content.decode()
    assert as_carol_with_code.post(path)["Location"] == "/me/security/"
    assert not TOTPDevice.objects.exists()
    assert not RecoveryCode.objects.exists()
    assert as_carol_with_code.get(ME).status_code == 200
    assert "user.device_removed" in events(acme_organisation)


def test_removing_one_of_two_devices_keeps_the_session(as_carol_with_code, carol, device):
    authenticator(carol.user, "Tablet")
    as_carol_with_code.post(f"/mfa/{device.pk}/remove/")
    assert as_carol_with_code.get(ME).status_code == 200
    assert carol.user.live_sessions.get().session_key == as_carol_with_code.session.session_key


def test_nobody_removes_the_device_of_somebody_else(as_bob, device):
    assert as_bob.post(f"/mfa/{device.pk}/remove/")["Location"] == "/me/security/"
    assert TOTPDevice.objects.filter(pk=device.pk).exists()


@pytest.mark.parametrize("path", ["/mfa/setup/", "/mfa/recovery-codes/", "/mfa/1/remove/", "/me/security/password/"])
def test_sensitive_changes_ask_again_after_15_minutes(as_carol_with_code, path):
    make_stale(as_carol_with_code)
    for answer in (as_carol_with_code.get(path), as_carol_with_code.post(path)):
        assert answer.status_code == 302
        assert answer["Location"].startswith("/confirm/?next=%2F")


def test_confirming_takes_password_and_code(as_carol_with_code, device, carol):
    from tests.factories import PASSWORD

    make_stale(as_carol_with_code)
    send_both = lambda password, code: as_carol_with_code.post(  # noqa: E731
        "/confirm/", {"password": password, "code": code, "next": "/me/security/password/"}
    )
    assert send_both("not the password", code_of(device.key)).status_code == 422
    assert send_both(PASSWORD, wrong_code(device.key)).status_code == 422
    assert send_both(PASSWORD, "").status_code == 422
    assert as_carol_with_code.get("/me/security/password/").status_code == 302
    assert send_both(PASSWORD, code_of(device.key))["Location"] == "/me/security/password/"
    assert as_carol_with_code.get("/me/security/password/").status_code == 200


def test_confirming_is_slowed_as_well(as_carol_with_code):
    make_stale(as_carol_with_code)
    answers = [
        as_carol_with_code.post("/confirm/", {"password": "no", "code": "000000"}).status_code for _ in range(11)
    ]
    assert answers == [422] * 10 + [429]
