"""A timesheet as this format writes it, and the names that conditions may use of it."""

from __future__ import annotations

import datetime as dt
import operator
import zoneinfo
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable
from typing import Any

from django.db.models import DateField, ExpressionWrapper, F, IntegerField, OuterRef, Q, QuerySet, Subquery, Sum, Value
from django.db.models.functions import Coalesce, ExtractIsoYear, ExtractWeek

from accounts.models import Membership
from timetracking.api import values as wire
from timetracking.api.connectwise import filtering, periods
from timetracking.api.connectwise.filtering import DAY, EVERYTHING, NOTHING, Field, Fields, Kind
from timetracking.api.connectwise.references import member_fields
from timetracking.api.connectwise.sheet_audits import member_out
from timetracking.api.connectwise.vocabulary import Words, sheet_states, sheet_word
from timetracking.models import TimeEntry, Timesheet
from timetracking.rules import deadlines
from timetracking.rules.weeks import year_and_period

COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "=": operator.eq, "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge,
}  # fmt: skip
FOURTH_DAY = ExpressionWrapper(F("week_start") + Value(3 * DAY), output_field=DateField())
MINUTES = TimeEntry.objects.filter(timesheet=OuterRef("pk")).order_by().values("timesheet").annotate(of=Sum("minutes"))


def rows_for(member: Membership) -> QuerySet[Timesheet]:
    """The sheets that a member may see, each with its `minutes`."""
    minutes = Coalesce(Subquery(MINUTES.values("of")), Value(0), output_field=IntegerField())
    rows: QuerySet[Timesheet] = (
        Timesheet.objects.visible_to(member).select_related("member__user").annotate(minutes=minutes)
    )
    return rows


def written(rows: Iterable[Timesheet], actor: Membership, words: Words) -> list[dict[str, Any]]:
    """The sheets as JSON objects."""
    return [sheet_out(sheet, actor, words) for sheet in rows]


def sheet_out(sheet: Any, actor: Membership, words: Words) -> dict[str, Any]:
    """One sheet as a JSON object; it came from `rows_for`."""
    sheet.member.organisation = actor.organisation
    year, period = year_and_period(sheet.week_start)
    return {
        "id": sheet.pk,
        "member": member_out(sheet.member),
        "year": year,
        "period": period,
        "dateStart": midnight(sheet.week_start),
        "dateEnd": midnight(sheet.week_end),
        "deadline": wire.utc(due_at(sheet.week_start, actor, sheet.member.zone)),
        "status": sheet_word(words, sheet.state),
        "hours": wire.hours_of(sheet.minutes),
        "_info": {},
    }


def midnight(day: dt.date) -> str:
    """
    >>> midnight(dt.date(2024, 2, 12))
    '2024-02-12T00:00:00Z'
    """
    return f"{day:%Y-%m-%d}T00:00:00Z"


def due_at(week_start: dt.date, actor: Membership, zone: dt.tzinfo) -> dt.datetime | None:
    """Until when the week has to be sent; None where the organisation sets no deadline."""
    days = actor.organisation.deadline_days
    if days is None:
        return None
    return deadlines.due_at(week_start, days=days, time=actor.organisation.deadline_time, zone=zone)


# --- What conditions may name -----------------------------------------------------------------------------------------


def fields_of(actor: Membership, words: Words) -> Fields:
    """The fields of a sheet, for conditions and `orderBy`."""
    today = actor.today()
    return {
        "id": filtering.number("pk"),
        **member_fields("member", "member"),
        "year": Field(Kind.NUMBER, own=_numbered("year", actor, today), order=(ExtractIsoYear(FOURTH_DAY),)),
        "period": Field(Kind.NUMBER, own=_numbered("period", actor, today), order=(ExtractWeek(FOURTH_DAY),)),
        "datestart": Field(Kind.MOMENT, own=_midnight(dt.timedelta()), order=("week_start",)),
        "dateend": Field(Kind.MOMENT, own=_midnight(6 * DAY), order=("week_start",)),
        "deadline": Field(Kind.MOMENT, own=_deadline(actor, today), order=("week_start",)),
        "status": filtering.words({word: Q(state__in=states) for word, states in sheet_states(words).items()}, "state"),
        "hours": filtering.hours("minutes"),
    }


def _numbered(number: str, actor: Membership, today: dt.date) -> filtering.Own:
    def found(compared: str, value: object) -> Q:
        if not isinstance(value, int):
            return NOTHING
        fits = COMPARE[compared]
        return periods.condition(
            lambda week: fits(getattr(week, number), value),
            first_weekday=actor.organisation.first_weekday,
            today=today,
        )

    return found


def _midnight(after: dt.timedelta) -> filtering.Own:
    """The midnight (UTC) of a day so long after the week's first."""

    def found(compared: str, value: object) -> Q:
        if not isinstance(value, dt.datetime):
            return NOTHING
        try:
            return filtering.by_midnight("week_start", compared, value - after)
        except OverflowError:  # before the first day that there is
            return EVERYTHING if compared in (">", ">=") else NOTHING

    return found


def _deadline(actor: Membership, today: dt.date) -> filtering.Own:
    """A week is due at an instant of its member's zone: so the weeks are looked up by zones, of which there are few."""

    def found(compared: str, value: object) -> Q:
        if actor.organisation.deadline_days is None:
            return EVERYTHING if value is None else NOTHING
        if not isinstance(value, dt.datetime):
            return NOTHING
        result = NOTHING
        for name in Timesheet.objects.order_by().values_list("member__user__time_zone", flat=True).distinct():
            zone = zoneinfo.ZoneInfo(name or actor.organisation.time_zone)
            result |= Q(member__user__time_zone=name) & _due(actor, zone, compared, value, today)
        return result

    return found


def _due(actor: Membership, zone: dt.tzinfo, compared: str, value: dt.datetime, today: dt.date) -> Q:
    starts = [week.start for week in periods.weeks_until(today.year + periods.AHEAD, actor.organisation.first_weekday)]

    def due(start: dt.date) -> dt.datetime:
        return due_at(start, actor, zone) or value  # there is a deadline: the caller has asked

    first, after = bisect_left(starts, value, key=due), bisect_right(starts, value, key=due)
    chosen = {
        "=": starts[first:after], "<": starts[:first], "<=": starts[:after], ">": starts[after:], ">=": starts[first:],
    }[compared]  # fmt: skip
    return Q(week_start__gte=chosen[0], week_start__lte=chosen[-1]) if chosen else NOTHING
