"""What is answered on the approvals pages: the page, or every part in view that changed, one toast, one announcement.

Without htmx the same words come as a banner on the page of the next week.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.cache import patch_vary_headers

from accounts.requests import Request
from timesheets_site.lib.htmx import VARY, trigger, wants_fragment
from timetracking.forms.approvals import pairs
from timetracking.selectors.approval_query import InboxQuery
from timetracking.selectors.approval_review import Review, Typed, review_of, sheet_for
from timetracking.selectors.approval_routing import waiting_count
from timetracking.selectors.approvals import frame_of, inbox_of
from timetracking.services import approvers

FOLDER = "timetracking/approvals"
PAGE, INBOX, REVIEW = f"{FOLDER}/page.html", f"{FOLDER}/_inbox_answer.html", f"{FOLDER}/_review_answer.html"
HEADING = "rh"


@dataclass(frozen=True)
class Done:
    """What happened, in words, and how it is taken back: a POST to `undo_url`, with `undo_weeks` for several."""

    text: str
    undo_url: str = ""
    undo_weeks: str = ""
    lines: tuple[str, ...] = ()
    """Why something did not happen, one by one."""
    tone: str = "ok"


def page(
    request: Request,
    query: InboxQuery,
    sheet_id: int | None = None,
    *,
    typed: Typed | None = None,
    done: Done | None = None,
    ticked: Collection[int] = (),
    status: int = 200,
) -> HttpResponse:
    """The whole page: the list, and the week that is open beside it."""
    context = _context(request, query, sheet_id, typed, ticked)
    response = render(request, PAGE, {**context, "done": done}, status=status)
    patch_vary_headers(response, VARY)
    return response


def list_only(request: Request, query: InboxQuery) -> HttpResponse:
    """The list and what stands around it, into the page that is open; the week beside it stays."""
    response = render(request, INBOX, _context(request, query, None, None, ()))
    patch_vary_headers(response, VARY)
    return response


def open_review(request: Request, query: InboxQuery, sheet_id: int) -> HttpResponse:
    """One week, into the page that shows the list already."""
    sheet = sheet_for(request.membership, sheet_id)
    review = review_of(approvers.desk_of(request.membership), query, sheet)
    response = render(request, REVIEW, {"review": review, "slug": request.organisation.slug})
    patch_vary_headers(response, VARY)
    return trigger(response, focus={"id": HEADING})


def refused_review(
    request: Request, query: InboxQuery, sheet_id: int, typed: Typed, *, status: int, focus: str = HEADING
) -> HttpResponse:
    """The week as it is now, with what was typed, and why it could not be done."""
    if not wants_fragment(request):
        return page(request, query, sheet_id, typed=typed, status=status)
    context = _context(request, query, sheet_id, typed, kept(request)) if status == 409 else None
    if context is None:
        sheet = sheet_for(request.membership, sheet_id)
        review = review_of(approvers.desk_of(request.membership), query, sheet, typed)
        context = {"review": review, "slug": request.organisation.slug}
    response = render(request, REVIEW, context, status=status)
    return trigger(_into("#review", response), say={"text": typed.message}, focus={"id": focus})


def after_decision(request: Request, query: InboxQuery, sheet_id: int | None, done: Done) -> HttpResponse:
    """The next week (None if there is none), the list without the one decided, the count, a toast with Undo."""
    url = reverse("approvals", args=[query.actor.organisation.slug]) + query.address()
    if sheet_id is not None:
        url = reverse("approval", args=[query.actor.organisation.slug, sheet_id]) + query.address()
    if not wants_fragment(request):
        level = messages.success if done.tone == "ok" else messages.error
        level(request, done.text, extra_tags=done.undo_url)
        return HttpResponseRedirect(url)
    context = {**_context(request, query, sheet_id, None, kept(request)), "toast": _toast(done)}
    response = render(request, REVIEW, context)
    response["HX-Push-Url"] = url
    return trigger(_into("#review", response), say={"text": f"{done.text}."}, focus={"id": HEADING})


def after_bulk(
    request: Request, query: InboxQuery, done: Done, *, ticked: Collection[int], status: int
) -> HttpResponse:
    """The list as it is now with what is still to do selected, and what happened; the open week too."""
    if not wants_fragment(request):
        return page(request, query, None, done=done, ticked=ticked, status=status)
    sheet_id = _open_week(request)
    context = _context(request, query, sheet_id, None, ticked)
    toast = _toast(done) if done.tone == "ok" and not done.lines else None
    response = render(request, INBOX, {**context, "done": None if toast else done, "toast": toast}, status=status)
    return trigger(_into("#inbox", response), say={"text": f"{done.text}."}, focus={"id": "inbox-heading"})


def kept(request: Request) -> set[int]:
    """What was ticked in the list while something else was done."""
    return {pk for pk, _version in pairs(request.POST.getlist("week"))}


def _context(
    request: Request,
    query: InboxQuery,
    sheet_id: int | None,
    typed: Typed | None,
    ticked: Collection[int],
) -> dict[str, Any]:
    desk = approvers.desk_of(request.membership)
    review: Review | None = None
    if sheet_id is not None:
        review = review_of(desk, query, sheet_for(request.membership, sheet_id), typed)
    return {
        "inbox": inbox_of(query, desk, ticked=ticked, current=sheet_id),
        "around": frame_of(query, desk),
        "review": review,
        "slug": request.organisation.slug,
        "waiting": waiting_count(request.membership) if wants_fragment(request) else "",
    }


def _into(part: str, response: HttpResponse) -> HttpResponse:
    """Whatever form asked, a toast's too: the answer takes the place of this part of the page."""
    response["HX-Retarget"], response["HX-Reswap"] = part, "outerHTML"
    return response


def _toast(done: Done) -> dict[str, Any]:
    hidden = [("weeks", done.undo_weeks)] if done.undo_weeks else []
    return {"text": done.text, "undo_url": done.undo_url, "warnings": done.lines, "hidden": hidden}


def _open_week(request: Request) -> int | None:
    """The week that the browser has open beside the list; None if it has none."""
    text = request.POST.get("open", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None
