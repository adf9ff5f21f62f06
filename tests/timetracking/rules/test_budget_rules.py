"""What must hold of budgets whatever the numbers are: percents, marks, what is left, the day it runs out."""

import datetime as dt
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from timetracking.models import Project
from timetracking.rules import budgets
from timetracking.rules.budgets import MARKS, Usage

TODAY = dt.date(2026, 6, 18)
USED, PLANNED = st.integers(0, 10_000_000), st.integers(1, 6_000_000)
MONEY = st.decimals(min_value=0, max_value=1_000_000, places=2)


@given(used=USED, planned=PLANNED)
def test_what_is_used_and_left_is_what_was_planned(used, planned):
    usage = Usage(used, planned)
    assert usage.used + usage.left == planned
    assert (usage.percent >= 100) == (used >= planned) == (usage.state == "over")
    assert usage.percent <= used * 100 / planned < usage.percent + 1
    assert usage.marks == tuple(mark for mark in MARKS if used * 100 >= mark * planned)
    assert (usage.state == "") == (usage.marks == ())


@given(used=USED, more=st.integers(0, 1_000), planned=PLANNED)
def test_more_use_never_loses_a_mark_and_a_larger_budget_never_gains_one(used, more, planned):
    marks = set(Usage(used, planned).marks)
    assert marks <= set(Usage(used + more, planned).marks)
    assert set(Usage(used, planned + more).marks) <= marks


@given(used=USED)
def test_without_a_plan_nothing_is_said(used):
    usage = Usage(used, None)
    assert (usage.percent, usage.left, usage.state, usage.marks) == (None, None, "", ())
    assert budgets.runs_out_on(usage.left, 60, today=TODAY) is None


@given(left=st.integers(-1_000, 1_000_000), weekly=st.integers(0, 10_000))
def test_it_runs_out_on_the_first_day_by_which_all_is_used(left, weekly):
    day = budgets.runs_out_on(left, weekly, today=TODAY)
    if left <= 0 or weekly == 0:
        assert day is None
    elif day is None:
        assert left * 7 > weekly * 5 * 366  # further than anybody plans
    else:
        days = (day - TODAY).days
        assert weekly * days >= left * 7 > weekly * (days - 1)


@given(used=MONEY, planned=MONEY.filter(bool))
def test_money_is_counted_exactly(used, planned):
    usage = budgets.of_money(used, planned)
    assert (Decimal(usage.used) / 1000, Decimal(usage.planned) / 1000) == (used, planned)
    assert (usage.state == "over") == (used >= planned)


@given(minutes=USED, amount=MONEY, planned=st.none() | PLANNED, money=st.none() | MONEY)
def test_words_are_said_beyond_a_budget_and_only_there(minutes, amount, planned, money):
    project = Project(code="PRJ-112", budget_minutes=planned, budget_amount=money)
    beyond = (planned is not None and minutes > planned) or (money is not None and amount > money)
    words = budgets.words_over(project, minutes, amount)
    assert bool(words) == beyond
