"""The address of an approvals page, read into the query that it stands for. What can't be read is as if not there."""

from __future__ import annotations

import contextlib
import datetime as dt

from django.http import QueryDict

from accounts.models import Membership
from timetracking.rules import weeks
from timetracking.selectors.approval_query import STATUSES, TEAMS, WAITING, InboxQuery

YEARS = range(2000, 2999)
LAST_PAGE = 10_000


def read(actor: Membership, data: QueryDict | dict[str, str]) -> InboxQuery:
    """`status`, `team`, `week` (any of its days), `page`, and `select=clean`."""
    status, team = data.get("status", ""), data.get("team", "")
    return InboxQuery(
        actor,
        status=str(status) if status in STATUSES else WAITING,
        team=str(team) if team in TEAMS else "",
        week=_week(str(data.get("week", "")), actor.organisation.first_weekday),
        page=_page(str(data.get("page", ""))),
        selects_clean=data.get("select") == "clean",
    )


def day(text: str) -> dt.date | None:
    """A day that can be counted with; None for anything else."""
    with contextlib.suppress(ValueError):
        read = dt.date.fromisoformat(text)
        return read if read.year in YEARS else None
    return None


def _week(text: str, first_weekday: int) -> dt.date | None:
    found = day(text)
    return weeks.week_containing(found, first_weekday=first_weekday) if found else None


def _page(text: str) -> int:
    return min(max(int(text), 1), LAST_PAGE) if text.isascii() and text.isdigit() and len(text) < 6 else 1
