"""From a stopped timer to time entries: one for each of its pieces; what a rule refuses waits for its member."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Unpack

from django.db import transaction
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import audit
from accounts.models import Membership
from accounts.permissions import Permission, require
from accounts.services.notices import Notice, tell
from timesheets_site.lib import turns
from timesheets_site.lib.errors import DomainError, OutOfReach, RuleViolation
from timesheets_site.lib.turns import Place
from timetracking.models import EntryBatch, TimeEntry, Timer, UnplacedPiece
from timetracking.rules.timer_pieces import Piece
from timetracking.services import many_entries, time_entries
from timetracking.services.many_entries import Log, Result
from timetracking.services.time_entries import TimeEntryFields

FORGOTTEN, RUNS_ON = "timer_forgotten", "timer_resumed"
"""Codes of pieces: their timer ran for too long; their timer ran on, and counts their minutes itself."""


def file(actor: Membership, timer: Timer, pieces: Sequence[Piece], *, forgotten: bool = False) -> Result:
    """Log each piece; keep what is refused, and all of a `forgotten` timer, and tell the member of it.

    The caller holds the member's turn and has stopped the timer, whose `unplaced` is set and stored.
    """
    result = Result([])
    refused: list[tuple[int, str, str]] = []
    if forgotten:
        words = _("It ran for longer than %(hours)s hours. Say when you stopped.") % {
            "hours": f"{actor.organisation.timer_limit_minutes / 60:g}"
        }
        refused = [(place, FORGOTTEN, words) for place in range(len(pieces))]
    else:
        result = many_entries.carry_out(actor, EntryBatch.Action.TIMER, _steps(timer, pieces))
        refused = [(o.step.key, o.refusal.code, str(o.refusal)) for o in result.refused if o.refusal is not None]
    for place, code, words in refused:
        _keep(timer, pieces[place], code, words, is_first=place == 0)
    if refused:
        timer.unplaced = len(refused)
        timer.save(update_fields=["unplaced"])
        kept = sum(pieces[place].minutes for place, _code, _words in refused)
        values = {"timer_id": timer.pk, "subject": timer.title, "minutes": kept}
        tell([Notice(timer.member, "timer.unplaced", values)], actor=actor)
    return result


def fields_of(timer: Timer) -> dict[str, Any]:
    """What every entry of a timer starts with, as `time_entries.log` takes it."""
    return {
        **timer.link_fields,
        "subject": timer.subject,
        "description": timer.description,
        "billable_option": timer.billable_option,
    }


@transaction.atomic
def place(actor: Membership, piece_id: int, **fields: Unpack[TimeEntryFields]) -> TimeEntry:
    """Write a waiting piece down, with what its member says it was: `fields` over those of its timer.

    Placed already: that entry. Raises OutOfReach, RuleViolation `piece_dropped`, and what `time_entries.log` raises.
    """
    piece = _held(actor, piece_id)
    if piece.settled_at is not None:
        if piece.entry is None:
            raise RuleViolation("piece_dropped", _("This time was dropped."))
        return piece.entry
    timer = piece.timer
    given: dict[str, Any] = {
        **({} if "kind" in fields else timer.link_fields),
        "subject": timer.subject,
        "description": timer.description,
        "billable_option": timer.billable_option,
        "date": piece.date,
        **fields,
    }
    if not any(name in fields for name in ("minutes", "started_at", "ended_at")):
        given |= {"started_at": piece.started_at, "ended_at": piece.ended_at}
    number = timer.first_entry_number if piece.is_first else None
    entry = time_entries.log(actor, member=piece.member, timer=timer, number=number, **given)
    _settle(actor, piece, entry)
    return entry


@transaction.atomic
def drop(actor: Membership, piece_id: int) -> UnplacedPiece:
    """Let a waiting piece go. Settled already: nothing happens. Raises OutOfReach."""
    piece = _held(actor, piece_id)
    if piece.settled_at is None:
        _settle(actor, piece, None)
    return piece


@transaction.atomic
def bring_back(actor: Membership, piece_id: int) -> UnplacedPiece:
    """Undo of `drop`. Waiting already: nothing happens.

    Raises OutOfReach, or RuleViolation: piece_placed, timer_resumed (its minutes would count twice).
    """
    piece = _held(actor, piece_id)
    if piece.settled_at is None:
        return piece
    if piece.code == RUNS_ON:
        raise RuleViolation(RUNS_ON, _("Its timer ran on after that, and counts this time too."))
    if piece.entry_id is not None:
        raise RuleViolation("piece_placed", _("This time was placed meanwhile."))
    piece.settled_at = None
    piece.save(update_fields=["settled_at"])
    _count(piece.timer)
    audit.record(actor, "timer.piece_brought_back", piece.timer, changes=_told(piece))
    return piece


def take_back(actor: Membership, timer: Timer) -> None:
    """Delete what a stopped timer wrote, and let its pieces go for good, also those that were dropped: it runs on.

    The caller holds the member's turn. Raises RuleViolation `nothing_to_undo` if an entry of it was changed.
    """
    entries = list(TimeEntry.objects.filter(timer=timer))
    if any(entry.version != 1 for entry in entries):
        raise RuleViolation("nothing_to_undo", _("What this timer wrote was changed since. Look at the entries."))
    try:
        many_entries.carry_out(
            actor, EntryBatch.Action.DELETED, [many_entries.Delete(e.pk, e.version) for e in entries], whole=True
        )
    except DomainError as refusal:
        raise RuleViolation("nothing_to_undo", str(refusal)) from refusal
    unfiled = UnplacedPiece.objects.filter(timer=timer, entry=None)
    unfiled.update(settled_at=Coalesce("settled_at", timezone.now()), code=RUNS_ON)


def _steps(timer: Timer, pieces: Sequence[Piece]) -> list[Log]:
    fields = fields_of(timer)
    return [
        Log(
            timer.member,
            {**fields, "date": piece.date, "started_at": piece.started_at, "ended_at": piece.ended_at},
            key=place,
            timer=timer,
            number=timer.first_entry_number if place == 0 else None,
        )
        for place, piece in enumerate(pieces)
    ]


def _keep(timer: Timer, piece: Piece, code: str, words: str, *, is_first: bool) -> None:
    UnplacedPiece.objects.create(
        timer=timer,
        member=timer.member,
        date=piece.date,
        started_at=piece.started_at,
        ended_at=piece.ended_at,
        minutes=piece.minutes,
        is_first=is_first,
        code=code,
        reason=words,
    )


def _held(actor: Membership, piece_id: int) -> UnplacedPiece:
    """A piece of the actor's own, or for managers of anybody's, with its member's turn taken."""
    member_id = UnplacedPiece.objects.filter(pk=piece_id).values_list("member_id", flat=True).first()
    if member_id is None:
        raise OutOfReach
    require(actor, Permission.LOG_TIME, owner=member_id)
    turns.alone(Place.TIMERS, member_id)
    related = [f"timer__{name}" for name in Timer.RELATED]
    rows = UnplacedPiece.objects.select_for_update(of=("self",)).select_related(
        "member__user", "entry", "timer", *related
    )
    piece: UnplacedPiece = rows.get(pk=piece_id)
    piece.member.organisation = actor.organisation
    return piece


def _settle(actor: Membership, piece: UnplacedPiece, entry: TimeEntry | None) -> None:
    piece.settled_at, piece.entry = timezone.now(), entry
    piece.save(update_fields=["settled_at", "entry"])
    _count(piece.timer)
    action = "timer.piece_placed" if entry is not None else "timer.piece_dropped"
    on_behalf_of = piece.member if piece.member_id != actor.pk else None
    audit.record(actor, action, piece.timer, changes=_told(piece), on_behalf_of=on_behalf_of)


def _count(timer: Timer) -> None:
    timer.unplaced = UnplacedPiece.objects.filter(timer=timer, settled_at__isnull=True).count()
    timer.save(update_fields=["unplaced"])


def _told(piece: UnplacedPiece) -> dict[str, tuple[Any, Any]]:
    """The piece, for the history of its timer."""
    return {"piece": (None, f"{piece.started_at.isoformat()} {piece.minutes}"), "entry_id": (None, piece.entry_id)}
