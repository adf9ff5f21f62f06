"""Who gets into the admin: an admin of that organisation, with a second factor, and nobody else."""

from __future__ import annotations

import pytest
from django.contrib import admin as django_admin
from django.contrib.admin.models import LogEntry
from django.test import Client
from django.urls import get_script_prefix

from accounts.models import Organisation
from tests.admin.conftest import verified
from tests.cast import browser_of

INDEX = "/o/acme/admin/"
PAGES = [
    f"{model._meta.app_label}/{model._meta.model_name}/{rest}"
    for model in django_admin.site._registry
    for rest in ("", "add/", "1/change/", "1/delete/", "1/history/", "1/")
] + ["", "autocomplete/", "jsi18n/", "accounts/", "timetracking/", "nowhere/"]
PRODUCT = ["activity", "agreement", "agreementrate", "approvalevent", "approvalhandover", "chargecode", "client",
           "invoice", "periodreopening", "project", "task", "ticket", "timeentry", "timer", "timesheet",
           "unplacedpiece", "workrole", "workrolerate", "worktype"]  # fmt: skip


def test_an_admin_enters(admin):
    response = admin.get(INDEX)
    assert response.status_code == 200
    assert b"Acme: admin" in response.content
    assert b'href="/o/acme/admin/timetracking/client/"' in response.content
    assert b'href="/o/acme/timesheets/"' in response.content
    assert b'action="/logout/"' in response.content
    assert get_script_prefix() == "/"


def answers(client: Client) -> dict[tuple[str, str], int]:
    """What each page of the admin answers to each method."""
    return {(method, path): getattr(client, method)(INDEX + path).status_code
            for path in PAGES for method in ("get", "post")}  # fmt: skip


def test_outsiders_find_nothing(outsider, alice):
    assert {asked: status for asked, status in answers(outsider).items() if status != 404} == {}


@pytest.mark.parametrize("role", ["MANAGER", "AGENT"])
def test_managers_and_agents_are_refused(carol, role):
    type(carol).unscoped.filter(pk=carol.pk).update(role=role)
    assert {asked: status for asked, status in answers(verified(carol)).items() if status != 403} == {}


def test_managers_are_refused_before_a_second_factor_is_asked_for(as_bob):
    assert as_bob.get(INDEX).status_code == 403


@pytest.mark.parametrize("path", ["", "timetracking/client/", "autocomplete/"])
def test_without_a_second_factor_it_is_set_up_first(as_alice, path):
    response = as_alice.get(INDEX + path)
    assert response.status_code == 302
    assert response.url.startswith("/mfa/setup/?next=%2Fo%2Facme%2Fadmin%2F")
    assert as_alice.post(INDEX + path, {}).status_code == 302


def test_a_device_without_its_code_is_asked_for_the_code(alice):
    verified(alice)
    response = browser_of(alice).get(INDEX)
    assert response.url.startswith("/login/code/")


def test_strangers_sign_in_first(db, acme_organisation):
    response = Client().get(INDEX)
    assert response.url == "/login/?next=/o/acme/admin/" or response.url == "/login/?next=%2Fo%2Facme%2Fadmin%2F"


def test_platform_staff_see_only_where_they_are_members(alice, globex):
    alice.user.is_staff = alice.user.is_superuser = True
    alice.user.save()
    assert verified(alice).get("/o/globex/admin/").status_code == 404


def test_a_path_without_organisation_leads_to_the_last_used(admin, alice):
    assert admin.get("/admin/").url == INDEX
    assert admin.get("/admin").url == INDEX
    assert admin.get("/admin/timetracking/client/").url == INDEX


def test_a_path_without_organisation_is_closed_to_others(as_bob):
    assert as_bob.get("/admin/").status_code == 403


def test_a_missing_slash_is_added(admin):
    assert admin.get("/o/acme/admin?q=1").url == "/o/acme/admin/?q=1"
    assert admin.get("/o/acme/admin/timetracking/client").url == "/o/acme/admin/timetracking/client/"


@pytest.mark.parametrize("path", ["login/", "logout/", "password_change/", "r/1/1/"])
def test_signing_in_and_out_is_not_here(admin, path):
    assert admin.get(INDEX + path).status_code == 404
    assert admin.post(INDEX + path).status_code == 404


def test_without_the_feature_the_product_is_absent(admin, acme_organisation):
    Organisation.objects.update(features=[])
    index = admin.get(INDEX).content.decode()
    assert "/accounts/membership/" in index
    assert "/timetracking/" not in index
    for name in PRODUCT:
        assert admin.get(f"{INDEX}timetracking/{name}/").status_code == 404
    assert admin.get(f"{INDEX}timetracking/").status_code == 404


def test_devices_sessions_and_secrets_are_not_registered(admin):
    names = {model._meta.label for model in django_admin.site._registry}
    assert names == {
        "accounts.ApiKey",  # without what opens: tests/admin/test_api_keys.py
        "accounts.AuditEvent",
        "accounts.CapacityChange",
        "accounts.DayOff",
        "accounts.Invitation",
        "accounts.Membership",
        "accounts.Organisation",
        "accounts.User",
        *(f"timetracking.{model}" for model in (
            "Activity", "Agreement", "AgreementRate", "ApprovalEvent", "ApprovalHandover", "ChargeCode", "Client",
            "Invoice", "PeriodReopening", "Project", "Task", "Ticket", "TimeEntry", "Timer", "Timesheet",
            "UnplacedPiece", "WorkRole", "WorkRoleRate", "WorkType",
        )),
    }  # fmt: skip
    assert LogEntry.objects.count() == 0
