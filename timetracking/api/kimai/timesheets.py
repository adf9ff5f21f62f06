"""/kimai/api/timesheets: lists, single ones, and the steps of a timesheet."""

from __future__ import annotations

from collections.abc import Sequence

from django.http import HttpResponse, JsonResponse
from ninja import Router

from accounts.permissions import Permission, require
from accounts.requests import Request
from timetracking.api.bodies import read_fields
from timetracking.api.kimai import kept, lists, reading, words, writing
from timetracking.api.kimai.api import REFUSALS, body_of, queries
from timetracking.api.kimai.shapes import EntityOut, MetaIn, SheetIn, SheetOut
from timetracking.api.kimai.words import Sheet
from timetracking.api.refusals import BadRequest

router = Router(tags=["Timesheets"])
FILTERS = queries(
    user="A user's id, or all; one's own, if left out", users__="Ids", customer="Id", customers__="Ids", project="Id",
    projects__="Ids", activity="Id", activities__="Ids", page="From 1", size="50; at most 500", tags__="Any of them",
    orderBy="id, begin, end or rate", order="ASC or DESC", begin="Begun then or later; local", end="Begun until then",
    exported="0 or 1", active="0 or 1", billable="0 or 1", full="1: records as objects", term="In the description",
    modified_after="Changed then or later; local",
)  # fmt: skip
RECENT = 10
ONE = {200: EntityOut, **REFUSALS}


@router.get("/timesheets", response={200: list[SheetOut], **REFUSALS}, summary="Timesheets", openapi_extra=FILTERS)
def list_timesheets(request: Request) -> HttpResponse:
    """On tasks, running ones among them. `X-Page`, `X-Total-Count`, `X-Total-Pages` and `X-Per-Page` tell the place."""
    actor = request.membership
    require(actor, Permission.VIEW_TIME)
    page = lists.page_of(actor, request)
    response = _all(request, page.sheets, full=reading.flag(request.GET, "full") or False)
    for name, value in (
        ("X-Page", page.number), ("X-Total-Count", page.total), ("X-Total-Pages", page.pages), ("X-Per-Page", page.size)
    ):  # fmt: skip
        response[name] = str(value)
    return response


@router.post("/timesheets", response=ONE, summary="Start or log", openapi_extra=body_of(SheetIn))
def create_timesheet(request: Request) -> HttpResponse:
    """Without an end it runs, and what ran before is stopped in the same instant. Answered 200."""
    sent = reading.body(request, request.membership.zone)
    return _one(request, writing.create(request.membership, sent))


@router.get("/timesheets/active", response={200: list[SheetOut], **REFUSALS}, summary="What runs")
def list_active(request: Request) -> HttpResponse:
    require(request.membership, Permission.VIEW_TIME)
    return _all(request, lists.running_of(request.membership), full=True)


@router.get(
    "/timesheets/recent",
    response={200: list[SheetOut], **REFUSALS},
    summary="The last ones, one for each activity",
    openapi_extra=queries(size="10; at most 100", begin="Of this day or later; local"),
)
def list_recent(request: Request) -> HttpResponse:
    actor = request.membership
    require(actor, Permission.VIEW_TIME)
    size = min(reading.number(request.GET, "size", RECENT), 100)
    return _all(request, lists.recent_of(actor, size, reading.moment(request.GET, "begin", actor.zone)), full=True)


@router.get("/timesheets/{number}", response=ONE, summary="One timesheet")
def get_timesheet(request: Request, number: str) -> HttpResponse:
    return _one(request, _found(request, number))


@router.patch("/timesheets/{number}", response=ONE, summary="Change", openapi_extra=body_of(SheetIn))
def change_timesheet(request: Request, number: str) -> HttpResponse:
    """What is left out stays. An end stops what runs."""
    sheet = _found(request, number)
    sent = reading.body(request, sheet.zone)
    return _one(request, writing.change(request.membership, sheet, sent))


@router.delete("/timesheets/{number}", response={204: None, **REFUSALS}, summary="Delete")
def delete_timesheet(request: Request, number: str) -> HttpResponse:
    """What runs is discarded: nothing is written."""
    writing.delete(request.membership, _found(request, number))
    return HttpResponse(status=204)


@router.patch("/timesheets/{number}/stop", response=ONE, summary="Stop")
def stop_timesheet(request: Request, number: str) -> HttpResponse:
    return _one(request, writing.stop(request.membership, _found(request, number)))


@router.patch(
    "/timesheets/{number}/restart",
    response=ONE,
    summary="The same again, from now on",
    openapi_extra=body_of(SheetIn, required=False),
)
def restart_timesheet(request: Request, number: str) -> HttpResponse:
    """`begin` says since when, `copy` = all takes description, tags and meta fields along."""
    sheet, fields = _found(request, number), read_fields(request)
    sent = reading.body(request, request.membership.zone)
    sent.enforce()
    copies = fields.get("copy") == "all" or request.GET.get("copy") == "all"
    return _one(request, writing.restart(request.membership, sheet, sent.values.get("begin"), copies=copies))


@router.patch("/timesheets/{number}/duplicate", response=ONE, summary="Once more, at the same time")
def duplicate_timesheet(request: Request, number: str) -> HttpResponse:
    return _one(request, writing.duplicate(request.membership, _found(request, number)))


@router.patch("/timesheets/{number}/export", response=ONE, summary="Set or take away the export mark")
def export_timesheet(request: Request, number: str) -> HttpResponse:
    """Only kept: what is billed is exported in any case."""
    sheet = _found(request, number)
    marked = bool(kept.of([sheet]).get(sheet.number, {}).get("exported"))
    return _one(request, writing.keep(request.membership, sheet, {"exported": not marked}))


@router.patch("/timesheets/{number}/meta", response=ONE, summary="Set a meta field", openapi_extra=body_of(MetaIn))
def set_meta(request: Request, number: str) -> HttpResponse:
    """Any name; only kept."""
    sheet = _found(request, number)
    pair = reading.meta_pair(read_fields(request))
    if pair is None:
        raise BadRequest("Send name and value.", field="name")
    meta = {**kept.of([sheet]).get(sheet.number, {}).get("meta", {}), pair[0]: pair[1]}
    return _one(request, writing.keep(request.membership, sheet, {"meta": meta}))


def _found(request: Request, number: str) -> Sheet:
    require(request.membership, Permission.VIEW_TIME)
    return lists.find(request.membership, reading.id_of(number) or 0)


def _one(request: Request, sheet: Sheet) -> HttpResponse:
    values = kept.of([sheet]).get(sheet.number, {})
    full = request.GET.get("full", "").lower() in reading.TRUE
    return JsonResponse(words.entity(request.membership, sheet, values, full=full))


def _all(request: Request, sheets: Sequence[Sheet], *, full: bool) -> HttpResponse:
    values = kept.of(sheets)
    rows = [words.collection(request.membership, s, values.get(s.number, {}), full=full) for s in sheets]
    return JsonResponse(rows, safe=False)
