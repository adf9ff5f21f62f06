"""Who works when: a part-timer, hours that change, leave, and days off of everybody. All of it ahead of today."""

from __future__ import annotations

import datetime as dt

from accounts.models import DayOff, Membership
from accounts.services import working_time
from timetracking.demo.firms import Firm
from timetracking.rules import months, weeks

HARBOURSIDE = "harbourside"
GRACE, PRIYA = "grace@harbourside.example", "priya@harbourside.example"
MONDAY_TO_WEDNESDAY = 0b0000111


def settle(firm: Firm, admin: Membership, people: dict[str, Membership], today: dt.date) -> None:
    """What the firm's admin has settled of it so far; nothing but at Harbourside."""
    if firm.slug != HARBOURSIDE:
        return
    monday = weeks.week_containing(today, first_weekday=0)
    working_time.add_change(
        admin,
        people[GRACE].pk,
        starts_on=months.next_month(today.replace(day=1)),
        weekly_capacity_minutes=1350,
        working_weekdays=MONDAY_TO_WEDNESDAY,
    )
    leave = monday + 3 * 7 * weeks.DAY
    _off(admin, people[PRIYA].pk, "Annual leave", leave + 3 * weeks.DAY, leave + 4 * weeks.DAY)
    team_day = monday + 2 * 7 * weeks.DAY + 4 * weeks.DAY
    _off(admin, None, "Team day", team_day, team_day)
    eve = dt.date(today.year, 12, 24)
    _off(admin, None, "Christmas Eve", eve, eve, DayOff.Part.HALF)


def _off(
    admin: Membership,
    member_id: int | None,
    name: str,
    first: dt.date,
    last: dt.date,
    part: DayOff.Part = DayOff.Part.WHOLE,
) -> None:
    working_time.add_day_off(admin, member_id, name=name, first_on=first, last_on=last, part=part.value)
