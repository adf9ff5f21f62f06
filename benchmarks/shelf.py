"""Makes the databases in which quick entry is measured: as `fill` does, but with 100,000 tickets in every size."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator
from typing import Any

from benchmarks import fill
from benchmarks.scale import MANAGER, MONDAY, weeks_of

TICKETS = 100_000
SIZES = (10_000, 1_000_000)
OPEN_ONE_IN = 5
WORDS = ("backup", "laptop", "licence", "mailbox", "monitor", "password", "scanner", "server", "update", "wifi")


def name_of(size: int) -> str:
    """The database's name."""
    return f"shelf_{size}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--here", required=True, help=argparse.SUPPRESS)
    size = int(parser.parse_args().here.removeprefix("shelf_"))
    weeks = weeks_of(size)
    fill.set_up()
    fill.people()
    fill.catalogue(weeks)
    fill.store("timetracking.Ticket", more_tickets(weeks * fill.TICKETS_A_WEEK))
    fill.store("timetracking.Timesheet", fill.sheets(weeks))
    fill.store("timetracking.TimeEntry", fill.entries(size, weeks))
    fill.tidy()
    facts = {"filled": fill.FILLED, "size": size, "slug": "bench", "agent": 1, "manager": MANAGER}
    print(json.dumps(facts | {"monday": MONDAY.isoformat(), "ticket": weeks * fill.TICKETS_A_WEEK}))


def more_tickets(there: int) -> Iterator[dict[str, Any]]:
    """What is missing to 100,000, a fifth of them open; entries are on the others alone."""
    made = {"organisation_id": 1, "created_at": "2020-01-01 09:00:00", "updated_at": "2020-01-01 09:00:00"}
    for n in range(there + 1, TICKETS + 1):
        yield {
            **made, "id": n, "number": n, "client_id": n % fill.CLIENTS + 1,
            "title": f"{WORDS[n % 10].title()} {WORDS[n // 10 % 10]} on site {n % 977}",
            "status": "closed" if n % OPEN_ONE_IN else "open", "assignee_id": n % 50 + 1,
        }  # fmt: skip


if __name__ == "__main__":
    main()
