"""What is answered after an entry changed: every part in view that changed, one toast with Undo, one announcement.

Without htmx the same words come as a banner on the week page.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.urls import Resolver404, resolve, reverse
from django.utils.translation import gettext as _

from accounts.models import Membership
from accounts.requests import Request
from timesheets_site.lib import dates
from timesheets_site.lib.errors import Conflict, DomainError, OutOfReach, RuleViolation
from timesheets_site.lib.htmx import open_path, trigger, wants_fragment
from timetracking.models import TimeEntry
from timetracking.rules import durations, weeks
from timetracking.selectors.entry_warnings import warnings_of
from timetracking.selectors.week import WeekPage, week_page
from timetracking.views import week_address

CHANGED = "timetracking/week/_changed.html"


@dataclass(frozen=True)
class Change:
    """What happened to one entry, in words, and how it is undone (a POST to `undo`, the url name)."""

    entry: TimeEntry
    text: str
    undo: str = ""
    days: frozenset[dt.date] = field(default_factory=frozenset)
    focus: str = ""
    warnings: tuple[str, ...] = ()

    @classmethod
    def logged(cls, entry: TimeEntry) -> Change:
        values = _values(entry)
        if entry.billable and entry.billed_minutes != entry.minutes:
            text = _("Logged %(duration)s to %(link)s, billed as %(billed)s") % values
        elif entry.link_reference:
            text = _("Logged %(duration)s to %(link)s on %(day)s") % values
        else:
            text = _("Logged %(duration)s on %(day)s") % values
        return cls(entry, text, "entry-delete", frozenset({entry.date}), warnings=tuple(warnings_of(entry)))

    @classmethod
    def edited(cls, entry: TimeEntry, before: dt.date) -> Change:
        text = _("Saved “%(subject)s”") if entry.date == before else _("Moved to %(day)s")
        days = frozenset({entry.date, before})
        warnings = tuple(warnings_of(entry))
        return cls(entry, text % _values(entry), "entry-undo", days, f"entry-{entry.pk}", warnings)

    @classmethod
    def undone(cls, entry: TimeEntry, before: dt.date) -> Change:
        text = _("“%(subject)s” is as it was before") % _values(entry)
        return cls(entry, text, "", frozenset({entry.date, before}), f"entry-{entry.pk}")

    @classmethod
    def deleted(cls, entry: TimeEntry) -> Change:
        text = _("Deleted “%(subject)s”, %(duration)s") % _values(entry)
        return cls(entry, text, "entry-restore", frozenset({entry.date}))

    @classmethod
    def restored(cls, entry: TimeEntry) -> Change:
        text = _("Restored “%(subject)s”, %(duration)s") % _values(entry)
        return cls(entry, text, "", frozenset({entry.date}), f"entry-{entry.pk}")

    def undo_url(self, slug: str) -> str:
        """Carries the version that the change left behind: Undo takes back this change and no later one."""
        if not self.undo:
            return ""
        return f"{reverse(self.undo, args=[slug, self.entry.pk])}?version={self.entry.version}"

    def message(self, request: Request) -> None:
        """The banner of the next page; its `extra_tags` carry the address of Undo."""
        for warning in self.warnings:
            messages.warning(request, warning)
        messages.success(request, self.text, extra_tags=self.undo_url(request.organisation.slug))


def after_change(request: Request, change: Change, *, again: dict[str, Any] | None = None) -> HttpResponse:
    """The answer to a change: fragments for the page that is open, or a redirect to the entry's week.

    `again` is the context of a fresh form that goes back into the dialog; without one the dialog closes.
    """
    slug = request.organisation.slug
    if not wants_fragment(request):
        change.message(request)
        week = weeks.week_containing(change.entry.date, first_weekday=request.organisation.first_weekday)
        anchor = f"#entry-{change.entry.pk}" if change.entry.deleted_at is None else ""
        return HttpResponseRedirect(reverse("week-of", args=[slug, week]) + anchor)
    page = open_week(request, change.days)
    entry_week = weeks.week_containing(change.entry.date, first_weekday=request.organisation.first_weekday)
    outside = page is not None and not any(day.iso == change.entry.date.isoformat() for day in page.days)
    toast = {
        "text": change.text,
        "warnings": change.warnings,
        "undo_url": change.undo_url(slug),
        "link_url": reverse("week-of", args=[slug, entry_week]) if page is None or outside else "",
        "link_label": _("Show that week") if outside else _("Show the week"),
    }
    said = announcement(change.text, change.warnings, page)
    return changed_parts(request, page, toast, said, focus=change.focus, again=again)


def refused(request: Request, refusal: DomainError, entry: TimeEntry) -> HttpResponse:
    """An action that a rule refuses: a toast with the reason and the day as it is now; without htmx a banner."""
    status = 409 if isinstance(refusal, Conflict | RuleViolation) else 403
    if not wants_fragment(request):
        messages.error(request, str(refusal))
        week = weeks.week_containing(entry.date, first_weekday=request.organisation.first_weekday)
        url = f"{reverse('week-of', args=[request.organisation.slug, week])}#entry-{entry.pk}"
        return HttpResponseRedirect(url)
    page = open_week(request, frozenset({entry.date}))
    return changed_parts(request, page, {"text": str(refusal), "tone": "danger"}, str(refusal), status=status)


def changed_parts(
    request: Request,
    page: WeekPage | None,
    toast: dict[str, Any],
    said: str,
    *,
    status: int = 200,
    focus: str = "",
    again: dict[str, Any] | None = None,
) -> HttpResponse:
    """The changed parts of the open week (None: another page is open), a toast, and what is announced, `said`.

    `focus` is the id of what gets it. After a success other pages are asked to look again (`entries-changed`).
    """
    context = {"week": page, "toast": toast, "again": again is not None, **(again or {})}
    response = render(request, CHANGED, context, status=status)
    if again is None:
        response["HX-Reswap"] = "none"
        trigger(response, dialog_close={})
    trigger(response, say={"text": said})
    if status == 200:
        trigger(response, entries_changed={})
    return trigger(response, focus={"id": focus}) if focus else response


def open_week(request: Request, days: frozenset[dt.date]) -> WeekPage | None:
    """The week page that the browser has open, with only the cards of `days`; None if another page is open."""
    address = urlsplit(open_path(request))
    try:
        match = resolve(address.path)
    except Resolver404:
        return None
    if match.url_name not in ("week", "week-of") or match.kwargs["slug"] != request.organisation.slug:
        return None
    member: Membership = request.membership
    try:
        query = week_address.read(member, match.kwargs.get("day"), QueryDict(address.query))
    except (RuleViolation, OutOfReach):
        return None
    shown = {day for day in days if query.first <= day <= query.last}
    return week_page(query, only_days=shown)


def announcement(text: str, warnings: Iterable[str], page: WeekPage | None) -> str:
    """`Logged 50m to TKT-4846 on Thursday. Thursday 3 hours 40 minutes. Week 24 hours 10 minutes.`"""
    return " ".join([f"{text}.", *warnings, *([page.summary] if page else [])])


def _values(entry: TimeEntry) -> dict[str, str]:
    return {
        "duration": durations.format_minutes(entry.minutes),
        "billed": durations.format_minutes(entry.billed_minutes),
        "link": entry.link_reference,
        "day": dates.weekday_long(entry.date),
        "subject": entry.subject,
    }
