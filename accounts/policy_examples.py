"""What each policy comes to, as one example with its present value. Pure: the days in them are samples of their own."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
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


def _as_worked(minutes: int, step: int, rounding: str, minimum: int) -> int:
    return minutes


billed: Callable[[int, int, str, int], int] = _as_worked
"""Billed minutes of worked minutes, by step, rounding and minimum: the app above that bills sets its rule here."""


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


def longest_timer(minutes: int) -> str:
    """`With 10 hours, a timer started on Monday at 09:10 is forgotten at 19:10.`"""
    end = MONDAY + dt.timedelta(minutes=minutes)
    values = {"limit": hours_text(minutes), "time": f"{end:%H:%M}", "day": dates.weekday_long(end.date())}
    text = _("With %(limit)s hours, a timer started on Monday at 09:10 is forgotten at %(time)s.")
    if end.date() > MONDAY.date():
        text = _("With %(limit)s hours, a timer started on Monday at 09:10 is forgotten on %(day)s at %(time)s.")
    return text % values


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


# --- Billing ----------------------------------------------------------------------------------------------------------


def default_rate(rate: Decimal | None, currency: str) -> str:
    if rate is None:
        return _("Empty, as now: such time has no rate, and its amount is 0.")
    hour = {"hour": f"{_plain(rate)} {currency}", "half": f"{_plain(rate / 2)} {currency}"}
    return _("Now an hour of such work is %(hour)s, and 30m of it %(half)s.") % hour


def _plain(amount: Decimal) -> str:
    return number_format(amount.quantize(Decimal("0.01")))


def billable_by_default(on: bool) -> str:
    if on:
        return _("On, as now: 50m on a ticket of which nobody has said anything is billed.")
    return _("Off, as now: 50m on a ticket of which nobody has said anything is not billed.")


def increment(step: int, rounding: str, minimum: int) -> str:
    """`Now 52m is billed as 60m, and 7m as 15m.`"""
    values = {"long": billed(52, step, rounding, minimum), "short": billed(7, step, rounding, minimum)}
    return _("Now 52m is billed as %(long)sm, and 7m as %(short)sm.") % values


def minimum(step: int, rounding: str, minimum: int) -> str:
    return _("Now a call of 4m is billed as %(minutes)sm.") % {"minutes": billed(4, step, rounding, minimum)}


def approved_only(on: bool) -> str:
    if on:
        return _("On, as now: an invoice finds time once its week is approved.")
    return _("Off, as now: an invoice also finds time that nobody has looked at yet.")


def over_budget(effect: str) -> str:
    return {
        Effect.ALLOW: _("Now the eleventh hour on a project of ten is stored without a word."),
        Effect.WARN: _("Now the eleventh hour on a project of ten is stored, and the member is told."),
        Effect.REFUSE: _("Now the eleventh hour on a project of ten is refused until its budget grows."),
    }[Effect(effect)]


def billable_goal(percent: int) -> str:
    hours = {"percent": percent, "hours": hours_text(40 * 60 * percent // 100)}
    return _("With %(percent)s, a week of 40 hours meets it with %(hours)s billable ones.") % hours


def utilisation_goal(percent: int) -> str:
    hours = {"percent": percent, "hours": hours_text(30 * 60 * percent // 100)}
    return _("With %(percent)s, who works 30 hours a week meets it with %(hours)s billable ones.") % hours


def tax(name: str, percent: Decimal) -> str:
    if not percent:
        return _("With 0, nothing is added.")
    values = {"tax": name or _("tax"), "percent": number_format(percent.normalize() + 0), "sum": _plain(percent * 10)}
    return _("Now 1,000 net has %(sum)s of %(tax)s (%(percent)s %%) added.") % values


def payment(days: int) -> str:
    due = dates.day_month(CLOSED_ON + dt.timedelta(days=days))
    values = {"days": days, "issued": dates.day_month(CLOSED_ON), "due": due}
    return _("With %(days)s, an invoice of %(issued)s is due on %(due)s.") % values


def invoice_number(prefix: str, first: int) -> str:
    values = {"first": f"{prefix}{first}", "second": f"{prefix}{first + 1}"}
    return _("Now they are called %(first)s, %(second)s and so on, without gaps.") % values
