"""Which rate an hour of an entry has, and why: agreement, project, work role, organisation, in this order."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Protocol, TypeVar

from timetracking.models.time_entries import TimeEntry

Source = TimeEntry.RateSource
RATE_STEP = Decimal("0.0001")
ONE = Decimal(1)
LARGEST_RATE, LARGEST_MULTIPLIER = Decimal(9_999_999), Decimal(10)
"""What may be set: the one times the other still is a rate that an entry can hold."""


@dataclass(frozen=True)
class AgreementOffer:
    """One rate of an agreement; without a role or a type it is for all of them."""

    hourly: Decimal
    work_role: int | None = None
    work_type: int | None = None


@dataclass(frozen=True)
class DatedRate:
    """A rate that is in force from a day on."""

    starts_on: dt.date
    hourly: Decimal


class _Begins(Protocol):
    @property
    def starts_on(self) -> dt.date: ...


Dated = TypeVar("Dated", bound=_Begins)


@dataclass(frozen=True)
class Rate:
    """`hourly` is `base` times `multiplier`, half up to four decimals; None where no rate is set."""

    base: Decimal | None
    multiplier: Decimal
    source: str

    @property
    def hourly(self) -> Decimal | None:
        """
        >>> Rate(Decimal("95.00"), Decimal("1.5"), "project").hourly
        Decimal('142.5000')
        """
        return None if self.base is None else (self.base * self.multiplier).quantize(RATE_STEP, ROUND_HALF_UP)


NOT_BILLED = Rate(None, ONE, Source.NOT_BILLED.value)


def decide(
    *,
    agreement: Iterable[AgreementOffer] = (),
    project: Decimal | None = None,
    role: Iterable[DatedRate] = (),
    organisation: Decimal | None = None,
    multiplier: Decimal = ONE,
    work_role: int | None = None,
    work_type: int | None = None,
    on: dt.date,
) -> Rate:
    """The rate of one entry on its date, a local day. The work type's multiplier applies to whichever rate is found.

    >>> day = dt.date(2026, 6, 18)
    >>> decide(agreement=[AgreementOffer(Decimal(80))], project=Decimal(90), organisation=Decimal(95), on=day).source
    'agreement'
    >>> decide(role=[DatedRate(dt.date(2026, 1, 1), Decimal(70)), DatedRate(dt.date(2026, 7, 1), Decimal(75))],
    ...        organisation=Decimal(95), on=day)
    Rate(base=Decimal('70'), multiplier=Decimal('1'), source='work_role')
    >>> decide(organisation=Decimal(95), multiplier=Decimal("1.5"), on=day).hourly
    Decimal('142.5000')
    >>> decide(on=day)
    Rate(base=None, multiplier=Decimal('1'), source='none')
    """
    of_role = in_force(role, on)
    for base, source in (
        (of_agreement(agreement, work_role, work_type), Source.AGREEMENT),
        (project, Source.PROJECT),
        (of_role.hourly if of_role else None, Source.WORK_ROLE),
        (organisation, Source.ORGANISATION),
    ):
        if base is not None:
            return Rate(base, multiplier, source.value)
    return Rate(None, multiplier, Source.NONE.value)


def of_agreement(offers: Iterable[AgreementOffer], work_role: int | None, work_type: int | None) -> Decimal | None:
    """The agreement's most particular rate that fits: for role and type, for the role, for the type, for all.

    >>> offers = [AgreementOffer(Decimal(1)), AgreementOffer(Decimal(2), work_type=7), AgreementOffer(Decimal(3), 5)]
    >>> of_agreement(offers, 5, 7), of_agreement(offers, 6, 7), of_agreement(offers, None, None)
    (Decimal('3'), Decimal('2'), Decimal('1'))
    >>> of_agreement([AgreementOffer(Decimal(4), 5, 7), *offers], 5, 7)
    Decimal('4')
    """
    fitting = [
        offer for offer in offers if offer.work_role in (None, work_role) and offer.work_type in (None, work_type)
    ]
    if not fitting:
        return None
    return max(fitting, key=lambda offer: (offer.work_role is not None, offer.work_type is not None)).hourly


def in_force(rates: Iterable[Dated], on: dt.date) -> Dated | None:
    """Of rates with the days from which they count, the one that began last, on that day or before.

    >>> rates = [DatedRate(dt.date(2026, 1, 1), Decimal(70)), DatedRate(dt.date(2026, 7, 1), Decimal(75))]
    >>> in_force(rates, dt.date(2026, 7, 1)).hourly, in_force(rates, dt.date(2025, 12, 31))
    (Decimal('75'), None)
    """
    return max((rate for rate in rates if rate.starts_on <= on), key=lambda rate: rate.starts_on, default=None)
