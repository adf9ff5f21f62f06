"""Who stands in for whom, from when until when: one's own handovers, and everybody's for admins."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import Q
from django.utils.translation import gettext as _

from accounts.models import Membership
from accounts.permissions import Permission, can
from timesheets_site.lib import dates
from timetracking.models import ApprovalHandover

PAST_A_PAGE = 20


@dataclass(frozen=True)
class HandoverLine:
    """`state` says how it stands today; `can_end` whether the reader may end it now."""

    pk: int
    approver: str
    stand_in: str
    days: str
    state: str
    tone: str
    ended: str
    can_end: bool


@dataclass(frozen=True)
class Handovers:
    live: list[HandoverLine]
    past: list[HandoverLine]
    past_page: Page
    sees_all: bool


def handovers_of(reader: Membership, *, page: str) -> Handovers:
    """Those that hold or are to come, and earlier ones in pages. Three queries."""
    sees_all = can(reader, Permission.MANAGE_MEMBERS)
    rows: Any = ApprovalHandover.objects.select_related("approver", "stand_in")
    if not sees_all:
        rows = rows.filter(Q(approver=reader) | Q(stand_in=reader))
    today = reader.today()
    live = Q(ended_at__isnull=True, last_on__gte=today)
    past = Paginator(rows.exclude(live), PAST_A_PAGE).get_page(page)

    def lines(found: Any) -> list[HandoverLine]:
        return [_line(row, reader, today, sees_all) for row in found]

    return Handovers(lines(rows.filter(live).order_by("first_on", "pk")), lines(past.object_list), past, sees_all)


def _line(row: ApprovalHandover, reader: Membership, today: dt.date, sees_all: bool) -> HandoverLine:
    if row.ended_at is not None or row.last_on < today:
        state, tone = _("Over"), "outline"
    else:
        state, tone = (_("Holds today"), "ok") if row.first_on <= today else (_("To come"), "accent")
    return HandoverLine(
        pk=row.pk,
        approver=row.approver.display_name,
        stand_in=row.stand_in.display_name,
        days=dates.day_range(row.first_on, row.last_on),
        state=state,
        tone=tone,
        ended=dates.moment(row.ended_at, reader.zone) if row.ended_at else "",
        can_end=tone != "outline" and (sees_all or row.approver_id == reader.pk),
    )
