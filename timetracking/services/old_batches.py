"""Batches of entries that can't be undone for long: forgotten. Their entries and the trail stay."""

from __future__ import annotations

import datetime as dt

from django.utils import timezone

from timetracking.models import EntryBatch

FORGOTTEN_AFTER = dt.timedelta(days=30)


def forget() -> int:
    """Delete them, of all organisations; how many went. Two workers at once do no harm."""
    old = EntryBatch.unscoped.filter(created_at__lt=timezone.now() - FORGOTTEN_AFTER)
    return int(old.delete()[0])
