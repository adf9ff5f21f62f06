"""Makes the database in which invoices are measured: 40,000 approved entries, 5,000 of them of one client."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator
from typing import Any

from benchmarks import fill, waiting
from benchmarks.scale import ADMIN

NAME = "invoiced"
ENTRIES = 5_000
CLIENT, OTHERS = 0, 9
"""The places of the client who is billed, and of how many others there are."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--here", required=True, help=argparse.SUPPRESS)
    parser.parse_args()
    fill.set_up()
    fill.people()
    waiting.catalogue(1)
    fill.store("timetracking.Timesheet", waiting.sheets(1, set()))
    fill.store("timetracking.TimeEntry", entries())
    fill.tidy()
    print(json.dumps({"filled": fill.FILLED, "admin": ADMIN, "client": waiting.PER_ORGANISATION + CLIENT}))


def entries() -> Iterator[dict[str, Any]]:
    """All billed at 95 an hour; amounts are whole thousandths, as the column holds them."""
    for count, row in enumerate(waiting.entries(1, set())):
        place = CLIENT if count < ENTRIES else 1 + count % OTHERS
        yield row | {
            "client_id": waiting.PER_ORGANISATION + place, "billed_minutes": row["minutes"],
            "base_rate": fill.HOURLY, "hourly_rate": fill.HOURLY, "rate_decided_by": "organisation",
            "amount": row["minutes"] * fill.HOURLY * 1_000 // 60,
        }  # fmt: skip


if __name__ == "__main__":
    main()
