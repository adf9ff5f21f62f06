"""Records that a member wants at the top of the picker. Everybody keeps their own."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from accounts import audit
from accounts.models import Membership
from accounts.permissions import Permission, require
from timesheets_site.lib import turns
from timesheets_site.lib.errors import RuleViolation
from timetracking.models import Favourite
from timetracking.models.record_links import name_of

MOST = 30
"""Of one member: the picker shows all of them, before anything is typed."""


@transaction.atomic
def add(actor: Membership, record: Any) -> bool:
    """Make a ticket, project, task, charge code or activity a favourite; False where it is one already.

    Raises NotAllowed, or RuleViolation `too_many`.
    """
    require(actor, Permission.LOG_TIME, owner=actor)
    turns.alone(turns.Place.REPETITION, actor.pk)
    own = Favourite.objects.filter(member=actor)
    if own.filter(**{name_of(record): record}).exists():
        return False
    if own.count() >= MOST:
        words = _("You have %(count)s favourites. Remove one first.")
        raise RuleViolation("too_many", words % {"count": MOST})
    favourite = Favourite(member=actor)
    favourite.record = record
    favourite.save()
    audit.record(actor, "favourite.added", favourite, changes={f"{name_of(record)}_id": (None, record.pk)})
    return True


@transaction.atomic
def remove(actor: Membership, record: Any) -> bool:
    """Take it out of the favourites; False where it was none. Raises NotAllowed."""
    require(actor, Permission.LOG_TIME, owner=actor)
    name = name_of(record)
    favourite = Favourite.objects.filter(member=actor, **{name: record}).select_for_update(of=("self",)).first()
    if favourite is None:
        return False
    audit.record(actor, "favourite.removed", favourite, changes={f"{name}_id": (record.pk, None)})
    favourite.delete()
    return True
