"""A cell that saves itself, and one with several entries behind it."""

from __future__ import annotations

import datetime as dt
import re

import pytest

from tests import factories
from tests.cast import MONDAY
from tests.timetracking.views.grid.asking import CELL, HTMX, NOTHING, TUESDAY, events, fields, log
from timetracking.models import TimeEntry


def test_a_cell_saves_itself_and_brings_its_sums(as_carol, carol, ticket):
    response = as_carol.post(CELL, fields(ticket, "1.5"), headers=HTMX)
    body = response.content.decode()
    entry = TimeEntry.objects.get()
    assert (response.status_code, entry.minutes, entry.subject) == (200, 90, "VPN drops")
    assert re.search(
        rf'class="cell saved".*value="1:30".*name="s.ticket:{ticket.pk}.{MONDAY}" [^>]*value="{entry.pk}.1.90"',
        body,
        re.S,
    )
    for part in (f"tot-ticket-{ticket.pk}", "sum-1", "against-1", "sum-all"):
        assert re.search(rf'<template><td class="[^"]*" id="{part}"[^>]* hx-swap-oob="true">', body), part
    assert 'id="kpis" hx-swap-oob' in body and "All changes saved 13:00" in body and 'id="week-status"' in body
    assert events(response) == {}


def test_a_saved_cell_costs_few_queries_however_many_rows_there_are(as_carol, carol, ticket, count_queries):
    def save(day):
        return count_queries(lambda: as_carol.post(CELL, fields(ticket, "1h", day=day), headers=HTMX))

    log(carol, factories.TicketFactory())
    save(MONDAY)
    first = save(TUESDAY)
    for _number in range(8):
        log(carol, factories.TicketFactory(), 5)
    assert save(TUESDAY + dt.timedelta(days=1)) == first
    assert first <= 40


def test_what_cannot_be_read_stays_with_its_reason(as_carol, ticket):
    response = as_carol.post(CELL, fields(ticket, "230h"), headers=HTMX)
    body = response.content.decode()
    assert response.status_code == 422 and 'value="230h"' in body and 'aria-invalid="true"' in body
    assert f'class="cellerr" id="e-ticket-{ticket.pk}-1">{NOTHING}' in body
    assert f'aria-describedby="e-ticket-{ticket.pk}-1"' in body and 'data-stored=""' in body
    assert events(response) == {"say": {"text": NOTHING}}
    assert not TimeEntry.objects.exists()


def test_a_missing_field_leads_to_the_whole_form_with_what_was_typed(acme, as_carol, ticket):
    acme.description_required = "always"
    acme.required_fields = ["description"]
    acme.save()
    response = as_carol.post(CELL, fields(None, "9-10"), headers=HTMX)
    body = response.content.decode()
    assert response.status_code == 422 and "Enter a subject" in body
    address = re.search(r'class="cellerr".*?href="([^"]+)"', body, re.S)[1].replace("&amp;", "&")
    assert address == "/o/acme/entries/new/?kind=GENERAL&date=2026-06-15&duration=9-10"
    assert as_carol.get(address).context["form"].initial["duration"] == "9-10"


def test_a_stale_cell_shows_what_is_stored_and_keeps_what_was_typed(as_carol, carol, bob, ticket):
    stale = fields(ticket, "2h")
    entry = log(bob, ticket, 45, member=carol)
    response = as_carol.post(CELL, stale, headers=HTMX)
    body = response.content.decode()
    assert response.status_code == 409 and 'value="2h"' in body and 'data-stored="0:45"' in body
    assert "it holds 0:45 now" in body and f'value="{entry.pk}.1.45"' in body
    again = as_carol.post(CELL, fields(ticket, "2h", entry), headers=HTMX)
    assert again.status_code == 200 and TimeEntry.objects.get().minutes == 120


def test_a_cleared_cell_offers_undo(as_carol, carol, ticket):
    entry = log(carol, ticket)
    response = as_carol.post(CELL, fields(ticket, "", entry), headers=HTMX)
    body = response.content.decode()
    undo = re.search(r'action="(/o/acme/entries/batches/\d+/undo/)"', body)[1]
    assert "Deleted “Before”, 1h" in body and "Deleted" in events(response)["say"]["text"]
    assert not TimeEntry.objects.exists()
    undone = as_carol.post(undo, headers=HTMX)
    assert "entries-changed" in events(undone)  # for which the grid looks again
    assert TimeEntry.objects.get().pk == entry.pk


def test_what_the_form_would_warn_of_is_said(as_carol, carol, ticket):
    start = dt.datetime(2026, 6, 15, 8, tzinfo=dt.UTC)
    entry = log(carol, ticket, started_at=start, ended_at=start + dt.timedelta(hours=1))
    response = as_carol.post(CELL, fields(ticket, "2h", entry), headers=HTMX)
    assert "It ends at 11:00 now." in response.content.decode()


def test_the_same_again_changes_nothing(as_carol, carol, ticket):
    entry = log(carol, ticket)
    response = as_carol.post(CELL, fields(ticket, "1:00", entry), headers=HTMX)
    assert response.status_code == 200 and 'class="cell"' in response.content.decode()
    entry.refresh_from_db()
    assert entry.version == 1


@pytest.mark.parametrize(
    "sent",
    [
        {},
        {"t.ticket:1.2026-06-22": "1h"},
        {"t.ticket:x.2026-06-15": "1h"},
        {"t.general.2026-06-15": "1h", "s.general.2026-06-15": "x"},
        {"t.general.2026-06-15": "1h", "t.general.2026-06-16": "1h"},
    ],
)
def test_what_is_no_cell_of_this_week_is_refused(as_carol, sent):
    assert as_carol.post(CELL, sent, headers=HTMX).status_code == 422
    assert not TimeEntry.objects.exists()


def test_a_record_of_another_organisation_is_none(as_carol, globex):
    from accounts.tenancy import organisation_scope

    with organisation_scope(globex):
        foreign = factories.TicketFactory(title="Foreign")
    response = as_carol.post(CELL, fields(foreign, "1h"), headers=HTMX)
    assert response.status_code == 422 and "Foreign" not in response.content.decode()
    assert not TimeEntry.objects.exists()


def test_a_smaller_sum_of_several_opens_their_list(as_carol, carol, ticket):
    two = [log(carol, ticket, 60), log(carol, ticket, 30, subject="Second")]
    response = as_carol.post(CELL, fields(ticket, "50m", *two), headers=HTMX)
    body = response.content.decode()
    assert response.status_code == 422 and "This cell has 2 entries. Which one should change?" in body
    address = re.search(r'<span hidden hx-get="([^"]+)"', body)[1].replace("&amp;", "&")
    listed = as_carol.get(address, headers=HTMX).content.decode()
    assert "Make it 20m" in listed and listed.count("Make it") == 1  # the other would have to be longer than it is
    assert "Before" in listed and "Second" in listed and "Together 1h 30m" in listed


def test_less_of_several_offers_those_that_can_be_shorter_by_it(as_carol, carol, ticket):
    log(carol, ticket, 60), log(carol, ticket, 30, subject="Second")
    place = {"row": f"ticket:{ticket.pk}", "date": "2026-06-15", "want": "-40m"}
    listed = as_carol.get(CELL, place, headers=HTMX).content.decode()
    assert "Make it 20m" in listed and listed.count("Make it") == 1


def test_the_one_that_is_chosen_changes_with_undo(as_carol, carol, ticket):
    one, two = log(carol, ticket, 60), log(carol, ticket, 30)
    seen = f"{one.pk}.1.60 {two.pk}.1.30"
    sent = {"row": f"ticket:{ticket.pk}", "date": "2026-06-15", "seen": seen, "want": "50m", "entry": str(one.pk)}
    response = as_carol.post(CELL, sent, headers=HTMX)
    assert "undo" in response.content.decode() and "dialog-close" in events(response)
    assert sorted(TimeEntry.objects.values_list("minutes", flat=True)) == [20, 30]
    assert as_carol.post(CELL, sent, headers=HTMX).status_code == 409
    assert as_carol.post(CELL, {**sent, "entry": "x"}, headers=HTMX).status_code == 404


def test_a_cell_of_several_is_cleared_by_choice(as_carol, carol, ticket):
    one, two = log(carol, ticket, 60), log(carol, ticket, 30)
    response = as_carol.post(CELL, fields(ticket, "", one, two), headers=HTMX)
    assert response.status_code == 422 and TimeEntry.objects.count() == 2
    place = {"row": f"ticket:{ticket.pk}", "date": "2026-06-15"}
    assert "Delete all of them" in as_carol.get(CELL, {**place, "want": ""}, headers=HTMX).content.decode()
    assert "Delete all of them" not in as_carol.get(CELL, place).content.decode()
    sent = {**place, "seen": f"{one.pk}.1.60 {two.pk}.1.30", "want": "", "entry": "all"}
    response = as_carol.post(CELL, sent, follow=True)
    assert "Deleted 2 entries" in response.content.decode() and not TimeEntry.objects.exists()
    undo = re.search(r'(/o/acme/entries/batches/\d+/undo/[^"]*)"', response.content.decode())[1]
    as_carol.post(undo.replace("&amp;", "&"))
    assert TimeEntry.objects.count() == 2
