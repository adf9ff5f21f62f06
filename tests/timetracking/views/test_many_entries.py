"""Selecting entries and changing or deleting them together: boxes, questions, the change; with and without script."""

import datetime as dt

import pytest
from django.test import Client

from accounts.models import AuditEvent
from tests import factories
from tests.cast import MONDAY, browser_of
from tests.timetracking.views.helpers import HTMX, NOON, logged
from timetracking.models import EntryBatch, TimeEntry, Timesheet
from timetracking.services import many_entries, time_entries

URL = "/o/acme/entries/many/"
TUESDAY = MONDAY + dt.timedelta(days=1)
PAGE = "/o/acme/tickets/TKT-50000/"


@pytest.fixture
def travel(acme):
    return factories.WorkTypeFactory(name="Travel")


@pytest.fixture
def three(carol, travel):
    """Two entries that can be changed, and one that is billed."""
    entries = [logged(carol, subject=f"Talk {n}", minutes=30 + n) for n in range(3)]
    TimeEntry.objects.filter(pk=entries[2].pk).update(status="BILLED")
    return entries


def ask(browser, entries, do, htmx=True, **values):
    pairs = [f"{entry.pk}:{entry.version}" for entry in entries]
    return browser.post(URL, {"entry": pairs, "do": do, **values}, headers=HTMX if htmx else {})


def body(response):
    return response.content.decode()


# --- Boxes ------------------------------------------------------------------------------------------------------------


def test_each_entry_of_the_week_has_a_box_with_its_version_and_length_and_the_page_one_bar(as_carol, carol):
    entry = time_entries.edit(carol, logged(carol).pk, minutes=50)
    page = body(as_carol.get("/o/acme/timesheets/2026-06-15/"))
    assert f'name="entry" value="{entry.pk}:2" form="bulk" data-minutes="50"' in page
    assert page.count('id="bulk"') == 1 and "csrfmiddlewaretoken" in page.split('id="bulk"')[1][:700]
    assert 'id="bulk"' not in body(as_carol.get("/o/acme/timesheets/2026-06-15/", headers=HTMX))


@pytest.mark.parametrize("path", ["/o/acme/tickets/TKT-4846/", "/o/acme/projects/BCN/", "/o/acme/reports/entries/"])
def test_so_have_the_entries_of_records_and_reports(as_carol, carol, path):
    client = factories.ClientFactory()
    ticket = factories.TicketFactory(client=client, number=4846)
    project = factories.ProjectFactory(client=client, code="BCN")
    for kind, record in (("TICKET", {"ticket": ticket}), ("PROJECT", {"project": project})):
        logged(carol, kind=kind, **record)
    page = body(as_carol.get(path))
    assert 'name="entry" value="' in page and page.count('id="bulk"') == 1 and "select.js" in page
    assert f'name="next" value="{path}"' in page


# --- The questions ----------------------------------------------------------------------------------------------------


def test_the_form_leaves_everything_as_it_is(as_carol, three):
    page = body(ask(as_carol, three, "edit"))
    assert "Change 3 entries" in page and page.count("Leave as it is") == 3
    assert ",".join(f"{entry.pk}:1" for entry in three) in page
    response = ask(as_carol, three, "check")
    assert response.status_code == 422 and "Choose at least one thing to change." in body(response)


def test_what_would_happen_is_said_of_each_and_nothing_happens(as_carol, three, travel):
    events = AuditEvent.objects.count()
    page = body(ask(as_carol, three, "check", work_type=str(travel.pk)))
    assert "2 entries change" in page and "1 can't" in page and "Change 2 of 3" in page
    assert '<span class="muted">Work type</span> <del>–</del>' in page and "<b>Travel</b>" in page
    assert "Talk 2" in page and "invoice" in page
    assert AuditEvent.objects.count() == events and not EntryBatch.objects.exists()
    assert set(TimeEntry.objects.values_list("version", "work_type")) == {(1, None)}


def test_what_is_so_already_is_said_and_goes_on_no_button(as_carol, three):
    page = body(ask(as_carol, three[:2], "check", subject="Talk 0"))
    assert "1 entry changes" in page and "1 is so already" in page and "Change 1 of 2" in page
    page = body(ask(as_carol, three[:1], "check", subject="Talk 0"))
    assert "0 entries change" in page and 'value="change"' not in page


def test_going_back_keeps_what_was_chosen(as_carol, three, travel):
    values = {"work_type": str(travel.pk), "subject": "Meeting", "date": "2026-06-16"}
    checked = body(ask(as_carol, three, "check", **values))
    for name, value in values.items():
        assert f'type="hidden" name="{name}" value="{value}"' in checked
    page = body(ask(as_carol, three, "again", **values))
    assert f'value="{travel.pk}" selected' in page and 'value="Meeting"' in page and 'value="2026-06-16"' in page
    assert "There is a problem" not in page


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"reference": "TKT-999"}, "Nothing has this reference."),
        ({"record": "ticket:999"}, "Choose a ticket or project"),
        ({"date": "soon"}, "Enter a date like 2026-06-18"),
        ({"subject": "x" * 201}, "Use at most 200 characters"),
        ({"work_type": "999"}, "Select a valid choice"),
    ],
)
def test_what_cannot_be_read_is_refused_at_its_field(as_carol, three, values, words):
    for do in ("check", "change"):
        response = ask(as_carol, three, do, **values)
        assert response.status_code == 422 and words in body(response)
    assert not EntryBatch.objects.exists()


def test_nothing_and_too_much_are_refused_in_words(as_carol):
    response = as_carol.post(URL, {"do": "edit"}, headers=HTMX)
    assert response.status_code == 422 and "Select at least one entry." in body(response)
    many = ",".join(f"{pk}:1" for pk in range(1, 202))
    for do in ("edit", "check", "change", "delete", "remove"):
        response = as_carol.post(URL, {"do": do, "entries": many, "subject": "x"})
        assert response.status_code == 422 and "Choose at most 200 entries at once." in body(response)


# --- The change -------------------------------------------------------------------------------------------------------


def test_the_change_is_one_batch_with_one_undo_and_names_what_was_refused(as_carol, three, travel):
    response = ask(as_carol, three, "change", work_type=str(travel.pk))
    batch = EntryBatch.objects.get()
    page = body(response)
    assert "Changed 2 entries" in page and f"/entries/batches/{batch.pk}/undo/" in page
    assert "“Talk 2”, Mon 15 June: " in page and 'id="day-2026-06-15"' in page
    assert list(TimeEntry.objects.order_by("pk").values_list("work_type", flat=True)) == [travel.pk, travel.pk, None]
    assert batch.action == "edited"
    as_carol.post(f"/o/acme/entries/batches/{batch.pk}/undo/", headers=HTMX)
    assert set(TimeEntry.objects.values_list("work_type", flat=True)) == {None}


def test_every_field_can_be_changed(as_carol, carol, three, travel):
    role, ticket = factories.WorkRoleFactory(name="Engineer"), factories.TicketFactory(number=4846)
    values = {
        "date": "2026-06-16", "reference": "tkt-4846", "subject": "Meeting", "description": "All of us",
        "billable_option": "DoNotBill", "work_type": str(travel.pk), "work_role": str(role.pk),
    }  # fmt: skip
    ask(as_carol, three[:2], "change", **values)
    for entry in TimeEntry.objects.filter(pk__in=[e.pk for e in three[:2]]):
        assert (entry.date, entry.ticket, entry.subject) == (TUESDAY, ticket, "Meeting")
        assert (entry.description, entry.billable_option) == ("All of us", "DoNotBill")
        assert (entry.work_type, entry.work_role, entry.kind) == (travel, role, "TICKET")
    ask(as_carol, TimeEntry.objects.filter(subject="Meeting"), "change", work_type="none", record=f"ticket:{ticket.pk}")
    assert set(TimeEntry.objects.filter(subject="Meeting").values_list("work_type", flat=True)) == {None}


def test_a_date_alone_moves_them_and_both_days_are_sent(as_carol, three):
    page = body(ask(as_carol, three[:2], "change", date="2026-06-16"))
    assert "Moved 2 entries to Tue 16 June" in page
    assert 'id="day-2026-06-15"' in page and 'id="day-2026-06-16"' in page
    assert EntryBatch.objects.get().action == "moved"


def test_a_date_alone_takes_clock_times_along_and_undo_brings_them_back(as_carol, carol):
    start = dt.datetime(2026, 6, 15, 8, tzinfo=dt.UTC)
    entry = logged(carol, minutes=None, started_at=start, ended_at=start + dt.timedelta(hours=1))
    ask(as_carol, [entry], "change", date="2026-06-16")
    entry.refresh_from_db()
    assert (entry.date, entry.started_at) == (dt.date(2026, 6, 16), start + dt.timedelta(days=1))
    many_entries.undo(carol, EntryBatch.objects.get().pk)
    entry.refresh_from_db()
    assert (entry.date, entry.started_at) == (dt.date(2026, 6, 15), start)


def test_what_somebody_changed_meanwhile_is_refused_and_never_merged(as_carol, bob, three):
    time_entries.edit(bob, three[0].pk, version=1, description="Bob was there")
    assert "Somebody changed it in the meantime." in body(ask(as_carol, three[:2], "check", subject="Mine"))
    page = body(ask(as_carol, three[:2], "change", subject="Mine"))
    assert "Changed 1 entry" in page and "Somebody changed it in the meantime." in page
    assert TimeEntry.objects.get(pk=three[0].pk).subject == "Talk 0"


def test_sent_twice_it_happens_once(as_carol, three):
    ask(as_carol, three[:2], "change", subject="Mine")
    response = ask(as_carol, three[:2], "change", subject="Mine")
    assert response.status_code == 409 and EntryBatch.objects.count() == 1
    ask(as_carol, TimeEntry.objects.filter(subject="Mine"), "remove")
    assert ask(as_carol, three[:2], "remove").status_code in (200, 409) and EntryBatch.objects.count() == 2


def test_deleting_asks_first_then_takes_them_all_back_with_one_undo(as_carol, three):
    page = body(ask(as_carol, three, "delete"))
    assert "Delete 2 of 3" in page and "2 entries go, 1h 01m" in page and "You can restore them for 30 days." in page
    assert TimeEntry.objects.count() == 3
    page = body(ask(as_carol, three, "remove"))
    assert "Deleted 2 entries, 1h 01m" in page and TimeEntry.objects.count() == 1
    as_carol.post(f"/o/acme/entries/batches/{EntryBatch.objects.get().pk}/undo/", headers=HTMX)
    assert TimeEntry.objects.count() == 3


# --- Who may ----------------------------------------------------------------------------------------------------------


def test_a_manager_changes_the_entries_of_others_and_an_agent_learns_nothing_of_them(as_bob, as_carol, bob, three):
    assert "Carol Clark" in body(ask(as_bob, three[:2], "check", subject="By Bob"))
    assert "Changed 2 entries" in body(ask(as_bob, three[:2], "change", subject="By Bob"))
    theirs = logged(bob, subject="Salaries")
    for do in ("check", "change", "delete", "remove"):
        page = body(ask(as_carol, [theirs], do, subject="Mine"))
        assert "It is not there any more." in page or do in ("check", "delete"), page
        assert "Salaries" not in page and "Bob" not in page.replace("By Bob", "")
    assert TimeEntry.objects.get(pk=theirs.pk).subject == "Salaries"


def test_an_outsider_changes_nothing(mallory, three):
    own = browser_of(mallory).post(
        "/o/globex/entries/many/", {"entries": f"{three[0].pk}:1", "do": "change", "subject": "Mine"}, headers=HTMX
    )
    assert own.status_code == 409 and "Talk" not in body(own)
    assert browser_of(mallory).post(URL, {"do": "edit"}).status_code == 404
    assert TimeEntry.objects.filter(subject="Mine").count() == 0


def test_a_submitted_week_refuses_all_of_it_and_there_is_no_button(as_carol, three):
    Timesheet.objects.update(state="submitted")
    page = body(ask(as_carol, three[:2], "delete"))
    assert "0 entries go" in page and 'value="remove"' not in page and "This week is submitted." in page
    assert ask(as_carol, three[:2], "remove").status_code == 409


def test_what_changes_entries_carries_a_csrf_token(carol, three):
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(carol.user, backend="accounts.backends.SlowGuessingBackend")
    assert ask(strict, three, "remove").status_code == 403 and TimeEntry.objects.count() == 3


# --- Without script ---------------------------------------------------------------------------------------------------


def test_without_script_each_question_is_a_page_and_the_way_leads_back(as_carol, three, travel):
    assert "<h1>Change 3 entries</h1>" in body(ask(as_carol, three, "edit", htmx=False, next=PAGE))
    page = body(ask(as_carol, three, "check", htmx=False, next=PAGE, work_type=str(travel.pk)))
    assert f'name="next" value="{PAGE}"' in page and f'href="{PAGE}"' in page
    response = ask(as_carol, three, "change", htmx=False, next=PAGE, work_type=str(travel.pk))
    assert response.headers["Location"] == PAGE
    page = body(as_carol.get("/o/acme/timesheets/2026-06-15/"))
    assert "Changed 2 entries" in page and f"/entries/batches/{EntryBatch.objects.get().pk}/undo/?next=" in page
    assert ask(as_carol, three, "edit", htmx=False, next="https://elsewhere.test/").context["back"] == "/"


# --- What it costs ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("do", ["check", "change", "delete", "remove"])
def test_the_cost_grows_with_the_entries_and_no_faster(as_carol, carol, travel, count_queries, do):
    ticket = factories.TicketFactory()
    costs = {}
    for count in (2, 12):
        entries = [
            factories.TimeEntryFactory(member=carol, ticket=ticket, date=MONDAY, minutes=1, created_at=NOON)
            for _n in range(count)
        ]
        answers = []
        costs[count] = count_queries(
            lambda shown=entries, got=answers: got.append(ask(as_carol, shown, do, work_type=str(travel.pk)))
        )
        assert answers[0].status_code == 200
    assert (costs[12] - costs[2]) / 10 <= EACH, costs
    assert costs[2] <= AT_ALL, costs


EACH, AT_ALL = 15, 60
"""Queries for each entry more, and for two of them."""
