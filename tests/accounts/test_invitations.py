"""Invitations: the secret is in the mail alone, works once, and joins only the one who was meant."""

import datetime as dt

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import AuditEvent, Invitation, Membership, OutgoingMail, User
from accounts.services import invitations
from accounts.tenancy import organisation_scope
from tests.accounts.helpers import at_once, authenticator, sign_in
from tests.factories import PASSWORD
from tests.mails import deliver, link_in
from timesheets_site.lib.errors import NotAllowed, OutOfReach, RuleViolation

PAGE = "/o/acme/settings/invitations/"
NEW = "a much better battery"


@pytest.fixture
def invite(as_alice):
    def send(email="dan@acme.test", role="MANAGER"):
        assert as_alice.post(PAGE, {"email": email, "role": role}).status_code == 302
        return link_in_mail()

    return send


def link_in_mail():
    return link_in(deliver()[-1])


def events():
    return list(AuditEvent.objects.order_by("pk").values_list("action", flat=True))


def address(path):
    return f"http://testserver{path}"


def test_the_secret_is_only_in_the_mail(invite, acme, as_alice):
    link = invite()
    token = link.split("/")[2]
    assert len(token) >= 43  # 256 bits
    stored = Invitation.objects.get()
    assert token not in f"{stored.__dict__}{events()}{list(AuditEvent.objects.values())}"
    assert token not in as_alice.get(PAGE).content.decode()
    (sent,) = deliver()
    assert sent.to == ["dan@acme.test"]
    assert sent.subject == "Alice Adams invites you to Acme"
    assert "as Manager" in sent.body
    assert OutgoingMail.objects.get().values == {}  # the secret has gone with the mail
    assert AuditEvent.objects.get().changes == {"role": [None, "MANAGER"]}


def test_somebody_new_makes_an_account_and_joins(invite, acme):
    link = invite("Dan@Acme.test")
    browser = Client()
    assert "Your name" in browser.get(link).content.decode()
    for typed in (
        {"name": "", "password": NEW},
        {"name": "Dan", "password": "short"},
        {"name": "a\x00", "password": NEW},
    ):
        assert browser.post(link, typed).status_code == 422
    assert not User.objects.filter(email="dan@acme.test").exists()
    assert browser.post(link, {"name": "Dan Day", "password": NEW})["Location"] == "/o/acme/timesheets/"
    member = Membership.objects.get(user__email="dan@acme.test")
    assert (member.role, member.display_name) == ("MANAGER", "Dan Day")
    assert browser.get("/o/acme/timesheets/").status_code == 200
    assert events() == ["invitation.sent", "member.joined", "invitation.accepted"]
    assert Client().get(link).status_code == 404
    assert Client().post(link, {"name": "Eve", "password": NEW}).status_code == 404


def test_who_has_an_account_signs_in_and_joins(invite, acme, mallory):
    link = invite(mallory.user.email, "AGENT")
    browser = Client()
    assert f"/login/?next={link}" in browser.get(link).content.decode()
    assert browser.post(link, {"name": "Mallory", "password": NEW}).status_code == 200  # no second account
    sign_in(browser, mallory.user.email)
    assert "Join Acme" in browser.get(link).content.decode()
    assert browser.post(link)["Location"] == "/o/acme/timesheets/"
    assert Membership.objects.get(user=mallory.user).role == "AGENT"


def test_another_account_cannot_join_with_it(invite, as_carol, acme):
    link = invite()
    assert "You are signed in as carol@acme.test" in as_carol.get(link).content.decode()
    as_carol.post(link)
    assert Invitation.objects.get().accepted_at is None
    with pytest.raises(RuleViolation) as refusal:
        invitations.accept(link.split("/")[2], User.objects.get(email="carol@acme.test"))
    assert refusal.value.code == "other_address"


def test_who_owes_a_code_gives_it_first(invite, mallory, acme):
    link = invite(mallory.user.email)
    authenticator(mallory.user)
    browser = Client()
    sign_in(browser, mallory.user.email)
    assert browser.post(link)["Location"] == f"/login/code/?next={link}"
    assert not Membership.objects.filter(user=mallory.user).exists()


def test_expired_revoked_and_made_up_links_are_one(invite, as_alice, acme):
    link = invite()
    Invitation.objects.update(expires_at=timezone.now())
    assert Client().get(link).status_code == 404
    Invitation.objects.update(expires_at=timezone.now() + dt.timedelta(days=1))
    assert Client().get(link).status_code == 200
    as_alice.post(f"{PAGE}{Invitation.objects.get().pk}/revoke/")
    for path in (link, "/invite/made-up/", f"/invite/{'x' * 2000}/"):
        assert Client().get(path).status_code == 404
    assert "invitation.revoked" in events()


def test_sending_again_replaces_the_link(invite, as_alice, acme):
    old = invite()
    Invitation.objects.update(expires_at=timezone.now())
    assert "Expired" in as_alice.get(PAGE).content.decode()
    as_alice.post(f"{PAGE}{Invitation.objects.get().pk}/resend/")
    assert Client().get(old).status_code == 404
    assert Client().get(link_in_mail()).status_code == 200


@pytest.mark.parametrize(
    ("email", "text"),
    [
        ("carol@acme.test", "is a member of Acme already"),
        ("gone@acme.test", "An admin can reactivate them"),
        ("open@acme.test", "has an open invitation"),
        ("no address", "Enter an e-mail address"),
        ("a\x00@acme.test", ""),
        (f"{'a' * 300}@acme.test", ""),
    ],
)
def test_refused_invitations(as_alice, carol, acme, invite, email, text):
    from tests import factories

    factories.MembershipFactory(user__email="gone@acme.test", is_active=False)
    invite("open@acme.test")
    answer = as_alice.post(PAGE, {"email": email, "role": "AGENT"})
    assert answer.status_code == 422
    assert text in answer.content.decode()


def test_an_unknown_role_is_refused(as_alice):
    assert as_alice.post(PAGE, {"email": "dan@acme.test", "role": "OWNER"}).status_code == 422


def test_a_deactivated_member_is_told_when_accepting(invite, acme, mallory, alice):
    from accounts.services import members

    link = invite(mallory.user.email)
    browser = Client()
    sign_in(browser, mallory.user.email)
    browser.post(link)
    with organisation_scope(acme):
        member = Membership.objects.get(user=mallory.user)
        members.deactivate(alice, member.pk)
        Invitation.objects.update(accepted_at=None)
    answer = browser.post(link)
    assert answer.status_code == 422
    assert "is deactivated" in answer.content.decode()


def test_a_double_click_sends_one(as_alice, acme):
    key = as_alice.get(PAGE).context["form"]["key"].value()
    for _ in range(2):
        assert as_alice.post(PAGE, {"email": "dan@acme.test", "role": "AGENT", "key": key}).status_code == 302
    assert Invitation.objects.count() == 1
    assert len(deliver()) == 1


def test_only_admins_invite(acme, bob, alice, as_bob, as_carol):
    invitation = invitations.send(alice, email="dan@acme.test", role="AGENT", address=address)
    for act in (
        lambda: invitations.send(bob, email="eve@acme.test", role="AGENT", address=address),
        lambda: invitations.resend(bob, invitation.pk, address=address),
        lambda: invitations.revoke(bob, invitation.pk),
    ):
        with pytest.raises(NotAllowed):
            act()
    for client in (as_bob, as_carol):
        assert client.get(PAGE).status_code == 403
        assert client.post(f"{PAGE}{invitation.pk}/revoke/").status_code == 403


def test_invitations_of_another_organisation_do_not_exist(acme, alice, mallory, as_mallory):
    invitation = invitations.send(alice, email="dan@acme.test", role="AGENT", address=address)
    with organisation_scope(mallory.organisation):
        with pytest.raises(OutOfReach):
            invitations.revoke(mallory, invitation.pk)
        invitations.send(mallory, email="dan@acme.test", role="AGENT", address=address)  # no clash across the wall
    for verb in ("resend", "revoke"):
        assert as_mallory.post(f"{PAGE}{invitation.pk}/{verb}/").status_code == 404
        assert as_mallory.post(f"/o/globex/settings/invitations/{invitation.pk}/{verb}/").status_code == 404


def test_a_closed_invitation_is_not_sent_again(acme, alice, as_alice):
    invitation = invitations.send(alice, email="dan@acme.test", role="AGENT", address=address)
    invitations.revoke(alice, invitation.pk)
    with pytest.raises(RuleViolation) as refusal:
        invitations.resend(alice, invitation.pk, address=address)
    assert refusal.value.code == "invitation_closed"
    assert "before" in as_alice.post(f"{PAGE}{invitation.pk}/revoke/", follow=True).content.decode()


@pytest.mark.django_db(transaction=True)
def test_accepting_twice_at_once_joins_once(acme_organisation, alice):
    with organisation_scope(acme_organisation):
        invitations.send(alice, email="dan@acme.test", role="AGENT", address=address)
    token = link_in_mail().split("/")[2]
    join = lambda: invitations.accept_as_new(token, name="Dan", password=PASSWORD)  # noqa: E731
    results = at_once(join, join, join)
    assert [type(result) for result in results].count(User) == 1
    with organisation_scope(acme_organisation):
        assert Membership.objects.filter(user__email="dan@acme.test").count() == 1


def test_the_page_costs_the_same_however_many(as_alice, alice, acme, count_queries):
    invitations.send(alice, email="dan@acme.test", role="AGENT", address=address)
    as_alice.get(PAGE)
    few = count_queries(lambda: as_alice.get(PAGE))
    for n in range(20):
        invitations.send(alice, email=f"dan{n}@acme.test", role="AGENT", address=address)
    assert count_queries(lambda: as_alice.get(PAGE)) == few
