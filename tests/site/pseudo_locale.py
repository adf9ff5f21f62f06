"""A language that nobody speaks: every text of ours a third longer, and without one plain letter.

`Log time` reads `[Ļöğ ţïmë ··]`. So a plain letter on a page is a text that was never handed to the translators, and a
text that no longer fits shows where a real language would not.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.utils import translation
from django.utils.translation import trans_real

PLAIN = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
STRANGE = "ÅßÇÐÉƑĜĤÎĴĶĻṀÑÖÞǪŔŠŢÛṼŴẊÝŽåƀçðéƒĝĥîĵķļṁñöþǫŕšţûṽŵẋýž"
ACCENTS = str.maketrans(PLAIN, STRANGE)
KEPT = re.compile(r"%\(\w+\)[sd]|%[sd%]|\{\w+\}|<[^>]+>|&\w+;|\d+h \d+m|\b\d+(?:\.\d+)?[hm]\b")
LONGER = 0.35
CODES = ("date format", "what people type", "letter for")
"""Contexts of messages that are patterns or single letters, which a translator does not lengthen either."""

LANGUAGE = "en"


def strange(text: str) -> str:
    """The text in the pseudo-language; placeholders, markup and examples of durations stay as they are.

    >>> strange("%(name)s: Log time")
    '[%(name)s: Ļöĝ ţîṁé ··]'
    """
    if not re.search("[A-Za-z]", text):
        return text
    parts, at = [], 0
    for kept in KEPT.finditer(text):
        parts += [text[at : kept.start()].translate(ACCENTS), kept.group()]
        at = kept.end()
    visible = KEPT.sub("", text)
    return f"[{''.join(parts)}{text[at:].translate(ACCENTS)} {'·' * max(1, round(len(visible) * LONGER) - 2)}]"


class PseudoTranslation(trans_real.DjangoTranslation):
    """Stands in for a catalogue. Django's own texts go through it as well."""

    def gettext(self, message: str) -> str:
        context, separator, text = message.rpartition(trans_real.CONTEXT_SEPARATOR)
        if separator and context.startswith(CODES):
            return text
        return strange(text)

    def ngettext(self, one: str, many: str, count: int) -> str:
        return self.gettext(one if count == 1 else many)


def forget_texts() -> None:
    """Empty every cache of ours: some hold texts by language, and this language bears another's name."""
    for name, module in list(sys.modules.items()):
        if name.startswith(("accounts", "timetracking", "timesheets_site")):
            for value in vars(module).values():
                if hasattr(value, "cache_clear"):
                    value.cache_clear()


@contextmanager
def spoken() -> Iterator[None]:
    """While this is open, the whole process speaks the pseudo-language: the live server's thread too."""
    known: dict[str, Any] = trans_real._translations
    before, default, active = known.get(LANGUAGE), trans_real._default, translation.get_language()
    known[LANGUAGE] = trans_real._default = PseudoTranslation(LANGUAGE)
    translation.activate(LANGUAGE)
    forget_texts()
    try:
        yield
    finally:
        trans_real._default = default
        if before is None:
            del known[LANGUAGE]
        else:
            known[LANGUAGE] = before
        translation.activate(active) if active else translation.deactivate_all()
        forget_texts()
