"""How the tests of the weekly grid ask it, and read what it says."""

import datetime as dt
import json

from tests.cast import MONDAY
from timetracking.services import time_entries

GRID = "/o/acme/timesheets/2026-06-15/grid/"
CELL, ROWS = f"{GRID}cell/", f"{GRID}rows/"
HTMX = {"HX-Request": "true", "HX-Current-URL": f"http://testserver{GRID}"}
TUESDAY = MONDAY + dt.timedelta(days=1)
NOTHING = "Enter 24h or less. Did you mean 2h 30m?"


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
