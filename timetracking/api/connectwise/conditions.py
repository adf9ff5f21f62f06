"""The language of `conditions`, read into a small tree. It knows no fields and no database; its time is linear.

```
expr   := and { OR and }           and := term { AND term }        term := [NOT] '(' expr ')' | cmp
cmp    := field op value | field [NOT] LIKE str | field [NOT] CONTAINS str | field [NOT] IN '(' value {',' value} ')'
op     := = != < <= > >=           field := name { '/' name }
value  := "str" | 'str' | number | true | false | null | '[' date or date-time ']'
```

Words and names count without regard to case. Inside quotes a quote is doubled or follows a backslash.
"""

from __future__ import annotations

import string
from dataclasses import dataclass
from decimal import Decimal

from timetracking.api.refusals import BadRequest

LONGEST = 2_000
"""Characters."""
MOST_TERMS = 20
DEEPEST = 5
"""Parentheses inside each other."""
LONGEST_NUMBER = 30
OPERATORS = ("!=", "<=", ">=", "=", "<", ">")
WORDS = frozenset({"and", "or", "not", "like", "contains", "in", "true", "false", "null"})
NAME_START = frozenset(string.ascii_letters + "_")
NAME = NAME_START | frozenset(string.digits + "/")
DIGITS = frozenset(string.digits)


@dataclass(frozen=True)
class Moment:
    """What stood in brackets: a date or a date-time, not looked at yet."""

    text: str


Value = str | Decimal | bool | None | Moment


@dataclass(frozen=True)
class Comparison:
    """`operator` is one of `OPERATORS`, "like", "contains" or "in"; only "in" has more than one value."""

    field: str
    """Lower-case, parts joined by "/"."""
    operator: str
    values: tuple[Value, ...]
    negated: bool = False


@dataclass(frozen=True)
class Not:
    part: Node


@dataclass(frozen=True)
class And:
    parts: tuple[Node, ...]


@dataclass(frozen=True)
class Or:
    parts: tuple[Node, ...]


Node = Comparison | Not | And | Or


def parse(text: str) -> Node | None:
    """The tree of a condition; None for an empty one. Raises BadRequest for what is none, or too long, wide or deep.

    >>> parse('member/id = 123 AND timeStart >= [2024-02-01]').parts[1].values
    (Moment(text='2024-02-01'),)
    >>> parse("notes not like 'VPN%' or not (id in (1, 2))").parts[1]
    Not(part=Comparison(field='id', operator='in', values=(Decimal('1'), Decimal('2')), negated=False))
    >>> parse(" ") is None, parse("a = 'it''s'").values
    (True, ("it's",))
    """
    if len(text) > LONGEST:
        raise _wrong(f"at most {LONGEST} characters")
    tokens = tokenize(text)
    return _Reader(tokens).whole() if tokens else None


# --- Tokens -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Token:
    """`kind` is "word", "name", "op", "mark" or "value"."""

    kind: str
    text: str
    at: int
    value: Value = None


def tokenize(text: str) -> list[Token]:
    """The tokens, in one walk over the text. Raises BadRequest.

    >>> [(each.kind, each.text) for each in tokenize("id>=1")]
    [('name', 'id'), ('op', '>='), ('value', '1')]
    """
    tokens: list[Token] = []
    at = 0
    while at < len(text):
        sign = text[at]
        if sign.isspace():
            at += 1
            continue
        if sign in "(),":
            token, end = Token("mark", sign, at), at + 1
        elif sign in "'\"":
            token, end = _string(text, at)
        elif sign == "[":
            token, end = _bracket(text, at)
        elif sign in DIGITS or sign in "+-.":
            token, end = _number(text, at)
        elif sign in NAME_START:
            token, end = _name(text, at)
        else:
            token, end = _operator(text, at)
        tokens.append(token)
        at = end
    return tokens


def _string(text: str, start: int) -> tuple[Token, int]:
    quote, at, parts = text[start], start + 1, []
    while at < len(text):
        sign, following = text[at], text[at + 1 : at + 2]
        if following == quote and sign in (quote, "\\"):
            parts.append(quote)
            at += 2
        elif sign == quote:
            value = "".join(parts)
            return Token("value", value, start, value), at + 1
        else:
            parts.append(sign)
            at += 1
    raise _wrong("a text without its closing quote", start)


def _bracket(text: str, start: int) -> tuple[Token, int]:
    end = text.find("]", start)
    if end < 0:
        raise _wrong("a date without its closing bracket", start)
    inner = text[start + 1 : end].strip()
    return Token("value", inner, start, Moment(inner)), end + 1


def _number(text: str, start: int) -> tuple[Token, int]:
    end = start + 1 if text[start] in "+-" else start
    begin = end
    while end < len(text) and (text[end] in DIGITS or text[end] == "."):
        end += 1
    number = text[start:end]
    whole, _point, rest = text[begin:end].partition(".")
    if not (whole or rest) or "." in rest or len(number) > LONGEST_NUMBER or text[end : end + 1] in NAME_START:
        raise _wrong("no number", start)
    return Token("value", number, start, Decimal(number)), end


def _name(text: str, start: int) -> tuple[Token, int]:
    end = start
    while end < len(text) and text[end] in NAME:
        end += 1
    name = text[start:end].lower()
    return Token("word" if name in WORDS else "name", name, start), end


def _operator(text: str, start: int) -> tuple[Token, int]:
    for operator in OPERATORS:
        if text.startswith(operator, start):
            return Token("op", operator, start), start + len(operator)
    raise _wrong(f"“{text[start]}” means nothing", start)


# --- The tree ---------------------------------------------------------------------------------------------------------

END = Token("end", "the end", LONGEST)
CONSTANTS: dict[str, Value] = {"true": True, "false": False, "null": None}


class _Reader:
    """Descends once through the tokens."""

    def __init__(self, tokens: list[Token]) -> None:
        self.tokens = tokens
        self.next = 0
        self.terms = 0

    def whole(self) -> Node:
        node = self.either(0)
        if self.token is not END:
            raise self.unexpected("AND or OR")
        return node

    @property
    def token(self) -> Token:
        return self.tokens[self.next] if self.next < len(self.tokens) else END

    def taken(self, *texts: str) -> str:
        """The token's text, and a step ahead, if it is one of these words or marks; otherwise empty."""
        token = self.token
        if token.kind in ("word", "mark", "op") and token.text in texts:
            self.next += 1
            return token.text
        return ""

    def either(self, depth: int) -> Node:
        parts = [self.together(depth)]
        while self.taken("or"):
            parts.append(self.together(depth))
        return parts[0] if len(parts) == 1 else Or(tuple(parts))

    def together(self, depth: int) -> Node:
        parts = [self.term(depth)]
        while self.taken("and"):
            parts.append(self.term(depth))
        return parts[0] if len(parts) == 1 else And(tuple(parts))

    def term(self, depth: int) -> Node:
        negated = bool(self.taken("not"))
        if self.taken("("):
            if depth == DEEPEST:
                raise _wrong(f"at most {DEEPEST} parentheses inside each other", self.tokens[self.next - 1].at)
            node = self.either(depth + 1)
            if not self.taken(")"):
                raise self.unexpected("“)”")
            return Not(node) if negated else node
        if negated:
            raise self.unexpected("“(”")
        return self.comparison()

    def comparison(self) -> Comparison:
        token = self.token
        if token.kind != "name" or "" in token.text.split("/"):
            raise self.unexpected("a field")
        self.next += 1
        self.terms += 1
        if self.terms > MOST_TERMS:
            raise _wrong(f"at most {MOST_TERMS} comparisons", token.at)
        if operator := self.taken(*OPERATORS):
            return Comparison(token.text, operator, (self.value(),))
        negated = bool(self.taken("not"))
        if operator := self.taken("like", "contains"):
            value = self.value()
            if not isinstance(value, str):
                raise _wrong(f"{operator.upper()} needs a text", token.at)
            return Comparison(token.text, operator, (value,), negated)
        if self.taken("in"):
            return Comparison(token.text, "in", self.several(), negated)
        raise self.unexpected("an operator")

    def several(self) -> tuple[Value, ...]:
        if not self.taken("("):
            raise self.unexpected("“(”")
        values = [self.value()]
        while self.taken(","):
            values.append(self.value())
        if not self.taken(")"):
            raise self.unexpected("“)”")
        return tuple(values)

    def value(self) -> Value:
        token = self.token
        if token.kind == "value":
            self.next += 1
            return token.value
        if word := self.taken(*CONSTANTS):
            return CONSTANTS[word]
        raise self.unexpected("a value")

    def unexpected(self, wanted: str) -> BadRequest:
        token = self.token
        return _wrong(f"expected {wanted}, found {token.text[:40]}", None if token is END else token.at)


def _wrong(what: str, at: int | None = None) -> BadRequest:
    place = "" if at is None else f" (at character {at + 1})"
    return BadRequest(f"The conditions can't be read: {what}{place}.", "InvalidArgument")
