"""Is a member's day longer than the organisation's limit? (The day's own length is a limit that no policy lifts.)"""

from __future__ import annotations

import datetime as dt

from django.utils.translation import gettext as _

from accounts.models import Organisation
from timesheets_site.lib import dates
from timetracking.rules import durations

Effect = Organisation.Effect


def words_of(organisation: Organisation, date: dt.date, minutes: int) -> str:
    """What is wrong with `minutes` in all on that day; empty where nothing is, or where long days are allowed.

    >>> acme = Organisation(name="Acme", largest_day="refuse", largest_day_minutes=720)
    >>> words_of(acme, dt.date(2026, 6, 15), 780)
    'That makes 13h on Mon 15 June. Acme allows 12h a day.'
    >>> words_of(acme, dt.date(2026, 6, 15), 720)
    ''
    """
    limit = organisation.largest_day_minutes
    if organisation.largest_day == Effect.ALLOW or minutes <= limit:
        return ""
    values = {
        "total": durations.format_minutes(minutes),
        "day": dates.weekday_day_month(date),
        "name": organisation.name,
        "limit": durations.format_minutes(limit),
    }
    if organisation.largest_day == Effect.WARN:
        return _("That makes %(total)s on %(day)s, more than %(limit)s.") % values
    return _("That makes %(total)s on %(day)s. %(name)s allows %(limit)s a day.") % values
