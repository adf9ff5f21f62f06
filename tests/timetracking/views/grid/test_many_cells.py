"""Pasted blocks, and the form without script: many cells at once."""

from __future__ import annotations

import datetime as dt
import re

from tests import factories
from tests.cast import MONDAY
from tests.timetracking.views.grid.asking import GRID, HTMX, NOTHING, TUESDAY, events, fields, lines, log
from timetracking.models import TimeEntry
from timetracking.services import grid_rows, many_entries


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
