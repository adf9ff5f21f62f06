"""An invoice as a PDF: the values go into a typst template as JSON, so that no text can become markup."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from timesheets_site.lib import dates
from timetracking.rules import amounts, durations
from timetracking.selectors.invoice_paper import Line, Paper, Party, note_of, rate_of

TEMPLATE = Path(__file__).with_name("invoice.typ")


def pdf_of(paper: Paper, lines: Iterable[Line]) -> bytes:
    """The whole document, A4. Reads no file but the template, and nothing from the network.

    Accessible (PDF/UA), unless a name has letters that no font here has: the standard forbids those.
    """
    import typst  # slow to load, and needed by few requests

    data = json.dumps(_values(paper, lines), ensure_ascii=False).encode("utf-8", "replace").decode()
    options: dict[str, Any] = {"root": str(TEMPLATE.parent), "sys_inputs": {"data": data}, "format": "pdf"}
    template = TEMPLATE.read_bytes()
    try:
        pdf: bytes = typst.compile(template, pdf_standards="ua-1", **options)
    except typst.TypstError:
        pdf = typst.compile(template, **options)
    return pdf


def _values(paper: Paper, lines: Iterable[Line]) -> dict[str, Any]:
    language, _dash, region = (get_language() or "en").partition("-")
    return {
        "language": language,
        "region": region.upper() or None,
        "title": paper.title,
        "notice": paper.notice,
        "sender": _party(paper.sender),
        "recipient": _party(paper.recipient),
        "facts": [list(fact) for fact in paper.facts],
        "note": paper.note,
        "terms": paper.terms,
        "totals": [[label, amounts.money(value, paper.currency)] for label, value in paper.totals],
        "groups": _groups(paper, lines),
        "words": {
            "to": _("To"),
            "date": _("Date"),
            "description": _("Description"),
            "hours": _("Hours"),
            "rate": _("Rate"),
            "amount": _("Amount"),
            "terms": _("Terms"),
            "page": _("Page"),
            "of": _("of"),
        },
    }


def _party(party: Party) -> dict[str, Any]:
    number = _("Tax number: %(number)s") % {"number": party.tax_number} if party.tax_number else ""
    return {"name": party.name, "lines": [line for line in (*party.address, number) if line.strip()]}


def _groups(paper: Paper, lines: Iterable[Line]) -> list[dict[str, Any]]:
    groups: dict[str, list[list[str]]] = {group.heading: [] for group in paper.groups}
    for line in lines:
        groups[line.group].append(
            [
                dates.day_short(line.date),
                line.text,
                " · ".join(part for part in (line.agent, note_of(line)) if part),
                durations.clock(line.minutes),
                rate_of(line, paper.currency),
                amounts.money(line.amount, paper.currency),
            ]
        )
    return [
        {
            "heading": group.heading,
            "hours": durations.clock(group.minutes),
            "amount": amounts.money(group.amount, paper.currency),
            "lines": groups[group.heading],
        }
        for group in paper.groups
    ]
