"""An organisation's settings and its audit log."""

import datetime as dt

import pytest
from django.utils import timezone

from accounts import audit
from accounts.models import AuditEvent, Organisation
from accounts.services import organisations
from tests import factories
from tests.accounts.helpers import authenticator
from timesheets_site.lib.errors import Conflict, NotAllowed, RuleViolation

GENERAL, POLICIES, SECURITY, AUDIT = (f"/o/acme/settings/{name}" for name in ("", "policies/", "security/", "audit/"))


@pytest.fixture
def stored(acme_organisation):
    return lambda: Organisation.objects.get(pk=acme_organisation.pk)


def general(**typed):
    return {
        "version": 1,
        "name": "Acme",
        "time_zone": "Europe/London",
        "first_weekday": 0,
        "timesheets": "on",
        **typed,
    }


def test_general_settings_are_stored_and_recorded(as_alice, stored, acme):
    answer = as_alice.post(
        GENERAL,
        general(name="Acme Ltd", time_zone="Asia/Tokyo", first_weekday=6, default_hourly_rate="90.5"),
    )
    assert answer["Location"] == GENERAL
    now = stored()
    assert (now.name, now.time_zone, now.first_weekday) == ("Acme Ltd", "Asia/Tokyo", 6)
    assert (now.default_hourly_rate, now.version) == (None, 2)  # which is asked for among what is billed
    event = AuditEvent.objects.get(action="organisation.settings_changed")
    assert event.changes["time_zone"] == ["Europe/London", "Asia/Tokyo"]
    assert "Last changed by Alice Adams" in as_alice.get(GENERAL).content.decode()


def test_saving_without_a_change_records_nothing(as_alice, acme):
    as_alice.post(GENERAL, general())
    assert not AuditEvent.objects.exists()


def test_timesheets_can_be_off(as_alice, as_bob, stored):
    as_alice.post(GENERAL, {name: value for name, value in general().items() if name != "timesheets"})
    assert stored().features == []
    assert as_bob.get("/o/acme/timesheets/").status_code == 404
    assert as_bob.get("/")["Location"] == "/switch/"
    assert "Timesheets is turned off" in as_bob.get("/switch/").content.decode()
    assert GENERAL in as_alice.get("/switch/").content.decode()
    as_alice.post(GENERAL, general(version=2))
    assert as_bob.get("/o/acme/timesheets/").status_code == 200


def test_the_first_weekday_is_fixed_by_the_first_timesheet(as_alice, alice, acme, stored):
    factories.TimesheetFactory(member=alice)
    page = as_alice.get(GENERAL)
    assert "Fixed, since there are timesheets already." in page.content.decode()
    as_alice.post(GENERAL, general(first_weekday=6))
    assert stored().first_weekday == 0
    with pytest.raises(RuleViolation) as refusal:
        organisations.edit(alice, version=stored().version, first_weekday=6)
    assert refusal.value.code == "weekday_fixed"


@pytest.mark.parametrize(
    ("path", "typed"),
    [
        (GENERAL, general(name="")),
        (GENERAL, general(name="a\x00")),
        (GENERAL, general(time_zone="Mars/Olympus")),
        (GENERAL, general(first_weekday="7")),
        (GENERAL, general(version="")),
    ],
)
def test_bad_input_gets_the_form_again(as_alice, stored, path, typed):
    assert as_alice.post(path, typed).status_code == 422
    assert stored().version == 1


def test_a_stale_form_shows_both_versions(as_alice, stored):
    as_alice.post(GENERAL, general(name="Acme One"))
    stale = as_alice.post(GENERAL, general(name="Acme Two"))
    assert stale.status_code == 409
    page = stale.content.decode()
    assert "Acme One" in page
    assert 'value="Acme Two"' in page
    as_alice.post(GENERAL, general(name="Acme Two", version=stale.context["form"]["version"].value()))
    assert stored().name == "Acme Two"


def test_who_demands_a_second_factor_has_one(as_alice, alice, stored, acme):
    assert "You have no two-step sign-in yourself" in as_alice.get(SECURITY).content.decode()
    answer = as_alice.post(SECURITY, {"version": 1, "require_second_factor": "on"})
    assert answer.status_code == 422
    assert "Set up two-step sign-in for yourself first." in answer.content.decode()
    authenticator(alice.user)
    organisations.edit(alice, version=1, require_second_factor=True)
    assert stored().require_second_factor


def test_only_admins_change_settings(as_bob, as_carol, as_mallory, acme, bob, alice, stored):
    for path in (GENERAL, POLICIES, SECURITY, AUDIT):
        assert as_bob.get(path).status_code == as_carol.get(path).status_code == 403
        assert as_mallory.get(path).status_code == 404
    assert as_bob.post(GENERAL, general(name="Bob's")).status_code == 403
    assert as_mallory.post(GENERAL, general(name="Mallory's")).status_code == 404
    with pytest.raises(NotAllowed):
        organisations.edit(bob, version=1, name="Bob's")
    with pytest.raises(Conflict):
        organisations.edit(alice, version=7, name="Alice's")
    assert stored().name == "Acme"


# --- Audit log --------------------------------------------------------------------------------------------------------


@pytest.fixture
def history(acme, alice, bob):
    """Two events of Alice's and one of Bob's, on three days."""
    from django.db import transaction

    with transaction.atomic():
        for actor, action in ((alice, "member.updated"), (bob, "member.joined"), (alice, "custom.event")):
            audit.record(actor, action, actor, changes={"role": ("AGENT", "<b>ADMIN</b>")})


def shown(client, **query):
    return [(row.who, row.what) for row in client.get(AUDIT, query).context["rows"]]


def test_the_log_is_filtered_by_member_action_and_days(as_alice, alice, bob, history):
    everything = [("Alice Adams", "custom.event"), ("Bob Brown", "Member joined"), ("Alice Adams", "Member changed")]
    assert shown(as_alice) == everything
    assert shown(as_alice, member=bob.pk) == everything[1:2]
    assert shown(as_alice, action="member.updated") == everything[2:]
    today = alice.today()
    assert shown(as_alice, first=today, last=today) == everything
    assert shown(as_alice, last=today - dt.timedelta(days=1)) == []
    assert shown(as_alice, first=today + dt.timedelta(days=1)) == []
    page = as_alice.get(AUDIT).content.decode()
    assert "&lt;b&gt;ADMIN" in page


def test_the_days_are_those_of_who_looks(as_alice, alice, acme, history):
    type(alice.user).objects.filter(pk=alice.user_id).update(time_zone="Pacific/Kiritimati")
    there = (timezone.now() + dt.timedelta(hours=14)).date()
    assert len(shown(as_alice, first=there, last=there)) == 3


@pytest.mark.parametrize(
    "query",
    [
        {"member": "x"},
        {"member": "99999999999999999999999"},
        {"action": "nothing.known"},
        {"first": "2026-02-30"},
        {"first": "2026-02-03", "last": "2026-02-01"},
        {"last": "9999-12-31"},
    ],
)
def test_odd_filters_break_nothing(as_alice, history, query):
    assert as_alice.get(AUDIT, query).status_code in (200, 422)


def test_members_of_others_are_no_filter(as_alice, mallory, history):
    assert as_alice.get(AUDIT, {"member": mallory.pk}).status_code == 422


def test_the_log_costs_the_same_however_long(as_alice, alice, acme, history, count_queries):
    from django.db import transaction

    as_alice.get(AUDIT)
    few = count_queries(lambda: as_alice.get(AUDIT))
    with transaction.atomic():
        for _ in range(60):
            audit.record(alice, "member.updated", factories.MembershipFactory(), changes={"role": ("A", "B")})
    assert count_queries(lambda: as_alice.get(AUDIT)) == few
    assert len(as_alice.get(AUDIT, {"page": 2}).context["rows"]) == 13
