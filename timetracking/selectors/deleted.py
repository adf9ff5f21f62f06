"""Recently deleted entries: what can still be restored."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.core.paginator import Page, Paginator
from django.urls import reverse
from django.utils import timezone

from accounts.models import Membership
from timesheets_site.lib import dates
from timetracking.models import TimeEntry
from timetracking.rules.locking import RESTORABLE_DAYS
from timetracking.selectors.entry_rows import EntryRow, rows_for

A_PAGE = 50


@dataclass(frozen=True)
class DeletedRow:
    row: EntryRow
    deleted_text: str
    restore_url: str


@dataclass(frozen=True)
class DeletedPage:
    rows: list[DeletedRow]
    page: Page
    days: int
    shows_people: bool


def deleted_page(actor: Membership, number: str) -> DeletedPage:
    """The actor's own deletable entries, or everybody's for managers, newest deletion first."""
    since = timezone.now() - dt.timedelta(days=RESTORABLE_DAYS)
    gone: Any = TimeEntry.with_deleted.visible_to(actor).filter(deleted_at__gte=since).order_by("-deleted_at", "-pk")
    page = Paginator(gone, A_PAGE).get_page(number)
    here: Any = page.object_list
    ids = list(here.values_list("pk", "deleted_at"))
    rows = {row.id: row for row in rows_for(actor, TimeEntry.with_deleted.filter(pk__in=[pk for pk, _at in ids]))}
    zone = actor.zone
    url = reverse("entry-restore", args=[actor.organisation.slug, 0])
    return DeletedPage(
        rows=[
            DeletedRow(rows[pk], dates.moment(at, zone), url.replace("/0/", f"/{pk}/")) for pk, at in ids if pk in rows
        ],
        page=page,
        days=RESTORABLE_DAYS,
        shows_people=any(row.member_id != actor.pk for row in rows.values()),
    )
