"""What an admin grants members beyond their role: seeing rates, issuing invoices; and what their work counts as."""

from __future__ import annotations

import pytest

from accounts.models import AuditEvent, Membership
from accounts.permissions import Permission, can
from accounts.services import members
from accounts.tenancy import organisation_scope
from tests import factories
from timesheets_site.lib.errors import NotAllowed, OutOfReach, RuleViolation
from timetracking.services import catalogue, time_entries

LIST = "/o/acme/members/"


def form_of(member, **typed):
    return {
        "role": member.role, "line_manager": "", "employee_number": "", "weekly_capacity_hours": "37.5",
        "working_weekdays": ["0", "1", "2", "3", "4"], "default_work_role": "", "version": member.version, **typed,
    }  # fmt: skip


def fresh(member):
    with organisation_scope(member.organisation_id):
        return Membership.objects.select_related("organisation", "user").get(pk=member.pk)


def test_what_is_granted_is_stored_and_recorded(acme, alice, bob):
    role = factories.WorkRoleFactory()
    members.edit(alice, bob.pk, version=bob.version, sees_rates=True, issues_invoices=True, default_work_role=role)
    event = AuditEvent.objects.get(action="member.updated")
    assert event.changes == {
        "sees_rates": [False, True],
        "issues_invoices": [False, True],
        "default_work_role": [None, role.pk],
    }
    assert can(fresh(bob), Permission.SEE_RATES) and can(fresh(bob), Permission.MANAGE_INVOICES)


def test_only_admins_grant(acme, bob, carol):
    for actor in (bob, carol):
        with pytest.raises(NotAllowed):
            members.edit(actor, actor.pk, version=actor.version, sees_rates=True)


def test_agents_issue_no_invoices_also_when_they_become_agents(acme, alice, bob, carol):
    with pytest.raises(RuleViolation) as refusal:
        members.edit(alice, carol.pk, version=carol.version, issues_invoices=True)
    assert (refusal.value.code, refusal.value.field) == ("agents_issue_none", "issues_invoices")
    issuing = members.edit(alice, bob.pk, version=bob.version, issues_invoices=True)
    with pytest.raises(RuleViolation):
        members.edit(alice, bob.pk, version=issuing.version, role="AGENT")
    members.edit(alice, bob.pk, version=issuing.version, role="AGENT", issues_invoices=False)
    assert fresh(bob).role == "AGENT"


def test_the_work_role_is_of_here_and_in_use(acme, alice, carol, globex):
    with organisation_scope(globex):
        theirs = factories.WorkRoleFactory()
    with pytest.raises(OutOfReach):
        members.edit(alice, carol.pk, version=carol.version, default_work_role=theirs)
    role = factories.WorkRoleFactory()
    given = members.edit(alice, carol.pk, version=carol.version, default_work_role=role)
    old = catalogue.archive(alice, factories.WorkRoleFactory())
    with pytest.raises(RuleViolation) as refusal:
        members.edit(alice, carol.pk, version=given.version, default_work_role=old)
    assert (refusal.value.code, refusal.value.field) == ("archived_reference", "default_work_role")
    catalogue.archive(alice, role)
    assert members.edit(alice, carol.pk, version=given.version, employee_number="E9").default_work_role == role


def test_new_time_counts_as_the_members_role(acme, alice, carol):
    role = factories.WorkRoleFactory()
    members.edit(alice, carol.pk, version=carol.version, default_work_role=role)
    ticket = factories.TicketFactory()
    entry = time_entries.log(fresh(carol), kind="TICKET", ticket=ticket, date=carol.today(), minutes=30, subject="x")
    assert entry.work_role == role


# --- The page ---------------------------------------------------------------------------------------------------------


def test_an_admin_grants_on_the_members_page(as_alice, acme, bob):
    role, path = factories.WorkRoleFactory(name="Architect"), f"{LIST}{bob.pk}/"
    page = as_alice.get(path).content.decode()
    assert "Sees rates and amounts" in page and "Issues and voids invoices" in page and "Architect" in page
    typed = form_of(bob, default_work_role=role.pk, sees_rates="on", issues_invoices="on")
    assert as_alice.post(path, typed)["Location"] == LIST
    stored = fresh(bob)
    assert (stored.default_work_role, stored.sees_rates, stored.issues_invoices) == (role, True, True)
    assert as_alice.post(path, form_of(stored)).status_code == 302
    stored = fresh(bob)
    assert (stored.default_work_role, stored.sees_rates, stored.issues_invoices) == (None, False, False)


def test_the_page_says_why_an_agent_is_not_granted_it(as_alice, carol):
    answer = as_alice.post(f"{LIST}{carol.pk}/", form_of(carol, issues_invoices="on"))
    assert answer.status_code == 422
    assert "Agents can&#x27;t issue invoices. Make Carol Clark a manager first" in answer.content.decode()
    assert not fresh(carol).issues_invoices


def test_roles_that_are_archived_or_of_others_are_not_offered(as_alice, acme, alice, carol, globex):
    with organisation_scope(globex):
        theirs = factories.WorkRoleFactory(name="Secret role")
    kept = factories.WorkRoleFactory(name="Kept role")
    stored = members.edit(alice, carol.pk, version=carol.version, default_work_role=kept)
    catalogue.archive(alice, kept)
    gone = catalogue.archive(alice, factories.WorkRoleFactory(name="Gone role"))
    page = as_alice.get(f"{LIST}{carol.pk}/").content.decode()
    assert "Kept role" in page and "Gone role" not in page and "Secret role" not in page
    for wrong in (theirs.pk, gone.pk, "x", "9" * 30):
        assert as_alice.post(f"{LIST}{carol.pk}/", form_of(stored, default_work_role=wrong)).status_code == 422


def test_a_grant_asks_for_a_fresh_sign_in(as_alice, bob):
    as_alice.get(LIST)
    session = as_alice.session
    session["signed_in_at"] -= 16 * 60
    session.save()
    answer = as_alice.post(f"{LIST}{bob.pk}/", form_of(bob, issues_invoices="on"))
    assert answer["Location"].startswith("/confirm/")
    assert not fresh(bob).issues_invoices


def test_a_grant_counts_and_ends_on_the_next_click(as_alice, as_bob, acme, alice, bob):
    agreement = factories.AgreementFactory()
    factories.AgreementRateFactory(agreement=agreement, hourly_rate=123)
    page = f"/o/acme/agreements/{agreement.pk}/"
    assert "123" not in as_bob.get(page).content.decode()
    members.edit(alice, bob.pk, version=bob.version, sees_rates=True)
    shown = as_bob.get(page).content.decode()
    assert "€123.00" in shown and "New rate" not in shown
    assert as_bob.get("/o/acme/settings/work-roles/").status_code == 403
    members.edit(alice, bob.pk, version=fresh(bob).version, sees_rates=False)
    assert "123" not in as_bob.get(page).content.decode()
