"""A mail as text and HTML. Everything in it is plain text until here: the template escapes it."""

from __future__ import annotations

from dataclasses import dataclass

from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.utils.translation import gettext as _

from accounts.notice_kinds import Words

TEMPLATE = "accounts/mail/letter.html"
HEADERS = {"Auto-Submitted": "auto-generated"}  # no machine answers it (RFC 3834)


@dataclass(frozen=True)
class Letter:
    """What is said, and where its link leads. Addresses are whole: a mail has no page around it."""

    words: Words
    link: str = ""
    organisation: str = ""
    choices_url: str = ""
    """Where its reader chooses what to be told; empty for what cannot be chosen."""


def message(letter: Letter, to: str, message_id: str) -> EmailMultiAlternatives:
    """The letter, ready to be sent. By its id a mail that was sent twice is seen to be one."""
    subject = one_line(letter.words.line)
    mail = EmailMultiAlternatives(subject, as_text(letter), to=[to], headers={**HEADERS, "Message-ID": message_id})
    context = {"letter": letter, "words": letter.words, "subject": subject}
    mail.attach_alternative(render_to_string(TEMPLATE, context), "text/html")
    return mail


def as_text(letter: Letter) -> str:
    """Paragraphs with blank lines between them; what a person wrote is marked as quoted."""
    words = letter.words
    quote = "\n".join(f"> {line}".rstrip() for line in words.quote.splitlines())
    link = f"{words.action}:\n{letter.link}" if letter.link else ""
    choose = f"{_('Choose what you are told:')} {letter.choices_url}" if letter.choices_url else ""
    signature = "\n".join(part for part in (letter.organisation, choose) if part)
    parts = [one_line(words.line), *words.more, quote, link, *words.after, f"-- \n{signature}" if signature else ""]
    return "\n\n".join(part for part in parts if part) + "\n"


def one_line(text: str) -> str:
    r"""Text for a header: no line breaks, no control or direction characters that somebody typed into a name.

    >>> one_line("Tom\r\nBcc: all@example.com")
    'Tom Bcc: all@example.com'
    """
    return "".join(c for c in " ".join(text.split()) if c.isprintable())
