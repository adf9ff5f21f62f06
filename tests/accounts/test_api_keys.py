"""API keys: who makes, limits and revokes which, and that their secret is nowhere but in their maker's hand."""

import datetime as dt

import pytest
from django.utils import timezone

from accounts.models import ApiKey, AuditEvent, Membership
from accounts.permissions import Permission, Reach, reach
from accounts.services import api_keys
from accounts.tenancy import organisation_scope
from timesheets_site.lib.errors import Conflict, DomainError, NotAllowed, OutOfReach

DAY = dt.timedelta(days=1)
LIMITS = {"name": "Script", "areas": ["time"]}


def make(actor, member=None, kind="api", **limits):
    return api_keys.create(actor, member=member or actor, kind=kind, **{**LIMITS, **limits})


def refusal(act):
    with pytest.raises(DomainError) as refused:
        act()
    return refused.value.code if hasattr(refused.value, "code") else type(refused.value).__name__


@pytest.fixture
def robot(acme, alice):
    member = api_keys.create_integration(alice, name="Payroll", role="MANAGER")
    member.organisation = acme
    return member


def test_a_key_is_stored_as_a_hash_and_told_of_without_its_secret(acme, carol):
    key, secret = make(carol)
    assert secret.startswith(f"{key.public_id}_")
    stored = str(ApiKey.objects.filter(pk=key.pk).values().get())
    event = AuditEvent.objects.get(action="api_key.created")
    assert secret.removeprefix(f"{key.public_id}_") not in stored + str(event.changes)
    assert (event.actor_id, event.changes["name"], event.changes["areas"]) == (
        carol.pk, [None, "Script"], [None, ["time"]]
    )  # fmt: skip
    assert key.digest not in str(event.changes)


@pytest.mark.parametrize("kind", ["connectwise", "intacct"])
def test_of_a_pair_only_the_private_half_is_secret(acme, carol, kind):
    key, secret = make(carol, kind=kind)
    assert key.public_id not in secret
    assert api_keys.find(kind, key.public_id, secret).pk == key.pk


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"kind": "telepathy"}, "kind_unknown"),
        ({"kind": "grow"}, "admin_needed"),
        ({"name": "  "}, "name_required"),
        ({"name": "x" * 81}, "text_too_long"),
        ({"name": "a\x00"}, "text_unreadable"),
        ({"areas": []}, "areas_required"),
        ({"areas": ["time", "everything"]}, "areas_required"),
        ({"expires_at": dt.datetime(2020, 1, 1, tzinfo=dt.UTC)}, "expires_past"),
        ({"expires_at": dt.datetime(2999, 1, 1, tzinfo=dt.UTC)}, "expires_past"),
        ({"requests_per_minute": 0}, "limit_unreadable"),
        ({"requests_per_minute": 100_001}, "limit_unreadable"),
    ],
)
def test_what_makes_no_key(acme, carol, changed, code):
    assert refusal(lambda: make(carol, **changed)) == code
    assert not ApiKey.objects.exists()


def test_people_make_their_own_keys_and_admins_those_of_programs(acme, alice, bob, carol, robot):
    with pytest.raises(OutOfReach):
        make(bob, carol)
    with pytest.raises(OutOfReach):
        make(bob, robot)
    assert refusal(lambda: make(alice, carol)) == "not_for_people"
    assert make(alice, robot)[0].member_id == robot.pk
    Membership.objects.filter(pk=robot.pk).update(is_active=False)
    assert refusal(lambda: make(alice, Membership.objects.get(pk=robot.pk))) == "member_inactive"


def test_there_are_not_endlessly_many(acme, carol, monkeypatch):
    monkeypatch.setattr(api_keys, "LIVE_KEYS", 2)
    first, _secret = make(carol)
    make(carol)
    assert refusal(lambda: make(carol)) == "too_many_keys"
    api_keys.revoke(carol, first.pk)
    make(carol)


def test_limits_change_under_the_version_that_was_seen(acme, carol):
    key, _secret = make(carol)
    new = {"name": "Phone", "areas": ["rates", "time"], "read_only": True, "expires_at": None}
    changed = api_keys.change(carol, key.pk, version=1, **new)
    assert (changed.version, changed.areas, changed.read_only) == (2, ["time", "rates"], True)
    event = AuditEvent.objects.get(action="api_key.changed")
    assert event.changes["read_only"] == [False, True]
    with pytest.raises(Conflict):
        api_keys.change(carol, key.pk, version=1, **new)
    api_keys.change(carol, key.pk, version=2, **new)
    assert AuditEvent.objects.filter(action="api_key.changed").count() == 1  # nothing was different


def test_whose_limits_are_whose(acme, alice, bob, carol, robot, globex, mallory):
    key, _secret = make(carol)
    new = {**LIMITS, "version": None, "read_only": True, "expires_at": None}
    for stranger in (bob, robot):
        with pytest.raises(OutOfReach):
            api_keys.change(stranger, key.pk, **new)
    assert refusal(lambda: api_keys.change(alice, key.pk, **new)) == "not_for_people"
    its, _secret = make(alice, robot)
    assert api_keys.change(alice, its.pk, **new).read_only
    with organisation_scope(globex), pytest.raises(OutOfReach):
        api_keys.change(mallory, key.pk, **new)


def test_revoking_is_for_ever_and_done_once(acme, alice, bob, carol, globex, mallory):
    key, secret = make(carol)
    with pytest.raises(OutOfReach):
        api_keys.revoke(bob, key.pk)
    with organisation_scope(globex), pytest.raises(OutOfReach):
        api_keys.revoke(mallory, key.pk)
    for _twice in range(2):
        assert api_keys.revoke(alice, key.pk).revoked_by_id == alice.pk
    assert AuditEvent.objects.filter(action="api_key.revoked").count() == 1
    assert api_keys.find("api", *api_keys.split(secret)) is None
    new = {**LIMITS, "version": None, "read_only": True, "expires_at": None}
    assert refusal(lambda: api_keys.change(carol, key.pk, **new)) == "key_revoked"


def test_only_the_whole_key_of_its_kind_is_found(acme, carol):
    key, secret = make(carol)
    public, own = api_keys.split(secret)
    assert api_keys.find("api", public, own).pk == key.pk
    for kind, name, text in [
        ("kimai", public, own), ("api", public, ""), ("api", "", own), ("api", public, own[:-1]),
        ("api", public, own + "a"), ("api", public.upper(), own), ("api", "ts_api_\x00", own), ("api", "x" * 25, own),
        ("api", "ts_api_\u00e9", own), ("api", public, "\ud800"), ("api", public, key.digest),
    ]:  # fmt: skip
        assert api_keys.find(kind, name, text) is None


def test_areas_leave_permissions_out_and_give_none(acme, alice, carol):
    """An agent's key with every area approves nothing; an admin's with one does only that, and makes no keys."""
    armed = api_keys.arm(make(carol, areas=list(api_keys.AREAS))[0])
    assert reach(armed, Permission.APPROVE_TIMESHEET) is Reach.NONE
    assert reach(armed, Permission.LOG_TIME) is Reach.OWN
    time, everything = make(alice, areas=["time"])[0], make(alice, areas=list(api_keys.AREAS))[0]
    armed = api_keys.arm(time)
    assert reach(armed, Permission.LOG_TIME) is Reach.ALL
    assert reach(armed, Permission.VIEW_MEMBERS) is Reach.NONE
    everything = api_keys.arm(everything)
    for permission in (Permission.MANAGE_API_KEYS, Permission.MANAGE_MEMBERS, Permission.USE_ADMIN):
        assert reach(everything, permission) is Reach.NONE
    with pytest.raises(NotAllowed):
        make(everything)


def test_use_is_noted_to_the_minute(acme, carol, count_queries):
    key, _secret = make(carol)
    api_keys.note_use(key, "127.0.0.1")
    key = ApiKey.objects.get(pk=key.pk)
    assert key.last_used_from == "127.0.0.1"
    assert count_queries(lambda: api_keys.note_use(key, "127.0.0.1")) == 0
    assert count_queries(lambda: api_keys.note_use(key, "127.0.0.2")) == 1
    key.last_used_at = timezone.now() - api_keys.USED_EVERY
    assert count_queries(lambda: api_keys.note_use(key, "127.0.0.1")) == 1


def test_a_person_finds_their_keys_of_all_organisations_and_nobody_elses(acme, alice, carol, globex, mallory):
    own, _secret = make(carol)
    make(alice)
    with organisation_scope(globex):
        member = Membership(user=carol.user, role="AGENT", display_name="Carol Clark")
        member.save()
        member.organisation = globex
        there, _secret = make(member)
        make(mallory)
    assert list(api_keys.of_person([carol, member])) == [there, own]
    assert list(api_keys.of_person([carol])) == [own]
