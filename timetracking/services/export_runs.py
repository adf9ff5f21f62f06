"""Making the files that were asked for: the worker's side of exports.

A job is claimed by one compare-and-set, so two workers never make the same file. While rows are written, a second
thread says every second how many there are, on a connection of its own: it tells others that this worker lives, and
learns that the export was cancelled, or that others took it for dead. The file is written under a name of this claim
alone and gets its place only when it is complete. A worker that dies leaves a claim that runs out.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import logging
import os
import threading
import time
import uuid
from collections.abc import Callable, Generator, Iterator, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.files import File
from django.db import connection, transaction
from django.db.models import F, Max, Q, QuerySet
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from accounts.models import Membership, Organisation
from accounts.services.notices import Notice, tell
from accounts.tenancy import organisation_scope
from timesheets_site.lib import spreadsheets, workbooks
from timesheets_site.lib.errors import DomainError, NotAllowed, OutOfReach
from timetracking.models import ExportJob
from timetracking.services import export_jobs
from timetracking.services.export_jobs import Export

log = logging.getLogger("timetracking.exports")
State = ExportJob.State

DEAD = dt.timedelta(minutes=3)  # without a sign of life; a worker gives one every second
GAP = dt.timedelta(minutes=1)  # between tries
MOST_TRIES = 3
BEAT_SECONDS = 1.0
ROUND_SECONDS = 20  # then mails and other jobs of the worker have their turn
CANDIDATES = 200
ROWS_A_CHUNK = 2_000
PART = ".part"
READY, FAILED = "export.ready", "export.failed"


class Stopped(Exception):
    """The worker is told to end: what it has in hand is somebody else's, later."""


class Lost(Exception):
    """The claim is no longer ours: cancelled, or taken by another worker."""


def run_waiting(stop: Callable[[], bool] = lambda: False) -> int:
    """Make the files that wait, one after the other; how many were begun.

    Ends early when `stop()` says so, and after some seconds, so that the worker can do other things in between.
    """
    until, begun = time.monotonic() + ROUND_SECONDS, 0
    while not stop() and time.monotonic() < until and (job := claim()):
        run(job, stop)
        begun += 1
    return begun


# --- Claiming ---------------------------------------------------------------------------------------------------------


def claim() -> ExportJob | None:
    """The next file to make, now ours; None where nothing waits."""
    now = timezone.now()
    for job in _in_turn(waiting(now)):
        if job.tries >= MOST_TRIES:
            _give_up(job)
        elif claim_one(job, now):
            job.refresh_from_db()
            return job
    return None


def waiting(now: dt.datetime) -> QuerySet[ExportJob]:
    """What waits, and what a worker began that has not been heard of for minutes; first come first."""
    abandoned = Q(state=State.RUNNING, heartbeat_at__lt=now - DEAD)
    never_begun = Q(state=State.WAITING, heartbeat_at=None)
    failed_before = Q(state=State.WAITING, heartbeat_at__lt=now - GAP)
    return ExportJob.unscoped.filter(abandoned | never_begun | failed_before).order_by("created_at", "pk")


def claim_one(job: ExportJob, now: dt.datetime) -> bool:
    """Take this job as it was read; False where somebody else was quicker. Each claim has a file name of its own."""
    as_read = ExportJob.unscoped.filter(pk=job.pk, state=job.state, tries=job.tries, heartbeat_at=job.heartbeat_at)
    return bool(
        as_read.update(
            state=State.RUNNING,
            tries=F("tries") + 1,
            heartbeat_at=now,
            storage_key=uuid.uuid4(),
            rows_done=0,
            rows_total=None,
        )
    )


def _in_turn(found: QuerySet[ExportJob]) -> list[ExportJob]:
    """By turns: who was served longest ago comes first, so that no organisation waits for all of another's."""
    jobs = list(found[:CANDIDATES])
    if len({job.organisation_id for job in jobs}) < 2:
        return jobs
    served: dict[int, dt.datetime | None] = dict(
        ExportJob.unscoped.filter(organisation__in={job.organisation_id for job in jobs})
        .order_by()
        .values_list("organisation")
        .annotate(Max("heartbeat_at"))
    )
    never = dt.datetime.min.replace(tzinfo=dt.UTC)
    return sorted(jobs, key=lambda job: served[job.organisation_id] or never)


# --- Making one -------------------------------------------------------------------------------------------------------


def run(job: ExportJob, stop: Callable[[], bool] = lambda: False) -> None:
    """Make the file of a claimed job, and tell who asked. Whatever goes wrong is this job's alone."""
    claimed = ExportJob.unscoped.filter(pk=job.pk, state=State.RUNNING, tries=job.tries)
    with organisation_scope(job.organisation_id), translation.override(settings.LANGUAGE_CODE):
        try:
            with Pulse(claimed, stop) as pulse:
                size = _make(job, pulse)
            _finish(job, claimed, size, pulse.rows)
        except Stopped:
            claimed.update(state=State.WAITING, tries=F("tries") - 1, heartbeat_at=None)
        except Lost:
            log.info("export %s was cancelled, or is made by another worker", job.pk)
        except OutOfReach:
            _fail(job, claimed, _("You may not export this any more."))
        except DomainError as refusal:
            _fail(job, claimed, str(refusal))
        except Exception:
            log.exception("export %s failed at its try %s", job.pk, job.tries)
            if job.tries >= MOST_TRIES:
                _fail(job, claimed, _("The file could not be made. Ask again, or ask an admin to look at the log."))
            else:
                claimed.update(state=State.WAITING, heartbeat_at=timezone.now())


def _make(job: ExportJob, pulse: Pulse) -> int:
    """Write the file and put it into its place; its size in bytes."""
    asker = _asker_of(job)
    parameters = dict(job.parameters)
    file_format = parameters.pop(export_jobs.FORMAT, "csv")
    export = export_jobs.open_for(asker, job.kind, parameters)
    held = {**job.parameters, export_jobs.HELD: export_jobs.held_by(asker, job.kind)}
    ExportJob.objects.filter(pk=job.pk, tries=job.tries).update(rows_total=export.count(), parameters=held)
    with _unfinished(job) as path:
        path.touch(mode=0o600, exist_ok=False)
        with path.open("wb") as target, contextlib.closing(pulse.counted(export.rows())) as rows:
            WRITERS[file_format](export, rows, target)
            target.flush()
            os.fsync(target.fileno())
        pulse.check()
        size = path.stat().st_size
        with path.open("rb") as source:
            export_jobs.storage().save(export_jobs.stored_as(job), Finished(source, path))
        return size


def _asker_of(job: ExportJob) -> Membership:
    """Who asked, as they are now. Raises NotAllowed for somebody who has left, or whose organisation is closed."""
    organisation = Organisation.objects.get(pk=job.organisation_id)
    asker: Membership = Membership.objects.select_related("user").get(pk=job.asker_id)
    asker.organisation = organisation
    here = asker.is_active and asker.user.is_active and organisation.is_active
    if not here or not organisation.has_feature(Organisation.Feature.TIMESHEETS):
        raise NotAllowed("not_allowed", _("You may not export this any more."))
    return asker


def _write_csv(export: Export, rows: Iterator[Any], target: Any) -> None:
    for chunk in spreadsheets.stream_csv(workbooks.csv_columns(export.columns), rows, lines=export.lines):
        target.write(chunk)


def _write_xlsx(export: Export, rows: Iterator[Any], target: Any) -> None:
    sheet = workbooks.Sheet(export.title, export.columns, rows, LateRows(export.totals))
    workbooks.write_sheets([sheet], target)


WRITERS: dict[str, Callable[[Export, Iterator[Any], Any], None]] = {"csv": _write_csv, "xlsx": _write_xlsx}


class LateRows(Sequence[Any]):
    """Rows of totals that are worked out when they are written: after the others."""

    def __init__(self, totals: Callable[[], Sequence[Any]]) -> None:
        self.totals = totals

    @cached_property
    def rows(self) -> Sequence[Any]:
        return self.totals()

    def __len__(self) -> int:
        return len(self.rows)

    def __getitem__(self, at: Any) -> Any:
        return self.rows[at]


class Finished(File):
    """A complete file, which a storage on the same disk renames instead of copying."""

    def __init__(self, source: Any, path: Path) -> None:
        super().__init__(source)
        self.path = path

    def temporary_file_path(self) -> str:
        return str(self.path)


@contextlib.contextmanager
def _unfinished(job: ExportJob) -> Iterator[Path]:
    """Where the file is while it is written: beside its place, under a name that no download ever has."""
    folder = Path(settings.EXPORTS_DIR)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = folder / f"{job.storage_key}{PART}"
    try:
        yield path
    finally:
        path.unlink(missing_ok=True)


# --- Signs of life ----------------------------------------------------------------------------------------------------


class Pulse:
    """Says how far it is, from a thread of its own, and asks whether it may go on.

    On a connection of its own, since on SQLite a connection that reads rows cannot write once others have written.
    """

    def __init__(self, claimed: QuerySet[ExportJob], stop: Callable[[], bool]) -> None:
        self.claimed, self.stop = claimed, stop
        self.rows = 0
        self.lost = threading.Event()
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._beat, name="export-pulse", daemon=True)

    def __enter__(self) -> Pulse:
        self._thread.start()
        return self

    def __exit__(self, *_exception: object) -> None:
        self._ended.set()
        self._thread.join()

    def counted(self, rows: Any) -> Generator[Any]:
        """The rows, counted; between some of them it is asked whether to go on. Closes its source at the end."""
        try:
            for self.rows, row in enumerate(rows, 1):
                if not self.rows % ROWS_A_CHUNK:
                    self.check()
                yield row
        finally:
            if close := getattr(rows, "close", None):
                close()

    def check(self) -> None:
        """Raises Stopped or Lost where this worker shall not go on."""
        if self.stop():
            raise Stopped
        if self.lost.is_set():
            raise Lost

    def _beat(self) -> None:
        try:
            while not self._ended.wait(BEAT_SECONDS):
                try:
                    if not self.claimed.update(rows_done=self.rows, heartbeat_at=timezone.now()):
                        self.lost.set()
                except Exception:
                    log.warning("an export's sign of life could not be written", exc_info=True)  # the next one may
        finally:
            connection.close()


# --- The end ----------------------------------------------------------------------------------------------------------


def _finish(job: ExportJob, claimed: QuerySet[ExportJob], size: int, rows: int) -> None:
    """The file is there: say so. Raises Lost, and deletes it, where it is no longer wanted."""
    now = timezone.now()
    done = {"state": State.DONE, "rows_done": rows, "rows_total": rows, "size_bytes": size, "problem": ""}
    with transaction.atomic():
        wanted = claimed.update(**done, finished_at=now, expires_at=export_jobs.kept_until(now))
        if wanted:
            _tell(job, READY)
    if not wanted:
        export_jobs.storage().delete(export_jobs.stored_as(job))
        raise Lost


def _fail(job: ExportJob, claimed: QuerySet[ExportJob], problem: str) -> None:
    with transaction.atomic():
        if claimed.update(state=State.FAILED, problem=problem[:300], finished_at=timezone.now()):
            _tell(job, FAILED)


def _give_up(job: ExportJob) -> None:
    """Every worker that began it ended before it was made."""
    as_read = ExportJob.unscoped.filter(pk=job.pk, state=job.state, tries=job.tries, heartbeat_at=job.heartbeat_at)
    with organisation_scope(job.organisation_id), translation.override(settings.LANGUAGE_CODE):
        _fail(job, as_read, _("The file could not be made: the work on it ended three times before it was complete."))


def _tell(job: ExportJob, kind: str) -> None:
    asker = Membership.objects.select_related("user").get(pk=job.asker_id)
    tell([Notice(asker, kind, {"job_id": job.pk, "title": job.title})], actor=None)
