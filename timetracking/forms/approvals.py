"""What the approval pages send, read into plain values: weeks with the versions that were shown, a choice per entry."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from django.http import QueryDict
from django.utils.translation import gettext as _

from timetracking.rules import approval

APPROVE, REJECT = "approve", "reject"
PAIR = re.compile(r"([0-9]{1,18}):([0-9]{1,9})")
LONGEST_LIST = 40_000
"""Characters: 1,000 weeks with long ids, and some to be told that these are too many."""


def pairs(texts: Iterable[str]) -> list[tuple[int, int]]:
    """`id:version` pairs, separated by commas, in their order, each id once. What is no pair is left out.

    >>> pairs(["7:2,8:1", "7:3", "x"])
    [(7, 2), (8, 1)]
    """
    found: dict[int, int] = {}
    for text in texts:
        for match in map(PAIR.fullmatch, text[:LONGEST_LIST].split(",")):
            if match:
                found.setdefault(int(match[1]), int(match[2]))
    return list(found.items())


@dataclass(frozen=True)
class Decided:
    """What somebody chose for one week. Without `whole`, for its entries one by one; `whole` is APPROVE or REJECT."""

    version: int
    choices: Mapping[int, str] = field(default_factory=dict)
    reasons: Mapping[int, str] = field(default_factory=dict)
    shown: Mapping[int, int] = field(default_factory=dict)
    reason: str = ""
    whole: str = ""

    @property
    def approved(self) -> list[int]:
        return [pk for pk, choice in self.choices.items() if choice == APPROVE]

    @property
    def rejected(self) -> dict[int, str]:
        return {pk: self.reasons.get(pk, "") for pk, choice in self.choices.items() if choice == REJECT}

    def missing(self, name: str) -> dict[int, str]:
        """What is wrong with the reasons, by entry; `name` is whose week it is."""
        words = _("Say why, so that %(name)s can fix it") % {"name": name}
        return {pk: words for pk, reason in self.rejected.items() if not reason.strip()}


def decided(data: QueryDict) -> Decided:
    """The review's form: `entry-<id>`, `reason-<id>`, `version`, `shown`, `reason`, and the button that was used.

    Where every entry of the form is approved, that is a decision on the week.
    """
    choices = _numbered(data, "entry-")
    whole = REJECT if "reject" in data else ""
    if not whole and all(choice == APPROVE for choice in choices.values()):
        whole = APPROVE
    version = data.get("version", "")
    return Decided(
        version=int(version) if version.isascii() and version.isdigit() and len(version) < 10 else 0,
        choices=choices,
        reasons=_numbered(data, "reason-"),
        shown=dict(pairs([data.get("shown", "")])),
        reason=data.get("reason", "")[: approval.LONGEST_TEXT + 1],
        whole=whole,
    )


def _numbered(data: QueryDict, prefix: str) -> dict[int, str]:
    found = {}
    for name in data:
        number = name.removeprefix(prefix)
        if name.startswith(prefix) and number.isascii() and number.isdigit() and len(number) < 19:
            found[int(number)] = data.get(name, "")[: approval.LONGEST_TEXT + 1]
    return found
