"""The words of a status: two vocabularies, one for each mount. What comes in may use either, whatever the mount."""

from __future__ import annotations

from enum import StrEnum

from django.http import HttpRequest

from timetracking.models import TimeEntry, Timesheet

REAL_PREFIX = "/v4_6_release/"
Status, State = TimeEntry.Status, Timesheet.State


class Words(StrEnum):
    """Which vocabulary an answer is written in."""

    SHORT = "short"
    """Open, Approved, Rejected, Billed; of sheets Open, Submitted, Approved, Rejected."""
    VENDOR = "vendor"
    """The words of the vendor's own enumeration, as its clients check them."""


ENTRY_WORDS: dict[Words, dict[str, str]] = {
    Words.SHORT: {
        Status.OPEN: "Open",
        Status.SUBMITTED: "Open",  # waits for approval
        Status.APPROVED: "Approved",
        Status.REJECTED: "Rejected",
        Status.BILLED: "Billed",
    },
    Words.VENDOR: {
        Status.OPEN: "Open",
        Status.SUBMITTED: "PendingApproval",
        Status.APPROVED: "ApprovedByTierOne",
        Status.REJECTED: "Rejected",
        Status.BILLED: "Billed",
    },
}
SHEET_WORDS: dict[Words, dict[str, str]] = {
    words: {
        State.DRAFT: "Open",
        State.SAVED: "Open",
        State.SUBMITTED: pending,
        State.PARTIALLY_APPROVED: pending,
        State.APPROVED: approved,
        State.PARTIALLY_DECLINED: "Rejected",
        State.DECLINED: "Rejected",
    }
    for words, pending, approved in (
        (Words.SHORT, "Submitted", "Approved"),
        (Words.VENDOR, "PendingApproval", "ApprovedByTierOne"),
    )
}
MEANINGS: dict[str, str] = {
    "open": "Open",
    **dict.fromkeys(("submitted", "pendingapproval", "errorscorrected", "pendingprojectapproval"), "Submitted"),
    **dict.fromkeys(("approved", "approvedbytierone", "approvedbytiertwo", "readytobill"), "Approved"),
    **dict.fromkeys(("rejected", "rejectbysecondtier"), "Rejected"),
    **dict.fromkeys(("billed", "billedagreement", "writtenoff"), "Billed"),
}
"""Every word of either vocabulary, in lower case, and which of the short ones it means."""


def mount_of(request: HttpRequest) -> Words:
    """The vocabulary of the mount that was called."""
    return Words.VENDOR if request.path_info.startswith(REAL_PREFIX) else Words.SHORT


def meaning_of(word: object) -> str | None:
    """The short word that is meant; None for what is none of either vocabulary.

    >>> meaning_of("approvedByTierTwo"), meaning_of("Open"), meaning_of("Lost"), meaning_of(5)
    ('Approved', 'Open', None, None)
    """
    return MEANINGS.get(word.lower()) if isinstance(word, str) else None


def entry_word(words: Words, status: str) -> str:
    """
    >>> entry_word(Words.VENDOR, "SUBMITTED"), entry_word(Words.SHORT, "SUBMITTED")
    ('PendingApproval', 'Open')
    """
    return ENTRY_WORDS[words][status]


def sheet_word(words: Words, state: str) -> str:
    """
    >>> sheet_word(Words.VENDOR, "partiallyApproved"), sheet_word(Words.SHORT, "approved")
    ('PendingApproval', 'Approved')
    """
    return SHEET_WORDS[words][state]


def entry_statuses(words: Words) -> dict[str, frozenset[str]]:
    """For conditions: every word in lower case, and the statuses of entries that it finds through this mount.

    >>> sorted(entry_statuses(Words.SHORT)["open"]), sorted(entry_statuses(Words.VENDOR)["open"])
    (['OPEN', 'SUBMITTED'], ['OPEN'])
    """
    found: dict[str, frozenset[str]] = {}
    for word, meaning in MEANINGS.items():
        shown = {status for status, shown_as in ENTRY_WORDS[words].items() if shown_as == meaning}
        meant = {"Submitted": {Status.SUBMITTED}, "Approved": {Status.APPROVED}}.get(meaning, shown)
        found[word] = frozenset(str(status.value if isinstance(status, Status) else status) for status in meant)
    return found


def shown_as(words: Words) -> dict[str, list[str]]:
    """The words that this mount shows, and the statuses of entries behind each.

    >>> shown_as(Words.SHORT)["Open"] == [Status.OPEN, Status.SUBMITTED]
    True
    """
    found: dict[str, list[str]] = {}
    for status, word in ENTRY_WORDS[words].items():
        found.setdefault(word, []).append(status)
    return found


def sheet_states(words: Words) -> dict[str, frozenset[str]]:
    """The same for the states of sheets; no sheet is "Billed".

    >>> sorted(sheet_states(Words.VENDOR)["submitted"])
    ['partiallyApproved', 'submitted']
    """
    short = SHEET_WORDS[Words.SHORT]
    return {
        word: frozenset(str(State(state).value) for state, shown_as in short.items() if shown_as == meaning)
        for word, meaning in MEANINGS.items()
    }
