"""What each policy comes to, as one example with its present value. Pure: the days in them are samples of their own."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import Organisation
from timesheets_site.lib import dates

Approver, Effect, Required = Organisation.Approver, Organisation.Effect, Organisation.Required
MONDAY = dt.datetime(2026, 6, 1, 9, 10)  # noqa: DTZ001  # a sample on the wall, in nobody's zone
CLOSED_ON = dt.date(2026, 6, 23)
WEEK = dt.timedelta(days=7)


def edit_window(hours: int) -> str:
    """`With 24, an entry made on Monday at 09:10 can be changed until Tuesday at 09:10.`"""
    if not hours:
        return _("With 0, agents can't change an entry once it is logged.")
    end = MONDAY + dt.timedelta(hours=hours)
    values = {"hours": hours, "time": f"{end:%H:%M}"}
    if end - MONDAY < WEEK:
        day = {"day": dates.weekday_long(end.date())}
        text = _("With %(hours)s, an entry made on Monday at 09:10 can be changed until %(day)s at %(time)s.")
    else:
        day = {"day": dates.day_month(end.date()), "first": dates.day_month(MONDAY.date())}
        text = _("With %(hours)s, an entry made on %(first)s at 09:10 can be changed until %(day)s at %(time)s.")
    return text % {**values, **day}


def future_dates(allowed: bool) -> str:
    if allowed:
        return _("On, as now: a day of leave next week can be logged today.")
    return _("Off, as now: the latest day is today, where the member is.")


def description(required: str) -> str:
    return {
        Required.NEVER: _("Now 50m with the subject “VPN drops” is complete, whatever it is for."),
        Required.BILLABLE: _("Now 50m on a billable ticket needs a description, and a staff meeting does not."),
        Required.ALWAYS: _("Now a staff meeting of 15m needs a description as well."),
    }[Required(required)]


def overlapping(effect: str) -> str:
    return {
        Effect.ALLOW: _("With 09:00–10:30 logged, 10:00–11:00 is now stored without a word."),
        Effect.WARN: _(
            "With 09:00–10:30 logged, 10:00–11:00 is now stored; the member is told, and whoever approves sees it too."
        ),
        Effect.REFUSE: _("With 09:00–10:30 logged, 10:00–11:00 is now refused until one of them is changed."),
    }[Effect(effect)]


def long_day(effect: str, minutes: int) -> str:
    """`With 12 hours: who has logged 11 and adds 2 is told, and it is stored.`"""
    before = max(minutes - 60, 0)
    values = {"limit": hours_text(minutes), "before": hours_text(before)}
    return {
        Effect.ALLOW: _("Now the limit does not count: only the 24 hours of the day itself do."),
        Effect.WARN: _("With %(limit)s hours, who has logged %(before)s hours and adds 2 is told, and it is stored."),
        Effect.REFUSE: _("With %(limit)s hours, who has logged %(before)s hours and adds 2 is refused."),
    }[Effect(effect)] % values


def hours_text(minutes: int) -> str:
    """`7.5`, in the language's own way of writing it."""
    return number_format((Decimal(minutes) / 60).quantize(Decimal("0.01")).normalize() + 0)


def grace_on_tickets(days: int) -> str:
    if not days:
        return _("With 0, a closed ticket takes no time: it has to be reopened first.")
    text = _("With %(days)s, a ticket that was closed on %(first)s takes time until %(last)s.")
    return text % _grace(days)


def grace_on_projects(days: int) -> str:
    if not days:
        return _("With 0, a project takes no time once it is closed or archived.")
    text = _("With %(days)s, a project that was closed on %(first)s takes time until %(last)s.")
    return text % _grace(days)


def _grace(days: int) -> dict[str, object]:
    last = CLOSED_ON + dt.timedelta(days=days)
    return {"days": days, "first": dates.day_month(CLOSED_ON), "last": dates.day_month(last)}


def approval(first: str, second: str) -> str:
    """Who decides on a week of Tom's, whose line manager is Sofia, on a project of Priya's."""
    who = {
        Approver.ANY: _("any manager or admin"),
        Approver.LINE: _("Sofia, who is his line manager"),
        Approver.PROJECT: _("Priya, for his time on the project that she manages"),
    }
    if not second:
        return _("Now a week of Tom's is approved by %(who)s.") % {"who": who[Approver(first)]}
    values = {"first": who[Approver(first)], "second": who[Approver(second)]}
    return _("Now a week of Tom's needs two: %(first)s, and %(second)s.") % values


def deadline(days: int | None, time: dt.time, today: dt.date, first_weekday: int) -> str:
    """`With 1 day and 10:00, the week of 15 – 21 June 2026 is due on Mon 22 June, 10:00.`"""
    if days is None:
        return _("Empty, as now: no week is ever overdue, and nobody is reminded.")
    first = today - dt.timedelta(days=(today.weekday() - first_weekday) % 7)
    last = first + dt.timedelta(days=6)
    text = ngettext(
        "With %(days)s day and %(time)s, the week of %(week)s is due on %(due)s, %(time)s.",
        "With %(days)s days and %(time)s, the week of %(week)s is due on %(due)s, %(time)s.",
        days,
    )
    return text % {
        "days": days,
        "time": f"{time:%H:%M}",
        "week": dates.day_range(first, last),
        "due": dates.weekday_day_month(last + dt.timedelta(days=days)),
    }
