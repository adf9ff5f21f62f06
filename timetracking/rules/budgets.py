"""How much of a budget or an estimate is used, when it runs out, and how people write its size in hours."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from decimal import Decimal

from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _

from timesheets_site.lib.errors import RuleViolation
from timetracking.models import Project
from timetracking.models.amounts import PARTS
from timetracking.rules import durations

MOST_HOURS = 100_000
LONGEST_TEXT = 40
WARN_AT_PERCENT = 80
FORECAST_WEEKS = 4
"""A forecast goes by the last full weeks."""
MARKS = (WARN_AT_PERCENT, 100)
"""Percents at which somebody is told."""
AMOUNT = re.compile(rf"({durations.NUMBER})(?: ?({durations.WORD})(?: ?([0-9]+)(?: ?({durations.WORD}))?)?)?")


@dataclass(frozen=True, slots=True)
class Usage:
    """What is used of what was planned (None where nothing was): minutes, or money in whole thousandths."""

    used: int
    planned: int | None

    @property
    def percent(self) -> int | None:
        """Rounded down, so that 100 % is said only when it is reached.

        >>> Usage(299, 300).percent, Usage(450, 300).percent, Usage(10, None).percent
        (99, 150, None)
        """
        return self.used * 100 // self.planned if self.planned else None

    @property
    def left(self) -> int | None:
        """What is left; negative once it is overrun.

        >>> Usage(60, 100).left, Usage(160, 100).left
        (40, -60)
        """
        return None if self.planned is None else self.planned - self.used

    @property
    def state(self) -> str:
        """ "over" from 100 %, "near" from 80 %, else "".

        >>> Usage(79, 100).state, Usage(80, 100).state, Usage(100, 100).state, Usage(5, None).state
        ('', 'near', 'over', '')
        """
        percent = self.percent
        if percent is None or percent < WARN_AT_PERCENT:
            return ""
        return "over" if percent >= 100 else "near"

    @property
    def marks(self) -> tuple[int, ...]:
        """The marks that it has reached.

        >>> Usage(79, 100).marks, Usage(80, 100).marks, Usage(250, 100).marks, Usage(5, None).marks
        ((), (80,), (80, 100), ())
        """
        percent = self.percent
        return () if percent is None else tuple(mark for mark in MARKS if percent >= mark)


def of_money(used: Decimal, planned: Decimal | None) -> Usage:
    """
    >>> of_money(Decimal("80.00"), Decimal(100)).percent, of_money(Decimal(5), None).percent
    (80, None)
    """
    return Usage(int(used * PARTS), None if planned is None else int(planned * PARTS))


def words_over(project: Project, minutes: int, amount: Decimal) -> str:
    """That this much time and money is more than the project's budget; empty where it is not. No sums of money in it.

    >>> it = Project(code="PRJ-112", budget_minutes=7200, budget_amount=Decimal(100))
    >>> words_over(it, 7440, Decimal(0)), words_over(it, 60, Decimal("100.01")), words_over(it, 7200, Decimal(100))
    ('This puts PRJ-112 4h over its budget of 120h.', 'This puts PRJ-112 over its budget in money.', '')
    """
    if project.budget_minutes is not None and minutes > project.budget_minutes:
        return gettext("This puts %(project)s %(over)s over its budget of %(budget)s.") % {
            "project": project.code,
            "over": durations.format_minutes(minutes - project.budget_minutes),
            "budget": durations.format_minutes(project.budget_minutes),
        }
    if project.budget_amount is not None and amount > project.budget_amount:
        return gettext("This puts %(project)s over its budget in money.") % {"project": project.code}
    return ""


def runs_out_on(left: int | None, weekly: int, *, today: dt.date) -> dt.date | None:
    """The day on which what is `left` is used up at `weekly` a week; None if that cannot be said.

    >>> runs_out_on(1320, 660, today=dt.date(2026, 6, 18))
    datetime.date(2026, 7, 2)
    >>> runs_out_on(0, 660, today=dt.date(2026, 6, 18)) is None
    True
    """
    if not left or left < 0 or weekly < 1:
        return None
    days = -(-left * 7 // weekly)
    return today + dt.timedelta(days=days) if days <= 5 * 366 else None


def parse_hours(text: str) -> int:
    """Minutes of a budget or an estimate. A bare number is hours, and there is no day to fit into.

    >>> parse_hours("120"), parse_hours("120h"), parse_hours("1.5"), parse_hours("4h 30m"), parse_hours("90m")
    (7200, 7200, 90, 270, 90)
    >>> parse_hours("12:30")
    750
    """
    text = durations.SPACES.sub(" ", text).strip(" ").lower()
    if len(text) > LONGEST_TEXT:
        raise _problem("duration_format", _("Use a format like 120, 120h or 4h 30m"))
    minutes = _read(text)
    if minutes is None:
        raise _problem("duration_format", _("Use a format like 120, 120h or 4h 30m"))
    if minutes < 1:
        raise _problem("duration_too_short", _("Enter at least 1 minute"))
    if minutes > MOST_HOURS * 60:
        raise _problem("duration_too_long", _("Enter 100,000h or less"))
    return minutes


def _read(text: str) -> int | None:
    if match := durations.CLOCK.fullmatch(text):
        hours, minutes = int(match[1] or 0), int(match[2])
        return hours * 60 + minutes if minutes < 60 else None
    match = AMOUNT.fullmatch(text)
    if match is None:
        return None
    number, unit, rest, rest_unit = match.groups()
    hour_words, minute_words = durations.unit_words(get_language() or "")
    if unit is None or (unit in hour_words and (rest_unit is None or rest_unit in minute_words)):
        return durations.hours_to_minutes(number) + int(rest or 0)
    if unit in minute_words and rest is None and number.isdigit():
        return int(number)
    return None


def _problem(code: str, message: object) -> RuleViolation:
    return RuleViolation(code, message)
