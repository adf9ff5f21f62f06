"""One's own exports: what each is, how far it is, what can be done with it."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.core.paginator import Page, Paginator
from django.utils import timezone
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import Membership
from timesheets_site.lib import dates
from timetracking.models import ExportJob

EXPORTS_A_PAGE = 20
State = ExportJob.State
TONES = {State.RUNNING: "accent", State.DONE: "ok", State.FAILED: "danger"}
RUNNING = (State.WAITING, State.RUNNING)


@dataclass(frozen=True)
class ExportLine:
    """`percent` is None where it cannot be said; `detail` says in words how far it is, or what became of it."""

    pk: int
    title: str
    file_name: str
    asked: str
    state: str
    tone: str
    detail: str
    percent: int | None = None
    is_running: bool = False
    is_ready: bool = False
    can_ask_again: bool = False


@dataclass(frozen=True)
class Exports:
    lines: list[ExportLine]
    page: Page
    running: bool
    """Whether any of them is under way, so that the page asks again."""


def exports_of(actor: Membership, *, page: str) -> Exports:
    """The member's own, latest first. Two queries."""
    now = timezone.now()
    found = Paginator(ExportJob.objects.filter(asker=actor).order_by("-created_at", "-pk"), EXPORTS_A_PAGE)
    shown = found.get_page(page)
    lines = [line_of(job, actor.zone, now) for job in shown.object_list]
    return Exports(lines, shown, any(line.is_running for line in lines))


def line_of(job: ExportJob, zone: dt.tzinfo, now: dt.datetime) -> ExportLine:
    is_ready = job.state == State.DONE and job.expires_at is not None and job.expires_at > now
    state = State(job.state) if is_ready or job.state != State.DONE else State.EXPIRED
    return ExportLine(
        pk=job.pk,
        title=job.title,
        file_name=job.file_name,
        asked=dates.moment(job.created_at, zone),
        state=str(state.label),
        tone=TONES.get(state, ""),
        detail=_detail(job, state, zone),
        percent=_percent(job) if state == State.RUNNING else None,
        is_running=state in RUNNING,
        is_ready=is_ready,
        can_ask_again=state not in RUNNING and not is_ready,
    )


def _percent(job: ExportJob) -> int | None:
    """Never 100 before it is ready: rows may have come since they were counted."""
    return min(job.rows_done * 100 // job.rows_total, 99) if job.rows_total else None


def _detail(job: ExportJob, state: str, zone: dt.tzinfo) -> str:
    if state == State.RUNNING and job.rows_total:
        values = {"done": number_format(job.rows_done, force_grouping=True), "total": _rows(job.rows_total)}
        return _("%(done)s of %(total)s") % values
    if state == State.DONE and job.expires_at is not None:
        values = {"rows": _rows(job.rows_done), "size": size(job.size_bytes or 0)}
        kept = _("kept until %(moment)s") % {"moment": dates.moment(job.expires_at, zone)}
        return " · ".join((values["rows"], values["size"], kept))
    return job.problem if state == State.FAILED else ""


def _rows(count: int) -> str:
    words = ngettext("%(count)s row", "%(count)s rows", count)
    return words % {"count": number_format(count, force_grouping=True)}


def size(count: int) -> str:
    """
    >>> size(999), size(1_500), size(2_400_000)
    ('1 kB', '2 kB', '2.4 MB')
    """
    if count < 1_000_000:
        return _("%(number)s kB") % {"number": number_format(max(round(count / 1_000 + 0.001), 1), force_grouping=True)}
    return _("%(number)s MB") % {"number": number_format(round(count / 1_000_000, 1), 1, force_grouping=True)}
