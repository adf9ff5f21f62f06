"""Days of grace: the rule and the database's condition say the same, at every boundary and in every zone."""

import datetime as dt
import zoneinfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests import factories
from timetracking.models import Task, Ticket
from timetracking.rules import closed_records
from timetracking.rules.closed_records import Grace, standing_of

ZONES = ("UTC", "Europe/London", "Pacific/Kiritimati", "America/Sao_Paulo", "Asia/Beirut", "Africa/Cairo")
SECONDS = st.integers(0, 10 * 365 * 86400).map(
    lambda s: dt.datetime(2016, 1, 1, tzinfo=dt.UTC) + dt.timedelta(seconds=s)
)


def grace_at(now, days, zone):
    zone = zoneinfo.ZoneInfo(zone)
    return Grace(days, days, now.astimezone(zone).date(), zone)


@given(ended=SECONDS, later=st.integers(0, 10 * 86400), days=st.integers(1, 9), zone=st.sampled_from(ZONES))
def test_the_instant_since_which_and_the_last_day_are_one_answer(ended, later, days, zone):
    now = ended + dt.timedelta(seconds=later)
    grace = grace_at(now, days, zone)
    ticket = Ticket(number=1, status="closed", closed_at=ended)
    assert standing_of(ticket, grace).takes_time == (ended >= grace.ended_since(Ticket))


@given(ended=SECONDS, days=st.integers(1, 40), zone=st.sampled_from(ZONES))
def test_the_last_second_of_the_last_day_counts_and_the_next_does_not(ended, days, zone):
    ticket = Ticket(number=1, status="closed", closed_at=ended)
    last_on = ended.astimezone(zoneinfo.ZoneInfo(zone)).date() + dt.timedelta(days=days)
    after = dt.datetime.combine(last_on + dt.timedelta(days=1), dt.time(), zoneinfo.ZoneInfo(zone)).astimezone(dt.UTC)
    assert standing_of(ticket, grace_at(after - dt.timedelta(seconds=1), days, zone)).takes_time
    assert not standing_of(ticket, grace_at(after, days, zone)).takes_time


@pytest.mark.parametrize("days", [0, 1, 7])
def test_the_database_finds_what_the_rule_lets_through(acme, carol, days):
    noon = dt.datetime(2026, 6, 18, 12, tzinfo=dt.UTC)
    ends = [None, *(noon - dt.timedelta(days=n, hours=h) for n in (0, 1, 2, 7, 8) for h in (0, 11, 13))]
    for closed in ends:
        for archived in ends:
            for status in ("open", "closed"):
                factories.TicketFactory(status=status, closed_at=closed, archived_at=archived)
                factories.TaskFactory(
                    status="done" if status == "closed" else "open", closed_at=closed, archived_at=archived
                )
    acme.closed_ticket_grace_days = acme.closed_project_grace_days = days
    grace = closed_records.grace_of(carol, noon)
    for model in (Ticket, Task):
        found = set(model.objects.filter(model.open_to_time(grace.ended_since(model))).values_list("pk", flat=True))
        assert found == {row.pk for row in model.objects.all() if standing_of(row, grace).takes_time}
        assert 0 < len(found) < model.objects.count()
