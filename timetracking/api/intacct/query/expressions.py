"""How filters are combined: `and`, `or`, or their numbers with and, or and parentheses. Read once, left to right."""

from __future__ import annotations

import re
from collections.abc import Sequence

from django.db.models import Q

LONGEST, MOST_TERMS, DEEPEST = 2_000, 20, 5
TOKEN = re.compile(r"\s*(?:(\d{1,4})|(and|or)\b|([()]))", re.IGNORECASE)


class Unreadable(ValueError):
    """Not an expression; the message says why."""


def combined(expression: str | None, filters: Sequence[Q]) -> Q:
    """One condition of several. `and` binds tighter than `or`; filters that no number names are not asked.

    >>> a, b, c = Q(a=1), Q(b=2), Q(c=3)
    >>> combined("(1 or 2) and 3", [a, b, c]) == (a | b) & c, combined("1 or 2 and 3", [a, b, c]) == a | (b & c)
    (True, True)
    >>> combined(None, [a, b]) == a & b, combined("or", [a, b]) == a | b
    (True, True)
    >>> combined("1 and 4", [a, b, c])
    Traceback (most recent call last):
    timetracking.api.intacct.query.expressions.Unreadable: There is no filter 4.
    """
    word = (expression or "and").strip().lower()
    if word in ("and", "or"):
        result = Q()
        for each in filters:
            result = result & each if word == "and" else result | each
        return result
    return _Reader(word, filters).whole()


def _tokens(text: str) -> list[str]:
    if len(text) > LONGEST:
        raise Unreadable(f"An expression has at most {LONGEST:,} characters.")
    tokens, place = [], 0
    while place < len(text):
        found = TOKEN.match(text, place)
        if found is None:
            if text[place:].strip() == "":
                break
            raise Unreadable(f"Not understood from character {place + 1} on.")
        tokens.append(found[1] or found[2] or found[3])
        place = found.end()
    return tokens


class _Reader:
    """A descent over the tokens: or, and, a number or parentheses."""

    def __init__(self, text: str, filters: Sequence[Q]) -> None:
        self.tokens = _tokens(text)
        self.filters = filters
        self.place = 0
        if sum(token.isdigit() for token in self.tokens) > MOST_TERMS:
            raise Unreadable(f"An expression has at most {MOST_TERMS} terms.")

    def whole(self) -> Q:
        result = self._any(0)
        if self.place != len(self.tokens):
            raise Unreadable(f"Unexpected {self.tokens[self.place]}.")
        return result

    def _next(self) -> str:
        return self.tokens[self.place] if self.place < len(self.tokens) else ""

    def _any(self, depth: int) -> Q:
        result = self._all(depth)
        while self._next() == "or":
            self.place += 1
            result = result | self._all(depth)
        return result

    def _all(self, depth: int) -> Q:
        result = self._one(depth)
        while self._next() == "and":
            self.place += 1
            result = result & self._one(depth)
        return result

    def _one(self, depth: int) -> Q:
        word = self._next()
        self.place += 1
        if word == "(":
            if depth == DEEPEST:
                raise Unreadable(f"Parentheses are at most {DEEPEST} deep.")
            result = self._any(depth + 1)
            if self._next() != ")":
                raise Unreadable("A parenthesis is not closed.")
            self.place += 1
            return result
        if not word.isdigit():
            raise Unreadable(f"Expected the number of a filter instead of {word or 'the end'}.")
        number = int(word)
        if not 1 <= number <= len(self.filters):
            raise Unreadable(f"There is no filter {number}.")
        return self.filters[number - 1]
