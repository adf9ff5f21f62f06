"""Files that are made in the background: the register of what can be asked for, asking, cancelling, deleting.

A kind is registered when the product starts, beside its columns (`exports/`):

    register(ExportKind("time_entries", Permission.EXPORT_TIME, opened))

`opened(actor, parameters)` reads the parameters (plain strings, as an address or a form has them) for this member and
says what the file would hold. It raises a DomainError for what cannot be read, or is not theirs. It is called when
somebody asks, so that a mistake is told at once, and again when the worker begins, with the permissions of that moment.
Rows and their number are only asked for by the worker.

Any page asks by a form: `POST` to the address named `export-ask`, with `kind`, `format` (`csv` or `xlsx`), `key` (an
optional one-time key) and, as all other fields, the parameters of the kind. The answer leads to the list of exports.
What is refused is said there as well. The worker's side is `export_runs`.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.core.files.storage import storages
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts import audit
from accounts.models import Membership
from accounts.permissions import Permission, reach, require
from timesheets_site.lib import texts, turns
from timesheets_site.lib.errors import NotAllowed, OutOfReach, RuleViolation
from timesheets_site.lib.turns import Place
from timesheets_site.lib.workbooks import Column
from timetracking.models import ExportJob

Parameters = Mapping[str, str]
State = ExportJob.State

FORMATS = ("csv", "xlsx")
UNFINISHED = (State.WAITING, State.RUNNING)
MOST_OF_A_MEMBER = 3
MOST_OF_AN_ORGANISATION = 10
LONGEST_PARAMETERS = 4_000
FORMAT = "format"
"""The parameter that says which of FORMATS is made."""
HELD = "held"
"""The parameter that keeps what the asker might see when the file was made: see `held_by`."""
WIDTHS = ("none", "own", "all")


@dataclass(frozen=True)
class Export:
    """What a file would hold, for one member. `name` is the file's, without its ending: ours, never typed text.

    `rows` are read piece by piece, and asked for once; `count` tells about how many there are. `lines`, where there is
    one, writes some rows of the CSV at once (see `spreadsheets.stream_csv`), quicker than the columns do.
    """

    title: str
    name: str
    columns: Sequence[Column]
    rows: Callable[[], Iterable[Any]]
    count: Callable[[], int]
    lines: Callable[[list[Any]], str] | None = None
    totals: Callable[[], Sequence[Sequence[Any]]] = tuple
    """Rows of totals below the others, in a workbook only; asked for after the rows."""


@dataclass(frozen=True)
class ExportKind:
    """Something that can be exported. `permission` is asked for again when the file is made."""

    code: str
    permission: Permission
    opened: Callable[[Membership, Parameters], Export]


KINDS: dict[str, ExportKind] = {}


def register(kind: ExportKind) -> None:
    KINDS[kind.code] = kind


def open_for(actor: Membership, kind: str, parameters: Parameters) -> Export:
    """What `actor` would get now. Raises NotAllowed, OutOfReach (also for an unknown kind) or RuleViolation."""
    require(actor, Permission.ASK_EXPORT)
    known = KINDS.get(kind)
    if known is None:
        raise OutOfReach
    require(actor, known.permission)
    return known.opened(actor, parameters)


# --- Asking -----------------------------------------------------------------------------------------------------------


@transaction.atomic
def ask(actor: Membership, kind: str, parameters: Parameters, *, file_format: str) -> ExportJob:
    """Put a file into the queue. Raises NotAllowed, OutOfReach, or RuleViolation: `export_format_unknown`,
    `export_parameters_too_long`, `text_unreadable`, `exports_waiting` (the member's, or the organisation's, limit),
    what the kind refuses.
    """
    for text in (*parameters, *parameters.values()):
        texts.readable(text, "")
    export = open_for(actor, kind, parameters)
    if file_format not in FORMATS:
        raise RuleViolation("export_format_unknown", _("Choose CSV or Excel."), FORMAT)
    if sum(len(name) + len(value) for name, value in parameters.items()) > LONGEST_PARAMETERS:
        raise RuleViolation("export_parameters_too_long", _("Choose fewer filters."))
    turns.alone(Place.EXPORTS, actor.organisation_id)
    _check_limits(actor)
    job = ExportJob.objects.create(
        asker=actor,
        kind=kind,
        parameters={**parameters, FORMAT: file_format},
        title=export.title[:200],
        file_name=f"{_file_name(export.name)}.{file_format}",
        created_at=timezone.now(),
    )
    audit.record(actor, "export.asked", job, changes={"title": ("", job.title), "file_name": ("", job.file_name)})
    return job


def ask_again(actor: Membership, job_id: int) -> ExportJob:
    """The same file once more. Raises what `ask` raises."""
    job = _own(actor, job_id)
    parameters = {name: value for name, value in job.parameters.items() if name != HELD}
    return ask(actor, job.kind, parameters, file_format=parameters.pop(FORMAT, ""))


def _check_limits(actor: Membership) -> None:
    """The caller holds the organisation's place, so that two who ask at once are counted one after the other."""
    unfinished = ExportJob.objects.filter(state__in=UNFINISHED)
    if unfinished.filter(asker=actor).count() >= MOST_OF_A_MEMBER:
        words = ngettext(
            "You have %(count)d export under way. Wait until it is ready, or cancel it.",
            "You have %(count)d exports under way. Wait until one is ready, or cancel one.",
            MOST_OF_A_MEMBER,
        )
        raise RuleViolation("exports_waiting", words % {"count": MOST_OF_A_MEMBER})
    if unfinished.count() >= MOST_OF_AN_ORGANISATION:
        raise RuleViolation("exports_waiting", _("Many exports of your organisation are under way. Try again later."))


def _file_name(name: str) -> str:
    """
    >>> _file_name("time_acme_2026-06-01"), _file_name('a"b/../c')
    ('time_acme_2026-06-01', 'a-b-c')
    """
    return re.sub(r"[^A-Za-z0-9_-]+", "-", name).strip("-")[:110] or "export"


# --- One's own --------------------------------------------------------------------------------------------------------


@transaction.atomic
def cancel(actor: Membership, job_id: int) -> ExportJob:
    """Stop a file that waits or is made; one that is ready, or ended otherwise, stays as it is. Raises OutOfReach."""
    job = _own(actor, job_id)
    unfinished = ExportJob.objects.filter(pk=job.pk, state__in=UNFINISHED)
    if unfinished.update(state=State.CANCELLED, finished_at=timezone.now()):
        audit.record(actor, "export.cancelled", job, changes={"title": (job.title, job.title)})
        job.refresh_from_db()
    return job


@transaction.atomic
def delete(actor: Membership, job_id: int) -> ExportJob:
    """Delete the file now; the line stays. Done twice it is done once. Raises OutOfReach."""
    job = _own(actor, job_id)
    ready = ExportJob.objects.filter(pk=job.pk, state=State.DONE)
    if ready.update(state=State.EXPIRED, expires_at=timezone.now()):
        audit.record(actor, "export.deleted", job, changes={"title": (job.title, "")})
        # Should it fail, a file without a line of its own is found, and deleted, later.
        transaction.on_commit(lambda: storage().delete(stored_as(job)))
        job.refresh_from_db()
    return job


def ready_for(actor: Membership, job_id: int) -> ExportJob:
    """The member's own export whose file can be fetched.

    Raises OutOfReach for any other, NotAllowed once its asker may see less than what is in it.
    """
    job: ExportJob = _own(actor, job_id)
    if job.state != State.DONE or job.expires_at is None or job.expires_at <= timezone.now():
        raise OutOfReach
    held = zip(job.parameters.get(HELD, "").split(), held_by(actor, job.kind).split(), strict=False)
    if any(WIDTHS.index(then) > WIDTHS.index(now) for then, now in held):
        raise NotAllowed("not_allowed", _("You may not see all of this file any more. Ask for it again."))
    return job


def held_by(actor: Membership, kind: str) -> str:
    """Over whose records the member may make such a file now, and over whose they see money."""
    return f"{reach(actor, KINDS[kind].permission)} {reach(actor, Permission.SEE_RATES)}"


def _own(actor: Membership, job_id: int) -> ExportJob:
    require(actor, Permission.ASK_EXPORT)
    job: ExportJob | None = ExportJob.objects.filter(pk=job_id, asker=actor).first()
    if job is None:
        raise OutOfReach
    return job


# --- Files ------------------------------------------------------------------------------------------------------------


def storage() -> Any:
    """Where the files are: never below what is served."""
    return storages["exports"]


def stored_as(job: ExportJob) -> str:
    """The name in the storage, which nobody can guess."""
    return f"{job.storage_key}.{job.parameters.get(FORMAT, 'csv')}"


def kept_until(now: dt.datetime) -> dt.datetime:
    return now + dt.timedelta(days=settings.EXPORT_DAYS)
