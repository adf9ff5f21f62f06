"""The pages of API keys: one's own in all organisations, those of programs, everybody's to revoke."""

import datetime as dt

import pytest
from django.test import Client
from django.utils import timezone

from accounts import audit, sessions
from accounts.models import ApiKey, AuditEvent, Membership
from accounts.services import api_keys
from accounts.tenancy import organisation_scope
from tests.cast import browser_of

OWN, ALL = "/me/tokens/", "/o/acme/settings/integrations/"
SENT = {"kind": "api", "name": "Laptop", "areas": ["time", "records"]}


@pytest.fixture
def key(acme, carol):
    return api_keys.create(carol, member=carol, kind="api", name="Laptop", areas=["time"])[0]


@pytest.fixture
def robot(acme, alice):
    return api_keys.create_integration(alice, name="Payroll", role="AGENT")


@pytest.fixture
def there(globex, carol):
    """Carol's membership in the other organisation."""
    with organisation_scope(globex):
        member = Membership(user=carol.user, role="ADMIN", display_name="Carol Clark")
        member.save()
    return member


def text(response):
    return response.content.decode()


def form_key(client, path=f"{OWN}new/"):
    return client.get(path).context["form"]["key"].value()


# --- One's own --------------------------------------------------------------------------------------------------------


def test_the_secret_is_shown_once_and_works(as_carol, carol, acme):
    made = as_carol.post(f"{OWN}new/", {**SENT, "key": form_key(as_carol), "expires_on": ""})
    secret = next(each.value for each in made.context["directions"] if each.is_secret)
    assert made.status_code == 200 and secret in text(made) and made["Cache-Control"] == "no-store"
    assert "http://testserver/api/v1" in text(made)
    found = api_keys.find("api", *api_keys.split(secret))
    assert (found.member_id, found.areas, found.expires_at) == (carol.pk, ["time", "records"], None)
    for path in (OWN, f"{OWN}{found.pk}/"):
        assert secret not in text(as_carol.get(path))


def test_the_form_sent_twice_makes_one_key(as_carol, acme):
    sent = {**SENT, "key": form_key(as_carol)}
    as_carol.post(f"{OWN}new/", sent)
    again = as_carol.post(f"{OWN}new/", sent, follow=True)
    assert "was made already" in text(again)
    assert ApiKey.objects.count() == 1
    other = as_carol.post(f"{OWN}new/", {**sent, "name": "Phone"})
    assert other.status_code == 422 and ApiKey.objects.count() == 1


@pytest.mark.parametrize(
    ("kind", "shown"),
    [
        ("connectwise", ["http://testserver<", "acme", "Public key", "Private key"]),
        ("intacct", ["http://testserver/ia/api/v1/oauth2/token", "Client id", "Client secret", "@acme"]),
        ("kimai", ["http://testserver/kimai", "alice@acme.test"]),
        ("grow", ["http://testserver/api<", "Authorization: Bearer"]),
    ],
)
def test_each_format_says_what_its_clients_ask_for(as_alice, acme, kind, shown):
    html = text(as_alice.post(f"{OWN}new/", {**SENT, "kind": kind}))
    assert [word for word in shown if word not in html] == []
    assert "/api/docs" in html


def test_the_form_starts_with_a_year_and_offers_what_the_role_has(as_carol, carol, acme):
    form = as_carol.get(f"{OWN}new/").context["form"]
    assert form.initial["expires_on"] == timezone.localdate() + dt.timedelta(days=365)
    assert "member" not in form.fields
    assert "grow" not in dict(form.fields["kind"].choices)
    assert set(dict(form.fields["areas"].choices)) == {"time", "timesheets", "records", "reports"}
    assert as_carol.post(f"{OWN}new/", {**SENT, "kind": "grow"}).status_code == 422
    assert as_carol.post(f"{OWN}new/", {**SENT, "areas": ["approvals"]}).status_code == 422


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", "x" * 81), ("name", "\x00"), ("kind", "all"), ("expires_on", "2020-01-01"),
        ("expires_on", "9999-12-31"), ("expires_on", "soon"), ("requests_per_minute", "0"),
        ("requests_per_minute", "9" * 5000), ("requests_per_minute", "many"), ("areas", ["everything"]),
    ],
)  # fmt: skip
def test_what_is_wrong_stands_beside_its_field_and_nothing_typed_is_lost(as_carol, acme, field, value):
    answer = as_carol.post(f"{OWN}new/", {**SENT, field: value})
    assert answer.status_code == 422 and field in answer.context["form"].errors
    assert 'value="Laptop"' in text(answer) or field == "name"
    assert not ApiKey.objects.exists()


def test_the_last_day_counts_whole(as_carol, acme, carol):
    last = timezone.localdate() + dt.timedelta(days=10)
    as_carol.post(f"{OWN}new/", {**SENT, "expires_on": str(last)})
    key = ApiKey.objects.get()
    with timezone.override("Europe/London"):
        assert timezone.localtime(key.expires_at) == timezone.make_aware(
            dt.datetime.combine(last + dt.timedelta(days=1), dt.time())
        )
        assert key.expires_on == last


def test_keys_of_all_organisations_stand_together(as_carol, carol, key, there, globex):
    form = as_carol.get(f"{OWN}new/").context["form"]
    assert [name for _pk, name in form.fields["member"].choices] == ["Acme", "Globex"]
    made = as_carol.post(f"{OWN}new/", {**SENT, "member": there.pk, "name": "Away", "kind": "grow"})
    assert made.status_code == 200
    html = text(as_carol.get(OWN))
    assert "Globex" in html and "Away" in html and "Laptop" in html
    with organisation_scope(globex):
        own = ApiKey.objects.get()
        assert own.member_id == there.pk
        assert AuditEvent.objects.filter(action="api_key.created", actor=there).exists()
    assert as_carol.post(f"{OWN}{own.pk}/revoke/").status_code == 302
    assert as_carol.post(f"{OWN}new/", {**SENT, "member": 999_999}).status_code == 422


def test_a_stale_change_shows_both(as_carol, carol, key):
    page = as_carol.get(f"{OWN}{key.pk}/")
    sent = {**SENT, "areas": ["time"], "version": page.context["form"]["version"].value()}
    assert as_carol.post(f"{OWN}{key.pk}/", {**sent, "name": "Phone", "read_only": "on"}).status_code == 302
    stale = as_carol.post(f"{OWN}{key.pk}/", {**sent, "name": "Tablet", "areas": ["records"]})
    assert stale.status_code == 409
    for word in ("Tablet", "Phone", "Time entries and timers", "Only reads: on"):
        assert word in text(stale)
    now = stale.context["form"].data["version"]
    assert as_carol.post(f"{OWN}{key.pk}/", {**sent, "name": "Tablet", "version": now}).status_code == 302
    assert ApiKey.objects.get().name == "Tablet"


def test_revoking_asks_first_and_is_for_ever(as_carol, key):
    html = text(as_carol.get(f"{OWN}{key.pk}/revoke/"))
    assert "undone" in html and 'method="post"' in html
    assert as_carol.post(f"{OWN}{key.pk}/revoke/").url == OWN
    html = text(as_carol.get(OWN))
    assert "Revoked</span>" in html and f"{OWN}{key.pk}/" not in html
    assert as_carol.get(f"{OWN}{key.pk}/").url == OWN


def test_other_peoples_keys_do_not_exist(as_bob, as_alice, as_mallory, bob, key):
    for client in (as_bob, as_alice, as_mallory):
        for path in (f"{OWN}{key.pk}/", f"{OWN}{key.pk}/revoke/"):
            assert client.get(path).status_code == client.post(path).status_code == 404
        assert "Laptop" not in text(client.get(OWN))


@pytest.mark.parametrize("path", [f"{OWN}new/", f"{ALL}new/"])
def test_a_sign_in_of_long_ago_is_asked_again_before_a_key_is_made(as_alice, acme, settings, path):
    session = as_alice.session
    session[sessions.PROVED] = sessions._now() - settings.FRESH_SIGN_IN_SECONDS - 1
    session.save()
    for answer in (as_alice.get(path), as_alice.post(path, SENT)):
        assert answer.status_code == 302 and answer.url.startswith("/confirm/?next=")
    assert not ApiKey.objects.exists()


# --- Of programs, and everybody's -------------------------------------------------------------------------------------


def test_an_admin_makes_keys_for_programs_and_revokes_anybodys(as_alice, alice, robot, key):
    made = as_alice.post(f"{ALL}{robot.pk}/keys/new/", {**SENT, "name": "Nightly"})
    assert made.status_code == 200
    its = ApiKey.objects.get(name="Nightly")
    assert (its.member_id, its.created_by_id) == (robot.pk, alice.pk)
    html = text(as_alice.get(ALL))
    assert "Nightly" in html and "Laptop" in html and "Carol Clark" in html
    assert as_alice.get(f"{ALL}keys/{key.pk}/").status_code == 404, "people limit their own"
    sent = {**SENT, "name": "Weekly", "version": 1}
    assert as_alice.post(f"{ALL}keys/{its.pk}/", sent).url == f"{ALL}{robot.pk}/"
    for each in (its, key):
        as_alice.post(f"{ALL}keys/{each.pk}/revoke/")
    assert not ApiKey.objects.filter(revoked_at=None).exists()


def test_keys_of_another_organisation_do_not_exist_for_its_admin(as_alice, globex, mallory):
    with organisation_scope(globex):
        key, _secret = api_keys.create(mallory, member=mallory, kind="api", name="Theirs", areas=["time"])
    assert as_alice.get(f"{ALL}keys/{key.pk}/revoke/").status_code == 404
    assert "Theirs" not in text(as_alice.get(ALL))


def test_the_audit_log_names_the_key(as_alice, alice, carol, key, acme):
    token = audit.TOKEN_ID.set(key.pk)
    try:
        api_keys.revoke(carol, key.pk)
    finally:
        audit.TOKEN_ID.reset(token)
    html = text(as_alice.get("/o/acme/settings/audit/"))
    assert "API key revoked" in html and "by key Laptop" in html
    assert "Time entries and timers" in html and key.digest not in html


def test_without_any_membership_there_is_nothing_to_make(carol):
    Membership.unscoped.filter(pk=carol.pk).update(is_active=False)
    client: Client = browser_of(carol)
    assert "Make a key" not in text(client.get(OWN))
    assert client.get(f"{OWN}new/").url == OWN
