"""What a change of many entries would do, ready to print: of each what it is and would be, or why it stays as it is."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from accounts.models import Membership
from accounts.permissions import Permission, can
from timesheets_site.lib import dates
from timesheets_site.lib.errors import Conflict, OutOfReach
from timetracking.models import TimeEntry
from timetracking.rules import amounts, durations
from timetracking.selectors.entry_history import LABELS, ChangeLine, in_words
from timetracking.services.many_entries import Outcome, Result

SHOWN = ("date", "subject", "description", "billable_option", "billable", "status")
LONGEST = 80


@dataclass(frozen=True)
class Line:
    """One entry. `refusal` says why it stays as it is; without one and without `changes` it is so already."""

    subject: str
    detail: str
    changes: tuple[ChangeLine, ...] = ()
    refusal: str = ""


@dataclass(frozen=True)
class Rehearsal:
    """All of them, the refused first. `minutes` is the sum of those that would be written."""

    lines: list[Line] = field(default_factory=list)
    count: int = 0
    refused: int = 0
    unchanged: int = 0
    duration: str = ""

    @property
    def total(self) -> int:
        return len(self.lines)


def rehearsal_of(actor: Membership, result: Result) -> Rehearsal:
    """`result` is what `many_entries.rehearse` found out."""
    ordered = sorted(result.outcomes, key=lambda outcome: (outcome.refusal is None, not outcome.changed))
    return Rehearsal(
        lines=[_line(actor, outcome) for outcome in ordered],
        count=len(result.done),
        refused=len(result.refused),
        unchanged=len(result.unchanged),
        duration=durations.format_minutes(result.minutes),
    )


def name_of(outcome: Outcome) -> str:
    """`“Stand-up”, Mon 15 June`; of what is out of reach nothing is said."""
    entry, fields = outcome.before, outcome.step.fields
    if isinstance(outcome.refusal, OutOfReach) or (entry is None and "date" not in fields):
        return _("One of the entries")
    day = dates.weekday_day_month(entry.date if entry else fields["date"])
    subject = entry.subject if entry else fields.get("subject", "")
    return _("“%(subject)s”, %(day)s") % {"subject": subject, "day": day} if subject else day


def reason(outcome: Outcome) -> str:
    """Why it was refused, as a sentence."""
    if isinstance(outcome.refusal, OutOfReach):
        return _("It is not there any more.")
    if isinstance(outcome.refusal, Conflict):
        return _("Somebody changed it in the meantime.")
    return str(outcome.refusal)


def _line(actor: Membership, outcome: Outcome) -> Line:
    before = outcome.before
    if before is None or isinstance(outcome.refusal, OutOfReach):
        return Line(_("One of the entries"), "", refusal=reason(outcome))
    parts = (
        dates.weekday_day_month(before.date),
        durations.format_minutes(before.minutes),
        before.member.display_name if before.member_id != actor.pk else "",
    )
    detail = " · ".join(filter(None, parts))
    if outcome.refusal is not None or outcome.entry is None:
        return Line(before.subject, detail, refusal=reason(outcome))
    return Line(before.subject, detail, tuple(_changes(actor, before, outcome.entry)))


def _changes(actor: Membership, before: TimeEntry, after: TimeEntry) -> Iterable[ChangeLine]:
    if after.deleted_at is not None:
        return
    was, now = before.task or before.link, after.task or after.link
    if was != now:
        yield ChangeLine(_("Linked record"), str(was or "–"), str(now or "–"))
    for name in SHOWN:
        old, new = getattr(before, name), getattr(after, name)
        if old != new:
            yield ChangeLine(str(LABELS[name]), _short(in_words(name, old)), _short(in_words(name, new)))
    for name in ("work_type", "work_role"):
        old, new = getattr(before, name), getattr(after, name)
        if old != new:
            yield ChangeLine(str(LABELS[f"{name}_id"]), str(old or "–"), str(new or "–"))
    if before.amount != after.amount and can(actor, Permission.SEE_RATES, owner=before.member_id):
        currency = actor.organisation.currency
        old, new = (amounts.money(entry.amount, currency) for entry in (before, after))
        yield ChangeLine(str(LABELS["amount"]), old, new)


def _short(text: str) -> str:
    return text if len(text) <= LONGEST else text[: LONGEST - 1].rstrip() + "…"
