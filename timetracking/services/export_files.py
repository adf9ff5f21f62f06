"""What has had its time: files of exports after some days, files that nobody knows, and later the lines."""

from __future__ import annotations

import datetime as dt
import logging
import uuid
from typing import Any

from django.utils import timezone

from timetracking.models import ExportJob
from timetracking.services import export_jobs
from timetracking.services.export_jobs import UNFINISHED

log = logging.getLogger("timetracking.exports")
State = ExportJob.State

FORGOTTEN_AFTER = dt.timedelta(days=90)
UNKNOWN_AFTER = dt.timedelta(hours=1)  # longer than a file takes from its place to its line
LINES_AT_ONCE = 500


def tidy() -> int:
    """Delete what nobody may fetch any more; how many files went. Two workers at once do no harm."""
    now = timezone.now()
    gone = _expire(now)
    gone += _delete_unknown(now)
    ended = ExportJob.unscoped.exclude(state__in=(*UNFINISHED, State.DONE))
    ended.filter(created_at__lt=now - FORGOTTEN_AFTER).delete()
    return gone


def _expire(now: dt.datetime) -> int:
    """First the line, then the file: whoever asks in between is told that it is gone."""
    gone = 0
    due: Any = ExportJob.unscoped.filter(state=State.DONE, expires_at__lte=now)
    for job in due.order_by("pk")[:LINES_AT_ONCE]:
        if ExportJob.unscoped.filter(pk=job.pk, state=State.DONE).update(state=State.EXPIRED):
            export_jobs.storage().delete(export_jobs.stored_as(job))
            gone += 1
    return gone


def _delete_unknown(now: dt.datetime) -> int:
    """What a worker that died has left: files that no line names, complete ones or parts."""
    storage = export_jobs.storage()
    if not storage.exists(""):
        return 0
    old = [name for name in storage.listdir("")[1] if storage.get_modified_time(name) < now - UNKNOWN_AFTER]
    wanted: set[uuid.UUID] = set()
    keys = {key for name in old if (key := _key_of(name))}
    if keys:
        kept = ExportJob.unscoped.filter(state__in=(State.RUNNING, State.DONE), storage_key__in=keys)
        wanted = set(kept.values_list("storage_key", flat=True))
    unknown = [name for name in old if _key_of(name) not in wanted]
    for name in unknown:
        log.info("deleting %s, which belongs to no export", name)
        storage.delete(name)
    return len(unknown)


def _key_of(name: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(name.partition(".")[0])
    except ValueError:
        return None
