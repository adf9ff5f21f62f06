"""What must hold of billing whatever the numbers are: sums to the cent, questions in order, general time not billed."""

import datetime as dt
import itertools
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from timetracking.models.billing import BillableOption, Rounding
from timetracking.rules import amounts, billable, coverage, rates, rounding
from timetracking.rules.coverage import Claim
from timetracking.rules.rates import AgreementOffer, DatedRate
from timetracking.rules.rounding import Increment

DAY = dt.date(2026, 6, 18)
OPTIONS = list(BillableOption.values)
FLAGS = st.sampled_from([True, False, None])
CURRENCIES = st.sampled_from(["GBP", "EUR", "JPY", "KWD", "XXX"])
HOURLY = st.decimals(min_value=0, max_value=10_000, places=4)
MINUTES = st.integers(1, 1500)
INCREMENTS = st.builds(
    Increment, step=st.integers(1, 480), rounding=st.sampled_from(Rounding.values), minimum=st.integers(0, 480)
)


# --- Billable ---------------------------------------------------------------------------------------------------------


@given(
    option=st.sampled_from(OPTIONS),
    ticket_flag=FLAGS,
    project_flag=FLAGS,
    agreement_option=st.sampled_from(OPTIONS),
    work_type_option=st.sampled_from(OPTIONS),
    organisation_default=st.booleans(),
)
def test_no_option_ever_bills_general_time(**answers):
    decision = billable.decide(kind="GENERAL", **answers)
    assert decision == billable.Decision(False, False, "general")


# The domain's order. In each row the question that decides, and all after it, speak; those before say nothing.
ORDER = [
    ("general", {"kind": "GENERAL"}),
    ("entry", {"option": "Billable"}),
    ("ticket", {"ticket_flag": True}),
    ("project", {"project_flag": True}),
    ("agreement", {"agreement_option": "Billable"}),
    ("work_type", {"work_type_option": "Billable"}),
    ("organisation", {"organisation_default": True}),
]
NO = [
    ("entry", {"option": "DoNotBill"}),
    ("ticket", {"ticket_flag": False}),
    ("project", {"project_flag": False}),
    ("agreement", {"agreement_option": "DoNotBill"}),
    ("work_type", {"work_type_option": "DoNotBill"}),
    ("organisation", {"organisation_default": False}),
]


@pytest.mark.parametrize("first", range(1, len(ORDER)))
@pytest.mark.parametrize("says_yes", [True, False])
def test_the_first_question_with_an_answer_decides_whatever_those_after_it_say(first, says_yes):
    """What decides says one thing, everything after it the opposite."""
    one, other = (ORDER[1:], NO) if says_yes else (NO, ORDER[1:])
    answers = {"kind": "TICKET"}
    for _name, answer in other[first:]:
        answers |= answer
    name, answer = one[first - 1]
    decision = billable.decide(**{**answers, **answer})
    assert (decision.decided_by, decision.billable, decision.no_charge) == (name, says_yes, False)


@pytest.mark.parametrize("place", ["option", "agreement_option", "work_type_option"])
def test_no_charge_is_on_the_invoice_and_not_billable(place):
    decision = billable.decide(kind="PROJECT", **{place: "NoCharge"})
    assert (decision.billable, decision.no_charge) == (False, True)


# --- Rounding ---------------------------------------------------------------------------------------------------------


@given(minutes=MINUTES, by=INCREMENTS)
def test_rounding_stays_within_a_step_and_above_the_minimum(minutes, by):
    billed = rounding.billed(minutes, by)
    assert billed >= by.minimum
    if billed > by.minimum:
        assert billed % by.step == 0 and abs(billed - minutes) < by.step
    if by.rounding == Rounding.UP:
        assert billed >= minutes


@given(minutes=MINUTES, by=INCREMENTS)
def test_more_work_is_never_billed_less_and_an_increment_reads_back_as_it_was_stored(minutes, by):
    assert rounding.billed(minutes + 1, by) >= rounding.billed(minutes, by)
    assert rounding.parse(str(by)) == by


def test_the_first_level_with_a_step_gives_rounding_and_minimum_too():
    levels = [("agreement", 6, "nearest", 12), ("client", 15, "up", 30), ("organisation", 1, "up", 0)]
    for number in range(3):
        cut = [(name, None, *rest) if place < number else (name, step, *rest)
               for place, (name, step, *rest) in enumerate(levels)]  # fmt: skip
        name, step, how, minimum = levels[number]
        assert rounding.first_set(cut) == Increment(step, how, minimum, name)


# --- Rates ------------------------------------------------------------------------------------------------------------

SOURCES = {
    "agreement": {"agreement": [AgreementOffer(Decimal(1))]},
    "project": {"project": Decimal(2)},
    "work_role": {"role": [DatedRate(DAY, Decimal(3))]},
    "organisation": {"organisation": Decimal(4)},
}


@pytest.mark.parametrize("present", [set(c) for n in range(5) for c in itertools.combinations(SOURCES, n)])
def test_the_first_source_that_has_a_rate_gives_it(present):
    given_rates = {key: value for name in present for key, value in SOURCES[name].items()}
    rate = rates.decide(on=DAY, multiplier=Decimal("1.5"), **given_rates)
    expected = next((name for name in SOURCES if name in present), "none")
    assert rate.source == expected
    base = {"agreement": 1, "project": 2, "work_role": 3, "organisation": 4, "none": None}[expected]
    assert rate.base == base and rate.hourly == (None if base is None else Decimal(base) * Decimal("1.5"))


def test_a_rate_of_nothing_is_a_rate():
    assert rates.decide(project=Decimal(0), organisation=Decimal(95), on=DAY).source == "project"


@pytest.mark.parametrize(
    ("role", "work_type", "expected"),
    [(1, 1, "role and type"), (1, 2, "role"), (2, 1, "type"), (2, 2, "all"), (None, None, "all"), (None, 1, "type")],
)
def test_the_agreements_most_particular_rate_wins(role, work_type, expected):
    names = {"all": Decimal(1), "type": Decimal(2), "role": Decimal(3), "role and type": Decimal(4)}
    offers = [
        AgreementOffer(names["all"]),
        AgreementOffer(names["type"], work_type=1),
        AgreementOffer(names["role"], work_role=1),
        AgreementOffer(names["role and type"], 1, 1),
    ]
    for order in itertools.permutations(offers):
        assert rates.of_agreement(order, role, work_type) == names[expected]


@given(starts=st.lists(st.dates(dt.date(2020, 1, 1), dt.date(2030, 1, 1)), unique=True), on=st.dates())
def test_the_rate_in_force_is_the_one_that_began_last(starts, on):
    offered = [DatedRate(day, Decimal(number)) for number, day in enumerate(starts)]
    begun = [day for day in starts if day <= on]
    found = rates.in_force(offered, on)
    assert (found is None) == (not begun)
    if begun:
        assert found.starts_on == max(begun)


# --- Amounts ----------------------------------------------------------------------------------------------------------

PARTS = st.lists(st.tuples(MINUTES, MINUTES, HOURLY), max_size=30)


@given(parts=PARTS, currency=CURRENCIES)
def test_amounts_of_parts_add_up_to_the_minor_unit(parts, currency):
    """Every part is a whole number of minor units, so however they are grouped the sums are the same."""
    unit = amounts.minor_unit(currency)
    each = [amounts.amount(max(a, b), min(a, b), hourly, currency) for a, b, hourly in parts]
    assert all(amount % unit == 0 and amount >= 0 for amount in each)
    whole = amounts.total(each)
    assert amounts.total([amounts.total(each[::2]), amounts.total(each[1::2])]) == whole
    assert whole % unit == 0 and sum(int(amount * 1000) for amount in each) == int(whole * 1000)


@given(billed=MINUTES, hourly=HOURLY, currency=CURRENCIES)
def test_an_amount_is_off_by_at_most_half_a_minor_unit(billed, hourly, currency):
    exact = Decimal(billed) * hourly / 60
    assert abs(amounts.amount(billed, 0, hourly, currency) - exact) <= amounts.minor_unit(currency) / 2
    assert amounts.amount(billed, billed, hourly, currency) == amounts.amount(billed, 0, None, currency) == 0


# --- Included hours ---------------------------------------------------------------------------------------------------


@st.composite
def claims(draw):
    days = draw(st.lists(st.integers(1, 28), max_size=25))
    return [Claim(number, DAY.replace(day=day), draw(st.integers(0, 600))) for number, day in enumerate(days, 1)]


@given(included=st.integers(0, 6000), listed=claims())
def test_included_hours_are_used_up_exactly_and_in_the_order_of_dates(included, listed):
    shares = coverage.spread(included, listed)
    total = sum(claim.billed_minutes for claim in listed)
    assert sum(shares.values()) == min(total, included)
    in_order = sorted(listed, key=lambda claim: (claim.date, claim.entry_id))
    assert all(0 <= shares[claim.entry_id] <= claim.billed_minutes for claim in listed)
    short = [claim for claim in in_order if shares[claim.entry_id] < claim.billed_minutes]
    if short:  # after the first that is not covered whole, nothing is left for anybody
        later = in_order[in_order.index(short[0]) + 1 :]
        assert all(shares[claim.entry_id] == 0 for claim in later)


@given(included=st.integers(0, 6000), listed=claims(), fixed=st.sets(st.integers(1, 25)))
def test_what_is_fixed_keeps_its_share_and_the_rest_never_exceeds_what_is_left(included, listed, fixed):
    held = [
        Claim(c.entry_id, c.date, c.billed_minutes, c.billed_minutes // 2, fixed=True) if c.entry_id in fixed else c
        for c in listed
    ]
    shares = coverage.spread(included, held)
    kept = sum(claim.covered for claim in held if claim.fixed)
    assert all(shares[claim.entry_id] == claim.covered for claim in held if claim.fixed)
    rest = sum(shares[claim.entry_id] for claim in held if not claim.fixed)
    wanted = sum(claim.billed_minutes for claim in held if not claim.fixed)
    assert rest == min(wanted, max(included - kept, 0))
