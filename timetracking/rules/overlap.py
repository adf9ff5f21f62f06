"""What is said about two entries of a member whose clock times meet; TimeEntry.objects.overlapping() finds them."""

from __future__ import annotations

import datetime as dt

from django.utils.translation import gettext as _

from timetracking.models.time_entries import TimeEntry


def words_of(other: TimeEntry, zone: dt.tzinfo) -> str:
    """Which time is taken already, and by what; clock times in the member's zone.

    >>> nine = dt.datetime(2026, 6, 15, 9, tzinfo=dt.UTC)
    >>> words_of(TimeEntry(subject="Stand-up", started_at=nine, ended_at=nine + dt.timedelta(hours=1)), dt.UTC)
    'Overlaps 09:00–10:00 on Stand-up.'
    """
    if other.started_at is None or other.ended_at is None:
        raise ValueError("An entry without both its times overlaps nothing.")
    start, end = other.started_at.astimezone(zone), other.ended_at.astimezone(zone)
    values = {"start": f"{start:%H:%M}", "end": f"{end:%H:%M}", "subject": other.link_reference or other.subject}
    return _("Overlaps %(start)s–%(end)s on %(subject)s.") % values
