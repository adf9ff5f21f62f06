"""A week filled from another one or from a template: GET shows what would come of it, POST does it.

Either with durations, or only the rows, into the week's grid. Managers copy for somebody with `?agent=`; templates are
everybody's own.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from accounts.access import requires
from accounts.models import Membership
from accounts.permissions import Permission
from accounts.requests import Request
from timesheets_site.lib import dates
from timesheets_site.lib.errors import OutOfReach, RuleViolation
from timesheets_site.lib.htmx import render_page, wants_fragment
from timetracking.rules import durations, weeks
from timetracking.selectors.week_filling import Preview, preview_of
from timetracking.services import grid_rows, many_entries, repetition, week_copies, week_templates
from timetracking.services.repetition import Fields, Filling
from timetracking.views import week_address
from timetracking.views.batch_answers import TOLD, after_batch
from timetracking.views.week_answers import week_url

FOLDER = "timetracking/repetition"


@dataclass(frozen=True)
class Source:
    """Where a week is filled from. `title` and `text` are the page's; `wanted` and `records` are read when needed."""

    title: str
    text: str
    action: str
    wanted: Callable[[], list[Fields]]
    records: Callable[[], list[Any]]
    carry_out: Callable[[], Filling]


@requires(Permission.LOG_TIME, feature="timesheets")
@require_http_methods(["GET", "HEAD", "POST"])
def copy(request: Request, slug: str, day: dt.date) -> HttpResponse:
    """The last week that has entries, once more in the week of `day`."""
    actor = request.membership
    member = week_address.member_named(actor, request.GET.get("agent", ""), Permission.LOG_TIME)
    first = _first_of(request, day)
    action = reverse("week-copy", args=[slug, first])
    action += f"?agent={member.pk}" if member.pk != actor.pk else ""
    if request.method == "POST" and "undo" in request.GET:
        return _take_rows_out(request, member, first)
    start = week_copies.source_of(member, first)
    if start is None:
        return _nothing(request, member, first)
    is_last = first - start == 7 * weeks.DAY
    values = {"days": dates.day_range(start, start + 6 * weeks.DAY)}
    text = _("From %(days)s.") if is_last else _("From %(days)s, the last week with time before this one.")
    parts = [text % values, _("Time off is not copied.") if week_copies.has_time_off(member, start) else ""]
    source = Source(
        title=_("Copy last week") if is_last else _("Copy an earlier week"),
        text=" ".join(part for part in parts if part),
        action=action,
        wanted=lambda: week_copies.wanted(member, start, first),
        records=lambda: week_copies.records(member, start),
        carry_out=lambda: week_copies.copy(actor, member, start, first),
    )
    return _answer(request, member, first, source)


@requires(Permission.LOG_TIME, feature="timesheets")
@require_http_methods(["GET", "HEAD", "POST"])
def use_template(request: Request, slug: str, day: dt.date, template_id: int) -> HttpResponse:
    """A template of one's own, put into the week of `day`."""
    actor = request.membership
    template = week_templates.own(actor, template_id)
    first = _first_of(request, day)
    source = Source(
        title=_("Use “%(name)s”") % {"name": template.name},
        text="",
        action=reverse("week-template-use", args=[slug, first, template.pk]),
        wanted=lambda: week_templates.wanted(template, first),
        records=lambda: week_templates.records(template),
        carry_out=lambda: week_templates.apply(actor, template.pk, first),
    )
    if request.method == "POST" and "undo" in request.GET:
        return _take_rows_out(request, actor, first)
    return _answer(request, actor, first, source)


def _first_of(request: Request, day: dt.date) -> dt.date:
    """First day of the week. Raises OutOfReach for the one that begins before weeks have addresses."""
    first = weeks.week_containing(day, first_weekday=request.organisation.first_weekday)
    if first.year < 2000:
        raise OutOfReach
    return first


def _answer(request: Request, member: Membership, first: dt.date, source: Source) -> HttpResponse:
    if request.method != "POST":
        return _page(request, member, first, source)
    if request.POST.get("what") == "rows":
        return _put_rows(request, member, first, source)
    try:
        filling = source.carry_out()
    except RuleViolation as refusal:  # more than can be written at once
        return after_batch(request, many_entries.Result([]), str(refusal), back=week_url(request, member, first))
    back = "" if filling.result.done else week_url(request, member, first)
    return after_batch(request, filling.result, _said(filling), back=back)


def _page(request: Request, member: Membership, first: dt.date, source: Source) -> HttpResponse:
    actor = request.membership
    refusal, preview = "", Preview([], 0, 0, 0, 0)
    try:
        filling = repetition.rehearse(actor, member, source.wanted())
        preview = preview_of(member, first, filling.result, filling.there)
    except RuleViolation as error:
        refusal = str(error)
    context = {
        "source": source,
        "preview": preview,
        "refusal": refusal,
        "summary": _summary(preview),
        "days": dates.day_range(first, first + 6 * weeks.DAY),
        "person": "" if member.pk == actor.pk else member.display_name,
        "cancel_url": week_url(request, member, first),
    }
    return render_page(request, f"{FOLDER}/fill.html", f"{FOLDER}/_fill.html", context)


def _nothing(request: Request, member: Membership, first: dt.date) -> HttpResponse:
    context = {
        "source": None,
        "days": dates.day_range(first, first + 6 * weeks.DAY),
        "person": "" if member.pk == request.membership.pk else member.display_name,
        "cancel_url": week_url(request, member, first),
    }
    status = 409 if request.method == "POST" else 200
    return render_page(request, f"{FOLDER}/fill.html", f"{FOLDER}/_fill.html", context, status=status)


def _summary(preview: Preview) -> str:
    """`7 entries, 12h 30m. 2 are there already.`"""
    count = durations.grouped(preview.count)
    words = ngettext("%(count)s entry, %(sum)s.", "%(count)s entries, %(sum)s.", preview.count)
    parts = [words % {"count": count, "sum": durations.format_minutes(preview.minutes)}] if preview.count else []
    if preview.there:
        words = ngettext("%(count)s is there already.", "%(count)s are there already.", preview.there)
        parts.append(words % {"count": durations.grouped(preview.there)})
    if preview.refused:
        words = ngettext("%(count)s is skipped.", "%(count)s are skipped.", preview.refused)
        parts.append(words % {"count": durations.grouped(preview.refused)})
    return " ".join(parts)


def _said(filling: Filling) -> str:
    """What was copied, without a full stop; what was refused is told beside it."""
    count, there = len(filling.result.done), len(filling.there)
    if not count:
        return _("Nothing to copy, all of it is there already") if there else _("Nothing was copied")
    words = ngettext("Copied %(count)s entry, %(sum)s", "Copied %(count)s entries, %(sum)s", count)
    text = words % {"count": durations.grouped(count), "sum": durations.format_minutes(filling.result.minutes)}
    if there:
        beside = ngettext("%(count)s was there already", "%(count)s were there already", there)
        text = f"{text}. {beside % {'count': durations.grouped(there)}}"
    return text


# --- Only the rows ----------------------------------------------------------------------------------------------------


def _put_rows(request: Request, member: Membership, first: dt.date, source: Source) -> HttpResponse:
    """Each record as a row of the grid; what takes no time any more is named. Undo takes the new rows out."""
    actor = request.membership
    records = [record for record in source.records() if record is not None]
    added, skipped, there = repetition.add_rows(actor, member, first, records)
    for line in skipped[:TOLD]:
        messages.warning(request, line)
    if len(skipped) > TOLD:
        count = len(skipped) - TOLD
        messages.warning(request, ngettext("And %(count)s more.", "And %(count)s more.", count) % {"count": count})
    url = _grid_url(request, member, first)
    if added:
        words = ngettext("Copied %(count)s row", "Copied %(count)s rows", len(added)) % {"count": len(added)}
        mark = "&" if "?" in source.action else "?"
        undo_url = f"{source.action}{mark}undo={'.'.join(str(row.pk) for row in added)}"
        messages.success(request, words, extra_tags=undo_url)
    else:
        messages.success(request, _("All rows are there already") if there else _("No row was copied"))
    return _go(request, url)


def _take_rows_out(request: Request, member: Membership, first: dt.date) -> HttpResponse:
    """Undo of the rows: those that the address names and that are within reach."""
    ids = [int(text) for text in request.GET["undo"].split(".")[: repetition.MOST_ROWS] if _is_id(text)]
    count = 0
    for pk in ids:
        try:
            grid_rows.remove(request.membership, pk)
        except OutOfReach:  # taken out already
            continue
        count += 1
    words = ngettext("Took %(count)s row out", "Took %(count)s rows out", count)
    messages.success(request, words % {"count": count})
    return _go(request, _grid_url(request, member, first))


def _is_id(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 19


def _grid_url(request: Request, member: Membership, first: dt.date) -> str:
    url = reverse("week-grid", args=[request.organisation.slug, first])
    return url if member.pk == request.membership.pk else f"{url}?agent={member.pk}"


def _go(request: Request, url: str) -> HttpResponse:
    """To another page, also from a dialog."""
    if not wants_fragment(request):
        return HttpResponseRedirect(url)
    response = HttpResponse()
    response["HX-Redirect"] = url
    return response
