"""Telling of budgets at 80 and 100 %: to whom, once, again where it grew, and by how many queries."""

import datetime as dt
from decimal import Decimal

import pytest
import time_machine

from accounts.models import Membership, Notification
from accounts.tenancy import organisation_scope
from tests import factories
from timetracking.models import BudgetWarning
from timetracking.services import budget_warnings

NOON = dt.datetime(2026, 6, 18, 12, tzinfo=dt.UTC)
JUNE = dt.date(2026, 6, 1)

pytestmark = pytest.mark.usefixtures("acme", "now")


@pytest.fixture
def now():
    with time_machine.travel(NOON, tick=False) as clock:
        yield clock


@pytest.fixture
def project(bob):
    return factories.ProjectFactory(code="PRJ-112", name="Migration", budget_minutes=600, manager=bob)


def use(minutes, **fields):
    return factories.TimeEntryFactory(minutes=minutes, date=fields.pop("date", dt.date(2026, 6, 15)), **fields)


def told():
    rows = Notification.objects.order_by("pk").values_list("member__display_name", "kind", "values__mark")
    return [tuple(row) for row in rows]


def marks(**where):
    return set(BudgetWarning.objects.filter(**where).values_list("percent", flat=True))


BOB_80, BOB_100 = (("Bob Brown", "project.budget_reached", mark) for mark in (80, 100))


def test_each_mark_is_told_once_to_the_projects_manager(project):
    use(479, project=project)
    assert budget_warnings.warn() == 0
    use(1, project=project)
    assert [budget_warnings.warn(), budget_warnings.warn()] == [1, 0]
    use(120, project=project)
    assert [budget_warnings.warn(), budget_warnings.warn()] == [1, 0]
    assert told() == [BOB_80, BOB_100]
    notice = Notification.objects.latest("pk").values
    assert notice == {
        "mark": 100,
        "percent": 100,
        "budget": "minutes",
        "code": "PRJ-112",
        "name": "Migration",
        "planned": 600,
    }


def test_two_marks_at_once_are_told_as_one(project):
    use(700, project=project)
    budget_warnings.warn()
    assert (told(), marks()) == ([BOB_100], {80, 100})


def test_a_budget_that_grew_may_warn_again(project):
    use(600, project=project)
    budget_warnings.warn()
    project.budget_minutes = 740
    project.save()
    assert budget_warnings.warn() == 0
    assert marks() == {80}
    use(140, project=project)
    budget_warnings.warn()
    assert told() == [BOB_100, BOB_100]
    project.budget_minutes = 7_400
    project.save()
    budget_warnings.warn()
    assert marks() == set()


def test_of_money_only_those_are_told_who_see_everybodys(project, bob, alice, carol):
    project.budget_amount = Decimal("100.00")
    project.save()
    use(60, project=project, amount=Decimal("79.99"))
    budget_warnings.warn()
    use(1, project=project, amount=Decimal("0.01"))
    budget_warnings.warn()
    assert told() == [("Alice Adams", "project.budget_reached", 80)]
    assert Notification.objects.get().values["planned"] is None
    Membership.objects.filter(pk=bob.pk).update(sees_rates=True)
    use(1, project=project, amount=Decimal(20))
    budget_warnings.warn()
    assert told()[1:] == [BOB_100]


@pytest.mark.parametrize("gone", ["nobody", "left"])
def test_without_a_manager_the_admins_are_told(project, bob, alice, gone):
    if gone == "left":
        Membership.objects.filter(pk=bob.pk).update(is_active=False)
    else:
        project.manager = None
        project.save()
    use(500, project=project)
    budget_warnings.warn()
    assert told() == [("Alice Adams", "project.budget_reached", 80)]


def test_what_nobody_works_on_is_left_alone(project):
    use(700, project=project)
    project.status = "closed"
    project.save()
    factories.ProjectFactory(archived_at=NOON, budget_minutes=1)
    assert budget_warnings.warn() == 0


# --- Agreements -------------------------------------------------------------------------------------------------------


@pytest.fixture
def agreement():
    return factories.AgreementFactory(name="Care", included_minutes_a_month=600, starts_on=dt.date(2026, 1, 1))


def claim(agreement, minutes, day=15, **fields):
    ticket = fields.pop("ticket", None) or factories.TicketFactory(client=agreement.client)
    return use(30, agreement=agreement, ticket=ticket, date=dt.date(2026, 6, day), billed_minutes=minutes, **fields)


def test_included_hours_are_told_once_a_month(agreement, alice, bob, now):
    factories.ProjectFactory(agreement=agreement, manager=bob)
    factories.ProjectFactory(agreement=agreement, manager=bob)
    claim(agreement, 480)
    claim(agreement, 480, billable=False)
    use(30, agreement=agreement, ticket=factories.TicketFactory(), date=dt.date(2026, 5, 31), billed_minutes=500)
    budget_warnings.warn()
    budget_warnings.warn()
    assert told() == [("Bob Brown", "agreement.budget_reached", 80)]
    assert marks(agreement=agreement, month=JUNE) == {80}
    now.move_to(NOON + dt.timedelta(days=20))
    budget_warnings.warn()
    use(30, agreement=agreement, ticket=factories.TicketFactory(), date=dt.date(2026, 7, 1), billed_minutes=600)
    budget_warnings.warn()
    assert told()[1:] == [("Bob Brown", "agreement.budget_reached", 100)]


def test_days_outside_the_agreement_claim_nothing(agreement, alice):
    agreement.starts_on, agreement.ends_on = dt.date(2026, 6, 10), dt.date(2026, 6, 20)
    agreement.save()
    claim(agreement, 600, day=9)
    claim(agreement, 600, day=21)
    claim(agreement, 479, day=20)
    assert budget_warnings.warn() == 0
    claim(agreement, 1, day=10)
    assert budget_warnings.warn() == 1
    assert told() == [("Alice Adams", "agreement.budget_reached", 80)]


def test_who_cannot_open_agreements_is_not_told_of_them(agreement, alice, carol):
    factories.ProjectFactory(agreement=agreement, manager=carol)
    claim(agreement, 600)
    budget_warnings.warn()
    assert told() == [("Alice Adams", "agreement.budget_reached", 100)]


# --- Everywhere -------------------------------------------------------------------------------------------------------


def test_each_organisation_by_itself_and_one_that_fails_keeps_no_other_from_it(project, globex, mallory, monkeypatch):
    use(600, project=project)
    with organisation_scope(globex):
        theirs = factories.ProjectFactory(code="G-1", budget_minutes=10)
        use(10, project=theirs, member=mallory)
    real = budget_warnings.burns

    def burns(organisation, now):
        if organisation.slug == "acme":
            raise ValueError("acme")
        return real(organisation, now)

    monkeypatch.setattr(budget_warnings, "burns", burns)
    with pytest.raises(ValueError, match="acme"):
        budget_warnings.warn()
    assert told() == []
    with organisation_scope(globex):
        assert told() == [("Mallory Moss", "project.budget_reached", 100)]


def test_it_costs_the_same_however_many_there_are(project, agreement, count_queries):
    def look():
        return count_queries(budget_warnings.warn)

    use(600, project=project)
    claim(agreement, 600)
    budget_warnings.warn()
    one = look()
    for number in range(5):
        use(60, project=factories.ProjectFactory(budget_minutes=60, budget_amount=Decimal(5), code=f"N-{number}"))
    budget_warnings.warn()
    assert look() <= one + 1  # the sums of money
    factories.ProjectFactory.create_batch(9)
    assert look() <= one + 1
