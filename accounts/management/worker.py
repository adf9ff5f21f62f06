"""The worker: round after round it runs the jobs that are due and sends the mails that wait."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial

from django.db import close_old_connections

from accounts import jobs
from accounts.services import outbox

log = logging.getLogger("accounts.worker")
PAUSE_SECONDS = 2
ENDING_SECONDS = 15  # what is being sent may have to wait for the mail server


class Worker:
    """`site` is the address of this installation, for the links in mails. Any number of workers may run."""

    def __init__(self, site: str) -> None:
        self.site = site
        self.stopping = threading.Event()
        self.next_run: dict[str, float] = {}
        """When each job is due, by the monotonic clock."""

    def run(self) -> None:
        """Until `stop()`: the mail in hand is sent to its end, and nothing new is begun."""
        log.info("the worker has started")
        while not self.stopping.is_set():
            self.round()
            self.stopping.wait(PAUSE_SECONDS)
        log.info("the worker has ended")

    def stop(self) -> None:
        self.stopping.set()

    def round(self) -> bool:
        """One round; whether all of it went well. What fails is logged, and keeps nothing else from being done."""
        close_old_connections()
        try:
            due = [job for job in jobs.JOBS if self.next_run.get(job.name, 0.0) <= time.monotonic()]
            well = [self._try(job.name, partial(self._run, job)) for job in due if not self.stopping.is_set()]
            for job in due:
                self.next_run[job.name] = time.monotonic() + job.every.total_seconds()
            well.append(self._try("mails", lambda: outbox.send_waiting(self.site, stop=self.stopping.is_set)))
            return all(well)
        finally:
            close_old_connections()

    def _run(self, job: jobs.Job) -> None:
        job.run(self.stopping.is_set) if job.takes_long else job.run()

    def _try(self, name: str, act: Callable[[], object]) -> bool:
        try:
            act()
        except Exception:
            log.exception("%s failed in this round", name)
            return False
        return True


@contextmanager
def in_background(site: str) -> Iterator[Worker]:
    """A worker in a thread of this process, which ends with the block (and with the process, however that ends)."""
    worker = Worker(site)
    thread = threading.Thread(target=worker.run, name="worker", daemon=True)
    thread.start()
    try:
        yield worker
    finally:
        worker.stop()
        thread.join(ENDING_SECONDS)
