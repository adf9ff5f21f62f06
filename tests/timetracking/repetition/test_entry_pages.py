"""An entry once more, on another day, in two: through the pages, with script and without."""

import datetime as dt
import json

import pytest

from tests import factories
from tests.cast import MONDAY
from tests.timetracking.views.helpers import HTMX, logged, url
from timetracking.models import TimeEntry
from timetracking.services import time_entries

DAY = dt.timedelta(days=1)
TODAY = MONDAY + 3 * DAY


def text_of(response):
    return response.content.decode()


def undo_of(response):
    return text_of(response).split('hx-post="', 1)[1].split('"', 1)[0]


# --- Once more --------------------------------------------------------------------------------------------------------


def test_one_key_repeats_an_entry_today_and_undo_takes_it_back(as_carol, carol):
    ticket = factories.TicketFactory()
    entry = logged(carol, kind="TICKET", ticket=ticket, minutes=45, subject="Backups")
    response = as_carol.post(url(entry, "duplicate"), headers=HTMX)
    new = TimeEntry.objects.get(date=TODAY)
    assert (new.ticket, new.minutes, new.subject) == (ticket, 45, "Backups")
    assert "Repeated “Backups” today, 45m" in text_of(response) and f'id="entry-{new.pk}"' in text_of(response)
    assert json.loads(response.headers["HX-Trigger"])["entries-changed"] == {}
    as_carol.post(
        text_of(response).split('id="toasts')[0].split("/undo/")[0].rsplit('"', 1)[1] + "/undo/", headers=HTMX
    )
    assert not TimeEntry.objects.filter(date=TODAY).exists()


def test_without_script_the_days_are_a_page_and_undo_a_banner(as_carol, carol):
    entry = logged(carol)
    page = as_carol.get(url(entry, "duplicate"))
    days = [day for week in page.context["weeks"] for day in week.days]
    assert [week.label for week in page.context["weeks"]] == ["Last week", "This week"]
    assert [(day.iso, day.note) for day in days if day.is_chosen] == [(str(TODAY), "Today")]
    assert days[-1].iso == str(TODAY) and days[0].iso == str(MONDAY - 7 * DAY)
    sent = {"chosen": "1", "days": [str(MONDAY + DAY), str(TODAY)], "other": str(MONDAY - 30 * DAY),
            "key": page.context["form"]["key"].value()}  # fmt: skip
    answer = as_carol.post(url(entry, "duplicate"), sent, follow=True)
    assert "Repeated “Stand-up” on 3 days" in text_of(answer) and "/undo/" in text_of(answer)
    assert TimeEntry.objects.count() == 4
    as_carol.post(url(entry, "duplicate"), sent)  # the button pressed twice
    assert TimeEntry.objects.count() == 4


def test_refused_days_are_told_with_their_reason(as_carol, carol):
    entry = logged(carol)
    sent = {"chosen": "1", "days": [str(TODAY), str(TODAY + DAY)]}
    body = text_of(as_carol.post(url(entry, "duplicate"), sent, headers=HTMX))
    assert "Repeated “Stand-up” today" in body and "Fri 19 June: You can log time up to today" in body
    nothing = as_carol.post(url(entry, "duplicate"), {"chosen": "1", "other": str(TODAY + DAY)}, headers=HTMX)
    assert nothing.status_code == 409 and "“Stand-up” was not repeated" in text_of(nothing)


@pytest.mark.parametrize(
    ("sent", "words"),
    [
        ({}, "Choose a day"),
        ({"days": ["yesterday", "2026-13-01"]}, "Choose a day"),
        ({"other": "soon"}, "Enter a valid date"),
        ({"other": "1999-01-01"}, "from the year 2000"),
    ],
)
def test_a_form_without_a_day_comes_back(as_carol, carol, sent, words):
    entry = logged(carol)
    response = as_carol.post(url(entry, "duplicate"), {"chosen": "1", **sent}, headers=HTMX)
    assert response.status_code == 422 and words in text_of(response)
    assert TimeEntry.objects.count() == 1


def test_where_the_future_is_allowed_next_week_is_offered(as_carol, carol, acme):
    acme.future_dates_allowed = True
    acme.save()
    page = as_carol.get(url(logged(carol), "duplicate"))
    assert [(week.label, len(week.days)) for week in page.context["weeks"]] == [("This week", 7), ("Next week", 7)]


def test_another_agents_entry_is_not_there_and_a_managers_repeat_is_that_agents(
    as_carol, as_bob, as_mallory, carol, bob
):
    others = logged(bob)
    for client in (as_carol, as_mallory):
        for name in ("duplicate", "move", "split"):
            assert client.get(url(others, name)).status_code == client.post(url(others, name)).status_code == 404
    entry = logged(carol)
    as_bob.post(url(entry, "duplicate"), headers=HTMX)
    assert TimeEntry.objects.get(date=TODAY).member == carol


# --- To another day ---------------------------------------------------------------------------------------------------


def test_a_day_is_one_button(as_carol, carol):
    entry = logged(carol)
    page = as_carol.get(url(entry, "move"), headers=HTMX)
    assert [(day.iso, day.note) for day in page.context["days"]] == [
        ("2026-06-16", ""), ("2026-06-17", "Yesterday"), ("2026-06-18", "Today"),
    ]  # fmt: skip
    response = as_carol.post(url(entry, "move"), {"day": "2026-06-17", "other": "", "version": "1"}, headers=HTMX)
    body = text_of(response)
    assert "Moved to Wednesday" in body and url(entry, "undo") in body
    assert 'id="day-2026-06-15"' in body and 'id="day-2026-06-17"' in body
    as_carol.post(url(entry, "undo") + "?version=2", headers=HTMX)
    entry.refresh_from_db()
    assert entry.date == MONDAY


def test_what_can_not_be_moved(as_carol, carol, bob):
    entry = logged(carol)
    for sent, words in (({}, "Choose a day"), ({"other": "2026-06-19"}, "up to today"), ({"day": "x"}, "Choose a day")):
        response = as_carol.post(url(entry, "move"), sent, headers=HTMX)
        assert response.status_code == 422 and words in text_of(response), sent
    time_entries.edit(bob, entry.pk, subject="Changed")
    stale = as_carol.post(url(entry, "move"), {"day": "2026-06-16", "version": "1"}, headers=HTMX)
    assert stale.status_code == 409 and "changed in the meantime" in text_of(stale)
    TimeEntry.objects.update(status="BILLED")
    assert as_carol.get(url(entry, "move"), headers=HTMX).status_code == 409
    assert as_carol.get(url(entry, "move")).status_code == 302


# --- In two -----------------------------------------------------------------------------------------------------------


def test_a_split_with_another_record_and_one_undo(as_carol, carol):
    project = factories.ProjectFactory(code="PLAN-1")
    entry = logged(carol, minutes=90)
    page = as_carol.get(url(entry, "split"), headers=HTMX)
    assert page.context["form"]["minutes"].value() == "45m"
    sent = {"minutes": "1h", "record": "", "reference": "plan-1", "subject": "Plans", "billable_option": "DoNotBill",
            "version": "1"}  # fmt: skip
    body = text_of(as_carol.post(url(entry, "split"), sent, headers=HTMX))
    assert "Split “Stand-up” into 1h and 30m" in body
    new = TimeEntry.objects.exclude(pk=entry.pk).get()
    assert (new.project, new.minutes, new.subject, new.billable_option) == (project, 30, "Plans", "DoNotBill")
    for part, words in ((entry, "split this entry"), (new, "split this entry off")):
        history = [line.what for line in as_carol.get(url(part, "history")).context["history"].lines]
        assert words in history
    assert ("Split off from", "Stand-up") in told_of(as_carol, new)
    assert ("Split into", "Plans") in told_of(as_carol, entry)


def told_of(client, entry):
    lines = client.get(url(entry, "history")).context["history"].lines
    return [(change.label, change.after) for line in lines for change in line.changes]


@pytest.mark.parametrize(
    ("sent", "words"),
    [
        ({"minutes": ""}, "Enter a duration"),
        ({"minutes": "2h"}, "Enter between 1 minute and 1h 29m"),
        ({"minutes": "30m", "reference": "NOPE"}, "Choose a ticket or project"),
        ({"minutes": "30m", "record": "ticket:999"}, "Choose a ticket or project"),
    ],
)
def test_a_split_that_is_refused_comes_back_with_what_was_typed(as_carol, carol, sent, words):
    entry = logged(carol, minutes=90)
    response = as_carol.post(url(entry, "split"), sent, headers=HTMX)
    assert response.status_code == 422 and words in text_of(response)
    assert TimeEntry.objects.get().minutes == 90


def test_a_closed_record_refuses_the_whole_split(as_carol, carol):
    closed = factories.TicketFactory(status="closed")
    entry = logged(carol, minutes=90)
    sent = {"minutes": "30m", "record": f"ticket:{closed.pk}"}
    response = as_carol.post(url(entry, "split"), sent, headers=HTMX)
    assert response.status_code == 422 and "is closed" in text_of(response)
    TimeEntry.objects.update(status="APPROVED")
    assert "Reopen its week to split it" in text_of(as_carol.get(url(entry, "split"), headers=HTMX))


def test_the_number_of_queries_does_not_depend_on_the_days(as_carol, carol, count_queries):
    entry = logged(carol)
    for name in ("duplicate", "move", "split"):
        as_carol.get(url(entry, name))
        few = count_queries(lambda name=name: as_carol.get(url(entry, name)))
        for _ in range(3):
            logged(carol, date=MONDAY + DAY)
        assert count_queries(lambda name=name: as_carol.get(url(entry, name))) == few
