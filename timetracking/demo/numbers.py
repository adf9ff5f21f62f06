"""The numbers by which the examples of the APIs call Harbourside's records: each gets its own where that is free.

In an empty database all are. Where a number belongs to something else already, its record gets the next one, as any
other, and `lacking` says so.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from django.db import models
from django.db.models.signals import pre_save

from accounts.models import Membership
from timesheets_site.lib import numbers
from timetracking.demo.harbourside import ABBOT, ADA, HANNAH, LARKSPUR, MARLOW, NOOR, SAM
from timetracking.models import ChargeCode, Client, Project, Task, Ticket, TimeEntry, WorkRole, WorkType

NUMBERS: dict[type[Any], dict[Any, int]] = {
    Membership: {HANNAH: 1, SAM: 5, ADA: 123, NOOR: 973},
    Client: {LARKSPUR: 13, ABBOT: 20, MARLOW: 12345},
    Project: {"PRJ-108": 1, "PRJ-125": 44},
    Task: {"Timing system": 1, "Design homepage": 43},
    Ticket: {4848: 54321},
    ChargeCode: {"MTNG": 10, "TRNG": 11, "ADMIN": 12, "PTO": 13, "PROJ": 14, "ONCALL": 15},
    WorkType: {
        "Regular": 1, "Overtime": 2, "Training": 3, "Travel": 4, "Remote": 5, "On-site": 6, "Administrative": 7,
    },
    WorkRole: {
        "Level 1 Tech": 1, "Level 2 Tech": 2, "Level 3 Tech": 3, "Engineer": 4, "Consultant": 5, "Project Manager": 6,
    },
}  # fmt: skip
HOMEPAGE, WAITING = 27, (1001, 1002, 1003)
ENTRIES = (HOMEPAGE, *WAITING)
CALLED: dict[type[Any], Callable[[Any], Any]] = {
    Membership: lambda member: member.user.email,
    Project: lambda project: project.code,
    Ticket: lambda ticket: ticket.number,
    ChargeCode: lambda code: code.code,
}
"""What a record is called above; its name where nothing is said."""


@contextmanager
def given() -> Iterator[None]:
    """Inside the block new records that are called like one of the above get its number, and no others get one."""
    for model in NUMBERS:
        pre_save.connect(_number, sender=model, dispatch_uid="demo-numbers")
    try:
        yield
    finally:
        for model in NUMBERS:
            pre_save.disconnect(sender=model, dispatch_uid="demo-numbers")


def _number(sender: type[models.Model], instance: Any, **_rest: Any) -> None:
    if instance.pk is not None:
        return
    named = NUMBERS[sender]
    number = take(sender, named.get(CALLED.get(sender, lambda record: record.name)(instance)))
    while number is None:
        number = numbers.reserve(sender)
        if number in named.values() and numbers.is_free(sender, number):
            number = None  # another one's, who comes later
    instance.pk = number


def take(model: type[models.Model], number: int | None) -> int | None:
    """The number, which nothing else gets any more; None where it belongs to something, or is none."""
    if number is None or not numbers.is_free(model, number):
        return None
    numbers.pass_over(model, number)
    return number


def lacking() -> list[str]:
    """What is not there, or belongs to another organisation: "client 20". In Harbourside's scope."""
    found: list[str] = []
    for model, named in NUMBERS.items():
        present = set(model.objects.filter(pk__in=named.values()).values_list("pk", flat=True))
        found += [f"{model._meta.verbose_name} {pk}" for pk in sorted(set(named.values()) - present)]
    entries = set(TimeEntry.with_deleted.filter(pk__in=ENTRIES).values_list("pk", flat=True))
    return found + [f"{TimeEntry._meta.verbose_name} {pk}" for pk in ENTRIES if pk not in entries]
