"""What the worker does at intervals, besides sending mails. Apps add their jobs when they start."""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from accounts.models import Organisation
from accounts.tenancy import organisation_scope

log = logging.getLogger("accounts.jobs")


@dataclass(frozen=True)
class Job:
    """`run` may be at work in several workers at once, and may be run sooner than `every` (at each start).

    What `takes_long` gets a question, whether the worker is told to end, and then leaves the rest for another time.
    """

    name: str
    every: dt.timedelta
    run: Callable[..., object]
    takes_long: bool = False


JOBS: list[Job] = []


def in_each(
    organisations: Iterable[Organisation], act: Callable[[Organisation], int], *, feature: str, what: str
) -> int:
    """What `act` counts in each of the organisations that have the feature, each in its own scope, added up.

    What fails in one organisation is logged under `what` and keeps no other from its turn; at the end it is raised.
    """
    counted, failure = 0, None
    for organisation in organisations:
        if not organisation.has_feature(feature):
            continue
        try:
            with organisation_scope(organisation):
                counted += act(organisation)
        except Exception as error:
            log.exception("%s failed in organisation %s", what, organisation.pk)
            failure = error
    if failure:
        raise failure
    return counted
