"""A portal token stands for a person: each of their organisations is read in its own scope, with the role there."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.utils import timezone

from accounts.models import Membership, Organisation
from accounts.tenancy import organisation_scope
from timesheets_site.lib.errors import OutOfReach
from timesheets_site.lib.numbers import fits
from timetracking.models import Project, Ticket, TimeEntry


def number_of(text: str) -> int:
    """The id behind a text; 0, which nothing has, for what is none.

    >>> number_of("27"), number_of("T-310"), number_of("9" * 30), number_of("-1"), number_of("²")
    (27, 0, 0, 0, 0)
    """
    if not (text.isascii() and text.isdigit() and len(text) <= 19):
        return 0
    number = int(text)
    return number if fits(number) else 0


def memberships(request: Any, organisation_id: str | None = None) -> list[Membership]:
    """The caller's memberships where time is tracked, or the one in the organisation that is named.

    Raises OutOfReach for an organisation that is not theirs.
    """
    members = [m for m in request.caller.memberships if m.organisation.has_feature(Organisation.Feature.TIMESHEETS)]
    if organisation_id is None:
        return members
    named = [member for member in members if member.organisation_id == number_of(organisation_id)]
    if not named:
        raise OutOfReach
    return named


@contextmanager
def entered(member: Membership) -> Iterator[Membership]:
    """Inside, the rows are those of the member's organisation, and days are told in their zone."""
    with organisation_scope(member.organisation_id), timezone.override(member.zone):
        yield member


def of_entry(request: Any, entry_id: str) -> Membership:
    """The membership within whose reach this entry is. Raises OutOfReach."""
    number = number_of(entry_id)
    for member in memberships(request) if number else []:
        with entered(member):
            if TimeEntry.objects.visible_to(member).filter(pk=number).exists():
                return member
    raise OutOfReach


def of_record(request: Any, model: type[Ticket] | type[Project], record_id: str, organisation_id: str | None) -> Any:
    """The membership in the organisation of this ticket or project. Raises OutOfReach."""
    number = number_of(record_id)
    for member in memberships(request, organisation_id) if number else []:
        with entered(member):
            if model.objects.filter(pk=number).exists():
                return member
    raise OutOfReach


def colleague(member: Membership, user_id: str) -> Membership | None:
    """That person's membership in the member's organisation, the scope being open; None for a stranger."""
    number = number_of(user_id)
    if number == member.user_id:
        return member
    found: Membership | None = Membership.objects.select_related("user").filter(user=number).first()
    if found is not None:
        found.organisation = member.organisation
    return found
