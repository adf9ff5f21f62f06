"""Quick entry measured inside a process of the product. Started by `benchmarks.quick`; prints JSON.

Lists are measured as what the page is made from (found, sorted, in words) beside the very statements that ran, with
nothing but fetching their rows. Pages and saved cells are whole requests by Django's test client; what a cell writes is
not among its bare statements.
"""

from __future__ import annotations

import datetime as dt
import json
import re
import sys
from collections.abc import Callable
from functools import partial
from typing import Any

import django

from benchmarks.inside_reports import in_turns, recorded, replay

Calls = dict[str, Callable[[], Any]]


def main() -> None:
    django.setup()
    print(json.dumps(measure(json.loads(sys.argv[2]), int(sys.argv[1]))))


def measure(facts: dict[str, Any], rounds: int) -> dict[str, dict[str, Any]]:
    """Elapsed seconds in each round, and how many statements read, by name."""
    from accounts.tenancy import organisation_scope

    found = {}
    with organisation_scope(1):
        for name, call in {**lists(), **requests(facts)}.items():
            for _ in range(2):  # the first may write, or fill what is kept
                with recorded() as statements:
                    call()
            spent = in_turns({"bare": partial(replay, statements), "ours": call}, rounds)
            found[name] = {"statements": len(statements)} | spent
    return found


def lists() -> Calls:
    from accounts.models import Membership
    from timetracking.selectors import picker, search

    agent = Membership.objects.select_related("organisation", "user").get(pk=1)
    return {
        "picker, nothing typed": partial(picker.suggestions, agent),
        "picker, two words": partial(picker.search, agent, "backup site"),
        "picker, a rare word": partial(picker.search, agent, "site 976"),
        "picker, nothing found": partial(picker.search, agent, "unheard-of"),
        "picker, a ticket's number": partial(picker.search, agent, "99995"),
        "search, two words": partial(search.search, agent, "backup site"),
        "search, nothing found": partial(search.search, agent, "unheard-of"),
        "search, a ticket's number": partial(search.search, agent, "TKT-99995"),
    }


def requests(facts: dict[str, Any]) -> Calls:
    from django.test import Client
    from django.urls import reverse

    from accounts.models import User
    from timetracking.models import TimeEntry

    client = Client(headers={"host": "127.0.0.1"})
    client.force_login(User.objects.get(pk=facts["agent"]), backend="accounts.backends.SlowGuessingBackend")
    slug, monday = facts["slug"], dt.date.fromisoformat(facts["monday"])

    def get(address: str, expect: int = 200, **headers: str) -> str:
        answer = client.get(address, secure=True, headers=headers)
        if answer.status_code != expect:
            raise RuntimeError(f"{address}: {answer.status_code}")
        return answer.content.decode()

    grid, timer = reverse("week-grid", args=[slug, monday]), reverse("timer", args=[slug])
    seen = re.search(r"seen=([0-9a-f]+)", get(timer))
    if seen is None:
        raise RuntimeError("The page does not say which state of the timer it shows.")
    ticket, saturday = facts["ticket"], monday + dt.timedelta(days=5)
    cell = f"ticket:{ticket}.{saturday}"

    def save(text: str, seen: str = "") -> None:
        sent = {f"t.{cell}": text, f"s.{cell}": seen}
        here = f"https://127.0.0.1{grid}"
        headers = {"HX-Request": "true", "HX-Current-URL": here, "Referer": here}
        answer = client.post(reverse("grid-cell", args=[slug, monday]), sent, secure=True, headers=headers)
        if answer.status_code != 200:
            raise RuntimeError(f"{cell}: {answer.status_code} {answer.content[:500]!r}")

    def fill_and_clear() -> None:
        save("45m")
        entry = TimeEntry.objects.get(member=facts["agent"], ticket=ticket, date=saturday)
        save("", f"{entry.pk}.{entry.version}.{entry.minutes}")

    return {
        "grid page": partial(get, grid),
        "grid cell, filled and cleared": fill_and_clear,
        "search as you type": partial(get, reverse("search", args=[slug]) + "?q=backup+site"),
        "picker as you type": partial(get, reverse("pick", args=[slug]) + "?q=backup+site"),
        "timer poll, nothing new": partial(get, f"{timer}?seen={seen[1]}", 204, **{"HX-Request": "true"}),
    }


if __name__ == "__main__":
    main()
