"""Public holidays of countries and their parts, as the library `holidays` knows them.

A calendar is named by a country, `GB`, or a part of one, `GB-ENG`. The library is imported when it is first asked: that
takes half a second, and each country a little more. What it answered is kept in each process.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from functools import lru_cache
from types import MappingProxyType
from typing import Any

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from timesheets_site.lib.errors import RuleViolation

NO_CALENDAR = "-"
"""What a member is given who has no public holidays, although their organisation has."""
ENGLISH = "en"
FIRST_YEAR, LAST_YEAR = 1900, 2100
"""The library knows no others."""


def split(code: str) -> tuple[str, str]:
    """Country and part.

    >>> split("GB-ENG"), split("DE"), split("")
    (('GB', 'ENG'), ('DE', ''), ('', ''))
    """
    country, _separator, part = code.partition("-")
    return country, part


def joined(country: str, part: str) -> str:
    """
    >>> joined("GB", "ENG"), joined("DE", ""), joined("", "ENG"), joined("-", "ENG")
    ('GB-ENG', 'DE', '', '-')
    """
    if not country or country == NO_CALENDAR:
        return country
    return f"{country}-{part}" if part else country


def check(code: str, *, may_be_none: bool = False, field: str = "holiday_calendar") -> None:
    """Refuse a calendar that the library does not know; empty is one's choice. Raises RuleViolation: unknown_calendar.

    `may_be_none`: whether "-" may stand for no public holidays at all.
    """
    if not code or (may_be_none and code == NO_CALENDAR):
        return
    country, part = split(code)
    if country not in _countries() or joined(country, part) != code:
        text = _("There is no calendar of public holidays for “%(code)s”. Choose a country from the list.")
        raise RuleViolation("unknown_calendar", text % {"code": code}, field)
    if part and part not in _entity(country).subdivisions:
        text = _("The calendar of %(country)s has no part “%(part)s”. Choose one from the list.")
        raise RuleViolation("unknown_calendar", text % {"country": country_name(country), "part": part}, field)


def in_force(own: str, organisations: str) -> str:
    """The calendar of a member: their own, none, or their organisation's. Empty for none.

    >>> in_force("", "GB-ENG"), in_force("-", "GB-ENG"), in_force("DE-BY", "GB-ENG")
    ('GB-ENG', '', 'DE-BY')
    """
    return "" if own == NO_CALENDAR else own or organisations


# --- Names ------------------------------------------------------------------------------------------------------------


def countries() -> tuple[tuple[str, str], ...]:
    """Codes and names of all countries, by name in the reader's language."""
    return _named_countries(get_language() or ENGLISH)


def country_name(country: str) -> str:
    return dict(countries()).get(country, country)


@lru_cache(maxsize=128)
def parts_of(country: str) -> tuple[tuple[str, str], ...]:
    """Codes and names of a country's parts, by name as people there write it; none of an unknown country."""
    if country not in _countries():
        return ()
    entity = _entity(country)
    names = {code: name for name, code in reversed(entity.subdivisions_aliases.items())}
    return tuple(sorted(((code, names.get(code, code)) for code in entity.subdivisions), key=lambda pair: pair[1]))


def name_of(code: str) -> str:
    """`United Kingdom: England`; empty for none."""
    country, part = split(code)
    if not country:
        return ""
    if not part:
        return country_name(country)
    part_name = dict(parts_of(country)).get(part, part)
    return _("%(country)s: %(part)s") % {"country": country_name(country), "part": part_name}


@lru_cache(maxsize=32)
def _named_countries(language: str) -> tuple[tuple[str, str], ...]:
    from babel import Locale, UnknownLocaleError

    try:
        names = Locale.parse(language, sep="-").territories
    except (UnknownLocaleError, ValueError):
        names = Locale.parse(ENGLISH).territories
    return tuple(sorted(((code, names.get(code, code)) for code in _countries()), key=lambda pair: pair[1]))


# --- Days -------------------------------------------------------------------------------------------------------------


def days_of(code: str, first: dt.date, last: dt.date) -> Mapping[dt.date, str]:
    """The public holidays from `first` to `last` (both included) with their names, in order; none without a calendar.

    The names are in the reader's language where the library has it, else in the country's own. A calendar that the
    library knows no longer has no days.
    """
    if not code or last < first:
        return {}
    years = range(max(first.year, FIRST_YEAR), min(last.year, LAST_YEAR) + 1)
    language = get_language() or ENGLISH
    found: dict[dt.date, str] = {}
    for year in years:
        found.update(_year(code, year, language))
    return {day: name for day, name in found.items() if first <= day <= last}


@lru_cache(maxsize=2_048)
def _year(code: str, year: int, language: str) -> Mapping[dt.date, str]:
    country, part = split(code)
    if country not in _countries() or (part and part not in _entity(country).subdivisions):
        return MappingProxyType({})
    entity = _entity(country)
    days = entity(subdiv=part or None, years=[year], language=_spoken(entity, language), expand=False)
    return MappingProxyType({day: name.replace("; ", ", ") for day, name in sorted(days.items())})


def _spoken(entity: Any, language: str) -> str | None:
    """The reader's language as the library calls it; the country's own variant first, then any, else its own."""
    own: str | None = entity.default_language
    wanted = language.replace("-", "_").lower()
    known = [own or "", *sorted(entity.supported_languages)]
    exact = next((name for name in known if name.lower() == wanted), None)
    return exact or next((name for name in known if name.lower().split("_")[0] == wanted.split("_")[0]), own)


# --- The library ------------------------------------------------------------------------------------------------------


@lru_cache(maxsize=1)
def _countries() -> frozenset[str]:
    from holidays.registry import COUNTRIES

    return frozenset(names[1] for names in COUNTRIES.values())


@lru_cache(maxsize=512)
def _entity(country: str) -> Any:
    """The library's class for a country."""
    import holidays

    return getattr(holidays, country).get_entity()
