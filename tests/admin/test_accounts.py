"""Members, people, invitations, the organisation and the trail in the admin."""

from __future__ import annotations

import datetime as dt

import pytest
from django.utils import timezone

from accounts import sessions
from accounts.models import AuditEvent, Invitation, Membership, Organisation
from accounts.tenancy import organisation_scope
from tests import factories
from tests.admin.conftest import form_of
from timetracking.services import catalogue

ROOT = "/o/acme/admin/accounts/"


def member_url(member) -> str:
    return f"{ROOT}membership/{member.pk}/change/"


@pytest.fixture
def invitation(acme, alice):
    return Invitation.objects.create(
        email="new@example.test",
        role="AGENT",
        invited_by=alice,
        token_hash="f00d" * 16,
        expires_at=timezone.now() + dt.timedelta(days=7),
    )


def test_a_role_is_changed_by_the_service(send, acme, carol):
    assert send(member_url(carol), role="MANAGER").status_code == 302
    carol.refresh_from_db()
    assert carol.role == "MANAGER"
    event = AuditEvent.objects.get()
    assert (event.action, event.changes) == ("member.role_changed", {"role": ["AGENT", "MANAGER"]})


def test_grants_and_the_work_role_are_given_by_the_service(send, acme, bob, carol):
    role = factories.WorkRoleFactory()
    assert send(member_url(bob), issues_invoices="on", default_work_role=role.pk).status_code == 302
    event = AuditEvent.objects.get()
    assert event.changes == {"issues_invoices": [False, True], "default_work_role": [None, role.pk]}
    response = send(member_url(carol), issues_invoices="on")
    assert response.status_code == 422
    assert "issue invoices" in response.context["adminform"].form.errors["issues_invoices"][0]


def test_the_last_admin_stays(send, acme, alice):
    for sent in ({"role": "AGENT"}, {"is_active": ""}):
        response = send(member_url(alice), **sent)
        assert response.status_code == 422
        assert "is the only admin" in response.content.decode()
    alice.refresh_from_db()
    assert (alice.role, alice.is_active) == ("ADMIN", True)
    assert not AuditEvent.objects.exists()


def test_a_member_is_deactivated_and_brought_back(send, acme, carol):
    assert send(member_url(carol), is_active="", role="MANAGER").status_code == 302
    carol.refresh_from_db()
    assert (carol.is_active, carol.role) == (False, "MANAGER")
    assert send(member_url(carol), is_active="on").status_code == 302
    actions = [event.action for event in AuditEvent.objects.order_by("pk")]
    assert actions == ["member.role_changed", "member.deactivated", "member.reactivated"]


def test_a_stale_member_form_changes_nothing(admin, acme, carol):
    form = form_of(admin.get(member_url(carol)))
    Membership.objects.filter(pk=carol.pk).update(version=7)
    assert admin.post(member_url(carol), {**form, "role": "ADMIN"}).status_code == 409
    carol.refresh_from_db()
    assert carol.role == "AGENT"


def test_a_foreign_line_manager_is_refused(send, acme, carol, mallory):
    response = send(member_url(carol), line_manager=mallory.pk)
    assert response.status_code == 422
    assert "Mallory" not in response.content.decode()


def test_roles_ask_for_password_and_code_after_a_while(admin, carol):
    session = admin.session
    session[sessions.PROVED] -= 16 * 60
    session.save()
    for response in (admin.get(member_url(carol)), admin.post(member_url(carol), {"role": "ADMIN"})):
        assert response.status_code == 302
        assert response.url.startswith("/confirm/?next=%2Fo%2Facme%2Fadmin%2F")


@pytest.mark.parametrize(
    "path", ["membership/add/", "user/add/", "invitation/add/", "organisation/add/", "auditevent/add/"]
)
def test_nothing_of_these_is_added_here(admin, path):
    assert admin.get(ROOT + path).status_code == 403
    assert admin.post(ROOT + path, {"email": "x@example.test"}).status_code == 403


def test_people_are_read_without_what_opens_their_account(admin, alice, carol, mallory):
    page = admin.get(f"{ROOT}user/{carol.user_id}/change/").content.decode()
    assert carol.user.email in page
    for secret in (carol.user.password, "assword", "session", "authenticator"):
        assert secret not in page
    assert 'name="_save"' not in page
    assert admin.post(f"{ROOT}user/{carol.user_id}/change/", {"email": "x@example.test"}).status_code == 403
    assert admin.get(f"{ROOT}user/{mallory.user_id}/change/").status_code == 404
    assert "mallory" not in admin.get(f"{ROOT}user/").content.decode()


@pytest.mark.parametrize(
    "query", ["password__startswith=md5", "user__password__startswith=md5", "memberships__role=ADMIN", "email__regex=a"]
)
def test_no_column_can_be_read_out_by_asking(admin, query):
    for name in ("user", "membership", "auditevent", "invitation"):
        assert admin.get(f"{ROOT}{name}/?{query}").status_code == 400


def test_an_invitation_is_revoked_by_the_service(admin, invitation):
    page = admin.get(f"{ROOT}invitation/{invitation.pk}/change/").content.decode()
    assert invitation.email in page
    assert invitation.token_hash not in page
    chosen = {"action": "revoke", "_selected_action": [invitation.pk], "index": 0}
    assert "1 invitation revoked." in admin.post(f"{ROOT}invitation/", chosen, follow=True).content.decode()
    assert AuditEvent.objects.get().action == "invitation.revoked"
    page = admin.post(f"{ROOT}invitation/", chosen, follow=True).content.decode()
    assert "New@example.test: This invitation was accepted or revoked before." in page


def test_the_organisation_is_ones_own(send, admin, acme, globex):
    url = f"{ROOT}organisation/{acme.pk}/change/"
    assert send(url, edit_window_hours=48).status_code == 302
    acme.refresh_from_db()
    assert acme.edit_window_hours == 48
    event = AuditEvent.objects.get()
    assert (event.action, event.changes) == ("organisation.settings_changed", {"edit_window_hours": [24, 48]})
    assert admin.get(f"{ROOT}organisation/{globex.pk}/change/").status_code == 404
    assert "Globex" not in admin.get(f"{ROOT}organisation/").content.decode()


@pytest.mark.parametrize(
    ("sent", "field"),
    [
        ({"time_zone": "Mars/Olympus"}, "time_zone"),
        ({"currency": "euro"}, "currency"),
        ({"edit_window_hours": "99999"}, "edit_window_hours"),
        ({"features": "nonsense"}, "features"),
        ({"default_hourly_rate": "NaN"}, "default_hourly_rate"),
        ({"lock_date": "2026-13-01"}, "lock_date"),
        ({"lock_date": "9999-12-31"}, "lock_date"),
        ({"largest_day_minutes": "0"}, "largest_day_minutes"),
        ({"approval_second": "any"}, "approval_second"),
    ],
)
def test_bad_settings_are_shown_again(send, acme, sent, field):
    response = send(f"{ROOT}organisation/{acme.pk}/change/", **sent)
    assert response.status_code == 422
    assert field in response.context["adminform"].form.errors
    assert Organisation.objects.get(pk=acme.pk).version == 1


def test_the_slug_cannot_be_sent(send, acme):
    send(f"{ROOT}organisation/{acme.pk}/change/", slug="globex", is_active="")
    acme.refresh_from_db()
    assert (acme.slug, acme.is_active) == ("acme", True)


def test_the_trail_is_read_only_and_ones_own(admin, acme, alice, globex, mallory):
    client = factories.ClientFactory(name="Old")
    catalogue.edit(alice, client, version=1, name="New")
    event = AuditEvent.objects.get()
    with organisation_scope(globex):
        catalogue.edit(mallory, factories.ClientFactory(name="Theirs"), version=1, name="Secret")
        foreign = AuditEvent.objects.get()
    url = f"{ROOT}auditevent/"
    assert "Secret" not in admin.get(url).content.decode()
    assert "New" in admin.get(f"{url}{event.pk}/change/").content.decode()
    assert admin.get(f"{url}{foreign.pk}/change/").status_code == 404
    assert admin.post(f"{url}{event.pk}/change/", {"action": "x"}).status_code == 403
    assert admin.post(f"{url}{event.pk}/delete/", {"post": "yes"}).status_code == 403


@pytest.mark.parametrize("name", ["membership", "user", "invitation", "organisation", "auditevent"])
def test_lists_cost_the_same_however_long(admin, acme, alice, invitation, count_queries, name):
    url = f"{ROOT}{name}/"
    admin.get(url)
    few = count_queries(lambda: admin.get(url))
    for at in range(4):
        member = factories.MembershipFactory(line_manager=alice)
        Invitation.objects.create(
            email=f"{at}@example.test", invited_by=member, token_hash=f"{at}" * 64, expires_at=timezone.now()
        )
        catalogue.edit(alice, factories.ClientFactory(), version=1, name=f"Client {at} of many")
    assert count_queries(lambda: admin.get(url)) == few
