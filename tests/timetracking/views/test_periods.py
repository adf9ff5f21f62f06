"""The page about closed periods: what it counts, closing a month, opening the period for one member."""

import datetime as dt

import pytest

from accounts.models import AuditEvent, Membership, Organisation
from accounts.services import organisations
from accounts.tenancy import organisation_scope
from tests import factories
from tests.cast import browser_of
from tests.timetracking.views.helpers import NOON
from timetracking.models import PeriodReopening
from timetracking.services import periods

PAGE = "/o/acme/settings/periods/"
LOCK, REOPEN = PAGE + "lock-date/", PAGE + "reopen/"
MAY, LAST_OF_MAY = dt.date(2026, 5, 1), dt.date(2026, 5, 31)
DAY = dt.timedelta(days=1)


@pytest.fixture
def stored(acme_organisation):
    return lambda: Organisation.objects.get(pk=acme_organisation.pk)


def shown(client, **query):
    return client.get(PAGE, query).context["periods"]


def reopening(**typed):
    return {"first_on": "2026-05-18", "until_on": "2026-06-19", "until_time": "18:00", "reason": "Trade fair", **typed}


# --- Closing ----------------------------------------------------------------------------------------------------------


def test_the_last_month_that_is_over_is_offered_and_closed(as_alice, stored):
    page = as_alice.get(PAGE)
    assert page.context["periods"].unfinished.month == "May 2026"
    assert "Closes everything up to 31 May 2026 for everybody at once." in page.content.decode()
    answer = as_alice.post(PAGE, {"month": "2026-05", "version": page.context["version"]}, follow=True)
    assert "Closed May 2026. Time on or before 31 May 2026 takes no more changes." in answer.content.decode()
    assert stored().lock_date == LAST_OF_MAY
    assert "Every month that is over is closed. June 2026 can be closed from 1 July 2026 on." in answer.content.decode()
    assert answer.context["periods"].months == []


def test_an_earlier_month_can_be_chosen_and_the_next_ones_are_offered(as_alice, alice, stored):
    organisations.edit(alice, version=1, lock_date=dt.date(2026, 3, 31))
    assert [month.label for month in shown(as_alice).months] == ["May 2026", "April 2026"]
    chosen = shown(as_alice, month="2026-04")
    assert (chosen.unfinished.month, chosen.unfinished.span) == ("April 2026", "1 – 30 April 2026")
    assert shown(as_alice).unfinished.span == "1 April – 31 May 2026"
    for odd in ("2026-03", "2026-06", "x", "2026-13"):
        assert shown(as_alice, month=odd).unfinished.month == "May 2026"
    as_alice.post(PAGE, {"month": "2026-04", "version": 2})
    assert stored().lock_date == dt.date(2026, 4, 30)


@pytest.mark.parametrize(
    ("sent", "status", "words"),
    [
        ({"month": "2026-06", "version": 1}, 422, "June 2026 is not over yet."),
        ({"month": "2026-05"}, 422, "Choose a month, then close it."),
        ({"month": "x" * 5000, "version": 1}, 422, "Choose a month, then close it."),
        ({"month": "9999-12", "version": 1}, 422, "Choose a month, then close it."),
        ({"month": "2026-05", "version": 7}, 409, "Somebody changed the settings in the meantime."),
    ],
)
def test_what_is_not_closed_says_why(as_alice, stored, sent, status, words):
    answer = as_alice.post(PAGE, sent)
    assert answer.status_code == status
    assert words in answer.content.decode()
    assert (stored().lock_date, stored().version) == (None, 1)


def test_after_a_stale_close_the_page_shows_what_is_there_now(as_alice, alice, stored):
    organisations.edit(alice, version=1, lock_date=dt.date(2026, 4, 30))
    stale = as_alice.post(PAGE, {"month": "2026-05", "version": 1})
    assert stale.context["periods"].unfinished.span == "1 – 31 May 2026"
    as_alice.post(PAGE, {"month": "2026-05", "version": stale.context["version"]})
    assert stored().lock_date == LAST_OF_MAY


def test_closing_twice_is_told(as_alice, alice):
    periods.close_month(alice, MAY, version=1)
    answer = as_alice.post(PAGE, {"month": "2026-05", "version": 2})
    assert answer.status_code == 422
    assert "May 2026 is closed already." in answer.content.decode()


def test_what_is_still_open_is_counted(as_alice, alice, bob, carol):
    def week(member, date, state, **fields):
        entry = factories.TimeEntryFactory(member=member, date=date, **fields)
        entry.timesheet.state = state
        entry.timesheet.save()

    week(carol, dt.date(2026, 5, 4), "draft")
    week(carol, dt.date(2026, 5, 11), "saved")
    week(carol, dt.date(2026, 5, 18), "submitted")
    week(bob, dt.date(2026, 5, 18), "partiallyApproved")
    week(carol, dt.date(2026, 5, 25), "declined")
    week(bob, dt.date(2026, 5, 25), "approved")
    week(carol, dt.date(2026, 6, 1), "draft")  # after the month
    week(bob, dt.date(2026, 4, 27), "draft")  # its week ends in May, its time does not lie there
    week(bob, dt.date(2026, 5, 6), "draft", deleted_at=NOON)
    late = factories.MembershipFactory(user__name="Late Lou", joined_at=NOON)
    Membership.objects.exclude(pk=late.pk).update(joined_at=NOON - 90 * DAY)
    organisations.edit(alice, version=1, lock_date=dt.date(2026, 4, 30))
    left = shown(as_alice).unfinished
    assert (left.not_sent, left.waiting, left.returned) == (2, 2, 1)
    assert (left.silent, left.silent_names) == (1, "Alice Adams")
    body = as_alice.get(PAGE).content.decode()
    for status in ("missing", "waiting", "rejected"):
        assert f'href="/o/acme/approvals/?status={status}"' in body
    organisations.edit(alice, version=2, lock_date=None)
    assert shown(as_alice).unfinished.not_sent == 3


def test_many_members_without_time_are_summed_up(as_alice, alice):
    factories.MembershipFactory.create_batch(12)
    Membership.objects.update(joined_at=NOON - 90 * DAY)
    assert shown(as_alice).unfinished.silent_names.endswith(" and 5 others")


def test_the_page_costs_the_same_however_busy(as_alice, alice, carol, count_queries):
    organisations.edit(alice, version=1, lock_date=dt.date(2026, 4, 30))
    ended = {"first_on": MAY, "until_at": NOON, "opened_by": alice, "created_at": NOON}
    PeriodReopening.objects.create(member=carol, **ended)
    as_alice.get(PAGE)
    few = count_queries(lambda: as_alice.get(PAGE))
    for n in range(8):
        member = factories.MembershipFactory()
        factories.TimeEntryFactory(member=member, date=MAY + n * DAY)
        for ended in (None, NOON):
            PeriodReopening.objects.create(
                member=member, first_on=MAY, until_at=NOON + DAY, opened_by=alice, created_at=NOON, ended_at=ended
            )
    assert count_queries(lambda: as_alice.get(PAGE)) == few


# --- The lock date ----------------------------------------------------------------------------------------------------


def test_the_lock_date_is_set_moved_and_cleared(as_alice, stored):
    assert as_alice.post(LOCK, {"version": 1, "lock_date": "2026-05-31"})["Location"] == PAGE
    assert stored().lock_date == LAST_OF_MAY
    page = as_alice.get(PAGE).content.decode()
    assert "Time on or before 31 May 2026 is closed" in page
    assert "Last changed by Alice Adams" in as_alice.get(LOCK).content.decode()
    as_alice.post(LOCK, {"version": 2, "lock_date": ""})
    assert stored().lock_date is None
    assert "No period is closed" in as_alice.get(PAGE).content.decode()


@pytest.mark.parametrize("day", ["2026-02-30", "9999-12-31", "1999-12-31", "x"])
def test_days_that_are_none(as_alice, stored, day):
    assert as_alice.post(LOCK, {"version": 1, "lock_date": day}).status_code == 422
    assert stored().version == 1


def test_a_stale_lock_date_shows_both(as_alice, alice, stored):
    organisations.edit(alice, version=1, lock_date=LAST_OF_MAY)
    stale = as_alice.post(LOCK, {"version": 1, "lock_date": "2026-04-30"})
    assert stale.status_code == 409
    assert "31 May 2026" in stale.content.decode()
    assert stored().lock_date == LAST_OF_MAY


# --- For one member ---------------------------------------------------------------------------------------------------


@pytest.fixture
def closed(acme, alice):
    periods.close_month(alice, MAY, version=1)


def test_it_is_opened_for_a_member_and_ended(as_alice, as_carol, carol, closed):
    entry = {"kind": "GENERAL", "duration": "30m", "date": "2026-05-20", "subject": "Fair"}
    new = "/o/acme/entries/new/"
    assert "Time on or before 31 May 2026 is closed." in as_carol.post(new, entry).content.decode()
    answer = as_alice.post(REOPEN, reopening(member=carol.pk), follow=True)
    assert "Open for Carol Clark from 18 May 2026, until Fri 19 June, 18:00." in answer.content.decode()
    row = answer.context["periods"].in_force[0]
    assert (row.member, row.first_on, row.until) == ("Carol Clark", "18 May 2026", "Fri 19 June, 18:00")
    assert (row.reason, row.by) == ("Trade fair", "Alice Adams")
    assert as_carol.post(new, entry).status_code == 302
    ended = as_alice.post(f"{PAGE}{row.pk}/end/", follow=True)
    assert "Closed again for Carol Clark." in ended.content.decode()
    assert ended.context["periods"].in_force == []
    assert ended.context["periods"].past[0].ended == "Thu 18 June, 13:00"
    assert as_carol.post(new, entry).status_code == 422


def test_the_moment_is_of_the_organisations_zone(as_alice, alice, carol, closed):
    Organisation.objects.update(time_zone="America/New_York")
    as_alice.post(REOPEN, reopening(member=carol.pk))
    assert PeriodReopening.objects.get().until_at == dt.datetime(2026, 6, 19, 22, tzinfo=dt.UTC)


def test_what_passes_by_itself_is_listed_as_past(as_alice, alice, carol, closed, now):
    periods.reopen_for(alice, carol, first_on=MAY, until_at=NOON + DAY)
    now.shift(DAY)
    listed = shown(as_alice)
    assert listed.in_force == []
    assert (listed.past[0].until, listed.past[0].ended) == ("Fri 19 June, 13:00", "")


def test_a_double_click_opens_once(as_alice, carol, closed):
    typed = reopening(member=carol.pk, key="the-same")
    assert [as_alice.post(REOPEN, typed).status_code for _ in range(2)] == [302, 302]
    assert PeriodReopening.objects.count() == 1
    assert AuditEvent.objects.filter(action="period.reopened").count() == 1


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"member": ""}, "member"),
        ({"member": "99999999999999999999"}, "member"),
        ({"first_on": "2026-06-01"}, "first_on"),
        ({"first_on": ""}, "first_on"),
        ({"until_on": "2026-06-18", "until_time": "13:00"}, "until_on"),
        ({"until_on": "2026-08-01"}, "until_on"),
        ({"until_on": "9999-12-31"}, "until_on"),
        ({"until_time": "25:00"}, "until_time"),
        ({"reason": "x" * 501}, "reason"),
        ({"reason": "\x00"}, "reason"),
    ],
)
def test_bad_input_gets_the_form_again(as_alice, carol, closed, typed, field):
    answer = as_alice.post(REOPEN, {**reopening(member=carol.pk), **typed})
    assert answer.status_code == 422
    assert list(answer.context["form"].errors) == [field]
    assert not PeriodReopening.objects.exists()


def test_a_time_that_clocks_skip_is_explained(alice, carol, closed, now):
    now.move_to(dt.datetime(2027, 3, 20, 12, tzinfo=dt.UTC))
    answer = browser_of(alice).post(REOPEN, reopening(member=carol.pk, until_on="2027-03-28", until_time="01:30"))
    assert answer.status_code == 422
    assert "01:30 does not exist on that day" in answer.content.decode()


def test_nobody_of_another_organisation_is_offered(as_alice, mallory, closed):
    assert "Mallory" not in as_alice.get(REOPEN).content.decode()
    assert as_alice.post(REOPEN, reopening(member=mallory.pk)).status_code == 422


def test_a_reopening_of_another_organisation_does_not_exist(as_alice, alice, mallory, globex):
    with organisation_scope(globex):
        theirs = PeriodReopening.objects.create(
            member=mallory, first_on=MAY, until_at=NOON + DAY, opened_by=mallory, created_at=NOON
        )
    assert as_alice.post(f"{PAGE}{theirs.pk}/end/").status_code == 404
