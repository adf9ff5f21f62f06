"""What re-rating would change, in words: a page of changes with old and new values, and the totals."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.core.paginator import Page, Paginator
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import Organisation
from timesheets_site.lib import dates
from timetracking.models import TimeEntry
from timetracking.rules import amounts, durations
from timetracking.rules.rerating import Change, Plan, Scope
from timetracking.selectors import decision_words

A_PAGE = 50


@dataclass(frozen=True)
class Cell:
    """`before` is empty where nothing changes."""

    label: str
    before: str
    after: str


@dataclass(frozen=True)
class Row:
    day: str
    subject: str
    url: str
    person: str
    link: str
    status: str
    only_share: bool
    cells: list[Cell]


@dataclass(frozen=True)
class Preview:
    """`kept` says in sentences what stays as it is."""

    summary: str
    kept: list[str]
    total_before: str
    total_after: str
    difference: str
    rows: list[Row]
    page: Page
    fingerprint: str
    count: int


def preview(organisation: Organisation, plan: Plan, number: str) -> Preview:
    page = Paginator(plan.changes, A_PAGE).get_page(number)
    currency = organisation.currency
    difference = plan.after - plan.before
    sign = "+" if difference > 0 else ""
    return Preview(
        summary=_summary(plan),
        kept=_kept(plan),
        total_before=amounts.money(plan.before, currency),
        total_after=amounts.money(plan.after, currency),
        difference=sign + amounts.money(difference, currency),
        rows=[_row(change, organisation) for change in page.object_list],
        page=page,
        fingerprint=plan.fingerprint,
        count=len(plan.changes),
    )


def _summary(plan: Plan) -> str:
    looked_at = ngettext(
        "%(count)s entry can be decided anew.", "%(count)s entries can be decided anew.", plan.looked_at
    ) % {"count": durations.grouped(plan.looked_at)}
    if not plan.changes:
        return _("%(looked_at)s Nothing would change.") % {"looked_at": looked_at}
    count = len(plan.changes)
    changed = ngettext("%(count)s would change.", "%(count)s would change.", count) % {
        "count": durations.grouped(count)
    }
    return _("%(looked_at)s %(changed)s") % {"looked_at": looked_at, "changed": changed}


def _kept(plan: Plan) -> list[str]:
    sentences = []
    if plan.approved:
        sentences.append(
            ngettext(
                "%(count)s approved entry stays as it is.",
                "%(count)s approved entries stay as they are.",
                plan.approved,
            )
            % {"count": durations.grouped(plan.approved)}
        )
    if plan.billed:
        sentences.append(
            ngettext(
                "%(count)s billed entry stays as it is.", "%(count)s billed entries stay as they are.", plan.billed
            )
            % {"count": durations.grouped(plan.billed)}
        )
    if plan.closed:
        sentences.append(
            ngettext(
                "%(count)s entry in a closed period stays as it is.",
                "%(count)s entries in a closed period stay as they are.",
                plan.closed,
            )
            % {"count": durations.grouped(plan.closed)}
        )
    return sentences


def _row(change: Change, organisation: Organisation) -> Row:
    entry = change.before
    return Row(
        day=dates.weekday_day_month(entry.date),
        subject=entry.subject,
        url=reverse("entry-why", args=[organisation.slug, entry.pk]),
        person=entry.member.display_name,
        link=entry.link_reference,
        status=entry.get_status_display(),
        only_share=not change.redecided,
        cells=[_cell(*values) for values in values_of(change, organisation.currency)],
    )


def _cell(label: str, before: str, after: str) -> Cell:
    return Cell(label, before if before != after else "", after)


def values_of(change: Change, currency: str) -> list[tuple[str, str, str]]:
    """(label, before, after) of each value that is shown of a change."""
    before, after = _values(change.before, currency), _values(change.after, currency)
    labels = (_("Billable"), _("Billed"), _("Rate"), _("Covered"), _("Amount"))
    return list(zip(labels, before, after, strict=True))


def _values(entry: TimeEntry, currency: str) -> tuple[str, ...]:
    return (
        decision_words.short_outcome(entry),
        durations.format_minutes(entry.billed_minutes),
        "–" if entry.hourly_rate is None else amounts.rate(entry.hourly_rate, currency),
        durations.format_minutes(entry.covered_minutes),
        amounts.money(entry.amount, currency),
    )


def scope_query(scope: Scope) -> dict[str, Any]:
    """The scope as the form and the address name it."""
    return {name: value for name, value in vars(scope).items() if value is not None}
