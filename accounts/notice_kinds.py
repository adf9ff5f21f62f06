"""What members can be told, and how it is put: the one register of kinds. Apps add theirs when they start.

A kind is one thing that happens. Several kinds may share a choice: what a person ticks on the notifications page.
Words are made when they are read or sent, from values that were stored when it happened.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from accounts import audit_words
from accounts.models import Membership, User
from accounts.permissions import Permission, can

APP, MAIL = "app", "mail"
WAYS = (APP, MAIL)
Values = Mapping[str, Any]
Text = str | Promise


@dataclass(frozen=True)
class Words:
    """What is said to one reader."""

    line: str
    """One plain sentence: in the list, and as the subject of a mail."""
    more: tuple[str, ...] = ()
    """Paragraphs that only a mail has room for."""
    quote: str = ""
    """What a person wrote: a reason, a note. May have several lines."""
    action: str = ""
    """What the link of a mail is called."""
    after: tuple[str, ...] = ()
    """Paragraphs below the link."""


@dataclass(frozen=True)
class Choice:
    """What a person chooses to hear of, and how it is without a choice of theirs."""

    code: str
    label: Text
    help: Text
    app: bool = True
    mail: bool = True
    permission: Permission | None = None
    """Without it nobody is ever told this, so it is not offered."""
    feature: str | None = None

    def default(self, way: str) -> bool:
        return self.app if way == APP else self.mail

    def concerns(self, member: Membership) -> bool:
        """Whether this member can be told it."""
        if self.feature and not member.organisation.has_feature(self.feature):
            return False
        return self.permission is None or can(member, self.permission)


@dataclass(frozen=True)
class Kind:
    """One thing that members are told.

    `words` gets the stored values and the zone of the reader. `path` gets the organisation's slug and the values, and
    names the page that it is about.
    """

    code: str
    choice: Choice
    words: Callable[[Values, dt.tzinfo], Words]
    path: Callable[[str, Values], str]


KINDS: dict[str, Kind] = {}


def register(kinds: Iterable[Kind]) -> None:
    for kind in kinds:
        KINDS[kind.code] = kind
        choice = kind.choice
        audit_words.LABELS[f"{choice.code}.{APP}"] = format_lazy("{} ({})", choice.label, _("in the product"))
        audit_words.LABELS[f"{choice.code}.{MAIL}"] = format_lazy("{} ({})", choice.label, _("by e-mail"))


def choices() -> dict[str, Choice]:
    """All choices by their codes, in the order of the register."""
    return {kind.choice.code: kind.choice for kind in KINDS.values()}


def offered_to(members: Iterable[Membership]) -> list[Choice]:
    """The choices of somebody with these memberships."""
    theirs = list(members)
    return [choice for choice in choices().values() if any(choice.concerns(member) for member in theirs)]


def wants(user: User, choice: Choice, way: str) -> bool:
    """Whether this person is told it in this way: as they chose, else as it is by default."""
    return bool(user.notification_choices.get(choice.code, {}).get(way, choice.default(way)))


def words_of(kind: str, values: Values, zone: dt.tzinfo) -> Words:
    """What a stored notice says; one of a kind that is no longer registered says the kind's code."""
    known = KINDS.get(kind)
    return known.words(values, zone) if known else Words(kind)
