"""Budgets of projects: what is refused, what passes, what is warned of, and what it costs."""

from decimal import Decimal

import pytest

from tests import factories
from tests.cast import MONDAY
from timesheets_site.lib.errors import RuleViolation
from timetracking.models import TimeEntry
from timetracking.selectors.entry_warnings import warnings_of
from timetracking.services import time_entries


@pytest.fixture
def project(acme):
    """Ten hours, of which nine are used by somebody else."""
    acme.future_dates_allowed = True
    acme.over_budget = "refuse"
    acme.save()
    project = factories.ProjectFactory(code="PRJ-112", budget_minutes=600)
    factories.TimeEntryFactory(project=project, minutes=540, date=MONDAY)
    return project


def log(actor, project, minutes=30, **fields):
    fields = {"kind": "PROJECT", "project": project, "date": MONDAY, "subject": "Work", **fields}
    return time_entries.log(actor, minutes=minutes, **fields)


def refusal_of(call, *args, **kwargs):
    with pytest.raises(RuleViolation) as refusal:
        call(*args, **kwargs)
    return refusal.value.code, refusal.value.field, str(refusal.value)


OVER = ("budget_exceeded", "duration", "This puts PRJ-112 30m over its budget of 10h.")


def test_up_to_the_budget_is_stored_and_beyond_it_is_refused(carol, project):
    assert refusal_of(log, carol, project, 90) == OVER
    assert TimeEntry.objects.count() == 1
    assert log(carol, project, 60).minutes == 60
    assert refusal_of(log, carol, project, 1)[0] == "budget_exceeded"


def test_a_task_and_a_bound_charge_code_lead_to_the_same_budget(carol, project):
    task = factories.TaskFactory(project=project)
    code = factories.ChargeCodeFactory(project=project)
    assert refusal_of(log, carol, None, 90, task=task) == OVER
    assert refusal_of(log, carol, None, 90, kind="GENERAL", charge_code=code) == OVER


def test_an_edit_is_refused_only_where_it_makes_more(carol, project):
    entry = log(carol, project, 60)
    factories.TimeEntryFactory(project=project, minutes=300)  # over, before anybody asked
    edit = time_entries.edit
    assert refusal_of(edit, carol, entry.pk, minutes=61)[0] == "budget_exceeded"
    assert edit(carol, entry.pk, subject="Other words").subject == "Other words"
    assert edit(carol, entry.pk, minutes=50).minutes == 50
    assert edit(carol, entry.pk, kind="GENERAL", minutes=200).project is None
    assert refusal_of(edit, carol, entry.pk, kind="PROJECT", project=project)[0] == "budget_exceeded"


def test_what_was_deleted_comes_back_while_nobody_used_its_place(carol, project):
    entry = log(carol, project, 60)
    time_entries.delete(carol, entry.pk)
    assert time_entries.restore(carol, entry.pk).deleted_at is None
    time_entries.delete(carol, entry.pk)
    factories.TimeEntryFactory(project=project, minutes=1)
    assert refusal_of(time_entries.restore, carol, entry.pk)[0] == "budget_exceeded"


def test_a_budget_in_money_is_refused_without_a_word_of_money(acme, carol, project):
    project.budget_minutes, project.budget_amount, project.hourly_rate = None, Decimal("100.00"), Decimal(100)
    project.save()
    log(carol, project, 60)
    words = ("budget_exceeded", "duration", "This puts PRJ-112 over its budget in money.")
    assert refusal_of(log, carol, project, 1) == words
    entry = log(carol, project, 30, billable_option="DoNotBill")  # costs nothing
    assert refusal_of(time_entries.edit, carol, entry.pk, billable_option="Billable") == words


@pytest.mark.parametrize("effect", ["allow", "warn"])
def test_other_policies_store_it(acme, carol, project, effect):
    acme.over_budget = effect
    acme.save()
    entry = log(carol, project, 90)
    assert warnings_of(entry) == (["This puts PRJ-112 30m over its budget of 10h."] if effect == "warn" else [])


def test_a_warning_is_for_who_is_over(acme, carol, project):
    acme.over_budget = "warn"
    acme.save()
    assert warnings_of(log(carol, project, 60)) == []


def test_it_costs_nothing_where_there_is_nothing_to_ask(acme, carol, project, count_queries):
    """Where nothing is refused, or there is no budget, an entry is written by the same queries as ever."""

    def cost(effect, on):
        acme.over_budget = effect
        acme.save()
        on = type(on).objects.select_related("client", "agreement").get(pk=on.pk)
        log(carol, on, 1)
        return count_queries(lambda: log(carol, on, 1))

    plain = factories.ProjectFactory(code="PLAIN")
    assert cost("allow", project) == cost("warn", project) == cost("refuse", plain)
    one_for_the_sum = cost("refuse", plain) + 1
    assert one_for_the_sum <= cost("refuse", project) <= one_for_the_sum + 1  # and a lock on PostgreSQL
