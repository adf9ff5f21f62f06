"""The pages of work types, roles and rates, and an agreement's own page: what they show, and to whom."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
import time_machine
from django.utils import timezone

from accounts.services import members, organisations
from tests import factories
from timetracking.models import AgreementRate, WorkRoleRate, WorkType
from timetracking.selectors.records import Worked
from timetracking.services import catalogue
from timetracking.views.agreements import rounded_in_words
from timetracking.views.rate_nouns import WORK_ROLE_RATES, WORK_ROLES

ROLES, TYPES = "/o/acme/settings/work-roles/", "/o/acme/settings/work-types/"


@pytest.fixture
def role(acme):
    role = factories.WorkRoleFactory(name="Engineer")
    for day, rate in ((dt.date(2026, 1, 1), 80), (dt.date(2026, 6, 1), 84), (dt.date(2026, 7, 1), 90)):
        factories.WorkRoleRateFactory(work_role=role, starts_on=day, hourly_rate=rate)
    return role


@pytest.fixture
def agreement(acme):
    return factories.AgreementFactory(
        billing_increment_minutes=15, billing_rounding="nearest", billing_minimum_minutes=30
    )


# --- Work roles -------------------------------------------------------------------------------------------------------

NOW, COMING, BEFORE = "In force today", "To come", "Until its next one began"


@pytest.mark.parametrize(
    ("moment", "states"),
    [
        ("2026-06-30T22:59", [COMING, NOW, BEFORE]),  # where the organisation is, it is an hour later
        ("2026-06-30T23:00", [NOW, BEFORE, BEFORE]),
        ("2025-12-31T12:00", [COMING, COMING, COMING]),
    ],
)
def test_the_rate_in_force_today_is_marked(role, moment, states):
    with time_machine.travel(dt.datetime.fromisoformat(f"{moment}+00:00")):
        rates = WorkRoleRate.objects.filter(work_role=role).order_by("-starts_on")
        assert [WORK_ROLE_RATES.columns[-1].cell(rate, Worked(), "acme").text for rate in rates] == states
        lines = WORK_ROLES.columns[-1].cell(role, Worked(), "acme").lines
    assert [chip for _text, chip in lines] == [state if state == NOW else "" for state in states]
    assert lines[0] == ("€90.00 from 1 July 2026", lines[0][1])


def test_a_role_without_a_rate_says_so(acme):
    role = factories.WorkRoleFactory()
    factories.WorkRoleRateFactory(work_role=role, archived_at=timezone.now())
    assert WORK_ROLES.columns[-1].cell(role, Worked(), "acme").text == "No rate yet"


def test_a_rate_is_added_changed_and_removed(as_alice, alice, role):
    page = as_alice.get(f"{ROLES}{role.pk}/rates/").content.decode()
    assert "€84.00" in page and f"{ROLES}{role.pk}/rates/new/" in page
    typed = {"starts_on": "2027-01-01", "hourly_rate": "99.5", "key": "k"}
    assert as_alice.post(f"{ROLES}{role.pk}/rates/new/", typed)["Location"] == f"{ROLES}{role.pk}/rates/"
    rate = WorkRoleRate.objects.get(starts_on=dt.date(2027, 1, 1))
    edit = f"{ROLES}{role.pk}/rates/{rate.pk}/edit/"
    page = as_alice.get(edit).content.decode()
    assert "Applies to entries saved from now on." in page and 'value="99.5"' in page
    taken = as_alice.post(edit, typed | {"version": 1, "starts_on": "2026-07-01"})
    assert taken.context["form"].errors["starts_on"] == ["This role has a rate from this day on already."]
    page = as_alice.post(f"{ROLES}{role.pk}/rates/{rate.pk}/archive/", {"version": 1}, follow=True).content.decode()
    assert "Removed Engineer, 1 January 2027." in page
    other = catalogue.create(alice, WorkRoleRate, work_role=role, starts_on=rate.starts_on, hourly_rate=Decimal(1))
    page = as_alice.post(f"{ROLES}{role.pk}/rates/{rate.pk}/restore/", follow=True).content.decode()
    assert "This role has a rate from this day on already." in page
    assert list(WorkRoleRate.objects.active().filter(starts_on=rate.starts_on)) == [other]


def test_a_rate_is_found_only_under_its_own_role(as_alice, role):
    rate, other = role.rates.first(), factories.WorkRoleFactory()
    assert as_alice.get(f"{ROLES}{other.pk}/rates/{rate.pk}/edit/").status_code == 404
    assert as_alice.post(f"{ROLES}{other.pk}/rates/{rate.pk}/archive/").status_code == 404
    assert not WorkRoleRate.objects.get(pk=rate.pk).is_archived


def test_settings_lead_there_while_the_feature_is_on(as_alice, alice, acme):
    for url in (ROLES, TYPES, "/o/acme/settings/billing/"):
        page = as_alice.get(url).content.decode()
        assert page.count("<h1") == 1 and f'href="{ROLES}"' in page and f'href="{TYPES}"' in page
    assert f'href="{ROLES}" aria-current="page"' in as_alice.get(ROLES).content.decode()
    organisations.edit(alice, version=1, features=[])
    assert ROLES not in as_alice.get("/o/acme/settings/billing/").content.decode()


# --- Work types -------------------------------------------------------------------------------------------------------


def test_one_work_type_is_used_where_none_is_named(as_alice, acme):
    regular = factories.WorkTypeFactory(name="Regular", is_default=True)
    other = factories.WorkTypeFactory(name="Ordinary", multiplier=Decimal("1.25"))
    page = as_alice.get(TYPES).content.decode()
    assert page.count("Where none is named") == 1 and "× 1.25" in page and "Not set" in page
    typed = {"name": "Ordinary", "multiplier": "1.25", "billable_option": "NoDefault", "is_default": "on"}
    assert as_alice.post(f"{TYPES}{other.pk}/edit/", typed | {"version": 1}).status_code == 302
    assert list(WorkType.objects.filter(is_default=True)) == [other]
    regular.refresh_from_db()
    assert regular.version == 2


# --- Agreements -------------------------------------------------------------------------------------------------------


def test_an_agreement_shows_its_terms_and_what_its_rates_come_to(as_alice, agreement):
    overtime = factories.WorkTypeFactory(name="Overtime", multiplier=Decimal("1.5"))
    factories.AgreementRateFactory(agreement=agreement, work_role=None, work_type=overtime, hourly_rate=Decimal(80))
    factories.AgreementRateFactory(agreement=agreement, work_role=None, hourly_rate=Decimal("72.125"))
    page = as_alice.get(f"/o/acme/agreements/{agreement.pk}/").content.decode()
    assert "In steps of 15m, to the nearest, at least 30m" in page
    assert "€120.00 (× 1.5)" in page
    assert page.count("€72.125") == 2
    assert "multiplier applies to whichever rate is found" in page


def test_terms_are_for_managers_and_rates_for_whom_they_are_shown(as_alice, as_bob, as_carol, alice, bob, agreement):
    factories.AgreementRateFactory(agreement=agreement, hourly_rate=Decimal(123))
    url = f"/o/acme/agreements/{agreement.pk}/"
    assert as_carol.get(url).status_code == 403
    page = as_bob.get(url).content.decode()
    assert "In steps of 15m" in page and "123" not in page and "Rates" not in page
    members.edit(alice, bob.pk, version=bob.version, sees_rates=True)
    page = as_bob.get(url).content.decode()
    assert "€123.00" in page and "/rates/" not in page
    assert "/rates/" in as_alice.get(url).content.decode()


def test_rates_of_an_agreement_are_added_and_removed_on_its_page(as_alice, agreement):
    url = f"/o/acme/agreements/{agreement.pk}/"
    typed = {"work_role": "", "work_type": "", "hourly_rate": "70", "key": "k"}
    assert as_alice.post(f"{url}rates/new/", typed)["Location"] == url
    rate = AgreementRate.objects.get()
    twin = as_alice.post(f"{url}rates/new/", typed | {"key": "other"})
    assert twin.status_code == 422
    assert list(twin.context["form"].errors) == ["work_role"]
    removed = as_alice.post(f"{url}rates/{rate.pk}/archive/", {"version": 1})
    assert removed["Location"] == url
    assert "No rates of its own" in as_alice.get(url).content.decode()


def test_a_form_without_the_rounding_leaves_it_as_usual(as_bob, agreement):
    typed = {"name": "Backup", "starts_on": "2026-01-01", "billable_option": "NoDefault", "version": 1}
    answer = as_bob.post(f"/o/acme/agreements/{agreement.pk}/edit/", typed)
    assert answer["Location"] == f"/o/acme/agreements/{agreement.pk}/"
    agreement.refresh_from_db()
    assert (agreement.billing_rounding, agreement.billing_minimum_minutes) == ("up", 0)


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"billing_increment_minutes": None, "billing_minimum_minutes": 30}, ""),
        ({"billing_increment_minutes": 6}, "In steps of 6m, up"),
        ({"billing_increment_minutes": 90, "billing_rounding": "nearest"}, "In steps of 1h 30m, to the nearest"),
    ],
)
def test_rounding_in_words(acme, fields, words):
    assert rounded_in_words(factories.ClientFactory(**fields)) == words
