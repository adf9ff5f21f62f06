"""From minutes and a rate to money, half up to the currency's minor unit; and money as people write it."""

from __future__ import annotations

import functools
from collections.abc import Iterable
from decimal import ROUND_HALF_UP, Decimal

from babel.numbers import format_currency, get_currency_precision
from django.utils.formats import number_format
from django.utils.translation import get_language

ZERO = Decimal(0)


@functools.lru_cache(maxsize=256)
def minor_unit(currency: str) -> Decimal:
    """The smallest amount of a currency (of two decimals where it is unknown).

    >>> minor_unit("GBP"), minor_unit("JPY"), minor_unit("KWD")
    (Decimal('0.01'), Decimal('1'), Decimal('0.001'))
    """
    return Decimal(1).scaleb(-min(get_currency_precision(currency), 3))


def amount(billed_minutes: int, covered_minutes: int, hourly: Decimal | None, currency: str) -> Decimal:
    """What one billable entry costs: billed minutes less covered ones, at the hourly rate; 0 without a rate.

    >>> amount(60, 0, Decimal("95"), "GBP"), amount(20, 0, Decimal("95.125"), "GBP"), amount(60, 45, Decimal(80), "GBP")
    (Decimal('95.00'), Decimal('31.71'), Decimal('20.00'))
    >>> amount(30, 0, Decimal("1001"), "JPY"), amount(60, 0, None, "GBP")
    (Decimal('501'), Decimal('0.00'))
    """
    unit = minor_unit(currency)
    if hourly is None:
        return ZERO.quantize(unit)
    return (Decimal(billed_minutes - covered_minutes) * hourly / 60).quantize(unit, ROUND_HALF_UP)


def tax(net: Decimal, percent: Decimal, currency: str) -> Decimal:
    """Tax on a net sum.

    >>> tax(Decimal("99.99"), Decimal(20), "GBP")
    Decimal('20.00')
    """
    return (net * percent / 100).quantize(minor_unit(currency), ROUND_HALF_UP)


def total(parts: Iterable[Decimal]) -> Decimal:
    """
    >>> total([]), total([Decimal("1.10"), Decimal("2.20")])
    (Decimal('0'), Decimal('3.30'))
    """
    return sum(parts, ZERO)


def money(value: Decimal, currency: str) -> str:
    """An amount as people write it, in the active language: `£1,234.50`.

    >>> money(Decimal("1234.5"), "GBP"), money(Decimal("-3"), "EUR")
    ('£1,234.50', '-€3.00')
    """
    return _money(value, currency, get_language())


@functools.lru_cache(maxsize=8_192)
def _money(value: Decimal, currency: str, language: str | None) -> str:
    """Babel takes 50 µs for each, and a report has hundreds."""
    return format_currency(value, currency, locale=_locale(language))


def factor(multiplier: Decimal) -> str:
    """A work type's multiplier as people write it.

    >>> factor(Decimal("1.500")), factor(Decimal("10.000")), factor(Decimal("0.000"))
    ('1.5', '10', '0')
    """
    return number_format(format(multiplier.normalize(), "f"))


def rate(hourly: Decimal, currency: str) -> str:
    """An hourly rate as people write it, with more decimals only where it has them.

    >>> rate(Decimal("95.0000"), "GBP"), rate(Decimal("95.1250"), "GBP")
    ('£95.00', '£95.125')
    """
    decimals = max(-minor_unit(currency).as_tuple().exponent, -hourly.normalize().as_tuple().exponent, 0)  # type: ignore[operator]
    return format_currency(
        hourly, currency, locale=_locale(get_language()), currency_digits=False, decimal_quantization=False,
        format=_pattern(_locale(get_language()), decimals),
    )  # fmt: skip


@functools.lru_cache(maxsize=64)
def _pattern(locale: str, decimals: int) -> str:
    from babel import Locale

    pattern = Locale.parse(locale).currency_formats["standard"].pattern
    whole, _dot, fraction = pattern.partition(".")
    rest = fraction.lstrip("0#")
    return f"{whole}.{'0' * decimals}{rest}" if decimals else whole + rest


@functools.lru_cache(maxsize=64)
def _locale(language: str | None) -> str:
    """The active language as Babel writes it; plain English is British in dates and money."""
    code = (language or "en").replace("-", "_")
    return "en_GB" if code == "en" else code
