"""Closing a period and writing into it come one after the other: no write lands behind a date that moved meanwhile.

A request reads its organisation once, at its start. Somebody may close the period before the request stores anything,
so writers ask again here, and closing waits for those who have asked and not stored yet.

Take it before any row is locked, on either side; then nobody can wait for each other in a ring.
"""

from __future__ import annotations

from accounts.models import Organisation
from timesheets_site.lib import turns
from timesheets_site.lib.turns import Place


def hold_still(organisation: Organisation) -> None:
    """Until this transaction ends nobody moves the lock date; `organisation` has the one that is in force now.

    Any number of writers hold it at once.
    """
    turns.share(Place.LOCK_DATE, organisation.pk)
    organisation.lock_date = Organisation.objects.values_list("lock_date", flat=True).get(pk=organisation.pk)


def wait_for_writers(organisation_id: int) -> None:
    """Go on when everybody who holds the lock date has stored what they write; who comes later waits for us."""
    turns.alone(Place.LOCK_DATE, organisation_id)
