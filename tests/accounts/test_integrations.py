"""Integrations: members that are programs. Nobody signs in as one, nobody is written to, and an admin is a person."""

import pytest
from django.test import Client

from accounts.models import AuditEvent, Membership, Notification, OutgoingMail
from accounts.models.user import PROGRAMS
from accounts.services import api_keys, invitations, members, notices
from tests.accounts.helpers import sign_in
from tests.cast import browser_of
from tests.factories import PASSWORD
from tests.mails import deliver
from timesheets_site.lib.errors import NotAllowed, RuleViolation

LIST = "/o/acme/settings/integrations/"


@pytest.fixture
def robot(acme, alice):
    return api_keys.create_integration(alice, name="Payroll", role="ADMIN")


def code_of(act):
    with pytest.raises(RuleViolation) as refused:
        act()
    return refused.value.code


def test_only_admins_make_one(acme, alice, bob, robot):
    event = AuditEvent.objects.get(action="member.joined")
    assert (event.actor_id, event.object_id, event.changes["is_integration"]) == (alice.pk, robot.pk, [None, True])
    assert robot.user.email.endswith(PROGRAMS)
    with pytest.raises(NotAllowed):
        api_keys.create_integration(bob, name="Payroll", role="AGENT")
    assert code_of(lambda: api_keys.create_integration(alice, name=" ", role="AGENT")) == "name_required"
    assert code_of(lambda: api_keys.create_integration(alice, name="Payroll", role="OWNER")) == "role_unknown"


@pytest.mark.parametrize("password", ["", "!", PASSWORD])
def test_nobody_signs_in_as_one(robot, password):
    assert not robot.user.has_usable_password()
    assert sign_in(Client(), robot.user.email, password).status_code == 422
    robot.user.set_password(PASSWORD)  # even if it had one
    robot.user.save()
    assert sign_in(Client(), robot.user.email).status_code == 422


def test_a_session_of_one_opens_nothing(robot):
    assert browser_of(robot).get("/o/acme/timesheets/").status_code == 302
    assert browser_of(robot).get("/me/").status_code == 302


def test_it_is_sent_no_mail_and_told_nothing(acme, alice, robot, django_capture_on_commit_callbacks):
    Client().post("/password/reset/", {"email": robot.user.email})
    assert deliver() == []
    notices.tell([notices.Notice(robot, "timer.forgotten", {})], actor=alice)
    assert not Notification.objects.exists() and not OutgoingMail.objects.filter(member=robot).exists()


def test_it_is_invited_nowhere(robot, mallory, globex, alice):
    def address(path):
        return f"http://testserver{path}"

    assert code_of(lambda: invitations.send(alice, email=robot.user.email, role="AGENT", address=address)) == (
        "not_a_person"
    )


def test_it_is_no_last_admin(acme, alice, robot):
    """Beside a program alone, the one admin who is a person stays; a program may always go."""
    assert code_of(lambda: members.edit(alice, alice.pk, version=alice.version, role="AGENT")) == "last_admin"
    assert code_of(lambda: members.deactivate(alice, alice.pk)) == "last_admin"
    assert members.edit(alice, robot.pk, version=robot.version, role="AGENT").role == "AGENT"
    assert not members.deactivate(alice, robot.pk).is_active


def test_it_is_renamed_by_admins_and_people_by_themselves(acme, alice, carol, robot):
    named = members.edit(alice, robot.pk, version=robot.version, display_name=" Payroll 2 ")
    named.user.refresh_from_db()
    assert (named.display_name, named.user.name) == ("Payroll 2", "Payroll 2")
    assert AuditEvent.objects.get(action="member.updated").changes == {"display_name": ["Payroll", "Payroll 2"]}
    for name, code in (("", "name_required"), ("x" * 151, "text_too_long")):
        assert code_of(lambda name=name: members.edit(alice, robot.pk, version=None, display_name=name)) == code
    assert code_of(lambda: members.edit(alice, carol.pk, version=None, display_name="Caroline")) == "name_is_theirs"


def test_it_leads_nobody(acme, alice, carol, robot):
    assert code_of(lambda: members.edit(alice, carol.pk, version=None, line_manager=robot)) == "no_manager"


def test_keys_of_the_grow_format_act_as_a_person(acme, alice, robot):
    Membership.objects.filter(pk=alice.pk).update(is_active=False)
    assert api_keys.main_administrator(acme) is None


# --- Pages ------------------------------------------------------------------------------------------------------------


def test_it_is_added_named_and_switched_off(as_alice, acme):
    page = as_alice.get(f"{LIST}new/")
    sent = {"display_name": "Payroll", "role": "MANAGER", "key": page.context["form"]["key"].value()}
    first, again = (as_alice.post(f"{LIST}new/", sent) for _twice in range(2))
    robot = Membership.objects.get(is_integration=True)
    assert first.url == again.url == f"{LIST}{robot.pk}/"
    assert as_alice.post(first.url, {"display_name": "Payroll 2", "role": "AGENT", "version": 1}).status_code == 302
    stale = as_alice.post(first.url, {"display_name": "Payroll 3", "role": "AGENT", "version": 1})
    assert stale.status_code == 409
    assert "Payroll 3" in stale.content.decode() and "Name: Payroll 2" in stale.content.decode()
    off = as_alice.post(f"/o/acme/members/{robot.pk}/deactivate/")
    assert off.url == first.url
    html = as_alice.get(first.url).content.decode()
    assert "Deactivated" in html and "Make a key" not in html
    assert as_alice.post(f"/o/acme/members/{robot.pk}/reactivate/").url == first.url


def test_among_members_it_is_called_what_it_is(as_alice, as_bob, robot):
    for client in (as_alice, as_bob):
        html = client.get("/o/acme/members/").content.decode()
        assert "Integration</span>" in html and PROGRAMS not in html
    assert as_alice.get(f"/o/acme/members/{robot.pk}/").url == f"{LIST}{robot.pk}/"
    html = as_bob.get(f"/o/acme/members/{robot.pk}/").content.decode()
    assert "Integration</span>" in html and PROGRAMS not in html


def test_a_person_is_no_integration(as_alice, carol):
    for path in (f"{LIST}{carol.pk}/", f"{LIST}{carol.pk}/keys/new/"):
        assert as_alice.get(path).status_code == 404
