"""How budgets show: money on a project's page, included hours on an agreement's and a client's."""

import datetime as dt
from decimal import Decimal

import pytest
import time_machine

from accounts.models import Membership
from tests import factories
from timetracking.models import Project

pytestmark = pytest.mark.usefixtures("acme", "thursday")
PROJECT = "/o/acme/projects/PRJ-112/"
CARD = {"HX-Request": "true", "HX-Target": "time-card"}


@pytest.fixture
def thursday():
    with time_machine.travel(dt.datetime(2026, 6, 18, 10, tzinfo=dt.UTC), tick=False):
        yield


@pytest.fixture
def project():
    return factories.ProjectFactory(code="PRJ-112", budget_amount=Decimal("1000.00"))


def cost(project, amount, day=dt.date(2026, 6, 15), **fields):
    return factories.TimeEntryFactory(project=project, amount=Decimal(amount), date=day, **fields)


# --- A project's money ------------------------------------------------------------------------------------------------


def test_what_a_project_comes_to_and_when_its_money_runs_out(as_alice, project):
    for week in (1, 2, 3, 4):
        cost(project, "100.10", dt.date(2026, 6, 15) - dt.timedelta(weeks=week))
    cost(project, "0.00", billable=False)
    answer = as_alice.get(PROJECT)
    page = answer.content.decode()
    assert "€400.40" in page
    assert "of €1,000.00 budget" in page
    assert "€599.60 left" in page
    assert "At €100.10 a week the budget in money runs out around 30 July 2026." in page
    assert 'id="record-money"' in as_alice.get(PROJECT, headers=CARD).content.decode()


@pytest.mark.parametrize(
    ("amount", "words"),
    [
        ("800.00", "80% of the budget in money is used, €200.00 is left."),
        ("1000.00", "The budget in money is used up."),
        ("1000.01", "€0.01 over"),
    ],
)
def test_it_warns_in_words(as_alice, project, amount, words):
    cost(project, amount)
    page = as_alice.get(PROJECT).content.decode()
    assert words in page
    assert "runs out around" not in page  # nothing in the last four full weeks


def test_without_a_budget_the_sum_alone(as_alice, project):
    project.budget_amount = None
    project.save()
    cost(project, "12.50")
    page = as_alice.get(PROJECT).content.decode()
    assert "€12.50" in page
    assert "budget in money" not in page


@pytest.mark.parametrize(("who", "granted", "sees"), [
    ("bob", False, False), ("bob", True, True), ("carol", False, False), ("carol", True, False),
])  # fmt: skip
def test_only_who_sees_everybodys_money_sees_the_sum(as_bob, as_carol, bob, carol, project, who, granted, sees):
    cost(project, "123.45", member=carol)
    Project.objects.filter(pk=project.pk).update(hourly_rate="87.65")
    member, client = (bob, as_bob) if who == "bob" else (carol, as_carol)
    Membership.objects.filter(pk=member.pk).update(sees_rates=granted)
    for page in (client.get(PROJECT), client.get(PROJECT, headers=CARD)):
        text = page.content.decode()
        assert ("1,000.00" in text) is sees
        assert ('id="record-money"' in text) is sees
        assert "87.65" not in text or sees


# --- An agreement's hours ---------------------------------------------------------------------------------------------


@pytest.fixture
def agreement():
    return factories.AgreementFactory(name="Care", included_minutes_a_month=600, starts_on=dt.date(2026, 4, 15))


def claim(agreement, day, billed, covered, **fields):
    ticket = factories.TicketFactory(client=agreement.client)
    return factories.TimeEntryFactory(
        agreement=agreement, ticket=ticket, date=day, billed_minutes=billed, covered_minutes=covered, **fields
    )


def test_an_agreement_shows_its_months(as_bob, agreement):
    claim(agreement, dt.date(2026, 6, 1), 480, 480)
    claim(agreement, dt.date(2026, 6, 18), 60, 60)
    claim(agreement, dt.date(2026, 6, 18), 60, 0, billable=False)
    claim(agreement, dt.date(2026, 5, 31), 700, 600)
    claim(agreement, dt.date(2026, 4, 14), 99, 0)  # before it began
    answer = as_bob.get(f"/o/acme/agreements/{agreement.pk}/")
    burn = answer.context["burn"]
    assert [(month.label, month.usage.used, month.covered, month.beyond) for month in burn.months] == [
        ("June 2026", 540, 540, 0), ("May 2026", 700, 600, 100), ("April 2026", 0, 0, 0)
    ]  # fmt: skip
    page = answer.content.decode()
    assert "of 10h in June 2026" in page
    assert "90% used" in page
    assert "1h left" in page


def test_beyond_its_hours_it_says_what_is_billed(as_bob, agreement):
    claim(agreement, dt.date(2026, 6, 1), 700, 600)
    page = as_bob.get(f"/o/acme/agreements/{agreement.pk}/").content.decode()
    assert "1h 40m billed on top" in page
    assert "116% used" in page


def test_the_table_goes_back_half_a_year_at_most(as_bob, agreement):
    agreement.starts_on = dt.date(2020, 1, 1)
    agreement.save()
    months = as_bob.get(f"/o/acme/agreements/{agreement.pk}/").context["burn"].months
    assert [month.label for month in months][::5] == ["June 2026", "January 2026"]


def test_without_included_hours_there_is_nothing_to_show(as_bob):
    plain = factories.AgreementFactory()
    assert "billed on top" not in as_bob.get(f"/o/acme/agreements/{plain.pk}/").content.decode()


def test_a_clients_page_says_how_far_this_month_is(as_bob, agreement):
    factories.AgreementFactory(client=agreement.client, name="Without")
    claim(agreement, dt.date(2026, 6, 18), 540, 540)
    page = as_bob.get(f"/o/acme/clients/{agreement.client_id}/").content.decode()
    assert "9h of 10h this month" in page
    assert "90% used" in page
