"""What is answered after entries were written together: days, toast, announcement, banners, and one Undo."""

import datetime as dt
import json

import pytest
from django.test import RequestFactory
from django.urls import reverse

from tests import factories
from tests.cast import MONDAY
from tests.timetracking.views.helpers import HTMX, NOON, WEEK, logged
from timesheets_site.lib.errors import OutOfReach
from timetracking.models import EntryBatch, TimeEntry, Timesheet
from timetracking.services import many_entries, time_entries
from timetracking.services.many_entries import Delete, Edit, Log, Outcome
from timetracking.views import batch_answers

TUESDAY = MONDAY + dt.timedelta(days=1)


def undo_url(batch, query=""):
    return reverse("batch-undo", args=["acme", batch.pk]) + query


def events(response):
    return json.loads(response.headers["HX-Trigger"])


@pytest.fixture
def moved(carol):
    """Two entries of Monday, moved to Tuesday together."""
    entries = [logged(carol, subject=subject) for subject in ("Stand-up", "Review")]
    steps = [Edit(entry.pk, {"date": TUESDAY}, entry.version) for entry in entries]
    return many_entries.carry_out(carol, EntryBatch.Action.MOVED, steps)


def test_undo_answers_with_every_day_in_view_that_changed_and_says_so(as_carol, moved):
    response = as_carol.post(undo_url(moved.batch), headers=HTMX)
    body = response.content.decode()
    assert 'id="day-2026-06-15"' in body and 'id="day-2026-06-16"' in body and 'id="day-2026-06-17"' not in body
    assert "Undone, 2 entries" in body and "data-undo" not in body
    assert events(response)["say"]["text"].startswith("Undone, 2 entries. Monday 1 hour. Tuesday 0 minutes.")
    assert "entries-changed" in events(response)
    assert {entry.date for entry in TimeEntry.objects.all()} == {MONDAY}


def test_on_another_page_it_asks_that_page_to_look_again(as_carol, moved):
    grid = {"HX-Request": "true", "HX-Current-URL": "http://testserver/o/acme/tickets/"}
    response = as_carol.post(undo_url(moved.batch), headers=grid)
    body = response.content.decode()
    assert 'id="day-' not in body and "Show the week" in body and "entries-changed" in events(response)
    assert "focus" not in events(response), "a grid keeps it where it is"


def test_what_began_on_a_list_leads_back_to_it(as_carol, moved):
    tickets = {"HX-Request": "true", "HX-Current-URL": "http://testserver/o/acme/tickets/"}
    response = as_carol.post(undo_url(moved.batch, "?next=/o/acme/tickets/"), headers=tickets)
    assert events(response)["focus"] == {"id": "main"} and "Show the week" not in response.content.decode()


def test_undone_twice_it_says_so_and_changes_nothing(as_carol, moved):
    as_carol.post(undo_url(moved.batch), headers=HTMX)
    response = as_carol.post(undo_url(moved.batch), headers=HTMX)
    assert response.status_code == 200 and "This was undone already" in response.content.decode()
    assert {entry.version for entry in TimeEntry.objects.all()} == {3}


def test_what_changed_since_is_told_by_name_and_the_rest_is_undone(as_carol, bob, moved):
    first, _second = moved.done
    time_entries.edit(bob, first.pk, version=first.version, subject="Stand-up with Bob")
    response = as_carol.post(undo_url(moved.batch), headers=HTMX)
    body = response.content.decode()
    assert response.status_code == 200 and "Undone, 1 entry" in body
    assert "“Stand-up with Bob”, Tue 16 June: This can&#x27;t be undone any more." in body
    assert sorted(TimeEntry.objects.values_list("date", "subject")) == [
        (MONDAY, "Review"),
        (TUESDAY, "Stand-up with Bob"),
    ]


def test_where_nothing_can_be_undone_it_is_a_conflict(as_carol, moved):
    Timesheet.objects.update(state="submitted")
    response = as_carol.post(undo_url(moved.batch), headers=HTMX)
    assert response.status_code == 409 and "Nothing could be undone" in response.content.decode()
    assert "entries-changed" not in events(response)
    assert EntryBatch.objects.get().undone_at is None


def test_after_a_day_it_says_that_it_is_too_late(as_carol, moved):
    EntryBatch.objects.update(created_at=NOON - dt.timedelta(hours=25))
    response = as_carol.post(undo_url(moved.batch), headers=HTMX)
    assert response.status_code == 409 and "This can&#x27;t be undone any more." in response.content.decode()
    page = as_carol.post(undo_url(moved.batch), follow=True).content.decode()
    assert "This can&#x27;t be undone any more." in page
    assert {entry.date for entry in TimeEntry.objects.all()} == {TUESDAY}


def test_nobody_undoes_what_another_did(as_bob, as_mallory, moved):
    assert as_bob.post(undo_url(moved.batch)).status_code == 404
    assert as_mallory.post(undo_url(moved.batch)).status_code == 404
    assert EntryBatch.objects.get().undone_at is None


def test_without_script_banners_say_it_where_it_began(as_carol, bob, moved):
    first, _second = moved.done
    time_entries.edit(bob, first.pk, version=first.version, subject="Stand-up with Bob")
    response = as_carol.post(undo_url(moved.batch, "?next=/o/acme/timesheets/2026-06-22/"))
    assert response.headers["Location"] == "/o/acme/timesheets/2026-06-22/"
    page = as_carol.get("/o/acme/timesheets/2026-06-22/").content.decode()
    assert "Undone, 1 entry" in page and "“Stand-up with Bob”, Tue 16 June" in page


def test_without_script_and_a_page_to_return_to_the_week_is_shown(as_carol, moved):
    assert as_carol.post(undo_url(moved.batch)).headers["Location"] == "/o/acme/timesheets/2026-06-15/"


def test_it_returns_to_no_page_of_others(as_carol, moved):
    response = as_carol.post(undo_url(moved.batch, "?next=https://elsewhere.test/"))
    assert "elsewhere" not in response.headers["Location"]


# --- after_batch ------------------------------------------------------------------------------------------------------


def answer(member, result, text, *, htmx=True, back=""):
    from django.contrib.messages.storage.fallback import FallbackStorage
    from django_htmx.middleware import HtmxDetails

    headers = {"HX-Request": "true", "HX-Current-URL": WEEK} if htmx else {}
    request = RequestFactory().post("/", headers=headers)
    request.user, request.membership, request.organisation = member.user, member, member.organisation
    request.memberships, request.htmx, request.session = [member], HtmxDetails(request), {}
    request._messages = FallbackStorage(request)
    return batch_answers.after_batch(request, result, text, back=back), list(request._messages)


def test_the_toast_carries_one_undo_for_all_of_it(carol, moved):
    response, _messages = answer(carol, moved, "Moved 2 entries to Tuesday")
    body = response.content.decode()
    assert "Moved 2 entries to Tuesday" in body and undo_url(moved.batch) in body
    assert events(response)["say"]["text"].startswith("Moved 2 entries to Tuesday. Monday 0 minutes.")
    assert response.headers["HX-Reswap"] == "none" and "dialog-close" in events(response)


def test_without_script_the_banner_carries_undo_and_where_to_go_back(carol, moved):
    response, told = answer(carol, moved, "Moved", htmx=False, back="/o/acme/tickets/TKT-1/")
    assert response.headers["Location"] == "/o/acme/tickets/TKT-1/"
    assert told[-1].extra_tags == undo_url(moved.batch, "?next=/o/acme/tickets/TKT-1/")


def test_another_members_week_is_shown_where_theirs_was_changed(bob, carol):
    result = many_entries.carry_out(
        bob,
        EntryBatch.Action.LOGGED,
        [Log(carol, {"kind": "GENERAL", "date": MONDAY, "minutes": 10, "subject": "Stand-up"})],
    )
    response, _told = answer(bob, result, "Logged", htmx=False)
    assert response.headers["Location"] == f"/o/acme/timesheets/2026-06-15/?agent={carol.pk}"


def test_refusals_are_named_five_at_most_and_nothing_is_told_of_what_is_out_of_reach(carol, bob):
    mine = [logged(carol, subject=f"Talk {n}") for n in range(7)]
    theirs = logged(bob, subject="Salaries")
    Timesheet.objects.filter(member=carol).update(state="submitted")
    ids = [theirs.pk, *(entry.pk for entry in mine)]
    result = many_entries.carry_out(carol, EntryBatch.Action.DELETED, [Delete(pk, 1) for pk in ids])
    response, _told = answer(carol, result, "Nothing was deleted")
    body = response.content.decode()
    assert response.status_code == 409 and "Salaries" not in body and "Bob" not in body
    assert "One of the entries: It is not there any more." in body
    assert "“Talk 3”, Mon 15 June: This week is submitted." in body and "Talk 4" not in body
    assert "And 3 more." in body


def test_a_new_entry_that_was_refused_is_named_by_its_day(carol):
    factories.TimesheetFactory(member=carol, state="submitted")
    fields = {"kind": "GENERAL", "date": MONDAY, "minutes": 10, "subject": "Stand-up"}
    result = many_entries.carry_out(carol, EntryBatch.Action.COPIED, [Log(carol, fields), Log(carol, {"date": MONDAY})])
    lines = batch_answers.reasons(result.refused)
    assert lines[0].startswith("“Stand-up”, Mon 15 June: This week is submitted")
    assert lines[1].startswith("Mon 15 June: ")
    assert batch_answers.reasons([Outcome(Log(carol, {}), refusal=OutOfReach())]) == [
        "One of the entries: It is not there any more."
    ]
