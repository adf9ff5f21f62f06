"""Closing a month for everybody, and opening the closed period again for one member."""

import datetime as dt

import pytest
import time_machine

from accounts.models import AuditEvent, Organisation
from accounts.services import organisations
from tests import factories
from timesheets_site.lib.errors import Conflict, Locked, NotAllowed, OutOfReach, RuleViolation
from timetracking.models import PeriodReopening, TimeEntry
from timetracking.services import catalogue, periods, time_entries

NOON = dt.datetime(2026, 6, 18, 12, tzinfo=dt.UTC)  # a Thursday
DAY = dt.timedelta(days=1)
APRIL, MAY, JUNE = (dt.date(2026, month, 1) for month in (4, 5, 6))
LAST_OF_MAY = dt.date(2026, 5, 31)


@pytest.fixture(autouse=True)
def now(acme):
    with time_machine.travel(NOON, tick=False) as clock:
        yield clock


@pytest.fixture
def closed(acme, alice):
    """May is closed."""
    return periods.close_month(alice, MAY, version=1)


def log(actor, date, **fields):
    return time_entries.log(actor, **{"kind": "GENERAL", "minutes": 30, "subject": "Stand-up", **fields, "date": date})


def code_of(call, *args, **kwargs):
    with pytest.raises((RuleViolation, NotAllowed, OutOfReach, Conflict)) as refusal:
        call(*args, **kwargs)
    return refusal.value.code


def open_for(actor, member, **values):
    return periods.reopen_for(actor, member, **{"first_on": MAY, "until_at": NOON + DAY, **values})


# --- Closing ----------------------------------------------------------------------------------------------------------


def test_a_month_is_closed_for_everybody_in_one_action(acme, alice, bob, carol):
    entry = log(carol, LAST_OF_MAY)
    assert periods.close_month(alice, MAY, version=1).lock_date == LAST_OF_MAY
    for actor in (alice, bob, carol):
        assert code_of(log, actor, LAST_OF_MAY) == "period_closed"
        assert code_of(time_entries.edit, actor, entry.pk, minutes=5) in ("period_closed", "not_found")
        assert log(actor, JUNE).pk
    assert code_of(time_entries.delete, carol, entry.pk) == "period_closed"
    event = AuditEvent.objects.get(action="organisation.settings_changed")
    assert event.changes == {"lock_date": [None, "2026-05-31"]}


def test_the_next_month_follows_and_none_is_closed_twice(alice, closed):
    assert code_of(periods.close_month, alice, MAY, version=2) == "month_closed"
    assert code_of(periods.close_month, alice, APRIL, version=2) == "month_closed"
    assert code_of(periods.close_month, alice, JUNE, version=2) == "month_not_over"
    with time_machine.travel(dt.datetime(2026, 7, 1, tzinfo=dt.UTC), tick=False):
        assert periods.close_month(alice, JUNE, version=2).lock_date == dt.date(2026, 6, 30)


def test_a_month_is_over_where_the_organisation_is(acme, alice, now):
    now.move_to(dt.datetime(2026, 6, 30, 22, 59, 59, tzinfo=dt.UTC))  # a second before midnight in London
    assert code_of(periods.close_month, alice, JUNE, version=1) == "month_not_over"
    now.shift(dt.timedelta(seconds=1))
    assert periods.close_month(alice, JUNE, version=1).lock_date == dt.date(2026, 6, 30)


def test_only_admins_close_what_they_have_seen(alice, bob, carol):
    assert code_of(periods.close_month, bob, MAY, version=1) == "not_allowed"
    assert code_of(periods.close_month, carol, MAY, version=1) == "not_allowed"
    assert code_of(periods.close_month, alice, MAY, version=7) == "stale_version"


def test_the_date_is_moved_back_or_cleared(alice, carol, closed):
    organisations.edit(alice, version=2, lock_date=dt.date(2026, 4, 30))
    assert log(carol, LAST_OF_MAY).pk
    assert code_of(log, carol, dt.date(2026, 4, 30)) == "period_closed"
    organisations.edit(alice, version=3, lock_date=None)
    assert log(carol, dt.date(2026, 4, 30)).pk


# --- Opening again for one member -------------------------------------------------------------------------------------


def test_a_closed_period_is_open_again_for_one_member_until_a_moment(acme, alice, bob, carol, closed, now):
    reopening = open_for(alice, carol, first_on=dt.date(2026, 5, 18), reason=" Trade fair ")
    entry = log(carol, dt.date(2026, 5, 18))
    assert log(bob, LAST_OF_MAY, member=carol).pk  # and for who may write for her
    assert code_of(log, carol, dt.date(2026, 5, 17)) == "period_closed"
    assert code_of(log, bob, LAST_OF_MAY) == "period_closed"
    now.move_to(NOON + DAY - dt.timedelta(seconds=1))
    assert time_entries.edit(carol, entry.pk, minutes=45).minutes == 45
    now.move_to(NOON + DAY)
    assert code_of(log, carol, LAST_OF_MAY) == "period_closed"
    assert code_of(time_entries.edit, bob, entry.pk, minutes=46) == "period_closed"
    assert (reopening.reason, reopening.opened_by) == ("Trade fair", alice)


def test_a_reopening_is_in_the_trail_and_so_is_its_end(alice, carol, closed):
    reopening = open_for(alice, carol, reason="Trade fair")
    told = AuditEvent.objects.get(action="period.reopened")
    assert (told.actor, told.on_behalf_of, told.object_id) == (alice, carol, reopening.pk)
    assert told.changes["first_on"] == [None, "2026-05-01"]
    assert told.changes["reason"] == ["", "Trade fair"]
    log(carol, LAST_OF_MAY)
    assert periods.end_reopening(alice, reopening.pk).ended_at == NOON
    assert code_of(log, carol, LAST_OF_MAY) == "period_closed"
    periods.end_reopening(alice, reopening.pk)  # once more is a harmless success
    assert AuditEvent.objects.filter(action="period.reopening_ended").count() == 1


def test_what_has_passed_is_not_ended_again(alice, carol, closed, now):
    reopening = open_for(alice, carol)
    now.shift(2 * DAY)
    assert periods.end_reopening(alice, reopening.pk).ended_at is None


def test_the_widest_of_two_reopenings_counts(alice, carol, closed):
    open_for(alice, carol, first_on=dt.date(2026, 5, 20), until_at=NOON + 3 * DAY)
    wide = open_for(alice, carol, first_on=MAY)
    assert log(carol, MAY).pk
    periods.end_reopening(alice, wide.pk)
    assert code_of(log, carol, MAY) == "period_closed"
    assert log(carol, dt.date(2026, 5, 20)).pk


@pytest.mark.parametrize(
    ("values", "code", "field"),
    [
        ({"first_on": JUNE}, "after_lock_date", "first_on"),
        ({"until_at": NOON}, "until_in_past", "until_on"),
        ({"until_at": NOON + 31 * DAY + dt.timedelta(seconds=1)}, "until_too_far", "until_on"),
        ({"reason": "x" * 501}, "text_too_long", "reason"),
        ({"reason": "a\x00b"}, "text_unreadable", "reason"),
    ],
)
def test_reopenings_that_are_refused(alice, carol, closed, values, code, field):
    with pytest.raises(RuleViolation) as refusal:
        open_for(alice, carol, **values)
    assert (refusal.value.code, refusal.value.field) == (code, field)
    assert not PeriodReopening.objects.exists()
    assert open_for(alice, carol, first_on=LAST_OF_MAY, until_at=NOON + 31 * DAY).pk


def test_who_and_where_nothing_is_opened(acme, alice, bob, carol, mallory, closed):
    carol.is_active = False
    assert code_of(open_for, alice, carol) == "member_inactive"
    assert code_of(open_for, bob, alice) == "not_allowed"
    with pytest.raises(ValueError, match="another organisation"):
        open_for(alice, mallory)
    reopening = open_for(alice, bob)
    assert code_of(periods.end_reopening, bob, reopening.pk) == "not_allowed"
    assert code_of(periods.end_reopening, alice, reopening.pk + 1) == "not_found"
    Organisation.objects.update(lock_date=None)
    assert code_of(open_for, alice, bob) == "no_lock_date"


def test_the_other_rules_stay(alice, carol, acme):
    entry = factories.TimeEntryFactory(member=carol, date=LAST_OF_MAY, created_at=NOON - 2 * DAY)
    periods.close_month(alice, MAY, version=1)
    open_for(alice, carol)
    assert code_of(time_entries.edit, carol, entry.pk, minutes=5) == "edit_window_over"
    entry.timesheet.state = "approved"
    entry.timesheet.save()
    assert code_of(log, carol, LAST_OF_MAY) == "week_approved"


def test_a_request_that_began_before_the_close_meets_it(acme, alice, carol):
    """The organisation was read at its start; the lock date is asked for again when something is written."""
    entry, ticket = log(carol, LAST_OF_MAY), factories.TicketFactory()
    on_ticket = log(carol, LAST_OF_MAY, kind="TICKET", ticket=ticket)
    stale = Organisation.objects.get(pk=acme.pk)
    periods.close_month(alice, MAY, version=1)
    carol.organisation = alice.organisation = stale
    for call in (
        lambda: log(carol, LAST_OF_MAY),
        lambda: time_entries.edit(carol, entry.pk, minutes=5),
        lambda: time_entries.delete(carol, entry.pk),
    ):
        stale.lock_date = None
        with pytest.raises(Locked) as refusal:
            call()
        assert refusal.value.code == "period_closed"
    stale.lock_date = None
    catalogue.edit(alice, ticket, version=1, client=factories.ClientFactory())
    assert TimeEntry.objects.get(pk=on_ticket.pk).client_id == on_ticket.client_id
