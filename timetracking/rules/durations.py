"""Durations as people type and read them: one text to whole minutes, and minutes to text.

Only decimal hours are rounded, to the nearest minute. `static/entry-form.js` holds a copy of the reading part for the
echo under the field; both pass `tests/timetracking/duration_cases.json`, and this one decides.
"""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from functools import lru_cache

from django.utils.formats import number_format
from django.utils.translation import get_language, gettext, ngettext, pgettext
from django.utils.translation import gettext_lazy as _

from timesheets_site.lib.errors import RuleViolation

LONGEST = 24 * 60
LONGEST_TEXT = 40
WHOLE_HOURS_UP_TO = 12  # a bare 12 is hours, a bare 13 is minutes

MINUS = "\u2212"
EN_DASH = "\u2013"

HOUR_WORDS = frozenset({"h", "hr", "hrs", "hour", "hours"})
MINUTE_WORDS = frozenset({"m", "min", "mins", "minute", "minutes"})

# Only these count as space and only ASCII digits as digits: the script copy must read exactly the same.
SPACES = re.compile(r"[\t\n\v\f\r \u00a0\u2009\u202f]+")
NUMBER = r"[0-9]+(?:[.,][0-9]+)?|[.,][0-9]+"
WORD = r"[^\W\d_]+"
UNITS = re.compile(rf"({NUMBER}) ?({WORD})(?: ?([0-9]+)(?: ?({WORD}))?)?")
CLOCK = re.compile(r"([0-9]*):([0-9]{2})")
DECIMAL = re.compile(r"[0-9]*[.,][0-9]+")
WHOLE = re.compile(r"[0-9]+")
RANGE = re.compile(r"([0-9]{1,2})(?::([0-9]{2}))? ?[-\u2013\u2014] ?([0-9]{1,2})(?::([0-9]{2}))?")
ISO = re.compile(r"pt(?:([0-9]+(?:[.,][0-9]+)?|[.,][0-9]+)h)?(?:([0-9]+)m)?(?:([0-9]+)s)?")


@dataclass(frozen=True, slots=True)
class Reading:
    """What a text was understood as. `started` and `ended` are set by a range of times; an end at midnight is 00:00."""

    minutes: int
    started: dt.time | None = None
    ended: dt.time | None = None
    bare: str = ""  # the number alone, when no unit said whether it means hours or minutes

    def words(self) -> str:
        """The reading in words; a bare number also says what it was taken for.

        >>> parse("1,5").words()
        '1 hour 30 minutes'
        >>> parse("15").words()
        '15 → 15 minutes'
        """
        return f"{self.bare} → {in_words(self.minutes)}" if self.bare else in_words(self.minutes)


def parse(text: str, *, current_minutes: int | None = None) -> Reading:
    """Read a duration; `+15m` and `-15m` change `current_minutes`.

    >>> parse("1h 30m").minutes, parse("1:30").minutes, parse(".5").minutes, parse("8").minutes, parse("90").minutes
    (90, 90, 30, 480, 90)
    >>> parse("9-10:30")
    Reading(minutes=90, started=datetime.time(9, 0), ended=datetime.time(10, 30), bare='')
    >>> parse("+15m", current_minutes=30).minutes
    45
    >>> parse("1:75")
    Traceback (most recent call last):
    timesheets_site.lib.errors.RuleViolation: Minutes go up to 59. Did you mean 2:15?
    """
    text = SPACES.sub(" ", text).strip(" ").lower()
    if not text:
        raise problem("duration_required", _("Enter a duration"))
    if len(text) > LONGEST_TEXT:
        raise unreadable()
    if text[0] in ("+", "-", MINUS):
        change = read(text[1:].lstrip(" ")).minutes
        minutes = (current_minutes or 0) + (change if text[0] == "+" else -change)
        return within_a_day(Reading(minutes))
    if match := RANGE.fullmatch(text):
        return span(*match.groups())
    return within_a_day(read(text))


def read(text: str) -> Reading:
    """One amount of time without sign and not a range; may be nothing or too much."""
    if match := UNITS.fullmatch(text):
        return in_units(*match.groups())
    if match := CLOCK.fullmatch(text):
        hours, minutes = int(match[1] or 0), int(match[2])
        if minutes > 59:
            total = hours * 60 + minutes
            raise misread(_("Minutes go up to 59."), clock(total) if total <= LONGEST else "", "duration_minutes")
        return Reading(hours * 60 + minutes)
    if DECIMAL.fullmatch(text):
        return Reading(hours_to_minutes(text))
    if WHOLE.fullmatch(text):
        number = int(text)
        if number > LONGEST:
            raise too_long(text)
        return Reading(number * 60 if number <= WHOLE_HOURS_UP_TO else number, bare=str(number) if number else "")
    if (match := ISO.fullmatch(text)) and any(match.groups()):
        seconds = int(match[3] or 0)
        return Reading(hours_to_minutes(match[1] or "0") + int(match[2] or 0) + (seconds + 30) // 60)
    raise unreadable()


def in_units(number: str, unit: str, rest: str | None, rest_unit: str | None) -> Reading:
    """1h 30m, 1h30, 1.5h, 90 min."""
    hours, minutes = unit_words(get_language() or "")
    if unit in hours and (rest_unit is None or rest_unit in minutes):
        total = hours_to_minutes(number) + int(rest or 0)
        if total > LONGEST and not rest and number.isdigit():
            raise too_long(number)
        return Reading(total)
    if unit in minutes and rest is None and number.isdigit():
        return Reading(int(number))
    raise unreadable()


def span(start_hour: str, start_minute: str | None, end_hour: str, end_minute: str | None) -> Reading:
    """A range of times within one day; it may end at midnight."""
    start_minutes, end_minutes = int(start_minute or 0), int(end_minute or 0)
    if max(start_minutes, end_minutes) > 59 or max(int(start_hour), int(end_hour)) > 24:
        raise unreadable()
    start, end = int(start_hour) * 60 + start_minutes, int(end_hour) * 60 + end_minutes
    end = end or LONGEST
    if start >= LONGEST or end > LONGEST:
        raise unreadable()
    if end <= start:
        later = end + LONGEST // 2
        meant = f"{clock(start)}{EN_DASH}{clock(later)}" if start < later < LONGEST else ""
        raise misread(_("The end is before the start."), meant, "duration_backwards")
    return Reading(end - start, started=time_of_day(start), ended=time_of_day(end))


def within_a_day(reading: Reading) -> Reading:
    if reading.minutes < 1:
        raise problem("duration_too_short", _("Enter at least 1 minute"))
    if reading.minutes > LONGEST:
        raise misread(_("Enter 24h or less."), "", "duration_too_long")
    return reading


def hours_to_minutes(text: str) -> int:
    """Decimal hours to the nearest minute, halves up, without floating point.

    >>> hours_to_minutes("1,25"), hours_to_minutes("0.008"), hours_to_minutes("0.0083333333333333333334")
    (75, 0, 1)
    """
    whole, _point, fraction = text.replace(",", ".").partition(".")
    scale = 10 ** len(fraction)
    return (2 * int(whole + fraction) * 60 + scale) // (2 * scale)


def time_of_day(minutes: int) -> dt.time:
    return dt.time(minutes // 60 % 24, minutes % 60)


# Refusals


def problem(code: str, message: object) -> RuleViolation:
    return RuleViolation(code, message, field="duration")


def unreadable() -> RuleViolation:
    return problem("duration_format", _("Use a format like 1h 30m, 1:30, 1.5 or 90m"))


def misread(what: object, meant: str, code: str) -> RuleViolation:
    return problem(code, f"{what} {gettext('Did you mean %s?') % meant}" if meant else str(what))


def too_long(digits: str) -> RuleViolation:
    """More than a day: most likely 230h is 2h 30m and 90h is 90m."""
    digits = digits.lstrip("0")
    meant = 0
    if len(digits) == 2:
        meant = int(digits)
    elif len(digits) <= 4 and int(digits[-2:]) <= 59:
        meant = int(digits[:-2]) * 60 + int(digits[-2:])
    return misread(_("Enter 24h or less."), format_minutes(meant) if 0 < meant <= LONGEST else "", "duration_too_long")


# Writing


def format_minutes(minutes: int) -> str:
    """
    >>> format_minutes(90), format_minutes(425), format_minutes(45), format_minutes(120), format_minutes(0)
    ('1h 30m', '7h 05m', '45m', '2h', '0h')
    >>> format_minutes(950 * 2250), format_minutes(60001)
    ('35,625h', '1,000h 01m')
    >>> format_minutes(-45) == MINUS + "45m"
    True
    """
    return _formatted(minutes, get_language() or "")


@lru_cache(maxsize=8192)
def _formatted(minutes: int, language: str) -> str:
    hours, rest = divmod(abs(minutes), 60)
    hour, minute = unit_letters(language)
    sign = MINUS if minutes < 0 else ""
    if not hours and rest:
        return f"{sign}{rest}{minute}"
    return f"{sign}{grouped(hours)}{hour} {rest:02}{minute}" if rest else f"{sign}{grouped(hours)}{hour}"


def typed(minutes: int) -> str:
    """As `format_minutes`, for a field that is read again, where `1,109h` would be little more than an hour.

    >>> typed(66540), typed(90)
    ('1109h', '1h 30m')
    """
    hours = abs(minutes) // 60
    return format_minutes(minutes).replace(grouped(hours), str(hours), 1) if hours > 999 else format_minutes(minutes)


def clock(minutes: int) -> str:
    """
    >>> clock(90), clock(5)
    ('1:30', '0:05')
    """
    sign = MINUS if minutes < 0 else ""
    return f"{sign}{abs(minutes) // 60}:{abs(minutes) % 60:02}"


def in_words(minutes: int) -> str:
    """
    >>> in_words(90), in_words(60), in_words(1), in_words(0)
    ('1 hour 30 minutes', '1 hour', '1 minute', '0 minutes')
    """
    hours, rest = divmod(minutes, 60)
    parts = []
    if hours:
        parts.append(ngettext("%(count)d hour", "%(count)d hours", hours) % {"count": hours})
    if rest or not hours:
        parts.append(ngettext("%(count)d minute", "%(count)d minutes", rest) % {"count": rest})
    return " ".join(parts)


@lru_cache(maxsize=64)
def unit_letters(language: str) -> tuple[str, str]:
    """The letters of the active language, which is `language`: the cache needs its name."""
    return pgettext("letter for hours", "h"), pgettext("letter for minutes", "m")


@lru_cache(maxsize=64)
def unit_words(language: str) -> tuple[frozenset[str], frozenset[str]]:
    """What may follow a number in the active language; the English words always work."""
    hours = pgettext("what people type for hours, lower case, with spaces between", "h hr hrs hour hours")
    minutes = pgettext("what people type for minutes, lower case, with spaces between", "m min mins minute minutes")
    return HOUR_WORDS | set(hours.split()), MINUTE_WORDS | set(minutes.split())


def grouped(count: int) -> str:
    """A whole number as people write it, in the active language: `1,050`.

    >>> grouped(1050), grouped(7)
    ('1,050', '7')
    """
    return number_format(count, force_grouping=True)
