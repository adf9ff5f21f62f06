"""Is a week complete enough to be sent? What the organisation needs on each entry, asked of all that would be sent."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.translation import ngettext

from accounts.models import Organisation
from timetracking.models.time_entries import TimeEntry
from timetracking.rules import required_fields
from timetracking.rules.required_fields import Missing

SENT = frozenset({TimeEntry.Status.OPEN, TimeEntry.Status.REJECTED})
"""What a submission sends; the rest waits for a decision already, or has one."""


@dataclass(frozen=True, slots=True)
class Gap:
    """An entry, and what it lacks."""

    entry: TimeEntry
    missing: tuple[Missing, ...]


def gaps(organisation: Organisation, entries: Iterable[TimeEntry]) -> list[Gap]:
    """The entries that a submission would send and that lack something, in their order. Asks nothing of the database.

    >>> acme = Organisation(name="Acme", description_required="always")
    >>> bare = [TimeEntry(kind="GENERAL", status=status) for status in ("OPEN", "REJECTED", "APPROVED")]
    >>> [gap.entry.status for gap in gaps(acme, bare)]
    ['OPEN', 'REJECTED']
    """
    found = []
    for entry in entries:
        if entry.status in SENT and (lacks := required_fields.missing(organisation, entry)):
            found.append(Gap(entry, tuple(lacks)))
    return found


def in_words(found: Iterable[Gap]) -> str:
    """What is missing in all, a sentence for each kind of thing; nothing for a week without gaps.

    >>> acme = Organisation(name="Acme", description_required="always", clock_required=True)
    >>> in_words(gaps(acme, [TimeEntry(kind="GENERAL"), TimeEntry(kind="GENERAL", description="Call")]))
    '1 entry needs a description. 2 entries need a start and an end.'
    >>> in_words([])
    ''
    """
    counts = Counter(lack.code for gap in found for lack in gap.missing)
    return " ".join(_sentence(code, count) for code, count in counts.items())


def _sentence(code: str, count: int) -> str:
    n = {"count": count}
    if code == "description_required":
        return ngettext("%(count)s entry needs a description.", "%(count)s entries need a description.", count) % n
    if code == "task_required":
        return ngettext("%(count)s entry needs a task.", "%(count)s entries need a task.", count) % n
    if code == "clock_required":
        return ngettext("%(count)s entry needs a start and an end.", "%(count)s entries need a start and an end.",
                        count) % n  # fmt: skip
    return (
        ngettext(
            "%(count)s entry needs a charge code or an activity.",
            "%(count)s entries need a charge code or an activity.",
            count,
        )
        % n
    )
