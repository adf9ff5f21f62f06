"""What a key may do follows its limits and its member, at the next request."""

import pytest

from accounts.models import AuditEvent, Membership
from accounts.services import api_keys, members

ME = "/api/v1/me"


def held(caller):
    return caller.get(ME).json()["permissions"]


def test_a_new_role_counts_at_the_next_request(program, alice, bob, acme):
    caller = program("api", bob)
    assert held(caller)["approve_timesheet"] == "all"
    members.edit(alice, bob.pk, version=bob.version, role="AGENT")
    assert "approve_timesheet" not in held(caller)
    assert held(caller)["log_time"] == "own"


def test_what_a_grant_gives_the_key_has_only_with_its_area(program, acme, carol):
    rates, time = program("api", carol, areas=["rates"]), program("api", carol, areas=["time"])
    assert "see_rates" not in held(rates)
    Membership.objects.filter(pk=carol.pk).update(sees_rates=True)
    assert held(rates)["see_rates"] == "own"
    assert "see_rates" not in held(time)


def test_new_limits_count_at_the_next_request(program, acme, carol):
    caller = program("api", carol, areas=["time"])
    new = {"name": "Test", "areas": ["records"], "read_only": True, "expires_at": None, "requests_per_minute": 3}
    api_keys.change(carol, caller.key.pk, version=1, **new)
    assert "log_time" not in held(caller)
    assert [caller.get(ME).status_code for _each in range(3)] == [200, 200, 429]


def test_a_key_that_only_reads_writes_nothing_whatever_the_method(program, carol):
    caller = program("api", carol, read_only=True)
    assert caller.get(ME).status_code == 200
    for method in ("post", "put", "patch", "delete"):
        answer = getattr(caller, method)(ME)
        assert (answer.status_code, answer.json()["code"]) == (403, "read_only")


@pytest.mark.parametrize("kind", ["kimai", "connectwise", "intacct"])
def test_a_key_of_another_format_opens_nothing_here(program, carol, kind):
    assert program(kind, carol).get(ME).status_code == 401


def test_organisations_have_a_limit_of_their_own(program, alice, carol, mallory, settings, acme):
    settings.API_REQUESTS_PER_ORGANISATION = 2
    callers = [program("api", alice), program("api", carol), program("api", alice)]
    assert [caller.get(ME).status_code for caller in callers] == [200, 200, 429]
    assert program("api", mallory).get(ME).status_code == 200


def test_a_program_is_a_caller_like_any_other(program, acme, alice):
    robot = api_keys.create_integration(alice, name="Payroll", role="AGENT")
    robot.organisation = acme
    _key, secret = api_keys.create(alice, member=robot, kind="api", name="Nightly", areas=["time"])
    caller = program("api", alice)
    caller.headers = {"Authorization": f"Bearer {secret}"}
    assert caller.get(ME).json()["member_id"] == robot.pk
    members.deactivate(alice, robot.pk)
    assert caller.get(ME).status_code == 401
    assert AuditEvent.objects.filter(action="member.deactivated", object_id=robot.pk).exists()
