"""The numbers in docs/algorithms are what the rules say."""

from __future__ import annotations

import datetime as dt
import re
from decimal import Decimal
from pathlib import Path

import pytest
from django.conf import settings

from timetracking.rules import amounts, coverage, invoicing, rates, rounding
from timetracking.rules.coverage import Claim
from timetracking.rules.rates import AgreementOffer, DatedRate
from timetracking.rules.rounding import Increment

FOLDER = Path(settings.BASE_DIR) / "docs" / "algorithms"
DAY = dt.date(2026, 6, 18)


def tables(name: str, marker: str) -> list[tuple[str, list[list[str]]]]:
    """The rows of each table behind `<!-- checked: marker … -->`, with what the mark says after it."""
    text = (FOLDER / name).read_text()
    found = re.findall(rf"<!-- checked: {marker}(.*?) -->\n\n((?:\|.*\n)+)", text)
    return [
        (rest, [[cell.strip() for cell in line.strip("|").split("|")] for line in table.splitlines()[2:]])
        for rest, table in found
    ]


def rows(name: str, marker: str) -> list[list[str]]:
    [(_rest, found)] = tables(name, marker)
    return found


@pytest.mark.parametrize("row", rows("rates.md", "rounding"))
def test_rounding(row):
    worked, step, how, least, billed = row
    assert rounding.billed(int(worked), Increment(int(step), how, int(least))) == int(billed)


@pytest.mark.parametrize("row", rows("rates.md", "rates"))
def test_rates(row):
    agreement, project, role, organisation, multiplier, hourly, decided_by = row
    rate = rates.decide(
        agreement=[AgreementOffer(Decimal(agreement))] if agreement else [],
        project=Decimal(project) if project else None,
        role=[DatedRate(DAY, Decimal(role))] if role else [],
        organisation=Decimal(organisation) if organisation else None,
        multiplier=Decimal(multiplier),
        on=DAY,
    )
    assert (rate.hourly, rate.source) == (None if hourly == "none" else Decimal(hourly), decided_by)


@pytest.mark.parametrize("row", rows("invoices.md", "tax"))
def test_tax(row):
    net, percent, currency, tax, total = row
    found = invoicing.totals(0, Decimal(net), Decimal(percent), currency)
    assert [str(found.tax), str(found.total)] == [tax, total]


@pytest.mark.parametrize("row", rows("rates.md", "amounts"))
def test_amounts(row):
    billed, covered, hourly, currency, amount = row
    found = amounts.amount(int(billed), int(covered), Decimal(hourly), currency)
    assert format(found, "f") == amount


@pytest.mark.parametrize(("says", "listed"), tables("included-hours.md", "included"))
def test_included_hours(says, listed):
    included = int(re.search(r"\d+", says)[0])
    fixed = re.findall(r"fixed (\w+)", says)
    claims = [
        Claim(number, DAY.replace(day=int(day.split()[0])), int(billed), int(covered), logged in fixed)
        for number, (logged, day, billed, covered, _pays) in enumerate(listed, 1)
    ]
    shares = coverage.spread(included, claims)
    assert [shares[number] for number in range(1, len(listed) + 1)] == [int(row[3]) for row in listed]
    assert [int(row[2]) - int(row[3]) for row in listed] == [int(row[4]) for row in listed]
