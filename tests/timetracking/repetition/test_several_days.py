"""Log time on several days at once, from the form."""

import datetime as dt

import pytest

from accounts.models import DayOff
from tests.cast import MONDAY
from tests.timetracking.views.helpers import HTMX, NEW, typed
from timetracking.models import EntryBatch, TimeEntry

DAY = dt.timedelta(days=1)


def text_of(response):
    return response.content.decode()


def days_logged():
    return [(date - MONDAY).days for date in TimeEntry.objects.order_by("date").values_list("date", flat=True)]


def test_the_form_offers_the_weekdays_in_the_order_of_the_week(as_carol, acme):
    acme.first_weekday = 6
    acme.save()
    choices = as_carol.get(NEW).context["form"].fields["weekdays"].choices
    assert [(value, str(name)) for value, name in choices][:2] == [("6", "Sun"), ("0", "Mon")]


def test_chosen_weekdays_of_the_dates_week_with_refused_ones_and_one_undo(as_carol, carol):
    sent = typed(date="2026-06-16", weekdays=["0", "2", "4"], key="once")
    response = as_carol.post(NEW, sent, headers=HTMX)
    body = text_of(response)
    assert "Logged 30m on 3 days" in body and "Fri 19 June: You can log time up to today" in body
    assert days_logged() == [0, 1, 2] and 'id="day-2026-06-17"' in body
    assert "Logged 30m on 3 days" in text_of(as_carol.post(NEW, sent, headers=HTMX))  # sent twice
    assert days_logged() == [0, 1, 2]
    as_carol.post(f"/o/acme/entries/batches/{EntryBatch.objects.get().pk}/undo/", headers=HTMX)
    assert days_logged() == []


def test_until_a_day_leaves_days_off_out_and_says_so(as_carol, carol):
    DayOff.objects.create(member=carol, first_on=MONDAY - 3 * DAY, last_on=MONDAY - 3 * DAY, name="Town fair")
    answer = as_carol.post(NEW, typed(date="2026-06-11", until="2026-06-16"), follow=True)
    assert days_logged() == [-4, 0, 1]
    assert "Logged 30m on 3 days. Left out as days off: Fri 12 June, Sat 13 June, Sun 14 June" in text_of(answer)


def test_clock_times_are_those_of_each_day(as_carol):
    as_carol.post(NEW, typed(date="2026-03-26", duration="", start="09:00", end="10:30", until="2026-03-30"))
    found = TimeEntry.objects.order_by("date").values_list("date", "started_at", "minutes")
    assert [(date.day, start.hour, minutes) for date, start, minutes in found] == [
        (26, 9, 90),
        (27, 9, 90),
        (30, 8, 90),
    ]


@pytest.mark.parametrize(
    ("sent", "words"),
    [
        ({"date": "2026-06-15", "until": "2026-06-14"}, "Choose a day after the date"),
        ({"date": "2026-01-15", "until": "2026-06-15"}, "Choose a day at most 91 days later"),
        ({"until": "soon"}, "Enter a valid date"),
        ({"weekdays": ["7"]}, "Select a valid choice"),
        ({"date": "2026-06-19", "until": "2026-06-20"}, "You can log time up to today"),
        ({"date": "2026-03-27", "duration": "", "start": "01:30", "end": "02:30", "weekdays": ["6"]}, "does not exist"),
    ],
)
def test_what_is_refused_comes_back_with_what_was_typed(as_carol, sent, words):
    response = as_carol.post(NEW, typed(**sent), headers=HTMX)
    assert response.status_code == 422 and words in text_of(response)
    assert not TimeEntry.objects.exists()


def test_a_manager_logs_several_days_for_somebody_whose_days_off_count(as_bob, carol):
    DayOff.objects.create(member=carol, first_on=MONDAY + DAY, last_on=MONDAY + DAY, name="Town fair")
    as_bob.post(NEW, typed(member=str(carol.pk), until="2026-06-17"))
    assert days_logged() == [0, 2] and {e.member for e in TimeEntry.objects.all()} == {carol}
