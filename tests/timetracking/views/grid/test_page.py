"""The page of the weekly grid and its rows: what it shows, and who gets in."""

from __future__ import annotations

import datetime as dt
import re

import pytest

from tests import factories
from tests.cast import MONDAY
from tests.timetracking.views.grid.asking import CELL, GRID, HTMX, ROWS, TUESDAY, events, fields, lines, log
from timesheets_site.lib.errors import RuleViolation
from timetracking.models import GridRow, TimeEntry, Timesheet
from timetracking.services import entry_checks, grid_rows, time_entries


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
