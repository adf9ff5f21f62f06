"""Members: who reads, who changes, and that an organisation keeps an admin."""

import pytest

from accounts.models import AuditEvent, Membership, OneTimeKey, User
from accounts.services import members
from accounts.tenancy import organisation_scope
from tests import factories
from tests.accounts.helpers import at_once
from timesheets_site.lib.errors import Conflict, NotAllowed, OutOfReach, RuleViolation

LIST = "/o/acme/members/"


def form_of(member, **typed):
    return {
        "role": member.role,
        "line_manager": "",
        "employee_number": "",
        "weekly_capacity_hours": "37.5",
        "working_weekdays": ["0", "1", "2", "3", "4"],
        "version": member.version,
        **typed,
    }


def fresh(member):
    with organisation_scope(member.organisation_id):
        return Membership.objects.get(pk=member.pk)


def events():
    return list(AuditEvent.objects.order_by("pk").values_list("action", "object_id"))


# --- Services ---------------------------------------------------------------------------------------------------------


def test_an_admin_changes_a_member(acme, alice, bob, carol):
    members.edit(
        alice,
        carol.pk,
        version=carol.version,
        role="MANAGER",
        line_manager=bob,
        employee_number="E7",
        weekly_capacity_minutes=1200,
    )
    changed = fresh(carol)
    assert (changed.role, changed.line_manager, changed.employee_number) == ("MANAGER", bob, "E7")
    assert changed.version == carol.version + 1
    event = AuditEvent.objects.get(action="member.role_changed")
    assert event.changes == {"role": ["AGENT", "MANAGER"]}
    assert AuditEvent.objects.get(action="member.updated").changes["line_manager"] == [None, bob.pk]


def test_only_admins_change_members(acme, alice, bob, carol):
    for actor in (bob, carol):
        for act in (
            lambda actor=actor: members.edit(actor, alice.pk, version=1, role="AGENT"),
            lambda actor=actor: members.deactivate(actor, alice.pk),
            lambda actor=actor: members.reactivate(actor, alice.pk),
        ):
            with pytest.raises(NotAllowed):
                act()


def test_members_of_other_organisations_do_not_exist(acme, alice, mallory):
    with pytest.raises(OutOfReach):
        members.edit(alice, mallory.pk, version=1, role="AGENT")
    with pytest.raises(OutOfReach):
        members.deactivate(alice, mallory.pk)


def test_a_stale_version_is_refused(acme, alice, carol):
    members.edit(alice, carol.pk, version=carol.version, role="MANAGER")
    with pytest.raises(Conflict):
        members.edit(alice, carol.pk, version=carol.version, role="AGENT")


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        (lambda carol, bob: {"line_manager": carol}, "manages_self"),
        (lambda carol, bob: {"line_manager": factories.MembershipFactory()}, "no_manager"),
        (lambda carol, bob: {"employee_number": "E1"}, "number_taken"),
    ],
)
def test_refusals(acme, alice, bob, carol, fields, code):
    Membership.objects.filter(pk=bob.pk).update(employee_number="E1")
    with pytest.raises(RuleViolation) as refusal:
        members.edit(alice, carol.pk, version=carol.version, **fields(carol, bob))
    assert refusal.value.code == code


def test_the_last_admin_stays(acme, alice, bob):
    for act in (
        lambda: members.edit(alice, alice.pk, version=fresh(alice).version, role="MANAGER"),
        lambda: members.deactivate(alice, alice.pk),
    ):
        with pytest.raises(RuleViolation) as refusal:
            act()
        assert refusal.value.code == "last_admin"
    sleeping = factories.MembershipFactory(role="ADMIN", user__is_active=False)
    assert sleeping.is_active
    with pytest.raises(RuleViolation):
        members.deactivate(alice, alice.pk)  # an admin who cannot sign in is none
    members.edit(alice, bob.pk, version=bob.version, role="ADMIN")
    members.deactivate(alice, alice.pk)


def test_deactivating_twice_is_once(acme, alice, carol):
    members.deactivate(alice, carol.pk)
    members.deactivate(alice, carol.pk)
    members.reactivate(alice, carol.pk)
    assert events() == [("member.deactivated", carol.pk), ("member.reactivated", carol.pk)]


@pytest.mark.django_db(transaction=True)
def test_two_admins_who_demote_each_other_leave_one(acme_organisation, alice, bob):
    with organisation_scope(acme_organisation):
        Membership.objects.filter(pk=bob.pk).update(role="ADMIN")
    bob.role = "ADMIN"

    def demote(actor, other):
        with organisation_scope(acme_organisation):
            return members.edit(actor, other.pk, version=other.version, role="AGENT")

    def shut_out(actor, other):
        with organisation_scope(acme_organisation):
            return members.deactivate(actor, other.pk)

    results = at_once(lambda: demote(alice, bob), lambda: shut_out(bob, alice))
    assert sorted(type(result).__name__ for result in results) == ["Membership", "RuleViolation"]
    with organisation_scope(acme_organisation):
        assert Membership.objects.filter(role="ADMIN", is_active=True).count() == 1


# --- Pages ------------------------------------------------------------------------------------------------------------


def test_managers_read_the_list_and_change_nothing(as_bob, as_carol, carol, alice):
    page = as_bob.get(LIST).content.decode()
    assert "Carol Clark" in page
    assert "invitations" not in page
    assert as_carol.get(LIST).status_code == 403
    path = f"{LIST}{carol.pk}/"
    assert "carol@acme.test" in as_bob.get(path).content.decode()
    assert as_bob.post(path, form_of(carol, role="ADMIN")).status_code == 403
    assert as_bob.post(f"{path}deactivate/").status_code == 403
    assert fresh(carol).role == "AGENT"


def test_an_admin_edits_a_member(as_alice, carol, bob):
    path = f"{LIST}{carol.pk}/"
    assert as_alice.get(path).status_code == 200
    answer = as_alice.post(path, form_of(carol, role="MANAGER", line_manager=bob.pk, weekly_capacity_hours="20,5"))
    assert answer.status_code == 422
    answer = as_alice.post(path, form_of(carol, role="MANAGER", line_manager=bob.pk, weekly_capacity_hours="20.5"))
    assert answer["Location"] == LIST
    assert (fresh(carol).role, fresh(carol).weekly_capacity_minutes) == ("MANAGER", 1230)


@pytest.mark.parametrize(
    "typed",
    [
        {"role": "OWNER"},
        {"role": ""},
        {"line_manager": "999999999999999999999999"},
        {"line_manager": "x\x00"},
        {"employee_number": "9" * 41},
        {"employee_number": "\x00"},
        {"weekly_capacity_hours": "169"},
        {"weekly_capacity_hours": "-1"},
        {"weekly_capacity_hours": "NaN"},
        {"weekly_capacity_hours": "1" * 4000},
        {"version": ""},
        {"version": "9" * 400},
    ],
)
def test_bad_input_gets_the_form_again(as_alice, carol, typed):
    assert as_alice.post(f"{LIST}{carol.pk}/", form_of(carol, **typed)).status_code == 422
    assert fresh(carol).version == carol.version


def test_a_line_manager_of_another_organisation_is_unknown(as_alice, carol, mallory):
    answer = as_alice.post(f"{LIST}{carol.pk}/", form_of(carol, line_manager=mallory.pk))
    assert answer.status_code == 422


def test_a_stale_form_shows_both_versions(as_alice, carol):
    path = f"{LIST}{carol.pk}/"
    as_alice.post(path, form_of(carol, employee_number="E1"))
    stale = as_alice.post(path, form_of(carol, employee_number="E2"))
    assert stale.status_code == 409
    page = stale.content.decode()
    assert "E1" in page
    assert 'value="E2"' in page
    again = as_alice.post(path, form_of(carol, employee_number="E2", version=stale.context["form"]["version"].value()))
    assert again.status_code == 302
    assert fresh(carol).employee_number == "E2"


def test_changing_a_member_asks_for_a_fresh_sign_in(as_alice, carol):
    as_alice.get(LIST)
    session = as_alice.session
    session["signed_in_at"] -= 16 * 60
    session.save()
    assert as_alice.post(f"{LIST}{carol.pk}/", form_of(carol, role="ADMIN"))["Location"].startswith("/confirm/")
    assert fresh(carol).role == "AGENT"


def test_deactivation_counts_on_the_next_click_and_can_be_undone(as_alice, as_carol, carol):
    assert as_carol.get("/o/acme/timesheets/").status_code == 200
    page = as_alice.post(f"{LIST}{carol.pk}/deactivate/", follow=True)
    assert f"{LIST}{carol.pk}/reactivate/" in page.content.decode()
    assert as_carol.get("/o/acme/timesheets/").status_code == 404
    as_alice.post(f"{LIST}{carol.pk}/reactivate/")
    assert as_carol.get("/o/acme/timesheets/").status_code == 200


def test_the_page_says_why_the_last_admin_stays(as_alice, alice):
    page = as_alice.post(f"{LIST}{alice.pk}/deactivate/", follow=True)
    assert "is the only admin" in page.content.decode()
    answer = as_alice.post(f"{LIST}{alice.pk}/", form_of(alice, role="AGENT"))
    assert answer.status_code == 422
    assert "is the only admin" in answer.content.decode()


def test_outsiders_find_nothing(as_mallory, as_alice, carol, mallory):
    for path in (LIST, f"{LIST}{carol.pk}/", "/o/acme/settings/", "/o/acme/settings/audit/"):
        assert as_mallory.get(path).status_code == 404
    for path in (f"{LIST}{carol.pk}/deactivate/", f"{LIST}{carol.pk}/reactivate/"):
        assert as_mallory.post(path).status_code == 404
    for path in (f"{LIST}{mallory.pk}/", f"{LIST}99999999999999999999999/"):
        assert as_alice.get(path).status_code == 404
    assert as_alice.post(f"{LIST}{mallory.pk}/deactivate/").status_code == 404
    assert fresh(mallory).is_active


def test_the_list_costs_the_same_however_many(as_alice, acme, count_queries):
    as_alice.get(LIST)
    few = count_queries(lambda: as_alice.get(LIST))
    boss = factories.MembershipFactory(role="MANAGER")
    factories.MembershipFactory.create_batch(45, line_manager=boss)
    assert count_queries(lambda: as_alice.get(LIST)) == few


def test_the_list_is_found_by_name_and_paged(as_alice, acme):
    factories.MembershipFactory.create_batch(60)
    assert len(as_alice.get(LIST).context["page_of_rows"]) == 50
    found = as_alice.get(LIST, {"q": "alice"}).context["page_of_rows"]
    assert [member.display_name for member in found] == ["Alice Adams"]
    for odd in ({"page": "x"}, {"page": "9" * 50}, {"q": "%_\\' or 1=1"}, {"q": "x" * 5000}):
        assert as_alice.get(LIST, odd).status_code == 200


# --- Own settings -----------------------------------------------------------------------------------------------------


def test_a_person_changes_name_zone_and_look(as_carol, carol):
    assert as_carol.post("/me/", {"name": "Carol Cole", "email": "other@acme.test"}).status_code == 302
    assert as_carol.post("/me/region/", {"time_zone": "Asia/Tokyo"}).status_code == 302
    assert as_carol.post("/me/appearance/", {"theme": "dark"}).status_code == 302
    user = User.objects.get(pk=carol.user_id)
    assert (user.name, user.time_zone, user.theme, user.single_key_shortcuts) == (
        "Carol Cole",
        "Asia/Tokyo",
        "dark",
        False,
    )
    assert user.email == "carol@acme.test"
    assert fresh(carol).display_name == "Carol Cole"
    with organisation_scope(carol.organisation):
        event = AuditEvent.objects.filter(action="user.profile_changed").earliest("pk")
        assert event.changes == {"name": ["***", "***"]}


@pytest.mark.parametrize(
    ("path", "typed"),
    [
        ("/me/", {"name": ""}),
        ("/me/", {"name": "x" * 151}),
        ("/me/", {"name": "a\x00"}),
        ("/me/region/", {"time_zone": "Mars/Olympus"}),
        ("/me/appearance/", {"theme": "pink"}),
    ],
)
def test_bad_own_settings_get_the_form_again(as_carol, path, typed):
    assert as_carol.post(path, typed).status_code == 422


def test_no_key_is_left_by_a_refused_form(as_alice, acme, bob):
    as_alice.post("/o/acme/settings/invitations/", {"email": bob.user.email, "role": "AGENT", "key": "k" * 22})
    assert not OneTimeKey.objects.exists()
