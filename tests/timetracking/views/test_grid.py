"""The weekly grid: the page, one cell that saves itself, blocks and the form without script, rows, and who gets in."""

from __future__ import annotations

import datetime as dt
import json
import re

import pytest

from tests import factories
from tests.cast import MONDAY
from timesheets_site.lib.errors import RuleViolation
from timetracking.models import GridRow, TimeEntry, Timesheet
from timetracking.services import entry_checks, grid_rows, many_entries, time_entries

GRID = "/o/acme/timesheets/2026-06-15/grid/"
CELL, ROWS = f"{GRID}cell/", f"{GRID}rows/"
HTMX = {"HX-Request": "true", "HX-Current-URL": f"http://testserver{GRID}"}
TUESDAY = MONDAY + dt.timedelta(days=1)
NOTHING = "Enter 24h or less. Did you mean 2h 30m?"


@pytest.fixture
def ticket(acme):
    return factories.TicketFactory(title="VPN drops", number=4811, client__name="Marlow Vets")


def log(actor, ticket, minutes=60, **fields):
    link = {"kind": "TICKET", "ticket": ticket} if ticket else {"kind": "GENERAL"}
    return time_entries.log(actor, **{**link, "date": MONDAY, "minutes": minutes, "subject": "Before", **fields})


def fields(ticket, text, *seen, day=MONDAY):
    name = f"ticket:{ticket.pk}.{day}" if ticket else f"general.{day}"
    shown = " ".join(f"{entry.pk}.{entry.version}.{entry.minutes}" for entry in seen)
    return {f"t.{name}": text, **({f"s.{name}": shown} if shown else {})}


def events(response):
    return json.loads(response.headers.get("HX-Trigger", "{}"))


def lines(response):
    return {line.title: [cell.text for cell in line.cells] for line in response.context["grid"].lines}


# --- The page ---------------------------------------------------------------------------------------------------------


def test_rows_days_sums_and_targets(as_carol, carol, ticket):
    log(carol, ticket, 450)
    log(carol, ticket, 30, date=TUESDAY)
    log(carol, None, 20, date=TUESDAY)
    response = as_carol.get(GRID)
    assert lines(response) == {
        "VPN drops": ["7:30", "0:30", "", "", "", "", ""],
        "General time without a charge code": ["", "0:20", "", "", "", "", ""],
    }
    page = response.context["grid"]
    assert [day.clock for day in page.days] == ["7:30", "0:50", "–", "–", "–", "–", "–"]
    assert [day.against for day in page.days] == [
        "on target", "\u22126:40", "\u22127:30", "7:30 to go", "7:30 to go", "", ""
    ]  # fmt: skip
    assert page.percent == "22%"
    body = response.content.decode()
    assert "TKT-4811 · Marlow Vets" in body and 'id="kpis"' in body and 'id="week-status"' in body
    assert '<caption class="vh">' in body and body.count('scope="row"') == 4 and body.count('scope="col"') == 9


def test_the_week_begins_at_its_first_day(as_carol):
    response = as_carol.get("/o/acme/timesheets/2026-06-18/grid/?agent=")
    assert (response.status_code, response["Location"]) == (302, f"{GRID}?agent=")


def test_week_and_grid_lead_to_each_other(as_carol, as_bob, carol):
    assert f'href="{GRID}"' in as_carol.get("/o/acme/timesheets/2026-06-15/").content.decode()
    assert 'href="/o/acme/timesheets/2026-06-15/"' in as_carol.get(GRID).content.decode()
    assert (
        f'href="{GRID}?agent={carol.pk}"'
        in as_bob.get(f"/o/acme/timesheets/2026-06-15/?agent={carol.pk}").content.decode()
    )
    assert GRID not in as_bob.get("/o/acme/timesheets/2026-06-15/?agent=all").content.decode()


def test_rows_come_by_kind_and_then_the_newest(as_carol, carol, ticket):
    project = factories.ProjectFactory(name="Firewall")
    task = factories.TaskFactory(project=project, name="Survey")
    log(carol, None)
    log(carol, ticket)
    log(carol, factories.TicketFactory(title="Newer"))
    log(carol, None, kind="PROJECT", project=project)
    log(carol, None, kind="PROJECT", task=task)
    added = factories.TicketFactory(title="Just added")
    grid_rows.add(carol, carol, MONDAY, added)
    grid_rows.add(carol, carol, MONDAY, task)  # is there already
    titles = list(lines(as_carol.get(GRID)))
    assert titles == ["Survey", "Firewall", "Just added", "Newer", "VPN drops", "General time without a charge code"]


def test_a_bound_charge_code_that_was_added_is_the_row_of_its_entries(as_carol, carol):
    code = factories.ChargeCodeFactory(project=factories.ProjectFactory(), name="Fixed fee")
    grid_rows.add(carol, carol, MONDAY, code)
    time_entries.log(carol, kind="GENERAL", charge_code=code, date=MONDAY, minutes=30, subject="Work")
    assert lines(as_carol.get(GRID)) == {"Fixed fee": ["0:30", "", "", "", "", "", ""]}


def test_cells_say_why_they_are_locked_before_anybody_types(acme, as_carol, carol, ticket, now):
    log(carol, ticket)
    closed = factories.TicketFactory(title="Done", number=4790)
    log(carol, closed)
    closed.status = "closed"
    closed.save()
    now.shift(dt.timedelta(hours=25))
    cells = {line.title: line.cells for line in as_carol.get(GRID).context["grid"].lines}
    assert cells["VPN drops"][0].lock.startswith("You could change this until")
    assert (cells["VPN drops"][1].lock, cells["VPN drops"][1].shows_lock) == ("", False)
    assert cells["Done"][1].lock == "TKT-4790 is closed. Reopen it to log time."
    assert (cells["VPN drops"][5].lock, cells["VPN drops"][5].shows_lock) == ("You can log time up to today", False)
    acme.lock_date = MONDAY
    acme.save()
    cells = {line.title: line.cells for line in as_carol.get(GRID).context["grid"].lines}
    assert cells["VPN drops"][0].lock.startswith("Time on or before 15 June 2026 is closed")
    body = as_carol.get(GRID).content.decode()
    assert re.search(r'readonly aria-describedby="w-ticket-\d+-1"', body) and 'class="why" id="w-' in body
    Timesheet.objects.update(state="submitted")
    cells = as_carol.get(GRID).context["grid"].lines[0].cells
    assert cells[2].lock == "This week is submitted. Recall it to make changes."


def test_the_words_for_days_to_come_are_those_of_the_refusal(carol, as_carol, ticket):
    log(carol, ticket)
    shown = as_carol.get(GRID).context["grid"].lines[0].cells[6].lock
    with pytest.raises(RuleViolation) as refusal:
        entry_checks.check_date(carol, MONDAY + dt.timedelta(days=6))
    assert shown == str(refusal.value)


def test_an_agent_sees_only_their_own_and_managers_everybodys(
    as_alice, as_bob, as_carol, as_mallory, bob, carol, ticket
):
    log(carol, ticket)
    for client in (as_alice, as_bob):
        assert list(lines(client.get(f"{GRID}?agent={carol.pk}"))) == ["VPN drops"]
    assert as_carol.get(f"{GRID}?agent={bob.pk}").status_code == 404
    assert as_bob.get(f"{GRID}?agent=all").status_code == 404
    assert as_mallory.get(GRID).status_code == 404
    assert as_carol.post(f"{CELL}?agent={bob.pk}", fields(ticket, "1h"), headers=HTMX).status_code == 404
    assert as_carol.post(f"{GRID}?agent={bob.pk}", fields(ticket, "1h")).status_code == 404
    assert TimeEntry.objects.count() == 1


# --- One cell ---------------------------------------------------------------------------------------------------------


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


# --- Several entries --------------------------------------------------------------------------------------------------


def test_a_smaller_sum_of_several_opens_their_list(as_carol, carol, ticket):
    two = [log(carol, ticket, 60), log(carol, ticket, 30, subject="Second")]
    response = as_carol.post(CELL, fields(ticket, "50m", *two), headers=HTMX)
    body = response.content.decode()
    assert response.status_code == 422 and "This cell has 2 entries. Which one should change?" in body
    address = re.search(r'<span hidden hx-get="([^"]+)"', body)[1].replace("&amp;", "&")
    listed = as_carol.get(address, headers=HTMX).content.decode()
    assert "Make it 20m" in listed and listed.count("Make it") == 1  # the other would have to be longer than it is
    assert "Before" in listed and "Second" in listed and "Together 1h 30m" in listed


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


# --- Many cells -------------------------------------------------------------------------------------------------------


def test_without_script_one_form_saves_what_changed(as_carol, carol, ticket):
    entry = log(carol, ticket)
    untouched = log(carol, None)
    sent = {
        **fields(ticket, "2h", entry),
        **fields(ticket, "45m", day=TUESDAY),
        **fields(ticket, "", day=MONDAY + dt.timedelta(days=2)),
        **fields(None, "1:00", untouched),
    }
    response = as_carol.post(GRID, sent, follow=True)
    assert response.redirect_chain == [(GRID, 302)]
    assert "Saved 2 cells" in response.content.decode()
    assert lines(response)["VPN drops"][:2] == ["2:00", "0:45"]
    untouched.refresh_from_db()
    assert untouched.version == 1
    undo = re.search(r'action="(/o/acme/entries/batches/\d+/undo/[^"]*)"', response.content.decode())[1]
    back = as_carol.post(undo.replace("&amp;", "&"), follow=True)
    assert back.redirect_chain[-1][0] == GRID and lines(back)["VPN drops"][:2] == ["1:00", ""]


def test_without_script_what_is_refused_comes_back_with_links(as_carol, carol, ticket):
    grid_rows.add(carol, carol, MONDAY, ticket)
    sent = {**fields(ticket, "230h"), **fields(ticket, "45m", day=TUESDAY)}
    response = as_carol.post(GRID, sent)
    body = response.content.decode()
    assert response.status_code == 422 and "Saved 1 cell" in body and 'value="230h"' in body
    assert f'<a href="#i-ticket-{ticket.pk}-1">VPN drops, Mon 15 June: {NOTHING}</a>' in body
    assert TimeEntry.objects.get().minutes == 45


def test_a_block_is_pasted_with_a_report(as_carol, carol, ticket):
    entry = log(carol, ticket)
    grid_rows.add(carol, carol, MONDAY, ticket)
    friday = MONDAY + dt.timedelta(days=4)
    sent = {
        "pasted": "1",
        **fields(ticket, "1:30", entry),
        **fields(ticket, "0:00", day=TUESDAY),
        **fields(ticket, "abc", day=MONDAY + dt.timedelta(days=2)),
        **fields(ticket, "2h", day=friday),
        "beyond": ["8h"],
    }
    response = as_carol.post(GRID, sent, headers=HTMX)
    body = response.content.decode()
    assert response.status_code == 422 and lines(response)["VPN drops"][0] == "1:30"
    assert [words for words, _field in response.context["errors"]] == [
        "VPN drops, Wed 17 June: Use a format like 1h 30m, 1:30, 1.5 or 90m",
        "VPN drops, Fri 19 June: You can log time up to today",
        "Outside the grid: 8h",
    ]
    assert 'value="abc"' in body and 'value="2h"' in body and "Saved 1 cell" in body and "/undo/" in body
    assert "3 cells were refused." in events(response)["say"]["text"]


def test_a_block_costs_no_more_queries_for_more_records(as_carol, carol, count_queries):
    """Each cell is written by itself; what is looked up around them is looked up once."""
    tickets = [factories.TicketFactory() for _number in range(4)]
    bad = [fields(ticket, "abc") for ticket in tickets]
    as_carol.post(GRID, {"pasted": "1", **bad[0]}, headers=HTMX)
    one = count_queries(lambda: as_carol.post(GRID, {"pasted": "1", **bad[0]}, headers=HTMX))
    four = count_queries(
        lambda: as_carol.post(GRID, {"pasted": "1", **{k: v for b in bad for k, v in b.items()}}, headers=HTMX)
    )
    assert four == one


def test_a_form_that_cant_be_read_is_refused_whole(as_carol, carol, ticket):
    sent = {**fields(ticket, "1h"), "t.general.2026-13-01": "1h"}
    response = as_carol.post(GRID, sent)
    assert response.status_code == 422 and "can&#x27;t be read" in response.content.decode()
    assert not TimeEntry.objects.exists()


def test_more_cells_than_can_be_written_at_once_are_all_refused_with_what_was_typed(as_carol, carol, monkeypatch):
    monkeypatch.setattr(many_entries, "MOST", 1)
    tickets = [factories.TicketFactory() for _number in range(2)]
    for each in tickets:
        grid_rows.add(carol, carol, MONDAY, each)
    response = as_carol.post(GRID, {**fields(tickets[0], "1h 7m"), **fields(tickets[1], "1h 8m")})
    body = response.content.decode()
    assert response.status_code == 422 and 'value="1h 7m"' in body and "Choose at most 1 entries at once." in body
    assert not TimeEntry.objects.exists()


# --- Rows -------------------------------------------------------------------------------------------------------------


def test_a_row_is_added_by_choice_or_by_its_reference(as_carol, carol, ticket):
    response = as_carol.post(ROWS, {"record": f"ticket:{ticket.pk}"}, headers=HTMX)
    assert lines(response) == {"VPN drops": [""] * 7}
    assert events(response)["focus"] == {"id": f"i-ticket-{ticket.pk}-4"}  # today's cell
    factories.ProjectFactory(code="PRJ-9", name="Firewall")
    assert as_carol.post(ROWS, {"q": "prj-9"})["Location"] == GRID
    assert list(lines(as_carol.get(GRID))) == ["Firewall", "VPN drops"]


def test_what_is_no_record_is_told_beside_the_field(as_carol):
    response = as_carol.post(ROWS, {"q": "Nowhere"}, headers=HTMX)
    body = response.content.decode()
    assert response.status_code == 422 and 'value="Nowhere"' in body and "Nothing is called “Nowhere”." in body
    assert as_carol.post(ROWS, {}).status_code == 422
    assert not GridRow.objects.exists()


def test_an_empty_row_is_removed(as_carol, as_mallory, carol, ticket):
    row = grid_rows.add(carol, carol, MONDAY, ticket)
    address = f"{ROWS}{row.pk}/remove/"
    assert address in as_carol.get(GRID).content.decode()
    assert as_mallory.post(address).status_code == 404
    entry = log(carol, ticket)
    assert address not in as_carol.get(GRID).content.decode()  # there is time on it
    time_entries.delete(carol, entry.pk)
    assert lines(as_carol.post(address, headers=HTMX)) == {}
    assert as_carol.post(address, headers=HTMX).status_code == 404
