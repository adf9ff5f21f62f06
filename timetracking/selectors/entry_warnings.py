"""What looks odd about an entry that was just written. Nothing here refuses anything."""

from __future__ import annotations

from typing import Any

from django.db.models import Q, Sum
from django.utils.translation import gettext as _

from timetracking.models import TimeEntry
from timetracking.rules import durations, weeks

LONG_DAY_MINUTES = 12 * 60


def warnings_of(entry: TimeEntry) -> list[str]:
    """Overlap with another entry of the member, a repetition of one, a long day; clock times in the member's zone."""
    others = TimeEntry.objects.filter(member=entry.member_id).exclude(pk=entry.pk)
    return [words for words in (_overlap(entry, others), _repetition(entry, others), _long_day(entry)) if words]


def _overlap(entry: TimeEntry, others: Any) -> str:
    if not (entry.started_at and entry.ended_at):
        return ""
    days = Q(date__gte=entry.date - weeks.DAY, date__lte=entry.date + weeks.DAY)
    meeting = Q(started_at__lt=entry.ended_at, ended_at__gt=entry.started_at)
    other = others.filter(days & meeting).select_related("ticket", "project").first()
    if other is None:
        return ""
    zone = entry.member.zone
    start, end = other.started_at.astimezone(zone), other.ended_at.astimezone(zone)
    values = {"span": f"{start:%H:%M} – {end:%H:%M}", "subject": other.link_reference or other.subject}
    return _("Overlaps %(span)s on %(subject)s.") % values


def _repetition(entry: TimeEntry, others: Any) -> str:
    same = ("date", "minutes", "kind", "subject", "ticket_id", "project_id", "task_id", "charge_code_id")
    alike = others.filter(**{name: getattr(entry, name) for name in same})
    return _("There is another entry just like it on that day.") if alike.exists() else ""


def _long_day(entry: TimeEntry) -> str:
    day = TimeEntry.objects.filter(member=entry.member_id, date=entry.date)
    total = day.aggregate(sum=Sum("minutes"))["sum"] or 0
    if total <= LONG_DAY_MINUTES:
        return ""
    return _("That makes %(total)s on this day.") % {"total": durations.format_minutes(total)}
